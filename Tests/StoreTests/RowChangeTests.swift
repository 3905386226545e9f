import Core
import Store
import TestHouse
import Testing
import Workspace

@Suite struct `A change of a row` {
    private struct Crash: Error {}

    @Test(arguments: Engine.allCases)
    func `is written into the journal with who made it`(_ engine: Engine) async throws {
        try await RowHouse.with(engine) { house in
            let things = house.fresh.store(of: house.user).rows(Shelf(.thing))
            let item = try await things.create(Values(["title": "One"]))
            try await things.update(item.id, Values(["title": "Two", "pages": 3]))
            try await things.delete(item.id)
            let entries = try await house.fresh.journal("thing", item.id)
            #expect(entries.map(\.action) == [.created, .updated, .deleted])
            #expect(entries.map(\.event) == ["thing:created", "thing:updated", "thing:deleted"])
            #expect(entries.map(\.version) == [1, 2, 2])
            #expect(entries.allSatisfy { $0.actor == "user:\(house.user)" && $0.request == "r-1" })
            #expect(entries.allSatisfy { $0.audience == nil && $0.workspace == house.fresh.workspace })
            #expect(try entries[0].changes["title"] == [nil, "One"])
            #expect(try entries[1].changes == ["pages": [nil, 3], "title": ["One", "Two"]])
            #expect(try entries[2].changes["title"] == ["Two", nil])
        }
    }

    @Test(arguments: Engine.allCases)
    func `is whole or not at all`(_ engine: Engine) async throws {
        try await RowHouse.with(engine) { house in
            let item = try await house.things.create(Values(["title": "One"]))
            let backlog = try await house.store.journal.backlog().count
            var shelf = Shelf(.thing)
            shelf.settle = { _, _ in throw Crash() }
            let things = house.store.rows(shelf)
            await #expect(throws: Crash.self) { try await things.create(Values(["title": "New"])) }
            await #expect(throws: Crash.self) { try await things.update(item.id, Values(["title": "Two"])) }
            await #expect(throws: Crash.self) { try await things.delete(item.id) }
            #expect(try await house.things.list() == [item])
            #expect(try await house.store.journal.backlog().count == backlog)
            var query = Rows.Query()
            query.search = "one"
            #expect(try await house.things.list(query) == [item])
        }
    }

    @Test(arguments: Engine.allCases)
    func `passes its shelf, which adds to it and completes it`(_ engine: Engine) async throws {
        try await RowHouse.with(engine) { house in
            var shelf = Shelf(.thing)
            shelf.prepare = { draft, _ in
                draft.values["pages"] = JSON((draft.before?.values.whole("pages") ?? 0) + 1)
            }
            shelf.settle = { change, store in
                let name = "\(change.before == nil) \(change.after == nil) \(change.given.names.sorted())"
                try await store.rows(.projects).create(Values(["name": .string(name)]))
            }
            shelf.complete = { items, _ in
                items.map { item in
                    var item = item
                    item.values["code"] = "made"
                    return item
                }
            }
            let things = house.store.rows(shelf)
            let item = try await things.create(Values(["title": "One"]))
            #expect(item["pages"] == 1 && item["code"] == "made")
            #expect(try await things.update(item.id, Values(["title": "Two"]))["pages"] == 2)
            #expect(try await things.find(item.id)?["code"] == "made")
            #expect(try await things.list().first?["code"] == "made")
            try await things.delete(item.id)
            let names = try await house.store.rows(.projects).list().compactMap { $0["name"].string }
            #expect(names == ["false true []", "false false [\"title\"]", "true false [\"title\"]"])
        }
    }

    @Test(arguments: Engine.allCases)
    func `waits for another of the same row, so that none is lost`(_ engine: Engine) async throws {
        try await RowHouse.with(engine) { house in
            let item = try await house.things.create(Values(["title": "One", "pages": 0]))
            var shelf = Shelf(.thing)
            shelf.prepare = { draft, _ in
                draft.values["pages"] = JSON((draft.before?.values.whole("pages") ?? 0) + 1)
            }
            let things = house.store.rows(shelf)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for index in 0..<12 {
                    group.addTask {
                        try await things.update(item.id, Values(["title": .string("T\(index)")]))
                    }
                }
                try await group.waitForAll()
            }
            let last = try await house.things.require(item.id)
            #expect(last["pages"] == 12 && last.version == 13)
            let versions = try await house.fresh.journal("thing", item.id).map(\.version)
            #expect(versions == Array(1...13))
        }
    }
}
