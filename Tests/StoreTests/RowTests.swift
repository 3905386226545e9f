import Core
import SQL
import Store
import TestHouse
import Testing
import Workspace

@Suite struct `A row` {
    @Test(arguments: Engine.allCases)
    func `of every kind of field is read as it was written`(_ engine: Engine) async throws {
        try await RowHouse.with(engine) { house in
            let project = try await house.store.rows(.projects).create(Values(["name": "P"])).id
            let given: [String: JSON] = [
                "title": "A 'title' \"; drop table things; --", "tags": ["x", "y_%"], "grade": "high",
                "is_open": false, "pages": 12, "weight": 1.25, "price": "-12.3",
                "due": "2026-03-01T10:00:00.123456+01:00", "day": "2028-02-29", "zone": "Europe/Berlin",
                "mail": "ann@example.org", "link": "https://example.org", "color": "#1f6feb",
                "owner_id": JSON(house.user), "project_id": JSON(project), "friends": [JSON(project)],
                "extra": ["a": [1, nil, true]], "any_json": [1.5, "ü"], "code": "c",
            ]
            let now = Moment.now
            let item = try await house.things.create(Values(given), at: now)
            #expect(item.version == 1 && item.createdAt == now && item.updatedAt == now)
            let expected = given.merging([
                "price": "-12.30", "due": JSON(Moment("2026-03-01T09:00:00.123456Z")), "seen_at": .null,
            ]) { $1 }
            #expect(item.values == Values(expected))
            #expect(try await house.things.find(item.id) == item)
            #expect(try await house.things.require(item.id) == item)
            #expect(try await house.things.find([item.id, ID()]) == [item])
            #expect(try await house.things.list() == [item])
            #expect(try await house.things.count(Rows.Query()) == 1)
        }
    }

    @Test(arguments: Engine.allCases)
    func `that says little holds what a noun says of it`(_ engine: Engine) async throws {
        try await RowHouse.with(engine) { house in
            let item = try await house.things.create(Values(["title": "T"]))
            #expect(item["tags"] == [] && item["grade"] == "low" && item["is_open"] == true)
            #expect(item["extra"] == [:] && item["pages"] == .null && item["any_json"] == .null)
            #expect(try await house.things.find(item.id) == item)
        }
    }

    @Test(arguments: Engine.allCases)
    func `is refused where a field, a law or a reference is wrong`(_ engine: Engine) async throws {
        try await RowHouse.with(engine) { house in
            let others = house.fresh.store.scoped(Scope(workspace: house.fresh.other))
            let theirs = try await others.rows(.projects).create(Values(["name": "Theirs"])).id
            let ours = try await house.store.rows(.projects).create(Values(["name": "Ours"])).id
            let cases: [([String: JSON], String)] = [
                ([:], "invalid /title"), (["title": "x", "pages": 1_001], "invalid /pages"),
                (["title": "law"], "invalid /title"),
                (["title": "x", "project_id": JSON(theirs)], "invalid /project_id"),
                (["title": "x", "project_id": JSON(ID())], "invalid /project_id"),
                (["title": "x", "owner_id": JSON(ID())], "invalid /owner_id"),
                (["title": "x", "friends": [JSON(ours), JSON(theirs)]], "invalid /friends/1"),
                (["title": "x", "code": "twice"], "conflict -"),
            ]
            try await house.things.create(Values(["title": "x", "code": "twice"]))
            for (given, expected) in cases {
                let found = await failure { try await house.things.create(Values(given)) }
                #expect("\(found?.kind.rawValue ?? "none") \(found?.pointer ?? "-")" == expected, "\(given)")
            }
            let item = try await house.things.list()[0]
            for (given, expected) in cases[1..<7] {
                let found = await failure { try await house.things.update(item.id, Values(given)) }
                #expect("\(found?.kind.rawValue ?? "none") \(found?.pointer ?? "-")" == expected, "\(given)")
            }
            #expect(try await house.things.list() == [item])
        }
    }

    @Test(arguments: Engine.allCases)
    func `changes in the fields that are named, while its version holds`(_ engine: Engine) async throws {
        try await RowHouse.with(engine) { house in
            let things = house.things
            let first = try await things.create(Values(["title": "One", "pages": 1]))
            let now = first.createdAt + .seconds(5)
            let second = try await things.update(
                first.id, Values(["title": "Two", "pages": .null]), version: 1, at: now)
            #expect(second.version == 2 && second.updatedAt == now && second.createdAt == first.createdAt)
            #expect(second.values == first.values.changed(by: Values(["title": "Two", "pages": .null])))
            #expect(try await things.find(first.id) == second)
            await refuses(.conflict) { try await things.update(first.id, Values(), version: 1) }
            await refuses(.conflict) { try await things.delete(first.id, version: 1) }
            await refuses(.missing) { try await things.update(ID(), Values()) }
            #expect(try await things.find(first.id) == second)
        }
    }

    @Test(arguments: Engine.allCases)
    func `does not change where the same is said again`(_ engine: Engine) async throws {
        try await RowHouse.with(engine) { house in
            let item = try await house.things.create(
                Values(["title": "One", "price": "1.5", "weight": 2, "due": "2026-03-01T10:00:00+01:00"]))
            let same = Values(
                ["title": "One", "price": "1.50", "weight": 2, "due": "2026-03-01T09:00:00Z"])
            #expect(try await house.things.update(item.id, same) == item)
            #expect(try await house.fresh.journal("thing", item.id).count == 1)
        }
    }

    @Test(arguments: Engine.allCases)
    func `is gone when it is deleted`(_ engine: Engine) async throws {
        try await RowHouse.with(engine) { house in
            let item = try await house.things.create(Values(["title": "One"]))
            try await house.things.delete(item.id, version: 1)
            #expect(try await house.things.find(item.id) == nil)
            await refuses(.missing) { try await house.things.require(item.id) }
            await refuses(.missing) { try await house.things.delete(item.id) }
            let words = try await house.fresh.database.query("select word from search_words", [])
            #expect(words.isEmpty)
        }
    }

    @Test(arguments: Engine.allCases)
    func `of another workspace is not there`(_ engine: Engine) async throws {
        try await RowHouse.with(engine) { house in
            let item = try await house.things.create(Values(["title": "Ours"]))
            let theirs = house.fresh.store.scoped(Scope(workspace: house.fresh.other)).rows(Shelf(.thing))
            #expect(try await theirs.find(item.id) == nil)
            #expect(try await theirs.find([item.id]) == [])
            #expect(try await theirs.list() == [])
            #expect(try await theirs.count(Rows.Query()) == 0)
            var query = Rows.Query()
            query.search = "ours"
            #expect(try await theirs.list(query) == [])
            await refuses(.missing) { try await theirs.update(item.id, Values(["title": "Theirs"])) }
            await refuses(.missing) { try await theirs.delete(item.id) }
            await refuses(.broken) { try await house.fresh.store.rows(Shelf(.thing)).list() }
            #expect(try await house.things.find(item.id) == item)
        }
    }
}
