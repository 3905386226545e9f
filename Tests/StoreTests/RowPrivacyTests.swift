import Core
import Store
import TestHouse
import Testing
import Workspace

@Suite struct `A row that belongs to one person` {
    @Test(arguments: Engine.allCases)
    func `is seen and changed by that person alone`(_ engine: Engine) async throws {
        try await RowHouse.with(engine) { house in
            let other = try await house.fresh.newcomer("bo", .owner)
            let (mine, theirs) = (
                house.fresh.store(of: house.user).rows(Shelf(.secret)),
                house.fresh.store(of: other).rows(Shelf(.secret))
            )
            let item = try await mine.create(Values(["text": "mine"]))
            #expect(item["user_id"] == JSON(house.user))
            #expect(try await mine.find(item.id) == item)
            #expect(try await mine.list() == [item])
            var query = Rows.Query()
            query.search = "mine"
            #expect(try await theirs.find(item.id) == nil)
            #expect(try await theirs.find([item.id]) == [])
            #expect(try await theirs.list() == [])
            #expect(try await theirs.list(query) == [])
            #expect(try await theirs.count(query) == 0)
            await refuses(.missing) { try await theirs.update(item.id, Values(["text": "theirs"])) }
            await refuses(.missing) { try await theirs.delete(item.id) }
            let house = house.store.rows(Shelf(.secret))
            #expect(try await house.find(item.id) == item)
        }
    }

    @Test(arguments: Engine.allCases)
    func `is seen by all where it is shared, and still changed by that person alone`(
        _ engine: Engine
    ) async throws {
        try await RowHouse.with(engine) { house in
            let other = try await house.fresh.newcomer("bo")
            let (mine, theirs) = (
                house.fresh.store(of: house.user).rows(Shelf(.secret)),
                house.fresh.store(of: other).rows(Shelf(.secret))
            )
            let item = try await mine.create(Values(["text": "mine", "shared": true]))
            #expect(try await theirs.find(item.id) == item)
            #expect(try await theirs.list() == [item])
            await refuses(.forbidden) { try await theirs.update(item.id, Values(["text": "theirs"])) }
            await refuses(.forbidden) { try await theirs.delete(item.id) }
            try await mine.update(item.id, Values(["shared": false]))
            #expect(try await theirs.find(item.id) == nil)
        }
    }

    @Test(arguments: Engine.allCases)
    func `is told to that person alone`(_ engine: Engine) async throws {
        try await RowHouse.with(engine) { house in
            let mine = house.fresh.store(of: house.user).rows(Shelf(.secret))
            let item = try await mine.create(Values(["text": "mine"]))
            try await mine.update(item.id, Values(["shared": true]))
            try await mine.delete(item.id)
            let audiences = try await house.fresh.journal("secret", item.id).map(\.audience)
            #expect(audiences == [house.user, nil, nil])
        }
    }
}
