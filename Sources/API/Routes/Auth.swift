import Accounts
import Core
import HTTPTypes
import Hummingbird
import Logging
import Store

extension Routes {
    /// `/api/auth`: how somebody becomes known to this house, and stays it.
    enum Auth {
        static let routes = [
            Route(
                .post, "/api/auth/register",
                "Make an account with a workspace of its own; with the key of a user who has none, theirs.",
                register
            ).open().taking("Registration").answering(201, "Tokens.", "Grant")
                .refusing(401, "The key shown is not good.")
                .refusing(403, "The key shown makes no account."),
            Route(.post, "/api/auth/login", "Get tokens for an address and a password.", login).open()
                .taking("Login").answering(200, "Tokens.", "Grant")
                .refusing(401, "The address or the password is wrong.")
                .refusing(403, "The account is in no workspace."),
            Route(
                .post, "/api/auth/refresh", "Exchange a refresh token; each is good once.", refresh
            ).open().taking("Refresh").answering(200, "Tokens.", "Grant")
                .refusing(401, "The token is not good any more."),
            Route(.post, "/api/auth/logout", "End this session.", logout).personal()
                .answering(204, "Ended."),
        ]

        static let schemas: [JSON.Member] = [
            .init(
                "Registration",
                Schema.object(
                    [
                        "email": email, "password": password, "name": Schema.text(Profile.nameLength),
                        "workspace_name": Schema.text(Profile.nameLength),
                    ], required: ["email", "password", "name"])),
            .init(
                "Login",
                Schema.object(
                    [
                        "email": Schema.text(0...Email.longest), "password": Schema.string,
                        "workspace_id": Schema.id,
                    ],
                    required: ["email", "password"])),
            .init("Refresh", Schema.object(["refresh_token": Schema.string], required: ["refresh_token"])),
            .init(
                "Grant",
                Schema.object(
                    [
                        "access_token": Schema.string, "refresh_token": Schema.string,
                        "token_type": ["type": "string", "enum": ["Bearer"]], "expires_in": Schema.count,
                        "user": Schema.named("Member"), "workspace": Schema.named("Workspace"),
                    ],
                    required: [
                        "access_token", "refresh_token", "token_type", "expires_in", "user", "workspace",
                    ])),
        ]

        static let email: JSON = [
            "type": "string", "format": "email", "maxLength": .integer(Int64(Email.longest)),
        ]
        static let password = Schema.text(PasswordRule.length)

        static func register(_ call: Call) async throws -> Answer {
            let request = try await call.json().decode(RegisterRequest.self)
            let (email, profile) = try judging { try request.checked() }
            let office = call.office
            let known = try await keyHolder(of: call, email: email, request)
            let hash = try await office.passwords.hash(request.password)
            let account = Store.Accounts.Entry(
                id: known?.id ?? ID(), email: email, profile: profile, hash: hash)
            let grant = try await office.store.transaction { store in
                try await store.accounts.create(account)
                try await store.accounts.record(.registered, of: account.id)
                let user =
                    if let known {
                        try await store.users.attach(account.id, to: known)
                    } else { try await found(request.workspace, account, store) }
                return try await call.begin(account.id, as: user, store)
            }
            return try await grant.answer(office, .created)
        }

        /// The user whose key the call shows, who may make their account with it; nil where it shows none.
        private static func keyHolder(
            of call: Call, email: Email, _ request: RegisterRequest
        ) async throws -> Store.Users.Entry? {
            let (headers, office) = (call.request.headers, call.office)
            guard headers[.authorization] != nil || headers[.apiKey] != nil else { return nil }
            let holder = try await office.doorkeeper.principal(headers)
            let user = try await office.store.users.find(holder.workspace, holder.user)
            guard let user, user.account == nil, holder.scopes == .all else {
                throw Failure(.forbidden, "Show no token, or the unbounded key of a user without an account.")
            }
            guard user.email == email.text, request.workspaceName == nil else {
                throw Problem.senseless(
                    Failure(
                        .invalid, "With this key the address is its user's, and the workspace theirs.",
                        at: request.workspaceName == nil ? "/email" : "/workspace_name"))
            }
            return user
        }

        private static func found(
            _ name: String, _ account: Store.Accounts.Entry, _ store: Store
        ) async throws -> Store.Users.Entry {
            let workspace = Store.Workspaces.Entry(name: name)
            try await store.workspaces.create(workspace)
            return try await store.users.enroll(account, in: workspace.id, as: .owner)
        }

        static func login(_ call: Call) async throws -> Answer {
            let request = try await call.json().decode(LoginRequest.self)
            let (office, store) = (call.office, call.office.store)
            let account = try await prove(request, office)
            let places = try await store.users.memberships(of: account.id)
            let wanted = request.workspace.map { id in places.first { $0.workspace == id } } ?? places.first
            guard let user = wanted else {
                guard request.workspace == nil else {
                    throw Failure(.missing, "There is no such workspace.", at: "/workspace_id")
                }
                throw Failure(.forbidden, "This account is in no workspace. Ask for an invitation.")
            }
            return try await store.transaction { try await call.begin(account.id, as: user, $0) }
                .answer(office)
        }

        /// The account whose address and password these are. Unknown addresses are refused in the same words,
        /// after the same time and as often.
        static func prove(_ request: LoginRequest, _ office: Office) async throws -> Store.Accounts.Entry {
            let store = office.store
            try judging { try Rule.text(request.email, 0...Email.longest, at: "/email") }
            try await store.loginTries.begin(request.email)
            let account = try await store.accounts.find(email: request.email)
            let hash = account.flatMap { $0.isActive ? $0.hash : nil }
            let check = try await office.passwords.check(request.password, against: hash)
            guard let account, check != .wrong else {
                throw Failure(.unauthorized, "The address or the password is wrong.")
            }
            try await store.loginTries.forgive(request.email)
            if check == .outdated {
                try await store.accounts.setHash(
                    account.id, try await office.passwords.hash(request.password))
            }
            return account
        }

        static func refresh(_ call: Call) async throws -> Answer {
            let request = try await call.json().decode(RefreshRequest.self)
            let (office, store) = (call.office, call.office.store)
            let refusal = Failure(.unauthorized, "This refresh token is not good any more. Log in again.")
            guard let token = RefreshToken(request.token) else { throw refusal }
            switch try await store.refreshTokens.exchange(token) {
            case .refused: throw refusal
            case .reused(let session, let account):
                office.doorkeeper.forget()
                office.house.log.warning(
                    "authn_token_reuse", metadata: ["session": "\(session)", "account": "\(account)"])
                throw refusal
            case .child(let child, let session, let account, let workspace):
                guard let place = try await store.workspaces.find(workspace),
                    let holder = try await store.sessions.find(session),
                    let user = try await store.users.find(workspace, holder.user)
                else { throw refusal }
                let grant = Grant(
                    session: session, account: account, refresh: child, user: user, workspace: place)
                return try await grant.answer(office)
            }
        }

        static func logout(_ call: Call) async throws -> Answer {
            try await call.office.store.sessions.revoke(call.account, call.session)
            call.office.doorkeeper.forget()
            return .empty
        }
    }
}

extension Route {
    /// A refusal that is no surprise of this route.
    func refusing(_ status: Int, _ about: String) -> Route {
        answering(
            Reply(
                status: status, about: about, schema: Schema.named("Problem"),
                type: "application/problem+json"))
    }
}
