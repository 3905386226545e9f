import Core
import Testing

@testable import Workspace

@Suite struct `A spoken command` {
    /// A Saturday.
    static let today = CivilDay(year: 2026, month: 11, day: 21)!
    private let ada = Voice.Person(ID(), "Ada Lovelace")
    private let bo = Voice.Person(ID(), "Bo Berg")

    private func hear(_ text: String, _ own: [Voice.Command] = []) -> Voice.Match? {
        Voice.Command.match(
            text, to: own + Voice.Command.defaults, .init(today: Self.today, people: [ada, bo]))
    }

    @Test(arguments: [
        ("Create task. Buy milk.", "create_task", "Buy milk"),
        ("create a task called Buy oat milk, please", "create_task", "Buy oat milk"),
        ("Hey Atom, create task: call Zoë at 5:30", "create_task", "call Zoë at 5:30"),
        ("complete task right the report", "complete_task", "right the report"),
        ("complete the task write the report", "complete_task", "write the report"),
        ("Neue Aufgabe: Milch kaufen", "create_task", "Milch kaufen"),
        ("Aufgabe Milch kaufen erledigt", "complete_task", "Milch kaufen"),
        ("Start timer for design review.", "start_timer", "design review"),
    ])
    func `is found among the default ones`(_ text: String, _ action: String, _ title: String) throws {
        let match = try #require(hear(text))
        #expect(match.command.action == action)
        #expect(match.parameters == ["title": .string(title)])
    }

    @Test func `says when a task is due`() throws {
        let due = try #require(hear("Create task buy milk, due tomorrow at five PM."))
        #expect(due.parameters == ["title": "buy milk", "due": "2026-11-22", "time": "17:00"])
        let day = try #require(hear("create task pay rent due next Friday"))
        #expect(day.parameters == ["title": "pay rent", "due": "2026-11-27"])
        // No day behind it, so that the words belong to the title.
        let none = try #require(hear("create task find out what is due diligence"))
        #expect(none.parameters == ["title": "find out what is due diligence"])
    }

    @Test(arguments: [
        "list task.", "List the tasks", "list my tasks please", "okay atom list tasks",
        "Zeige bitte die Aufgaben",
    ])
    func `may be said in other words`(_ text: String) throws {
        #expect(try #require(hear(text)).command.action == "list_tasks")
    }

    @Test(arguments: [
        "", "buy milk", "task create milk", "create task", "don't create task buy milk", "list",
    ])
    func `is not found where none was said`(_ text: String) {
        #expect(hear(text) == nil)
    }

    @Test func `of one's own fills its parameters`() throws {
        let book = Voice.Command(
            "book {room} for {count} people on {day} at {time} with {who}",
            [.init("count", .number), .init("day", .date), .init("time", .time), .init("who", .user)],
            action: "book_room")
        let match = try #require(
            hear("Book the blue room for twenty five people on Monday at half past nine with Ada", [book]))
        #expect(
            match.parameters == [
                "room": "the blue room", "count": 25.0, "day": "2026-11-23", "time": "09:30",
                "who": JSON(ada.id),
            ])
        #expect(hear("book the room for many people on Monday at nine with Ada", [book]) == nil)
        #expect(hear("book the room for two people on Monday at nine with Eve", [book]) == nil)
    }

    @Test func `with a wake word needs it, and one without a place takes what follows`() throws {
        var lights = Voice.Command("lights on in", [.init("room")], action: "light.on")
        lights.wakeWord = "computer"
        #expect(hear("lights on in the kitchen", [lights]) == nil)
        let match = try #require(hear("Computer, lights on in the kitchen", [lights]))
        #expect(match.parameters == ["room": "the kitchen"])
    }

    @Test func `of one's own comes before the default one`() throws {
        let own = Voice.Command("create task {title}", action: "my.job")
        #expect(try #require(hear("create task x", [own])).command.action == "my.job")
    }

    @Test func `is looked for in bounded time`() {
        let places = (0..<8).map { "{p\($0)} a" }.joined(separator: " ")
        let evil = Voice.Command("x \(places) end", action: "none")
        let text = "x " + Array(repeating: "a", count: 199).joined(separator: " ")
        let start = ContinuousClock.now
        #expect(hear(text, Array(repeating: evil, count: 20)) == nil)
        #expect(ContinuousClock.now - start < .seconds(20))
    }
}

