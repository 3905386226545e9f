import Core
import Testing

@testable import Relay

@Suite(.timeLimit(.minutes(1))) struct `A message to the relay` {
    @Test(arguments: [
        "", "{", "[]", "7", "{}", "{\"auth\":\"red\"}", "{\"subscribe\":{}}",
        "{\"subscribe\":{\"job\":\"x\"}}",
        "{\"subscribe\":{\"queue\":\"UPPER\"}}", "{\"subscribe\":{\"queue\":\"a\",\"workspace\":true}}",
        "{\"subscribe\":{\"workspace\":false}}", "{\"subscribe\":{\"workspace\":true},\"extra\":1}",
        "{\"subscribe\":{\"workspace\":true},\"ping\":1}", "{\"ping\":[]}",
        "{\"ping\":1,\"after\":\"default:1\"}",
        "{\"subscribe\":{\"workspace\":true},\"after\":\"default\"}",
        "{\"subscribe\":{\"workspace\":true},\"after\":[\"a:1\",\"a:2\"]}",
        "{\"subscribe\":{\"queue\":\"a\"},\"after\":\"b:1:0\"}",
        "{\"subscribe\":{\"queue\":\"a\"},\"ref\":{}}",
    ])
    func `that is wrong gets an error, and the connection stays`(_ text: String) async throws {
        try await Stage.with { stage in
            let browser = try await Browser.open(stage.port)
            try await browser.send(text)
            let answer = try await browser.text()
            #expect(answer["type"] == "error")
            #expect(answer["message"]?.string?.isEmpty == false)
            #expect(try await browser.isSilent())
        }
    }

    @Test func `may be wrong a number of times only`() async throws {
        try await Stage.with({ $0.limits.faults = 3 }) { stage in
            let browser = try await Browser.open(stage.port)
            try await browser.send(0x82, [1, 2, 3])
            for _ in 0..<2 { try await browser.send("no") }
            for _ in 0..<3 { #expect(try await browser.text()["type"] == "error") }
            #expect(await browser.farewell() == 1008)
        }
    }

    @Test func `has at most 64 KiB, in one frame or many`() async throws {
        try await Stage.with { stage in
            let ping = "{\"ping\":1}"
            let longest = Array((ping + String(repeating: " ", count: 65_536 - ping.utf8.count)).utf8)
            let fits = try await Browser.open(stage.port)
            try await fits.send(0x81, longest)
            #expect(try await fits.text()["type"] == "pong")
            try await fits.send(0x01, Array(longest[..<5]))
            try await fits.send(0x89, [])
            try await fits.send(0x80, Array(longest[5...]))
            #expect(await fits.word() == .pong)
            #expect(try await fits.text()["type"] == "pong")
            try await fits.send(0x81, longest + [32])
            #expect(await fits.farewell() == 1009)
            let pieces = try await Browser.open(stage.port)
            try await pieces.send(0x01, Array(longest[..<40_000]))
            try await pieces.send(0x80, Array(longest[..<40_000]))
            #expect(await pieces.farewell() == 1009)
        }
    }

    @Test(arguments: [0x80, 0x83, 0xC1] as [UInt8])
    func `that breaks the protocol ends the connection`(_ first: UInt8) async throws {
        try await Stage.with { stage in
            let browser = try await Browser.open(stage.port)
            try await browser.send(first, Array("{\"ping\":1}".utf8))
            #expect(await browser.farewell() == 1002)
            let bare = try await Browser.open(stage.port)
            try await bare.send(0x81, Array("{\"ping\":1}".utf8), isMasked: false)
            #expect(await bare.farewell() == 1002)
        }
    }

    @Test func `that closes is answered with its code, and the place is free`() async throws {
        try await Stage.with { stage in
            let browser = try await Browser.open(stage.port)
            try await browser.subscribe("{\"workspace\":true}")
            try await browser.send(0x88, [0x03, 0xE8])
            #expect(await browser.word() == .close(1000))
            #expect(await browser.word() == .gone)
            try await Stage.until { stage.relay.metrics.connections == 0 }
        }
    }

    @Test func `may hold a limited number of subscriptions open`() async throws {
        try await Stage.with({ $0.limits.subscriptions = 2 }) { stage in
            let browser = try await Browser.open(stage.port)
            try await browser.subscribe("{\"queue\":\"a\"}")
            try await browser.subscribe("{\"queue\":\"b\"}")
            try await browser.send("{\"subscribe\":{\"queue\":\"c\"},\"ref\":\"mine\"}")
            let refused = try await browser.text()
            #expect(refused["type"] == "error" && refused["ref"] == "mine")
            try await browser.send("{\"unsubscribe\":{\"queue\":\"a\"},\"ref\":\"bye\"}")
            #expect(
                try await browser.text() == ["type": "unsubscribed", "subscription": "queue:a", "ref": "bye"])
            try await browser.subscribe("{\"queue\":\"c\"}")
        }
    }
}
