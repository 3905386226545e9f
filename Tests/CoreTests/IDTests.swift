import Core
import Foundation
import TestHouse
import Testing

@Suite struct `An id` {
    @Test func `sorts by time, as a value and as text`() {
        let ids = (0..<1_000).map { ID(milliseconds: 1_700_000_000_000 + Int64($0) * 7) }
        #expect(ids.shuffled().sorted() == ids)
        #expect(ids.map(\.text).shuffled().sorted() == ids.map(\.text))
    }

    @Test(arguments: [0, 1, 1_700_000_000_123, (Int64(1) << 48) - 1])
    func `keeps its time and its text`(milliseconds: Int64) throws {
        let id = ID(milliseconds: milliseconds)
        #expect(id.milliseconds == milliseconds)
        #expect(id.text.utf8.count == 26)
        #expect(ID(id.text) == id)
        #expect(ID(id.text.lowercased()) == id)
        #expect(ID(id.text[...]) == id)
        #expect(id.description == id.text)
    }

    @Test func `is never the same twice`() {
        let ids = Set((0..<10_000).map { _ in ID(milliseconds: 5) })
        #expect(ids.count == 10_000)
    }

    @Test(arguments: [
        "", "0", "01ARZ3NDEKTSV4RRFFQ69G5FA", "01ARZ3NDEKTSV4RRFFQ69G5FAVV", "81ARZ3NDEKTSV4RRFFQ69G5FAV",
        "01ARZ3NDEKTSV4RRFFQ69G5FAI", "01ARZ3NDEKTSV4RRFFQ69G5FAL", "01ARZ3NDEKTSV4RRFFQ69G5FAO",
        "01ARZ3NDEKTSV4RRFFQ69G5FAU", "01ARZ3NDEKTSV4RRFFQ69G5 AV", "01ARZ3NDEKTSV4RRFFQ69G5FÄ",
        "2|01ARZ3NDEKTSV4RRFFQ69G",
    ])
    func `is not read from a wrong text`(text: String) { #expect(ID(text) == nil) }

    @Test func `knows the ULID specification's example`() throws {
        let id = try #require(ID("01ARZ3NDEKTSV4RRFFQ69G5FAV"))
        #expect(id.milliseconds == 1_469_922_850_259)
        #expect(ID("7ZZZZZZZZZZZZZZZZZZZZZZZZZ")?.text == "7ZZZZZZZZZZZZZZZZZZZZZZZZZ")
    }

    @Test func `travels as a JSON string and names a wrong one`() throws {
        let id = ID()
        #expect(try JSONEncoder().encode([id]) == Data("[\"\(id.text)\"]".utf8))
        #expect(try JSON.array([.string(id.text)]).decode([ID].self) == [id])
        let failure = #expect(throws: Failure.self) { try JSON.array(["x"]).decode([ID].self, at: "/ids") }
        #expect(failure?.pointer == "/ids/0")
        #expect(failure?.message == "/ids/0 \"x\" is not an id.")
    }
}

@Suite struct `A delivery` {
    let id = ID()

    @Test func `reads its own text`() {
        #expect(Delivery(id: id).text == id.text)
        #expect(Delivery(id: id, number: 7).text == "7|\(id.text)")
        for number in [1, 2, 10, 1_000_000] {
            #expect(Delivery(Delivery(id: id, number: number).text) == Delivery(id: id, number: number))
        }
    }

    @Test(arguments: [
        "", "|", "x", "0|ID", "-1|ID", "2|", "|ID", "2|ID|", "2|2|ID", "9999999999999999999999|ID",
    ])
    func `is not read from a wrong text`(pattern: String) {
        #expect(Delivery(pattern.replacing("ID", with: id.text)) == nil)
    }
}
