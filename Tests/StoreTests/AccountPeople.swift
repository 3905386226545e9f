import Accounts
import Core
import Store
import TestHouse

/// People for the tests of accounts, who log in without the cost of a real hash.
extension FreshStore {
    static let hash = PasswordHash("$y$j9T$salt$hash")

    /// An account that is a member of `workspace`, or of ours.
    func person(
        _ name: String, _ role: Store.Role = .member, in workspace: ID? = nil
    ) async throws -> Store.Users.Entry {
        let account = try await account(name)
        return try await store.users.enroll(account, in: workspace ?? self.workspace, as: role)
    }

    func account(_ name: String) async throws -> Store.Accounts.Entry {
        guard let hash = Self.hash else { throw Failure(.broken, "no hash") }
        let account = try Store.Accounts.Entry(
            email: Email("\(name)@example.org"), profile: Profile(name: name), hash: hash)
        try await store.accounts.create(account)
        return account
    }

    /// A session of somebody, with its first token.
    func login(_ user: Store.Users.Entry, at now: Moment = .now) async throws -> (ID, RefreshToken) {
        let session = Store.Sessions.Entry(
            account: user.account ?? ID(), workspace: user.workspace, userAgent: "test", ip: "127.0.0.1",
            at: now)
        try await store.sessions.open(session)
        return (session.id, try await store.refreshTokens.begin(session.id, at: now))
    }
}

extension Store.RefreshTokens.Exchange {
    var token: RefreshToken? { if case .child(let token, _, _, _) = self { token } else { nil } }
}
