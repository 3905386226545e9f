import Accounts
import Core
import HTTPTypes
import Store

extension Routes {
    /// `/api/auth/keys`: what programs show instead of a login.
    enum APIKeys {
        static let routes = [
            Route(.get, "/api/auth/keys", "List your API keys here, newest first.", list).personal()
                .answering(200, "The keys, without the keys themselves.", "Keys"),
            Route(
                .post, "/api/auth/keys", "Make an API key that may do what you may, or less.", create
            ).personal().taking("KeyRequest").answering(201, "The key, shown this once.", "KeyShown"),
            Route(
                .delete, "/api/auth/keys/{id}", "Revoke a key of yours; owners and admins, anybody's.",
                revoke
            ).personal().answering(204, "Revoked: within a second in every process."),
        ]

        private static let scope: JSON = [
            "type": "string", "pattern": #"^(\*|read|write|[a-z_-]{1,40}:(read|write))$"#,
            "examples": ["tasks:read"],
        ]

        private static let shown: [JSON.Member] = [
            .init("id", Schema.id), .init("name", Schema.string), .init("scopes", Schema.list(scope)),
            .init("created_at", Schema.time), .init("expires_at", Schema.optional(Schema.time)),
            .init("last_used_at", Schema.optional(Schema.time)),
        ]

        static let schemas: [JSON.Member] = [
            .init("Key", Schema.object(.object(shown), required: shown.map(\.name))),
            .init("Keys", Schema.object(["keys": Schema.list(Schema.named("Key"))], required: ["keys"])),
            .init(
                "KeyShown",
                Schema.object(
                    .object(shown + [.init("key", Schema.string)]), required: shown.map(\.name) + ["key"])),
            .init(
                "KeyRequest",
                Schema.request(
                    [
                        "name": Schema.text(Profile.nameLength),
                        "scopes": Schema.list(scope, most: Scopes.most),
                        "expires_at": Schema.optional(Schema.time),
                    ], required: ["name"])),
        ]

        static func list(_ call: Call) async throws -> Answer {
            let keys = try await call.store.keys.list(call.workspace, of: call.principal?.user)
            return Answer(["keys": .array(keys.map { .object($0.members) })])
        }

        static func create(_ call: Call) async throws -> Answer {
            let request = try await call.json().decode(KeyRequest.self)
            let (workspace, principal) = (try call.workspace, try call.caller)
            let wish = try judging { try plan(request, principal) }
            let created = try await call.store.transaction { store in
                guard
                    try await store.keys.list(workspace, of: principal.user).count < Limits.keysOfUser
                else {
                    throw Failure(
                        .conflict, "You have \(Limits.keysOfUser) keys. Revoke one that is not used.")
                }
                return try await store.keys.create(workspace, user: principal.user, wish)
            }
            return Answer(.created, .object(created.entry.members + [.init("key", .string(created.plain))]))
                .with(.location, "/api/auth/keys/\(created.id)")
        }

        /// A key made with a key has no more scopes and no longer life than that one.
        private static func plan(
            _ request: KeyRequest, _ principal: Principal, now: Moment = .now
        ) throws -> Store.Keys.Wish {
            try Profile.check(name: request.name, at: "/name")
            let scopes =
                try request.scopes.map { words throws(Failure) in try Scopes(words, at: "/scopes") }
                ?? principal.scopes
            guard principal.scopes.include(scopes) else {
                throw Failure(.forbidden, "This key cannot give more than it has.", at: "/scopes")
            }
            if let end = request.expiresAt, end <= now {
                throw Failure(
                    .invalid, "expires_at is in the past: it is \(now.text) now.", at: "/expires_at")
            }
            let ends = [request.expiresAt, principal.key == nil ? nil : principal.until].compactMap { $0 }
            return Store.Keys.Wish(name: request.name, scopes: scopes, expiresAt: ends.min())
        }

        static func revoke(_ call: Call) async throws -> Answer {
            let principal = try call.caller
            try await call.store.keys.revoke(
                call.workspace, call.id(of: "key"), of: principal.mayOperate ? nil : principal.user)
            call.office.doorkeeper.forget()
            return .empty
        }
    }
}

extension Call {
    /// Who asks, where the route is not open.
    var caller: Principal {
        get throws {
            guard let principal else { throw Failure(.unauthorized, "This needs an API key.") }
            return principal
        }
    }
}

extension Store.Keys.Entry {
    fileprivate var members: [JSON.Member] {
        [
            .init("id", JSON(id)), .init("name", .string(name)),
            .init("scopes", .array(scopes.words.map { .string($0) })), .init("created_at", JSON(createdAt)),
            .init("expires_at", JSON(expiresAt)), .init("last_used_at", JSON(lastUsedAt)),
        ]
    }
}
