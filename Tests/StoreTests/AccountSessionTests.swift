import Accounts
import Core
import SQL
import Store
import TestHouse
import Testing

@Suite struct `A session` {
    @Test(arguments: Engine.allCases)
    func `is its account's until it is revoked`(_ engine: Engine) async throws {
        try await FreshStore.with(engine) { house async throws in
            let sessions = house.store.sessions
            let (ada, bob) = (try await house.person("ada", .admin), try await house.person("bob"))
            let account = try #require(ada.account)
            let (first, _) = try await house.login(ada)
            let (second, _) = try await house.login(ada)
            let (other, _) = try await house.login(bob)
            let holder = try #require(try await sessions.find(first))
            #expect(holder.account == account && holder.user == ada.id && holder.role == .admin)
            #expect(try await Set(sessions.list(account).map(\.id)) == [first, second])
            await refuses(.missing) { try await sessions.revoke(account, other) }
            try await sessions.revoke(account, first)
            await refuses(.missing) { try await sessions.revoke(account, first) }
            #expect(try await sessions.find(first) == nil)
            #expect(try await sessions.find(second) != nil)
            let (third, _) = try await house.login(ada)
            #expect(try await sessions.revokeAll(of: account, except: third) == 1)
            #expect(try await sessions.list(account).map(\.id) == [third])
            #expect(try await sessions.find(other) != nil)
        }
    }

