import Core
import Integrations
import Testing

@Suite struct `A stream of events` {
    private let text =
        "\u{FEFF}: hello\r\nevent: first\r\ndata: ä1\r\ndata:2\r\nid: 7\r\n\r\ndata\n\n"
        + "data:  3\r\rretry: 5\nnothing\n\n"
        + "event: end\ndata: {\"x\": \"😀\"}\n\nevent: cut\ndata: never"

    private let events: [ServerEvents.Event] = [
        .init("first", "ä1\n2"), .init("message", ""), .init("message", " 3"),
        .init("end", "{\"x\": \"😀\"}"),
    ]

    @Test func `is read the same at every cut`() throws {
        let bytes = Array(text.utf8)
        for cut in 0...bytes.count {
            var reader = ServerEvents()
            let heard = try reader.take(bytes[..<cut]) + reader.take(bytes[cut...])
            #expect(heard == events, "cut at \(cut)")
        }
    }

    @Test func `is read the same byte by byte`() throws {
        var reader = ServerEvents()
        var heard: [ServerEvents.Event] = []
        for byte in text.utf8 { heard += try reader.take([byte]) }
        #expect(heard == events)
    }

    @Test func `may not have an event without end`() {
        var reader = ServerEvents()
        let line = Array("data: ".utf8) + [UInt8](repeating: 65, count: ServerEvents.most)
        #expect(throws: Failure.self) { try reader.take(line) }
    }
}
