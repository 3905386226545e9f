import Accounts
import Core
import SQL
import Store
import TestHouse
import Testing

@Suite struct `An account` {
    @Test(arguments: Engine.allCases)
    func `is found by its address in any case, and is one of its kind`(_ engine: Engine) async throws {
        try await FreshStore.with(engine) { house async throws in
            let ada = try await house.account("Ada")
            #expect(ada.email == "ada@example.org")
            #expect(try await house.store.accounts.find(email: "ADA@example.org")?.id == ada.id)
            #expect(try await house.store.accounts.find(email: "bob@example.org") == nil)
            #expect(try await house.store.accounts.find(ada.id)?.profile == ada.profile)
            let twice = await failure { try await house.account("aDa") }
            #expect(twice?.kind == .conflict && twice?.pointer == "/email")
        }
    }

    @Test(arguments: Engine.allCases)
    func `keeps its profile, and its name in every workspace`(_ engine: Engine) async throws {
        try await FreshStore.with(engine) { house async throws in
            let ada = try await house.person("ada")
            let id = try #require(ada.account)
            var profile = Profile(name: "<b>Ada</b>'; drop table accounts; --", timeZone: "Europe/Berlin")
            profile.channels = [.email, .telegram]
            profile.quiet = try Profile.Quiet(from: "22:00", to: "07:00")
            let changed = try await house.store.accounts.update(id, profile, version: 1)
            #expect(changed.profile == profile && changed.version == 2)
            await refuses(.conflict) {
                try await house.store.accounts.update(id, Profile(name: "x"), version: 1)
            }
            #expect(try await house.store.accounts.find(id)?.profile == profile)
            #expect(try await house.store.users.find(house.workspace, ada.id)?.name == profile.name)
        }
    }

    @Test(arguments: Engine.allCases)
    func `ends with its sessions, keys and memberships`(_ engine: Engine) async throws {
        try await FreshStore.with(engine) { house async throws in
            let store = house.store
            _ = try await house.person("owner", .owner)
            let ada = try await house.person("ada", .admin)
            let id = try #require(ada.account)
            let (session, token) = try await house.login(ada)
            let key = try await store.keys.create(house.workspace, user: ada.id, name: "k")
            #expect(try await store.sessions.find(session)?.role == .admin)
            try await store.accounts.deactivate(id)
            #expect(try await store.sessions.find(session) == nil)
            #expect(try await store.keys.find(key.plain) == nil)
            #expect(try await store.refreshTokens.exchange(token) == .refused)
            #expect(try await store.users.memberships(of: id) == [])
            #expect(try await store.accounts.find(id)?.isActive == false)
            #expect(try await store.users.list(house.workspace).map(\.name) == ["owner"])
        }
    }

    @Test(arguments: Engine.allCases)
    func `that is the last owner of others hands over first`(_ engine: Engine) async throws {
        try await FreshStore.with(engine) { house async throws in
            let store = house.store
            let ada = try await house.person("ada", .owner)
            let bob = try await house.person("bob")
            let id = try #require(ada.account)
            let (session, _) = try await house.login(ada)
            await refuses(.conflict) { try await store.accounts.deactivate(id) }
            #expect(try await store.sessions.find(session) != nil)
            _ = try await store.users.change(house.workspace, bob.id, to: .owner)
            try await store.accounts.deactivate(id)
            #expect(try await store.accounts.find(id)?.isActive == false)
            try await store.accounts.deactivate(try #require(bob.account))
            #expect(try await store.users.list(house.workspace) == [])
        }
    }
}

@Suite struct `A membership` {
    @Test(arguments: Engine.allCases)
    func `changes, ends and begins again, and is written down`(_ engine: Engine) async throws {
        try await FreshStore.with(engine) { house async throws in
            let store = house.store
            let ada = try await house.person("ada")
            await refuses(.missing) { try await store.users.change(house.other, ada.id, to: .admin) }
            #expect(try await store.users.change(house.workspace, ada.id, to: .admin).role == .admin)
            try await store.users.remove(house.workspace, ada.id)
            await refuses(.missing) { try await store.users.remove(house.workspace, ada.id) }
            let account = try #require(try await store.accounts.find(ada.account ?? ID()))
            let again = try await store.users.enroll(account, in: house.workspace, as: .viewer)
            #expect(again.id == ada.id && again.role == .viewer && again.isMember)
            await refuses(.conflict) {
                try await store.users.enroll(account, in: house.workspace, as: .viewer)
            }
            let told = try await house.database.query(
                "select event, version from journal where row_id = $1 order by version",
                [.text(ada.id.text)])
            #expect(
                try told.map { try $0.get("event", as: String.self) } == [
                    "member:created", "member:updated", "member:deleted", "member:created",
                ])
        }
    }

