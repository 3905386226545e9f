import Accounts
import Core
import Curl
import Store
import TestHouse
import Testing

@testable import API

@Suite struct `A session` {
    @Test(arguments: Engine.allCases)
    func `is listed and revoked, elsewhere within a second`(_ engine: Engine) async throws {
        try await Running.with(engine) { house in
            let ada = try await house.register("ada")
            let login = try await house.login(ada).json
            let other = try #require(login["access_token"]?.string)
            let list =
                try await house.get("/api/auth/sessions", key: ada.access).json["sessions"]?.array ?? []
            #expect(list.count == 2)
            #expect(list.map { $0["is_current"]?.bool } == [false, true])
            #expect(list.allSatisfy { $0["ip"]?.string == "127.0.0.1" })
            let id = try #require(list[0]["id"]?.string.flatMap { ID($0) })
            #expect(try await house.get("/api/tasks", key: other).status == 200)
            // As another process would: this server is not told.
            let account = try #require(try await house.store.accounts.find(email: ada.email))
            try await house.store.sessions.revoke(account.id, id)
            #expect(try await house.seconds(until: 401, "/api/tasks", by: other) <= 1)
            #expect(try await house.delete("/api/auth/sessions/\(id)", key: ada.access).status == 404)
            #expect(try await house.get("/api/tasks", key: ada.access).status == 200)
        }
    }