@Suite struct `Spoken words` {
    @Test(
        arguments: [
            ("five", 5), ("twenty one", 21), ("two hundred and five", 205),
            ("three thousand two hundred", 3_200),
            ("minus seven", -7), ("three point one four", 3.14), ("42", 42), ("3.5", 3.5), ("12th", 12),
            ("one million", 1_000_000), ("one two", nil), ("milk", nil), ("", nil), ("and", nil),
            ("hundred", 100),
            ("1e5", nil), ("99999999999999999999", nil),
        ] as [(String, Double?)])
    func `are English numbers`(_ text: String, _ number: Double?) {
        #expect(Voice.Numbers.read(Voice.Utterance(text).plain, .english) == number)
    }

    @Test(
        arguments: [
            ("fünf", 5), ("einundzwanzig", 21), ("zweihundertfünf", 205), ("dreitausend zweihundert", 3_200),
            ("neunundneunzig", 99), ("drei komma eins vier", 3.14), ("hundert", 100), ("zwei und", nil),
            ("und", nil),
        ] as [(String, Double?)])
    func `are German numbers`(_ text: String, _ number: Double?) {
        #expect(Voice.Numbers.read(Voice.Utterance(text).plain, .german) == number)
    }

    @Test(
        arguments: [
            ("today", "2026-11-21"), ("tomorrow", "2026-11-22"), ("the day after tomorrow", "2026-11-23"),
            ("friday", "2026-11-27"), ("next saturday", "2026-11-28"), ("this Saturday", "2026-11-21"),
            ("in three days", "2026-11-24"), ("in two weeks", "2026-12-05"), ("next month", "2026-12-21"),
            ("2027-02-28", "2027-02-28"), ("november twenty fourth", "2026-11-24"),
            ("the 3rd of March", "2027-03-03"),
            ("on March third", "2027-03-03"), ("February 29", "2028-02-29"), ("May 1 2030", "2030-05-01"),
            ("2027-02-29", nil), ("never", nil), ("in many days", nil), ("november", nil),
            ("february thirtieth", nil),
        ] as [(String, String?)])
    func `are English days`(_ text: String, _ day: String?) {
        let dates = Voice.Dates(today: `A spoken command`.today, language: .english)
        #expect(dates.read(Voice.Utterance(text).plain)?.text == day)
    }

    @Test(
        arguments: [
            ("heute", "2026-11-21"), ("morgen", "2026-11-22"), ("übermorgen", "2026-11-23"),
            ("am Freitag", "2026-11-27"), ("nächsten Montag", "2026-11-23"), ("in drei Tagen", "2026-11-24"),
            ("in einer Woche", "2026-11-28"), ("am dritten März", "2027-03-03"), ("24.12.", "2026-12-24"),
            ("24.12.2027", "2027-12-24"), ("am einundzwanzigsten Dezember", "2026-12-21"),
            ("irgendwann", nil),
        ] as [(String, String?)])
    func `are German days`(_ text: String, _ day: String?) {
        let dates = Voice.Dates(today: `A spoken command`.today, language: .german)
        #expect(dates.read(Voice.Utterance(text).plain)?.text == day)
    }

    @Test(
        arguments: [
            ("five pm", 1_020), ("at 5 PM", 1_020), ("5pm", 1_020), ("five thirty p.m.", 1_050),
            ("17:30", 1_050),
            ("5:30 pm", 1_050), ("noon", 720), ("midnight", 0), ("twelve am", 0), ("twelve pm", 720),
            ("half past five", 330), ("quarter to six", 345), ("ten minutes past nine", 550),
            ("at five", 1_020),
            ("at nine", 540), ("five", nil), ("25:00", nil), ("thirteen pm", nil), ("nine o'clock", 540),
        ] as [(String, Int?)])
    func `are English times`(_ text: String, _ minutes: Int?) {
        #expect(Voice.Times(language: .english).read(Voice.Utterance(text).plain) == minutes)
    }

    @Test(
        arguments: [
            ("siebzehn Uhr dreißig", 1_050), ("um 17 Uhr", 1_020), ("17:30 Uhr", 1_050), ("halb sechs", 330),
            ("viertel nach fünf", 315), ("viertel vor sechs", 345), ("mittags", 720), ("Uhr", nil),
        ] as [(String, Int?)])
    func `are German times`(_ text: String, _ minutes: Int?) {
        #expect(Voice.Times(language: .german).read(Voice.Utterance(text).plain) == minutes)
    }
}