    @Test(arguments: Engine.allCases)
    func `of two owners who demote each other leaves one owner`(_ engine: Engine) async throws {
        try await FreshStore.with(engine) { house async throws in
            let store = house.store
            let ada = try await house.person("ada", .owner)
            let bob = try await house.person("bob", .owner)
            let outcomes = await withTaskGroup(of: Failure.Kind?.self) { group in
                for id in [ada.id, bob.id] {
                    group.addTask {
                        await failure { try await store.users.change(house.workspace, id, to: .member) }?.kind
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(Set(outcomes) == [nil, .conflict])
            let owners = try await store.users.list(house.workspace).filter { $0.role == .owner }
            #expect(owners.count == 1)
            await refuses(.conflict) { try await store.users.remove(house.workspace, owners[0].id) }
        }
    }

    @Test(arguments: Store.Role.allCases, Store.Role.allCases)
    func `is managed from above`(_ actor: Store.Role, _ other: Store.Role) {
        let below: [Store.Role: Set<Store.Role>] = [
            .owner: Set(Store.Role.allCases), .admin: [.member, .viewer],
        ]
        #expect(actor.mayManage(other) == (below[actor]?.contains(other) ?? false))
    }

    @Test(arguments: Engine.allCases)
    func `is offered once, by a token that is kept nowhere`(_ engine: Engine) async throws {
        try await FreshStore.with(engine) { house async throws in
            let invitations = house.store.invitations
            let ada = try await house.person("ada", .owner)
            let start = Moment.now
            let entry = try Store.Invitations.Entry(
                workspace: house.workspace, email: Email("Bob@example.org"), role: .admin, invitedBy: ada.id,
                at: start)
            let token = try await invitations.create(entry)
            #expect(try await invitations.find(token) == entry)
            #expect(try await invitations.find(token + "x") == nil)
            #expect(try await invitations.find(token, at: start + Store.Invitations.life) == nil)
            #expect(try await invitations.list(house.workspace) == [entry])
            #expect(try await invitations.list(house.other) == [])
            #expect(!"\(try await house.database.query("select * from invitations"))".contains(token))
            await refuses(.missing) { try await invitations.revoke(house.other, entry.id) }
            try await invitations.accept(entry)
            await refuses(.missing) { try await invitations.accept(entry) }
            #expect(try await invitations.find(token) == nil)
            let member = try Store.Invitations.Entry(
                workspace: house.workspace, email: Email("ada@example.org"), role: .viewer, invitedBy: ada.id)
            let known = await failure { try await invitations.create(member) }
            #expect(known?.kind == .conflict && known?.pointer == "/email")
        }
    }
}

@Suite struct `A secret of the house` {
    @Test(arguments: Engine.allCases)
    func `is one, however many make it at once`(_ engine: Engine) async throws {
        try await FreshStore.with(engine) { house async throws in
            let secrets = house.store.secrets
            let values = try await withThrowingTaskGroup(of: String.self) { group in
                for number in 0..<10 {
                    group.addTask { try await secrets.value("one", or: { "value \(number)" }) }
                }
                return try await group.reduce(into: Set()) { $0.insert($1) }
            }
            #expect(values.count == 1)
            #expect(try await secrets.value("two", or: { "other" }) == "other")
        }
    }
}
