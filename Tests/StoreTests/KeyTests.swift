import Core
import SQL
import Store
import TestHouse
import Testing

@Suite struct `An API key` {
    private func user(_ house: FreshStore, _ role: Store.Role = .admin) async throws -> Store.Users.Entry {
        let user = Store.Users.Entry(
            workspace: house.workspace, email: "Ada@Example.org", name: "Ada", role: role,
            createdAt: Moment(milliseconds: 5))
        try await house.store.users.create(user)
        return user
    }

    @Test(arguments: Engine.allCases)
    func `names its holder until it is revoked, and is kept nowhere`(_ engine: Engine) async throws {
        try await FreshStore.with(engine) { house async throws in
            let user = try await user(house)
            let keys = house.store.keys
            let made = try await keys.create(house.workspace, user: user.id, name: "ci")
            #expect(made.plain.hasPrefix("atom_") && made.plain.count == 48)
            let holder = Store.Keys.Holder(
                key: made.id, workspace: house.workspace, user: user.id, role: .admin)
            #expect(try await keys.find(made.plain) == holder)
            #expect(try await keys.find(made.plain + "x") == nil)
            #expect(try await keys.find("") == nil)
            let rows = try await house.database.query("select * from api_keys")
            #expect(!"\(rows)".contains(made.plain) && "\(rows)".contains(made.id.text))
            await refuses(.missing) { try await keys.revoke(house.other, made.id) }
            try await keys.revoke(house.workspace, made.id)
            await refuses(.missing) { try await keys.revoke(house.workspace, made.id) }
            #expect(try await keys.find(made.plain) == nil)
            #expect(try await keys.list(house.other) == [])
        }
    }

    @Test(arguments: Engine.allCases)
    func `notes its use once a minute`(_ engine: Engine) async throws {
        try await FreshStore.with(engine) { house async throws in
            let user = try await user(house)
            let keys = house.store.keys
            let made = try await keys.create(house.workspace, user: user.id, name: "ci")
            let start = Moment(milliseconds: 1_000_000)
            var seen: [Moment?] = []
            for seconds in [0, 59, 60, 61] {
                _ = try await keys.find(made.plain, at: start + .seconds(seconds))
                seen.append(try await keys.list(house.workspace)[0].lastUsedAt)
            }
            #expect(seen == [start, start, start + .seconds(60), start + .seconds(60)])
        }
    }

    @Test(arguments: Engine.allCases)
    func `that somebody chose is taken once`(_ engine: Engine) async throws {
        try await FreshStore.with(engine) { house async throws in
            let user = try await user(house, .owner)
            let keys = house.store.keys
            #expect(try await keys.adopt(house.workspace, user: user.id, name: "first", plain: "chosen"))
            #expect(try await !keys.adopt(house.workspace, user: user.id, name: "first", plain: "chosen"))
            #expect(try await keys.find("chosen")?.role == .owner)
            await refuses(.invalid) { try await keys.create(house.other, user: user.id, name: "stolen") }
        }
    }

    @Test(arguments: Engine.allCases)
    func `belongs to a user that one address names`(_ engine: Engine) async throws {
        try await FreshStore.with(engine) { house async throws in
            let user = try await user(house)
            #expect(user.email == "ada@example.org")
            await refuses(.conflict) { try await self.user(house) }
            #expect(try await house.store.users.find(house.workspace, email: "ADA@example.ORG") == user)
            #expect(try await house.store.users.find(house.workspace, user.id) == user)
            #expect(try await house.store.users.list(house.workspace) == [user])
            #expect(try await house.store.users.find(house.other, user.id) == nil)
            #expect(try await house.store.users.list(house.other) == [])
            #expect(try await Set(house.store.workspaces.list().map(\.name)) == ["Ours", "Theirs"])
            #expect(try await house.store.workspaces.find(house.other)?.name == "Theirs")
        }
    }
}
