import Automation
import Core
import Integrations
import Store
import TestHouse
import Testing
import Workspace

@Suite struct `Gmail` {
    private static func with(
        on engine: Engine = .sqlite, _ body: (SyncHouse) async throws -> Void
    ) async throws {
        try await SyncHouse.with(.gmail, ("access_token", "ya29."), on: engine, body)
    }

    @discardableResult
    private static func receive(
        _ number: Int, _ sync: SyncHouse, thread: String? = nil, messageID: String? = nil
    ) async throws -> String {
        let answer = try await sync.stand.act([
            "receive": [
                "from": "Ada <ada@example.org>", "to": "me@example.org",
                "subject": .string("Mail \(number)"), "text": .string("Text \(number) ü"),
                "thread": .string(thread ?? "t\(number)"), "message_id": JSON(messageID),
            ]
        ])
        return try #require(answer["id"]?.string)
    }

    @Test(arguments: Engine.allCases)
    func `brings all mail of the inbox, then what has happened since`(engine: Engine) async throws {
        try await Self.with(on: engine) { sync in
            try await sync.stand.act(["page": 2])
            var ids: [String] = []
            for number in 1...5 { ids.append(try await Self.receive(number, sync)) }
            #expect(try await sync.read().created == 5)
            let first = try await sync.item(.messages, "subject", "Mail 1")
            #expect(first["from_address"].string == "ada@example.org")
            #expect(first["body"].string == "Text 1 ü")
            #expect(first["status"].string == "received")
            try await Self.receive(6, sync)
            try await sync.stand.act(["label": .string(ids[0]), "remove": ["UNREAD"]])
            try await sync.stand.act(["delete": .string(ids[1])])
            let news = try await sync.read()
            #expect([news.created, news.updated, news.deleted] == [1, 1, 1])
            #expect(try await sync.item(.messages, "subject", "Mail 1")["status"].string == "read")
            let subjects = try await sync.texts(.messages, "subject")
            #expect(subjects == [1, 3, 4, 5, 6].map { "Mail \($0)" })
            #expect(try await sync.read() == SyncTally())
        }
    }

    @Test func `says of read mail that is marked as unread again that nobody has read it`() async throws {
        try await Self.with { sync in
            let id = try await Self.receive(1, sync)
            try await sync.read()
            for change in ["remove", "add"] {
                try await sync.stand.act(.object([.init("label", .string(id)), .init(change, ["UNREAD"])]))
                try await sync.read()
            }
            let item = try await sync.item(.messages, "subject", "Mail 1")
            #expect(item["status"].string == "received")
            #expect(item["read_at"] == .null)
        }
    }

    @Test func `is read anew when it has forgotten, without a second copy of anything`() async throws {
        try await Self.with { sync in
            try await sync.stand.act(["page": 2])
            for number in 1...3 { try await Self.receive(number, sync) }
            try await sync.read()
            try await Self.receive(4, sync)
            try await sync.stand.act(["forget": true])
            #expect(try await sync.read().created == 1)
            #expect(try await sync.texts(.messages, "subject") == (1...4).map { "Mail \($0)" })
        }
    }

    @Test func `loses and repeats nothing when the process ends before any commit`() async throws {
        try await Self.with { sync in
            try await sync.stand.act(["page": 2, "repeat": true])
            for number in 1...5 { try await Self.receive(number, sync) }
            let stumbling = Stumbling(try sync.sync)
            try await sync.read(by: stumbling)
            for number in 6...9 { try await Self.receive(number, sync) }
            try await sync.read(by: stumbling)
            #expect(stumbling.crashes > 6)
            #expect(try await sync.texts(.messages, "subject") == (1...9).map { "Mail \($0)" })
        }
    }

    @Test func `keeps a conversation in one thread, whatever its subjects`() async throws {
        try await Self.with { sync in
            for number in 1...3 { try await Self.receive(number, sync, thread: "one") }
            try await Self.receive(4, sync, thread: "two")
            try await sync.read()
            let threads = try await sync.items(.messages).map {
                ($0.values.text("subject") ?? "", $0["thread_id"])
            }
            let byName = Dictionary(threads) { $1 }
            #expect(byName["Mail 1"] == byName["Mail 2"] && byName["Mail 2"] == byName["Mail 3"])
            #expect(byName["Mail 4"] != byName["Mail 1"])
        }
    }

    @Test func `knows the mail that came by another way`() async throws {
        try await Self.with { sync in
            try await sync.store.rows(.messages).create(
                Values([
                    "channel": "email", "direction": "in", "subject": "Here already", "body": "x",
                    "from_address": "ada@example.org", "external_id": "one@example.org",
                ]))
            try await Self.receive(1, sync, messageID: "<one@example.org>")
            #expect(try await sync.read().created == 0)
            #expect(try await sync.texts(.messages, "subject") == ["Here already"])
        }
    }
}
