import Automation
import Core
import Integrations
import Store
import TestHouse
import Testing
import Workspace

@Suite struct `Microsoft 365` {
    private static func with(
        on engine: Engine = .sqlite, _ body: (SyncHouse) async throws -> Void
    ) async throws {
        try await SyncHouse.with(
            .microsoftGraph, ("access_token", "eyJ."), ["channels": "team1/19:general"], on: engine, body)
    }

    private static func mail(_ number: Int, isRead: Bool = false) -> JSON {
        [
            "put": [
                "id": .string("m\(number)"), "subject": .string("Mail \(number)"), "isRead": .bool(isRead),
                "from": ["emailAddress": ["address": "ada@example.org", "name": "Ada"]],
                "toRecipients": [["emailAddress": ["address": "me@example.org"]]],
                "body": ["contentType": "html", "content": .string("<p>Text <b>\(number)</b></p>")],
                "internetMessageId": .string("<m\(number)@example.org>"), "conversationId": "c1",
            ]
        ]
    }

    private static func said(_ number: Int) -> JSON {
        [
            "place": "teams:team1/19:general",
            "put": [
                "id": .string("t\(number)"),
                "body": ["contentType": "text", "content": .string("Said \(number)")],
                "from": ["user": ["id": "u1", "displayName": "Bob"]],
            ],
        ]
    }

    @Test(arguments: Engine.allCases)
    func `brings mail and messages, then only what has changed`(engine: Engine) async throws {
        try await Self.with(on: engine) { sync in
            try await sync.stand.act(["page": 2])
            for number in 1...5 { try await sync.stand.act(Self.mail(number)) }
            for number in 1...3 { try await sync.stand.act(Self.said(number)) }
            #expect(try await sync.read().created == 8)
            let first = try await sync.item(.messages, "subject", "Mail 1")
            #expect(first["body"].string == "Text 1")
            #expect(first["external_id"].string == "m1@example.org")
            #expect(try await sync.item(.messages, "body", "Said 1")["channel"].string == "teams")
            try await sync.stand.act(Self.mail(1, isRead: true))
            try await sync.stand.act(Self.mail(6))
            try await sync.stand.act(["remove": "m2"])
            try await sync.stand.act(["remove": "t3", "place": "teams:team1/19:general"])
            let news = try await sync.read()
            #expect([news.created, news.updated, news.deleted] == [1, 1, 2])
            #expect(try await sync.item(.messages, "subject", "Mail 1")["status"].string == "read")
            #expect(try await sync.read() == SyncTally())
        }
    }

    @Test(arguments: Engine.allCases)
    func `is read anew when it says so, and what is gone goes here too`(engine: Engine) async throws {
        try await Self.with(on: engine) { sync in
            try await sync.stand.act(["page": 2])
            for number in 1...5 { try await sync.stand.act(Self.mail(number)) }
            let stumbling = Stumbling(try sync.sync)
            try await sync.read(by: stumbling)
            try await sync.stand.act(["remove": "m3"])
            try await sync.stand.act(Self.mail(6))
            try await sync.stand.act(["forget": true])
            let news = try await sync.read(by: stumbling)
            #expect([news.created, news.updated, news.deleted] == [1, 0, 1])
            let subjects = try await sync.texts(.messages, "subject")
            #expect(subjects == [1, 2, 4, 5, 6].map { "Mail \($0)" })
        }
    }

    @Test func `never shows its badge at an address that is not its own`() async throws {
        try await Self.with { sync in
            for number in 1...3 { try await sync.stand.act(Self.mail(number)) }
            try await sync.stand.fault([
                "kind": "status", "status": 200, "path": "mailFolders",
                "body": ["value": [], "@odata.nextLink": "http://127.0.0.1:9/elsewhere"],
            ])
            let run = SyncRun(sync.connection, try sync.sync, sync.house.store)
            _ = try await run.step("mail:inbox")
            let failure = await #expect(throws: Failure.self) { _ = try await run.step("mail:inbox") }
            #expect(failure?.message.contains("not its own") == true)
        }
    }

    @Test func `is left alone for as long as it says`() async throws {
        try await Self.with { sync in
            try await sync.stand.act(Self.mail(1))
            try await sync.stand.fault([
                "kind": "status", "status": 429, "headers": ["Retry-After": "12"],
                "body": ["error": ["code": "TooManyRequests", "message": "Wait."]],
            ])
            let failure = await #expect(throws: Failure.self) { try await sync.read() }
            #expect(failure?.kind == .limited && failure?.retryAfter == .seconds(12))
            #expect(try await sync.read().created == 1)
        }
    }
}