    @Test func `ends at once by its owner, and by nobody else`() async throws {
        try await Running.with { house in
            let (ada, bob) = (try await house.register("ada"), try await house.register("bob"))
            let others = try await (house.login(ada), house.login(ada))
            let id = try #require(
                try await house.get("/api/auth/sessions", key: ada.access).json["sessions"]?.array?.first?[
                    "id"]?
                    .string)
            #expect(try await house.delete("/api/auth/sessions/\(id)", key: bob.access).status == 404)
            #expect(try await house.delete("/api/auth/sessions/\(id)", key: ada.access).status == 204)
            let ended = try await house.delete("/api/auth/sessions", key: ada.access)
            #expect(ended.json["ended"] == 1)
            for other in [others.0, others.1] {
                let access = other.json["access_token"]?.string ?? ""
                #expect(try await house.get("/api/tasks", key: access).status == 401)
            }
            #expect(try await house.get("/api/tasks", key: ada.access).status == 200)
        }
    }

    @Test(arguments: Engine.allCases)
    func `is prolonged by one of fifty`(_ engine: Engine) async throws {
        try await Running.with(engine) { house in
            let ada = try await house.register("ada")
            let body: JSON = ["refresh_token": .string(ada.refresh)]
            let answers = try await withThrowingTaskGroup(of: Heard.self) { group in
                for _ in 0..<50 { group.addTask { try await house.say("POST", "/api/auth/refresh", body) } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(answers.allSatisfy { $0.status == 200 })
            let children = Set(answers.map { $0.json["refresh_token"]?.string })
            #expect(children.count == 1 && !children.contains(ada.refresh) && !children.contains(nil))
            let next: JSON = ["refresh_token": .string(children.first.flatMap { $0 } ?? "")]
            let again = try await house.say("POST", "/api/auth/refresh", next)
            #expect(again.status == 200)
            #expect(again.json["workspace"]?["id"]?.string == ada.workspace)
            let access = again.json["access_token"]?.string ?? ""
            #expect(try await house.get("/api/tasks", key: access).status == 200)
        }
    }

    @Test func `ends with its whole family when a token comes back late`() async throws {
        try await Running.with { house in
            let ada = try await house.register("ada")
            let token = try #require(RefreshToken(ada.refresh))
            let early = Moment.now + .seconds(-60)
            let child = try await house.store.refreshTokens.exchange(token, at: early)
            guard case .child(let next, _, _, _) = child else { throw Failure(.broken, "\(child)") }
            for (text, status) in [(ada.refresh, 401), (next.text, 401), ("atom_r_x", 401), ("", 401)] {
                let answer = try await house.say(
                    "POST", "/api/auth/refresh", ["refresh_token": .string(text)])
                #expect(answer.status == status)
            }
            #expect(try await house.get("/api/tasks", key: ada.access).status == 401)
            let account = try #require(try await house.store.accounts.find(email: ada.email))
            #expect(try await house.store.accounts.events(of: account.id).first?.event == .tokenReuse)
        }
    }

    @Test func `is known by its own token only`() async throws {
        try await Running.with { house in
            let (ada, bob) = (try await house.register("ada"), try await house.register("bob"))
            let keyring = try Keyring(try await house.store.secrets.value("access tokens", or: { "" }))
            let token = try #require(keyring.read(ada.access))
            let other = try #require(keyring.read(bob.access))
            let forged = [
                AccessToken(account: other.account, workspace: token.workspace, session: token.session),
                AccessToken(account: token.account, workspace: other.workspace, session: token.session),
                AccessToken(account: token.account, workspace: token.workspace, session: ID()),
                AccessToken(
                    account: token.account, workspace: token.workspace, session: token.session,
                    issuedAt: Moment.now + .seconds(-901)),
            ]
            for token in forged {
                #expect(try await house.get("/api/tasks", key: keyring.sign(token)).status == 401)
            }
            let foreign = try Keyring(Keyring.fresh()).sign(token)
            let parts = ada.access.split(separator: ".")
            for text in [foreign, "\(parts[0]).\(parts[1]).", "\(parts[0]).\(parts[1])", ada.access + "A"] {
                #expect(try await house.get("/api/tasks", key: text).status == 401)
            }
            let inKeyHeader = try await house.ask(
                "GET", "/api/tasks", as: .init(type: nil, headers: ["X-API-Key": ada.access]))
            #expect(inKeyHeader.status == 401)
        }
    }

    @Test func `goes on in another workspace of its account`() async throws {
        try await Running.with { house in
            let ada = try await house.register("ada")
            let bob = try await house.invite("bob", as: "viewer", by: ada)
            #expect(bob.workspace == ada.workspace)
            let places = try await house.get("/api/auth/workspaces", key: bob.access).json["workspaces"]?
                .array
            #expect(places?.map { $0["role"]?.string } == ["owner", "viewer"])
            #expect(places?.map { $0["is_current"]?.bool } == [false, true])
            let own = places?.first?["id"] ?? .null
            #expect(try await house.say("POST", "/api/tasks", ["title": "x"], by: bob.access).status == 403)
            let moved = try await house.say(
                "POST", "/api/auth/switch", ["workspace_id": own], by: bob.access)
            #expect(moved.status == 200 && moved.json["workspace"]?["id"] == own)
            let access = moved.json["access_token"]?.string ?? ""
            #expect(try await house.say("POST", "/api/tasks", ["title": "x"], by: access).status == 201)
            let stranger = try await house.register("eve")
            let refused = try await house.say(
                "POST", "/api/auth/switch", ["workspace_id": own], by: stranger.access)
            #expect(refused.refusal == "404 /workspace_id")
            let login = try await house.say(
                "POST", "/api/auth/login",
                [
                    "email": .string(bob.email), "password": .string(bob.password),
                    "workspace_id": .string(ada.workspace),
                ])
            #expect(login.json["workspace"]?["id"]?.string == ada.workspace)
        }
    }
}

@Suite struct `A key of one's own` {
    @Test(arguments: Engine.allCases)
    func `is shown once, listed and revoked`(_ engine: Engine) async throws {
        try await Running.with(engine) { house in
            let ada = try await house.register("ada")
            let made = try await house.say(
                "POST", "/api/auth/keys", ["name": "ci", "scopes": ["tasks:read"]], by: ada.access)
            #expect(made.status == 201)
            let (key, path) = (try #require(made.json["key"]?.string), try #require(made["location"]))
            #expect(try await house.get("/api/tasks", key: key).status == 200)
            let list = try await house.get("/api/auth/keys", key: ada.access)
            #expect(list.json["keys"]?.array?.count == 1 && !list.text.contains(key))
            #expect(list.json["keys"]?.array?.first?["last_used_at"] != .null)
            #expect(try await house.delete(path, key: house.key).status == 404)
            let id = try #require(made.json["id"]?.string.flatMap { ID($0) })
            let workspace = try #require(ID(ada.workspace))
            // As another process would: this server is not told.
            try await house.store.keys.revoke(workspace, id)
            #expect(try await house.seconds(until: 401, "/api/tasks", by: key) <= 1)
            #expect(try await house.delete(path, key: ada.access).status == 404)
        }
    }

    @Test func `does what its scopes say and gives no more than it has`() async throws {
        try await Running.with { house in
            let ada = try await house.register("ada")
            let key = { (scopes: JSON, maker: String) in
                try await house.say("POST", "/api/auth/keys", ["name": "k", "scopes": scopes], by: maker)
            }
            let tasks = try await key(["tasks:read", "auth:write"], ada.access).json["key"]?.string ?? ""
            #expect(try await house.get("/api/tasks", key: tasks).status == 200)
            #expect(try await house.say("POST", "/api/tasks", ["title": "x"], by: tasks).status == 403)
            #expect(try await house.get("/api/projects", key: tasks).status == 403)
            #expect(try await key(["*"], tasks).refusal == "403 /scopes")
            #expect(try await key(["tasks:write"], tasks).refusal == "403 /scopes")
            #expect(try await key(["tasks:read"], tasks).status == 201)
            #expect(
                try await house.say(
                    "POST", "/api/auth/switch", ["workspace_id": .string(ada.workspace)], by: tasks
                ).status == 403)
            let writer = try await key(["tasks:write"], ada.access).json["key"]?.string ?? ""
            #expect(try await house.say("POST", "/api/tasks", ["title": "x"], by: writer).status == 201)
            #expect(try await house.get("/api/auth/keys", key: writer).status == 403)
            let reader = try await key(["read"], ada.access).json["key"]?.string ?? ""
            #expect(try await house.get("/api/projects", key: reader).status == 200)
            #expect(try await house.say("POST", "/api/projects", ["name": "x"], by: reader).status == 403)
            // A model reads for whoever asks it: only what they may read.
            let chat = { (key: String) in
                try await house.say("POST", "/ai/chat", ["message": "x"], by: key).status
            }
            let areas: [JSON] = ["tasks:read", "projects:read", "calendar:read", "communications:read"]
            let blind = try await key(["ai:write", "tasks:read"], ada.access).json["key"]?.string ?? ""
            #expect(try await chat(blind) == 403)
            let asker = try await key(.array(["ai:write"] + areas), ada.access).json["key"]?.string ?? ""
            #expect(try await chat(asker) == 202)
            #expect(try await key(["tasks"], ada.access).refusal == "422 /scopes/0")
            #expect(try await key([], ada.access).refusal == "422 /scopes")
        }
    }

    @Test func `ends when it says, and hands on no longer life`() async throws {
        try await Running.with { house in
            let ada = try await house.register("ada")
            let end = Moment.now + .seconds(2)
            let made = try await house.say(
                "POST", "/api/auth/keys", ["name": "k", "expires_at": .string(end.text)], by: ada.access)
            let key = try #require(made.json["key"]?.string)
            #expect(try await house.get("/api/tasks", key: key).status == 200)
            let child = try await house.say("POST", "/api/auth/keys", ["name": "child"], by: key)
            #expect(child.json["expires_at"] == made.json["expires_at"])
            #expect(try await house.seconds(until: 401, "/api/tasks", by: key) <= 3)
            #expect(Moment.now >= Moment(milliseconds: end.milliseconds))
            let past = try await house.say(
                "POST", "/api/auth/keys", ["name": "k", "expires_at": "2020-01-01T00:00:00Z"], by: ada.access)
            #expect(past.refusal == "422 /expires_at")
        }
    }
}
