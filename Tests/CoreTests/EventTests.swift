import Core
import Testing

@Suite struct `An event of a change` {
    @Test func `reads its own line`() throws {
        var dice = Dice(11)
        for word in ["task:created", "calendar:event:updated", "dev_project:x9"] {
            for detail in [nil, dice.json(), ["text": .string(dice.text(40))]] as [JSON?] {
                let change = Event.Change(
                    noun: "dev_project", version: Int(dice.flip() ? 1 : 1 << 40),
                    audience: dice.flip() ? ID().text : nil)
                let kind = try #require(Event.Kind(rawValue: word))
                #expect(kind.isChange && kind.rawValue == word)
                let event = Event(kind, row: ID(), workspace: ID().text, change: change, detail: detail)
                #expect(Event(line: event.line) == event)
                #expect(!event.line.contains("\n"))
            }
        }
    }

    @Test(arguments: [
        "task: 01ARZ3NDEKTSV4RRFFQ69G5FAV w task 1 -", "task:created 01ARZ3NDEKTSV4RRFFQ69G5FAV w",
        "task:created 01ARZ3NDEKTSV4RRFFQ69G5FAV w task",
        "task:created 01ARZ3NDEKTSV4RRFFQ69G5FAV w task x -",
        "task:created 01ARZ3NDEKTSV4RRFFQ69G5FAV w task 1",
        "Task:created 01ARZ3NDEKTSV4RRFFQ69G5FAV w task 1 -",
    ])
    func `is not read from a wrong line`(line: String) { #expect(Event(line: line) == nil) }

    @Test(arguments: ["", ":", "a:", ":a", "a::b", "task", "task:Created", "task:cre ated", "ü:a"])
    func `has a noun and what was done to it`(word: String) { #expect(Event.Kind(rawValue: word) == nil) }

    @Test func `is told from what happens to jobs`() {
        #expect(Event.Kind.allCases.allSatisfy { !$0.isChange && Event.Kind(rawValue: $0.rawValue) == $0 })
        #expect(Set(Event.Kind.allCases).count == 13)
        #expect(Event(line: "done 01ARZ3NDEKTSV4RRFFQ69G5FAV w")?.change == nil)
    }
}
