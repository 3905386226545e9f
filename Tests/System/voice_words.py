"""What is said aloud in the scenario voice: sentences that are no commands, commands, and titles."""

FREE = """The meeting starts at nine in the morning.
Please send the invoice to the customer before Friday.
We need three more chairs for the office.
The printer on the second floor is out of paper.
She called twice and left a message.
Our website was down for ten minutes last night.
The train from London arrives late again.
Nobody remembered to water the plants.
I will be on holiday until the end of the month.
The new release fixes a problem with the search.
He asked for a copy of the contract.
There is a spare key under the table.
The budget for next year is almost finished.
Can you book a room for six people?
It rained all day and the street was wet.
The children played in the garden after school.
Please close the window before you leave.
A large truck blocked the road this morning.
We sold more tickets than we expected.
The doctor will see you in a few minutes.
They moved the deadline to the first of June.
My password has expired and I cannot log in.
The coffee machine needs to be repaired.
Every customer should get an answer within a day.
The report shows a clear increase in sales.
Remember to bring your passport and your ticket.
The database was restored from a backup.
Her flight was delayed because of the snow.
The kitchen smells of fresh bread.
This sentence was spoken by a machine.""".splitlines()

TASKS = ["Water the plants", "Call the bank", "Write the report", "Fix the window", "Order new chairs",
         "Clean the kitchen"]

# What is said, the action that it is, and a parameter of it.
COMMANDS = [
    ("create task buy milk", "create_task", "buy milk"),
    ("complete task water the plants", "complete_task", "water the plants"),
    ("list tasks", "list_tasks", None), ("complete task call the bank", "complete_task", "call the bank"),
    ("start timer for write the report", "start_timer", "write the report"), ("stop timer", "stop_timer", None),
    ("create task fix the window due tomorrow", "create_task", "fix the window"),
    ("create task order new chairs due next friday", "create_task", "order new chairs"),
    ("list tasks due today", "list_tasks", None), ("add note clean the kitchen", "add_note", "clean the kitchen"),
    ("complete task fix the window", "complete_task", "fix the window"),
    ("start timer for order new chairs", "start_timer", "order new chairs"),
]
# What the grammar can be asked for: no word of it is new.
CLOSED = [row for row in COMMANDS if row[1] in ("complete_task", "list_tasks", "start_timer", "stop_timer")]
TITLES = """buy bread, wash the car, call the dentist, pay the rent, book a hotel, clean the garage, water the garden,
send the invoice, write a letter, fix the roof, order new chairs, return the books, paint the kitchen, feed the cat,
plan the meeting, check the budget, update the website, print the tickets, visit the doctor, sell the old computer
""".replace("\n", " ").strip().split(", ")
