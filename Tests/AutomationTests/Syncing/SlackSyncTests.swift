import Automation
import Core
import Integrations
import Store
import TestHouse
import Testing
import Workspace

@Suite struct `Channels of Slack` {
    private static func with(
        on engine: Engine = .sqlite, _ body: (SyncHouse) async throws -> Void
    ) async throws {
        try await SyncHouse.with(.slack, ("bot_token", "xoxb-"), ["channels": "C1"], on: engine, body)
    }

    private static func say(_ number: Int, _ sync: SyncHouse, in thread: Int? = nil) async throws {
        func ts(_ number: Int) -> String { "1770000000.\(100_000 + number)" }
        var message: [JSON.Member] = [
            .init("channel", "C1"), .init("user", "U1"), .init("text", .string("Said \(number)")),
            .init("ts", .string(ts(number))),
        ]
        if let thread { message.append(.init("thread_ts", .string(ts(thread)))) }
        try await sync.stand.act(["say": .object(message)])
    }

    @Test(arguments: Engine.allCases)
    func `are brought once, and then what was said since`(engine: Engine) async throws {
        try await Self.with(on: engine) { sync in
            for number in 1...5 { try await Self.say(number, sync) }
            #expect(try await sync.read().created == 5)
            let first = try await sync.item(.messages, "body", "Said 1")
            #expect(first["external_id"].string == "C1:1770000000.100001")
            #expect(first["from_address"].string == "U1")
            try await Self.say(6, sync)
            #expect(try await sync.read().created == 1)
            #expect(try await sync.read() == SyncTally())
        }
    }

    @Test func `keep what answers a message in its thread`() async throws {
        try await Self.with { sync in
            try await Self.say(1, sync)
            try await Self.say(2, sync)
            try await Self.say(3, sync, in: 1)
            let stumbling = Stumbling(try sync.sync)
            try await sync.read(by: stumbling)
            let threads = Dictionary(
                try await sync.items(.messages).map { ($0.values.text("body") ?? "", $0["thread_id"]) }
            ) { $1 }
            #expect(threads.count == 3)
            #expect(threads["Said 3"] == threads["Said 1"])
        }
    }

    @Test func `know what came as an event already`() async throws {
        try await Self.with { sync in
            try await Self.say(1, sync)
            try await sync.store.rows(.messages).create(
                Values([
                    "channel": "slack", "direction": "in", "body": "Said 1", "from_address": "U1",
                    "external_id": "C1:1770000000.100001",
                ]))
            #expect(try await sync.read().created == 0)
            #expect(try await sync.items(.messages).count == 1)
        }
    }

    @Test func `are asked for no faster than Slack allows`() async throws {
        try await Self.with { sync in
            try await Self.say(1, sync)
            try await sync.stand.act(["settings": ["history_pace": 60]])
            try await sync.read()
            let failure = await #expect(throws: Failure.self) { try await sync.read() }
            #expect(failure?.kind == .limited && failure?.retryAfter == .seconds(60))
        }
    }

    @Test func `that are not there say so`() async throws {
        try await SyncHouse.with(.slack, ("bot_token", "xoxb-"), ["channels": "CGONE"]) { sync in
            let failure = await #expect(throws: Failure.self) { try await sync.read() }
            #expect(failure?.kind == .invalid)
        }
    }
}
