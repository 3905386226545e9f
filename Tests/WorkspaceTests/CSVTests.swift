import Testing

@testable import Workspace

@Suite struct `A CSV text` {
    /// The fields of each record, or the reason it is bad, with its line.
    static func read(_ text: String) -> [(Int, [String]?, CSV.Fault.Reason?)] {
        var reader = CSV()
        return (reader.feed(Array(text.utf8)) + reader.finish()).map { record in
            switch record.content {
            case .success(let fields): (record.line, fields, nil)
            case .failure(let fault): (record.line, nil, fault.reason)
            }
        }
    }

    @Test(arguments: [
        ("a,b\n1,2\n", [["a", "b"], ["1", "2"]]),
        ("a,b\r\n1,2", [["a", "b"], ["1", "2"]]),
        ("\u{FEFF}a,b\n1,2\n", [["a", "b"], ["1", "2"]]),
        ("a;b\n1,5;2\n", [["a", "b"], ["1,5", "2"]]),
        ("a\tb\n1;\t2\n", [["a", "b"], ["1;", "2"]]),
        ("\"a,x;y;z\",b\n1,2\n", [["a,x;y;z", "b"], ["1", "2"]]),
        ("a,b\n\"1,\"\"x\"\"\n2\",3\n", [["a", "b"], ["1,\"x\"\n2", "3"]]),
        ("a,b\n\"\",\n", [["a", "b"], ["", ""]]),
        ("a,b\n\n\r\n1,2\n\n", [["a", "b"], ["1", "2"]]),
        ("\n\na;b\n1;2", [["a", "b"], ["1", "2"]]),
        ("a,b\n1\n", [["a", "b"], ["1"]]),
        ("a\n\"x\"\r\n\"y\"", [["a"], ["x"], ["y"]]),
        ("", []), ("\n", []), ("\u{FEFF}", []), ("a", [["a"]]),
    ])
    func `is read as its fields`(text: String, fields: [[String]]) {
        #expect(Self.read(text).map(\.1) == fields.map(Optional.some))
    }

    @Test func `counts lines through quoted line ends`() {
        let rows = Self.read("a,b\n\"1\n2\n3\",x\n\n4,y\n")
        #expect(rows.map(\.0) == [1, 2, 6])
    }

    @Test(arguments: [
        ("1,\"never closed", CSV.Fault.Reason.unclosedQuote), ("1,say \"hi\"", .strayQuote),
        ("1,\"a\"b", .textAfterQuote), ("1,\"a\"\rb", .textAfterQuote), ("1,2,3", .manyColumns(3, most: 2)),
        (String(repeating: "x", count: 100_001), .longField),
        (String(repeating: "x", count: 300_000), .longRecord),
    ])
    func `loses only the line that is bad`(line: String, reason: CSV.Fault.Reason) {
        let rows = Self.read("a,b\nok,1\n\(line)\nok,\"2\"\nok,3\n")
        #expect(rows.map(\.0) == [1, 2, 3, 4, 5])
        #expect(rows.map(\.2) == [nil, nil, reason, nil, nil])
        #expect(rows.map(\.1) == [["a", "b"], ["ok", "1"], nil, ["ok", "2"], ["ok", "3"]])
    }

    @Test func `loses only the line with the open quote when no other quote follows`() {
        let rest = (0..<20_000).map { "row \($0),1\n" }.joined()
        let rows = Self.read("a,b\n\"open,1\n" + rest)
        #expect(rows.count == 20_002)
        #expect(rows[1].2 == .unclosedQuote)
        #expect(rows.dropFirst(2).allSatisfy { $0.2 == nil })
        #expect(rows.last?.0 == 20_002)
    }

    @Test func `names the column of bytes that are no UTF-8`() {
        var reader = CSV()
        let records = reader.feed(Array("a,b\n1,".utf8) + [0xC3, 0x28, 0x0A]) + reader.finish()
        #expect(records[1].content == .failure(CSV.Fault(2, .notUTF8)))
    }

    @Test func `made of open quotes is read in time that grows with its size only`() {
        let lines = (0..<30_000).map { $0 % 2 == 0 ? "x\",\"\n" : "\"a\"\",b\n" }.joined()
        let clock = ContinuousClock()
        let took = clock.measure { _ = Self.read("a,b\n" + lines) }
        #expect(took < .seconds(20))
    }

    @Test func `holds no more than a record and a chunk`() {
        var reader = CSV()
        _ = reader.feed(Array("a,b\n".utf8))
        var bad = 0
        for _ in 0..<2_000 { bad += reader.feed([UInt8](repeating: 120, count: 4_096)).count }
        bad += reader.feed(Array("\nok,1\n".utf8)).count
        #expect(bad == 2)
        #expect(reader.position.offset == 4 + 2_000 * 4_096 + 6)
    }
}
