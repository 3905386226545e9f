import Automation
import Core
import Integrations
import Store
import TestHouse
import Testing
import Workspace

@Suite struct `GitHub issues` {
    private static func with(
        on engine: Engine = .sqlite, _ body: (SyncHouse) async throws -> Void
    ) async throws {
        try await SyncHouse.with(
            .github, ("token", "ghp_"), ["repositories": "octo/hello"], on: engine, body)
    }

    /// Seconds since 1970 at which the first issue of a test changed.
    private static let start: Int64 = 1_770_000_000

    private static func issue(_ number: Int, _ title: String, after seconds: Int, _ more: JSON = [:]) -> JSON
    {
        let members: [JSON.Member] = [
            .init("number", JSON(number)), .init("title", .string(title)), .init("body", "Text"),
            .init("at", .integer(start + Int64(seconds))),
        ]
        return ["issue": .object(members + (more.members ?? []))]
    }

    @Test(arguments: Engine.allCases)
    func `become tasks, with their comments, and follow what changes there`(engine: Engine) async throws {
        try await Self.with(on: engine) { sync in
            try await sync.stand.act(["page": 2])
            for number in 1...5 {
                try await sync.stand.act(
                    Self.issue(number, "Issue \(number)", after: number, ["pull": .bool(number == 3)]))
            }
            try await sync.stand.act(["comment": ["number": 1, "body": "First!", "user": "bob"]])
            try await sync.stand.act(["comment": ["number": 3, "body": "About a pull request"]])
            #expect(try await sync.read().created == 5)
            let titles = [1, 2, 4, 5].map { "Issue \($0)" }
            #expect(try await sync.texts(.tasks, "title") == titles)
            #expect(try await sync.texts(.comments, "content") == ["bob on GitHub:\n\nFirst!"])
            try await sync.stand.act(
                Self.issue(2, "Issue 2", after: 60, ["state": "closed", "assignee": "ada"]))
            let news = try await sync.read()
            #expect([news.created, news.updated, news.deleted] == [0, 1, 0])
            let closed = try await sync.item(.tasks, "title", "Issue 2")
            #expect(closed["status"].string == "done")
            #expect(closed["assigned_to"].string == "ada")
        }
    }

    @Test func `that did not change are not even sent again`() async throws {
        try await Self.with { sync in
            try await sync.stand.act(Self.issue(1, "Only", after: 0))
            for _ in 1...3 { try await sync.read() }
            let step = try await SyncRun(sync.connection, try sync.sync, sync.house.store)
                .step("issues:octo/hello")
            // The answer is 304, which brings nothing that could be found unchanged.
            #expect(step.isLast)
            #expect(step.tally == SyncTally())
        }
    }

    @Test func `that changed in one second are all brought, however small a page is`() async throws {
        try await Self.with { sync in
            try await sync.stand.act(["page": 2])
            for number in 1...7 { try await sync.stand.act(Self.issue(number, "Issue \(number)", after: 0)) }
            try await sync.read()
            #expect(try await sync.texts(.tasks, "title") == (1...7).map { "Issue \($0)" })
        }
    }

    @Test(arguments: Engine.allCases)
    func `are neither lost nor repeated when the process ends before any commit`(
        engine: Engine
    ) async throws {
        try await Self.with(on: engine) { sync in
            try await sync.stand.act(["page": 2])
            for number in 1...7 {
                try await sync.stand.act(Self.issue(number, "Issue \(number)", after: number))
                try await sync.stand.act(["comment": ["number": JSON(number), "body": "Said"]])
            }
            let stumbling = Stumbling(try sync.sync)
            try await sync.read(by: stumbling)
            try await sync.stand.act(Self.issue(8, "Issue 8", after: 90))
            try await sync.read(by: stumbling)
            #expect(stumbling.crashes > 5)
            #expect(try await sync.texts(.tasks, "title") == (1...8).map { "Issue \($0)" })
            #expect(try await sync.items(.comments).count == 7)
        }
    }

    @Test func `that are gone go here with the next reading of all`() async throws {
        try await Self.with { sync in
            for number in 1...3 { try await sync.stand.act(Self.issue(number, "Issue \(number)", after: 0)) }
            try await sync.read()
            try await sync.stand.act(["remove": 2])
            try await sync.read()
            #expect(try await sync.items(.tasks).count == 3)
            let run = SyncRun(sync.connection, try sync.sync, sync.house.store)
            try await run.restart("issues:octo/hello")
            let news = try await sync.read()
            #expect([news.created, news.updated, news.deleted] == [0, 0, 1])
            #expect(try await sync.texts(.tasks, "title") == ["Issue 1", "Issue 3"])
        }
    }

    @Test func `are asked for again when the hour's calls are renewed`() async throws {
        try await Self.with { sync in
            try await sync.stand.act(Self.issue(1, "Issue 1", after: 0))
            let reset = Moment.now.milliseconds / 1_000 + 1_800
            try await sync.stand.act(["limit": ["remaining": 0, "reset": .integer(reset)]])
            let failure = await #expect(throws: Failure.self) { try await sync.read() }
            #expect(failure?.kind == .limited)
            let wait = try #require(failure?.retryAfter)
            #expect(wait > .seconds(1_700) && wait <= .seconds(1_801))
        }
    }

    @Test func `keep the status that was set here while only the text changes there`() async throws {
        try await Self.with { sync in
            try await sync.stand.act(Self.issue(1, "Issue 1", after: 0))
            try await sync.read()
            let task = try await sync.item(.tasks, "title", "Issue 1")
            try await sync.store.rows(.tasks).update(task.id, Values(["status": "in_progress"]))
            try await sync.stand.act(Self.issue(1, "Issue 1 b", after: 5))
            try await sync.read()
            let after = try await sync.item(.tasks, "title", "Issue 1 b")
            #expect(after["status"].string == "in_progress")
        }
    }

    @Test(arguments: ["octo", "octo/../x", "octo/hello?x", "/hello", "octo/hello/more"])
    func `are asked for by names that cannot lead elsewhere`(name: String) async throws {
        try await SyncHouse.with(.github, ("token", "ghp_"), ["repositories": name]) { sync in
            let failure = await #expect(throws: Failure.self) { try await sync.read() }
            #expect(failure?.kind == .invalid)
            let calls = try await sync.stand.calls()
            #expect(calls == 0)
        }
    }
}
