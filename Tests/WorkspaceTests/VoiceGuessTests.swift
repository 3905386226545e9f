import Core
import Testing

@testable import Workspace

/// Sixty sentences that are no commands; half of them have a word of one.
private let ordinary = """
    The weather is lovely today.
    I think we should meet again next week.
    Did you see the game last night?
    My sister lives in a small village near the coast.
    The report was completed yesterday by the team.
    Please tell Anna that the timer in the kitchen is broken.
    We made a list of all the people who came.
    Great tasks need great people.
    The task was created by somebody else.
    He added a note to the letter.
    Starting tomorrow the office opens at eight.
    There is no time to stop now.
    She completed the marathon in four hours.
    I left my keys on the table again.
    Can you hear me now?
    The train to Hamburg leaves in ten minutes.
    It takes a lot of time to build a house.
    Nobody knows what the future will bring.
    At noon the bells start to ring.
    A great task lies before us.
    The last task was the hardest one.
    Lists of names are kept in the drawer.
    Let us talk about something else.
    You should take notes during the lecture.
    That note was written by my grandfather.
    Completely lost, we asked for the way.
    Stop talking and listen to me.
    Start the engine and drive slowly.
    The bus stop is around the corner.
    Time is money, as they say.
    I created a small garden behind the house.
    Every task has its price.
    We ate bread and cheese for lunch.
    At least the coffee was good.
    Do you want to add anything?
    My list is longer than yours.
    Please add sugar to my tea.
    The cat sleeps on the sofa all day.
    Our neighbours have a new dog.
    Tomorrow I will be in London.
    The lights went out at midnight.
    She asked me to finish the work.
    He starts work at six in the morning.
    The company was started in nineteen ninety.
    I could not complete the form online.
    Creating art is a difficult thing.
    At night it is quiet here.
    And not a single word was said.
    Listen, task forces are never cheap.
    The music stopped and everybody left.
    We lost track of time.
    Nothing is as it seems.
    Thank you for watching.
    They complain about the noise all the time.
    I need a break from this task.
    Add the numbers and divide them by two.
    Both timers rang at once.
    The teacher wrote a note to the parents.
    What a beautiful song this is.
    We are almost there.
    """.split(separator: "\n").map(String.init)

@Suite struct `A command heard almost right` {
    private func hear(_ text: String, _ own: [Voice.Command] = []) -> Voice.Match? {
        Voice.Command.match(
            text, to: own + Voice.Command.defaults, .init(today: `A spoken command`.today))
    }

    @Test(arguments: [
        ("great task by milk", "create_task", "by milk"), ("Creed task by milk", "create_task", "by milk"),
        ("at note the printer is broken", "add_note", "the printer is broken"),
        ("And note: the printer is broken.", "add_note", "the printer is broken"),
        ("complete test call the bank", "complete_task", "call the bank"),
        ("Start time up for order new chairs", "start_timer", "order new chairs"),
        ("hey Adam, great task buy milk please", "create_task", "buy milk"),
        ("noie aufgabe Milch kaufen", "create_task", "Milch kaufen"),
    ])
    func `is a guess`(_ text: String, _ action: String, _ title: String) throws {
        let match = try #require(hear(text))
        #expect(match.command.action == action)
        #expect(match.parameters == ["title": .string(title)] || match.parameters == ["text": .string(title)])
        #expect(match.isGuess)
    }

    @Test(arguments: [
        ("ad note it rains", "add_note"), ("createtask buy milk", "create_task"),
        ("stoptimer", "stop_timer"), ("create tasks buy milk", "create_task"),
        ("list asks", "list_tasks"),
    ])
    func `by one letter is no guess`(_ text: String, _ action: String) throws {
        let match = try #require(hear(text))
        #expect(match.command.action == action)
        #expect(!match.isGuess)
    }

    @Test func `takes no place of one that was said`() throws {
        let match = try #require(hear("great task buy milk", [.init("great task {x}", action: "praise")]))
        #expect(match.command.action == "praise" && !match.isGuess)
    }

    @Test func `is none when another is nearly as likely`() {
        let own = [
            Voice.Command("switch light on", action: "light.on"),
            Voice.Command("switch light off", action: "light.off"),
        ]
        #expect(hear("switch light of", own) == nil)
        #expect(hear("switch light of", [own[1]])?.command.action == "light.off")
    }

    @Test func `needs a head that is long enough to be told apart`() {
        #expect(hear("sho milk", [.init("show {x}", action: "show")]) == nil)
        #expect(hear("shoh the milk", [.init("show the {x}", action: "show")])?.isGuess == false)
    }

