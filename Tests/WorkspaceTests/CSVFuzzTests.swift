import Foundation
import Testing

@testable import Workspace

/// Random CSV texts, most of them sound and some of them broken.
private struct RandomText {
    var random: SplitMix64

    /// A table, and the text a careful writer makes of it.
    mutating func table() -> (rows: [[String]], text: String) {
        let columns = 1 + random.index(below: 5)
        var rows = (0...random.index(below: 30)).map { _ in (0..<columns).map { _ in field() } }
        rows[0] = (0..<columns).map { "column \($0)" }
        let end = ["\n", "\r\n"][random.index(below: 2)]
        let text = rows.map { row in row.map { quote($0) }.joined(separator: ",") + end }.joined()
        return (rows, text)
    }

    mutating func noise() -> [UInt8] {
        let alphabet = Array("ab\",;\n\n\r\té".utf8)
        return (0...random.index(below: 400)).map { _ in alphabet[random.index(below: alphabet.count)] }
    }

    private mutating func field() -> String {
        let pieces = ["a", "b c", "\"", ",", "\n", "\r\n", "é", "🌱", "x", ";"]
        return (0..<random.index(below: 5)).map { _ in pieces[random.index(below: pieces.count)] }.joined()
    }

    private mutating func quote(_ field: String) -> String {
        let mustQuote = field.isEmpty || field.utf8.contains { [0x22, 0x2C, 0x0A, 0x0D].contains($0) }
        guard mustQuote || random.index(below: 3) == 0 else { return field }
        return "\"" + field.replacingOccurrences(of: "\"", with: "\"\"") + "\""
    }
}

@Suite struct `A CSV reader` {
    static func whole(_ bytes: [UInt8]) -> [CSV.Record] {
        var reader = CSV()
        return reader.feed(bytes) + reader.finish()
    }

    @Test(arguments: 0..<300)
    func `reads back every table that was written`(seed: Int) throws {
        var source = RandomText(random: SplitMix64(seed: UInt64(seed)))
        let (rows, text) = source.table()
        let read = try Self.whole(Array(text.utf8)).map { try $0.content.get() }
        #expect(read == rows)
    }

    @Test(arguments: 0..<300)
    func `gives the same records for chunks of any size`(seed: Int) {
        var source = RandomText(random: SplitMix64(seed: UInt64(seed)))
        let bytes = source.noise()
        var random = SplitMix64(seed: UInt64(seed) &+ 1_000)
        var reader = CSV()
        var records: [CSV.Record] = []
        var at = 0
        while at < bytes.count {
            let end = min(bytes.count, at + random.index(below: 20))
            records += reader.feed(bytes[at..<end])
            at = end
        }
        records += reader.finish()
        #expect(records == Self.whole(bytes))
        #expect(reader.position.offset == bytes.count)
    }

    @Test(arguments: 0..<300)
    func `resumes at any record with the same rest`(seed: Int) {
        var source = RandomText(random: SplitMix64(seed: UInt64(seed)))
        let bytes = source.noise()
        var reader = CSV()
        let records = reader.feed(bytes) + reader.finish()
        guard let shape = reader.shape else {
            #expect(records.isEmpty)
            return
        }
        for (index, record) in records.enumerated() {
            var resumed = CSV(shape: shape, at: record.next)
            let rest = resumed.feed(bytes[record.next.offset...]) + resumed.finish()
            #expect(rest == Array(records[(index + 1)...]))
        }
    }
}
