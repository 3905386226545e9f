import Core
import SQL
import Store
import TestHouse
import Testing

@Suite struct `The audit chain` {
    private func fill(_ house: FreshStore, _ count: Int) async throws -> [Store.Journal.Entry] {
        let entries = (0..<count).map { index in
            Store.Journal.Entry.sample(
                house.workspace, ID(), at: Moment(milliseconds: Int64(5_000 + index)))
        }
        try await house.store.journal.write(entries + [.sample(house.other, ID())])
        try await tell(house)
        return entries
    }

    private func tell(_ house: FreshStore) async throws {
        while let turn = try await house.store.journal.take("one"), !turn.entries.isEmpty {
            try await house.store.journal.finish(turn.entries, by: "one")
        }
    }

    @Test(arguments: Engine.allCases)
    func `has each entry once, in order, and is valid`(_ engine: Engine) async throws {
        try await FreshStore.with(engine) { house async throws in
            let journal = house.store.journal
            #expect(try await journal.verify(house.workspace).length == 0)
            let entries = try await fill(house, 1_203)
            let verdict = try await journal.verify(house.workspace)
            #expect(verdict.isValid && verdict.length == 1_203 && verdict.head.count == 64)
            #expect(try await journal.verify(house.other).length == 1)
            let newest = try await journal.chain(house.workspace, page: Store.Page(limit: 3))
            #expect(newest.map(\.position) == [1_203, 1_202, 1_201])
            #expect(newest.map(\.entry) == entries.suffix(3).reversed())
            let next = try await journal.chain(
                house.workspace, page: Store.Page(limit: 1, after: newest[2].entry.id))
            #expect(next.map(\.position) == [1_200])
        }
    }

    @Test(arguments: Engine.allCases)
    func `is listed by row, actor and time`(_ engine: Engine) async throws {
        try await FreshStore.with(engine) { house async throws in
            let entries = try await fill(house, 10)
            let journal = house.store.journal
            var query = Store.Journal.Query()
            (query.noun, query.row) = ("task", entries[4].row)
            #expect(try await journal.chain(house.workspace, query).map(\.entry) == [entries[4]])
            query.noun = "note"
            #expect(try await journal.chain(house.workspace, query).isEmpty)
            query = .init()
            (query.from, query.before) = (entries[2].at, entries[4].at)
            let found = try await journal.chain(house.workspace, query)
            #expect(found.map(\.entry) == [entries[3], entries[2]])
            query.actor = "system"
            #expect(try await journal.chain(house.workspace, query).isEmpty)
        }
    }

    /// What somebody with the database's own password might do.
    enum Tampering: String, CaseIterable, Sendable {
        case text = "update journal set changes = '{}' where id = $1"
        case actor = "update journal set actor = 'user:x' where id = $1"
        case time = "update journal set at = at + 1 where id = $1"
        case audience = "update journal set audience = 'x' where id = $1"
        case hash = "update audit_chain set hash = 'f' where entry_id = $1"
        case order = "update audit_chain set position = position + 1000 where entry_id = $1"
        case end = "delete from audit_chain where position > 12 and $1 <> ''"
        case link = "delete from audit_chain where entry_id = $1"
    }

    @Test(arguments: Engine.allCases, Tampering.allCases)
    func `shows where somebody tampered`(_ engine: Engine, _ tampering: Tampering) async throws {
        try await FreshStore.with(engine) { house async throws in
            let entries = try await fill(house, 20)
            try await house.openWalls()
            try await house.database.execute(tampering.rawValue, [.text(entries[12].id.text)])
            #expect(try await house.store.journal.verify(house.workspace).brokenAt == 13)
        }
    }
}

extension FreshStore {
    /// Lets the journal be changed, as only an owner of the database can.
    func openWalls() async throws {
        for table in ["journal", "audit_chain"] {
            switch database.dialect {
            case .postgres: try await database.execute("alter table \(table) disable trigger user")
            case .sqlite:
                let names = try await database.query(
                    "select name from sqlite_master where type = 'trigger' and tbl_name = $1", [.text(table)])
                for name in names {
                    try await database.execute("drop trigger \(try name.get("name", as: String.self))")
                }
            }
        }
    }
}