    @Test(arguments: ordinary)
    func `is not found in ordinary speech`(_ text: String) {
        #expect(hear(text) == nil)
    }

    /// What nobody can tell from a command by its words may be asked about, but it changes nothing.
    @Test(arguments: [
        "Great to ask, but I have no answer.", "Great task, everybody.", "And no, it is not mine.",
    ])
    func `is asked about at most`(_ text: String) {
        #expect(hear(text)?.isGuess != false)
    }
}

@Suite struct `A title heard almost right` {
    private let titles = ["Water the plants", "Call the bank", "Write the report", "Order new chairs"]

    @Test(arguments: [
        ("right the report", 2, true), ("what on the plant", 0, false), ("call them on", 1, false),
        ("longer new chairs", 3, false), ("Call the bank", 1, true),
    ])
    func `is the one that sounds like it`(_ said: String, _ place: Int, _ isSame: Bool) throws {
        let near = try #require(Voice.Finder.nearest(said, among: titles))
        #expect(near.place == place && near.isSame == isSame)
    }

    @Test(arguments: [
        ("by milk", "Buy milk"), ("right the report", "Write the report"), ("новый фильм", "Новый фильм"),
    ])
    func `is the same where it is said the same`(_ said: String, _ title: String) throws {
        #expect(try #require(Voice.Finder.nearest(said, among: [title])).isSame)
    }

    @Test(arguments: [
        ("write book", "Read book"), ("cat food", "Get food"), ("buy pill", "Pay Bill"),
        ("write the long report for the board", "Read the long report for the board"),
        ("новый фильм", "Новая задача"), ("νέα ταινία", "Νέα εργασία"), ("नई फिल्म", "नया काम"),
        ("买牛奶", "买面包"), ("кот", "код"), ("купить молоко", "купить молото"),
    ])
    func `is not the same as what is another thing`(_ said: String, _ title: String) {
        #expect(Voice.Finder.nearest(said, among: [title])?.isSame != true)
    }

    @Test func `is none where two sound like it, or none does`() {
        #expect(Voice.Finder.nearest("call the bang", among: ["Call the bank", "Call the band"]) == nil)
        #expect(Voice.Finder.nearest("paint the fence", among: titles) == nil)
        #expect(Voice.Finder.nearest("", among: titles) == nil)
        #expect(Voice.Finder.nearest("anything", among: []) == nil)
    }
}

@Suite(.serialized) struct `A word without an end` {
    private let commands = (0..<500).map {
        Voice.Command("kitchenlight\($0) on {x}", action: "light.\($0)")
    }

    @Test(arguments: ["a", "ж", "é", "牛"], ["", "atom "])
    func `is no command, and that is soon known`(_ letter: String, _ before: String) {
        let text = before + String(repeating: letter, count: 200_000)
        let spent = ContinuousClock().measure {
            #expect(
                Voice.Command.match(text, to: commands, .init(today: `A spoken command`.today)) == nil)
        }
        #expect(spent < .seconds(10))
    }

    @Test(arguments: ["a", "ж", "é", "牛"])
    func `is no title, and that is soon known`(_ letter: String) {
        let (said, titles) = (String(repeating: letter, count: 200_000), commands.prefix(200).map(\.said))
        let spent = ContinuousClock().measure {
            #expect(Voice.Finder.best(said, among: titles).isEmpty)
            #expect(Voice.Finder.nearest(said, among: titles) == nil)
        }
        #expect(spent < .seconds(10))
    }
}

@Suite struct `The sound of a word` {
    @Test(arguments: [
        ("write", "right"), ("buy", "by"), ("create", "creed"), ("Atom", "Adam"), ("know", "no"),
        ("due", "do"), ("fase", "phase"), ("straße", "strasse"), ("quick", "kwik"), ("cent", "send"),
        ("señor", "senor"), ("müsli", "musli"),
    ])
    func `is that of one written otherwise`(_ left: String, _ right: String) {
        #expect(Voice.Sound.key(left) == Voice.Sound.key(right))
    }

    @Test(arguments: [
        ("bank", "band"), ("stop", "start"), ("list", "let"), ("", "a"), ("кот", "код"), ("ν", "a"),
        ("牛", "面"), ("ñ", "a"),
    ])
    func `is not that of another`(_ left: String, _ right: String) {
        #expect(Voice.Sound.key(left) != Voice.Sound.key(right))
    }
}
