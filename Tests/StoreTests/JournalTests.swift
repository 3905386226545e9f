import Core
import SQL
import Store
import TestHouse
import Testing

@Suite struct `The journal` {
    @Test(arguments: Engine.allCases)
    func `keeps what changed, and shows a row's own entries newest first`(_ engine: Engine) async throws {
        try await FreshStore.with(engine) { house async throws in
            let (row, other) = (ID(), ID())
            let entries = (1...5).map { version in
                Store.Journal.Entry.sample(
                    house.workspace, row, version: version, audience: ID(), request: "r-\(version)",
                    at: Moment(milliseconds: Int64(100 - version)))
            }
            try await house.store.journal.write(entries + [.sample(house.workspace, other)])
            let page = Store.Page(limit: 2)
            let ours = Store.Scoped(house.workspace, row)
            let history = { (page: Store.Page) in
                try await house.store.journal.history(ours, noun: "task", page)
            }
            #expect(try await history(page) == [entries[4], entries[3]])
            #expect(
                try await history(Store.Page(limit: 9, after: entries[3].id)) == entries[..<3].reversed())
            #expect(try entries[0].changes["title"] == ["Old", "New"])
            let theirs = Store.Scoped(house.other, row)
            #expect(try await house.store.journal.history(theirs, noun: "task").isEmpty)
            #expect(try await house.store.journal.history(ours, noun: "note").isEmpty)
        }
    }

    @Test(arguments: Engine.allCases)
    func `holds an entry if and only if its transaction was committed`(_ engine: Engine) async throws {
        struct Crash: Error {}
        try await FreshStore.with(engine) { house async throws in
            let entries = (0..<61).map { _ in Store.Journal.Entry.sample(house.workspace, ID()) }
            await #expect(throws: Crash.self) {
                try await house.store.transaction { store in
                    try await store.journal.write(entries)
                    throw Crash()
                }
            }
            #expect(try await house.store.journal.backlog().count == 0)
            #expect(try await !house.store.journal.isWaiting())
            try await house.store.transaction { try await $0.journal.write(entries) }
            let backlog = try await house.store.journal.backlog()
            #expect(backlog.count == 61 && backlog.oldest == entries.map(\.at).min())
            #expect(try await house.store.journal.isWaiting())
        }
    }
}

@Suite struct `A turn of the journal` {
    @Test(arguments: Engine.allCases)
    func `gives entries until they are told, to one process at a time`(_ engine: Engine) async throws {
        try await FreshStore.with(engine) { house async throws in
            let journal = house.store.journal
            let entries = (0..<7).map { index in
                Store.Journal.Entry.sample(
                    house.workspace, ID(), at: Moment(milliseconds: Int64(1_000 + index)))
            }
            try await journal.write(entries)
            let now = Moment.now
            #expect(try await journal.take("one", at: now)?.entries == entries)
            #expect(try await journal.take("two", at: now) == nil)
            // It did not say that it is done, so that its turn ends by itself, and all comes again.
            let later = now + Store.Journal.Turn.length + .milliseconds(1)
            #expect(try await journal.take("two", at: later)?.entries == entries)
            try await journal.finish(Array(entries[..<3]), by: "one")
            #expect(try await journal.take("one", at: later) == nil, "it was not its turn to end")
            try await journal.finish(entries[..<5].map { $0 }, by: "two")
            let rest = try await journal.take("one", at: later)
            #expect(rest?.entries == Array(entries[5...]) && rest?.isFull == false)
            try await journal.finish(Array(entries[5...]), by: "one")
            #expect(try await journal.verify(house.workspace).length == 7)
        }
    }

    @Test(arguments: Engine.allCases)
    func `keeps the versions of a row in order when clocks do not`(_ engine: Engine) async throws {
        try await FreshStore.with(engine) { house async throws in
            let (row, journal) = (ID(), house.store.journal)
            let changes = (1...9).map { version in
                Store.Journal.Entry.sample(
                    house.workspace, row, version: version, at: Moment(milliseconds: Int64(90 - version)))
            }
            let last = Store.Journal.Entry.sample(
                house.workspace, row, version: 9, action: .deleted, at: Moment(milliseconds: 1))
            let others = (0..<20).map { index in
                Store.Journal.Entry.sample(
                    house.workspace, ID(), at: Moment(milliseconds: Int64(70 + index)))
            }
            try await journal.write((changes + others + [last]).shuffled())
            var told: [Store.Journal.Entry] = []
            while let turn = try await journal.take("one", limit: 4), !turn.entries.isEmpty {
                told += turn.entries
                try await journal.finish(turn.entries, by: "one")
            }
            #expect(told.filter { $0.row == row } == changes + [last])
            #expect(told.count == 30 && Set(told) == Set(changes + others + [last]))
        }
    }

    /// The order that each writer's transactions had, seen by the version it read under the row's lock.
    @Test(arguments: Engine.allCases)
    func `tells a row in the order of its commits`(_ engine: Engine) async throws {
        try await FreshStore.with(engine) { house async throws in
            let row = ID()
            try await house.database.execute("create table counted (id text primary key, version bigint)")
            try await house.database.execute("insert into counted values ($1, 0)", [.text(row.text)])
            let told = try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<8 {
                    group.addTask { for _ in 0..<12 { try await house.touch(row) } }
                }
                var told: [Store.Journal.Entry] = []
                while told.count < 96 {
                    let turn = try await house.store.journal.take("one", limit: Int.random(in: 1...9))
                    told += turn?.entries ?? []
                    try await house.store.journal.finish(turn?.entries ?? [], by: "one")
                }
                try await group.waitForAll()
                return told
            }
            #expect(told.map(\.version) == Array(1...96))
            #expect(try await house.store.journal.verify(house.workspace).brokenAt == nil)
        }
    }
}

extension FreshStore {
    /// Changes a row and writes it down with a clock that is wrong.
    fileprivate func touch(_ row: ID) async throws {
        try await database.transaction { session in
            let versions = try await session.query(
                "update counted set version = version + 1 where id = $1 returning version", [.text(row.text)])
            try await Store(session).journal.write([
                .sample(
                    workspace, row, version: try versions[0].get("version"),
                    at: Moment(milliseconds: .random(in: 0..<100_000)))
            ])
        }
    }
}

extension Store.Journal.Entry {
    static func sample(
        _ workspace: ID, _ row: ID, version: Int = 1, action: Store.Journal.Action = .updated,
        audience: ID? = nil, request: String? = nil, at: Moment = .now
    ) -> Self {
        Self(
            workspace: workspace, noun: "task", event: "task:\(action.rawValue)", row: row, action: action,
            version: version, actor: "user:\(workspace)", request: request, audience: audience,
            changes: .init(from: ["title": "Old", "n": 1], to: ["title": "New", "n": 1]), at: at)
    }
}