    @Test(arguments: Engine.allCases)
    func `ends with the membership, and is told to who holds connections`(_ engine: Engine) async throws {
        try await FreshStore.with(engine) { house async throws in
            let store = house.store
            _ = try await house.person("owner", .owner)
            let ada = try await house.person("ada", .admin)
            let start = Moment.now
            let (session, _) = try await house.login(ada)
            let key = try await store.keys.create(house.workspace, user: ada.id, name: "k")
            #expect(try await store.revocations.since(start) == [])
            try await store.keys.revoke(house.workspace, key.id)
            _ = try await store.users.change(house.workspace, ada.id, to: .viewer)
            #expect(try await store.sessions.find(session)?.role == .viewer)
            try await store.users.remove(house.workspace, ada.id)
            #expect(try await store.sessions.find(session) == nil)
            try await store.sessions.revoke(try #require(ada.account), session)
            let lost = try await store.revocations.since(start)
            #expect(lost.map(\.kind) == [.key, .user, .session])
            #expect(lost.map(\.id) == [key.id, ada.id, session])
            #expect(lost.allSatisfy { $0.workspace == house.workspace })
            #expect(try await store.revocations.since(Moment.now + .seconds(1)) == [])
            #expect(try await store.revocations.since(start, limit: 1).map(\.kind) == [.key])
        }
    }

    @Test(arguments: Engine.allCases)
    func `is one of a hundred at most`(_ engine: Engine) async throws {
        try await FreshStore.with(engine) { house async throws in
            let ada = try await house.person("ada")
            let (first, _) = try await house.login(ada)
            for _ in 1...Store.Sessions.most { _ = try await house.login(ada) }
            #expect(try await house.store.sessions.find(first) == nil)
            #expect(try await house.store.sessions.list(ada.account ?? ID()).count == Store.Sessions.most)
        }
    }

    @Test(arguments: Engine.allCases)
    func `that ended long ago is forgotten`(_ engine: Engine) async throws {
        try await FreshStore.with(engine) { house async throws in
            let ada = try await house.person("ada")
            _ = try await house.login(ada, at: Moment.now + .seconds(-200 * 86_400))
            _ = try await house.login(ada)
            for table in ["sessions", "refresh_tokens"] {
                let rows = try await house.database.query("select * from \(table)")
                #expect(rows.count == 1, "\(table)")
            }
        }
    }
}

@Suite struct `A refresh` {
    @Test(arguments: Engine.allCases)
    func `raced by fifty makes one child`(_ engine: Engine) async throws {
        try await FreshStore.with(engine) { house async throws in
            let (_, token) = try await house.login(house.person("ada"))
            let tokens = house.store.refreshTokens
            let children = try await withThrowingTaskGroup(of: RefreshToken?.self) { group in
                for _ in 0..<50 { group.addTask { try await tokens.exchange(token).token } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(children.count == 50 && Set(children).count == 1 && children.first != .some(nil))
            let rows = try await house.database.query("select * from refresh_tokens")
            #expect(rows.count == 2)
            #expect(!"\(rows)".contains(token.text))
        }
    }

    @Test(arguments: Engine.allCases)
    func `gives the same child within the grace, and after it ends the family`(
        _ engine: Engine
    ) async throws {
        try await FreshStore.with(engine) { house async throws in
            let store = house.store
            let ada = try await house.person("ada")
            let start = Moment.now
            let (session, token) = try await house.login(ada, at: start)
            let child = try #require(try await store.refreshTokens.exchange(token, at: start).token)
            let again = try await store.refreshTokens.exchange(token, at: start + .seconds(10)).token
            #expect(again == child)
            #expect(try await store.sessions.find(session) != nil)
            let late = try await store.refreshTokens.exchange(token, at: start + .seconds(11))
            #expect(late == .reused(session: session, account: ada.account ?? ID()))
            #expect(try await store.sessions.find(session) == nil)
            #expect(try await store.refreshTokens.exchange(child, at: start + .seconds(12)) == .refused)
            #expect(try await store.refreshTokens.exchange(token, at: start + .seconds(12)) == .refused)
            #expect(try await store.accounts.events(of: ada.account ?? ID()).map(\.event) == [.tokenReuse])
            #expect(try await store.refreshTokens.exchange(RefreshToken()) == .refused)
        }
    }

    @Test(arguments: Engine.allCases)
    func `prolongs a session thirty days at a time, ninety in all`(_ engine: Engine) async throws {
        try await FreshStore.with(engine) { house async throws in
            let tokens = house.store.refreshTokens
            let (start, day) = (Moment.now, Duration.seconds(86_400))
            let ada = try await house.person("ada")
            let (_, idle) = try await house.login(ada, at: start)
            #expect(try await tokens.exchange(idle, at: start + day * 30) == .refused)
            var (_, token) = try await house.login(ada, at: start)
            for days in [29, 58, 87] {
                token = try #require(try await tokens.exchange(token, at: start + day * days).token)
            }
            #expect(try await tokens.exchange(token, at: start + day * 90) == .refused)
        }
    }
}

@Suite struct `A wrong password` {
    @Test(arguments: Engine.allCases)
    func `costs nothing five times, then longer and longer`(_ engine: Engine) async throws {
        try await FreshStore.with(engine) { house async throws in
            let tries = house.store.loginTries
            var now = Moment.now
            for _ in 0..<5 { try await tries.begin("Ada@example.org", at: now) }
            var pauses: [Duration] = []
            for _ in 0..<7 {
                let refusal = await failure { try await tries.begin("ada@example.org", at: now) }
                #expect(refusal?.kind == .limited)
                let pause = try #require(refusal?.retryAfter)
                pauses.append(pause)
                now = now + pause
                try await tries.begin("ada@example.org", at: now)
            }
            #expect(pauses == [30, 60, 120, 240, 480, 960, 960].map { .seconds($0) })
            try await tries.begin("bob@example.org", at: now)
            try await tries.forgive("ada@example.org", at: now)
            for _ in 0..<5 { try await tries.begin("ada@example.org", at: now) }
            await refuses(.limited) { try await tries.begin("ada@example.org", at: now) }
            #expect(!"\(try await house.database.query("select * from login_tries"))".contains("ada"))
        }
    }

    @Test(arguments: Engine.allCases)
    func `is counted before it is looked at`(_ engine: Engine) async throws {
        try await FreshStore.with(engine) { house async throws in
            let tries = house.store.loginTries
            let entered = await withTaskGroup(of: Bool.self) { group in
                for _ in 0..<30 {
                    group.addTask { await failure { try await tries.begin("ada@example.org") } == nil }
                }
                return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
            }
            #expect(entered == Store.LoginTries.free)
            let later = Moment.now + Store.LoginTries.memory + .seconds(31)
            for _ in 0..<5 { try await tries.begin("ada@example.org", at: later) }
        }
    }
}

@Suite struct `A scoped key` {
    @Test(arguments: Engine.allCases)
    func `says what it is for, until it expires`(_ engine: Engine) async throws {
        try await FreshStore.with(engine) { house async throws in
            let keys = house.store.keys
            let ada = try await house.person("ada", .admin)
            let end = Moment.now + .seconds(60)
            let wish = Store.Keys.Wish(
                name: "ci", scopes: try Scopes(["tasks:read", "jobs:write"], at: ""), expiresAt: end)
            let made = try await keys.create(house.workspace, user: ada.id, wish)
            let holder = try #require(try await keys.find(made.plain))
            #expect(holder.scopes == wish.scopes && holder.expiresAt == end && holder.account == ada.account)
            #expect(try await keys.find(made.plain, at: end) == nil)
            #expect(try await keys.list(house.workspace, of: ada.id).map(\.scopes) == [wish.scopes])
            #expect(try await keys.list(house.workspace, of: ID()) == [])
            try await keys.revoke(house.workspace, made.id)
            #expect(try await keys.list(house.workspace, of: ada.id) == [])
            #expect(try await keys.list(house.workspace).count == 1)
        }
    }
}
