import Accounts
import Core
import HTTPTypes
import Hummingbird
import Store

/// What a caller goes on with: tokens, and who they are of.
struct Grant: Sendable {
    let session: ID
    let account: ID
    let refresh: RefreshToken
    let user: Store.Users.Entry
    let workspace: Store.Workspaces.Entry

    /// The answer that hands out the tokens. It is stored nowhere on its way.
    func answer(_ office: Office, _ status: HTTPResponse.Status = .ok) async throws -> Answer {
        let token = AccessToken(account: account, workspace: workspace.id, session: session)
        return Answer(
            status,
            [
                "access_token": .string(try await office.mint.sign(token)),
                "refresh_token": .string(refresh.text), "token_type": "Bearer",
                "expires_in": .integer(Int64(AccessToken.life.seconds)), "user": user.json,
                "workspace": workspace.json,
            ])
    }
}

extension Call {
    /// Begins a session of an account in the workspace that `user` is a member of; within a transaction.
    func begin(_ account: ID, as user: Store.Users.Entry, _ store: Store) async throws -> Grant {
        let session = Store.Sessions.Entry(
            account: account, workspace: user.workspace,
            userAgent: request.headers[.userAgent] ?? "", ip: peer)
        try await store.sessions.open(session)
        guard let workspace = try await store.workspaces.find(user.workspace) else {
            throw Failure(.missing, "There is no such workspace.")
        }
        return Grant(
            session: session.id, account: account,
            refresh: try await store.refreshTokens.begin(session.id), user: user, workspace: workspace)
    }

    /// Whose call this is. Throws for callers that nobody logs in as.
    var account: ID {
        get throws {
            guard let account = principal?.account else {
                throw Failure(
                    .forbidden, "This key's user has no account. POST /api/auth/register makes one.")
            }
            return account
        }
    }

    /// The session that asks. Throws for keys.
    var session: ID {
        get throws {
            guard let session = principal?.session else {
                throw Failure(.forbidden, "This takes the access token of a login; a key is not enough.")
            }
            return session
        }
    }

    /// Throws unless `password` is the account's; wrong ones are counted as those at the login.
    func confirm(
        _ account: Store.Accounts.Entry, _ password: String, at pointer: String
    ) async throws {
        try await office.store.loginTries.begin(account.email)
        guard try await office.passwords.check(password, against: account.hash) != .wrong else {
            throw Failure(.forbidden, "This is not the password of the account.", at: pointer)
        }
        try await office.store.loginTries.forgive(account.email)
    }
}

extension Store.Users.Entry {
    /// The member as the API shows it.
    var json: JSON {
        [
            "id": JSON(id), "email": .string(email), "name": .string(name), "role": JSON(role),
            "created_at": JSON(createdAt),
        ]
    }

    static let schema = Schema.object(
        [
            "id": Schema.id, "email": Schema.string, "name": Schema.string,
            "role": Schema.choice(Store.Role.self), "created_at": Schema.time,
        ], required: ["id", "email", "name", "role", "created_at"])
}

extension Store.Workspaces.Entry {
    /// The workspace as the API shows it.
    var json: JSON {
        [
            "id": JSON(id), "name": .string(name), "created_at": JSON(createdAt), "version": JSON(version),
        ]
    }

    static let schema = Schema.object(
        [
            "id": Schema.id, "name": Schema.string, "created_at": Schema.time, "version": Schema.count,
        ], required: ["id", "name", "created_at", "version"])
}
