import Accounts
import Core
import Store

/// Who is asking, once a key or a session's token was shown.
package struct Principal: Sendable, Hashable {
    package let workspace: ID
    package let user: ID
    package let role: Store.Role
    /// Nil for a user who cannot log in.
    package var account: ID?
    /// Nil for a key.
    package var session: ID?
    /// Nil for a session.
    package var key: ID?
    package var scopes = Scopes.all
    /// When what was shown is good no longer; nil for a key without end.
    package var until: Moment?

    var mayWrite: Bool { role != .viewer }
    var mayOperate: Bool { role == .owner || role == .admin }

    init(_ holder: Store.Keys.Holder) {
        self.init(workspace: holder.workspace, user: holder.user, role: holder.role)
        (account, key) = (holder.account, holder.key)
        (scopes, until) = (holder.scopes, holder.expiresAt)
    }

    init(_ holder: Store.Sessions.Holder) {
        self.init(workspace: holder.workspace, user: holder.user, role: holder.role)
        (account, session) = (holder.account, holder.session)
    }

    init(workspace: ID, user: ID, role: Store.Role) {
        self.workspace = workspace
        self.user = user
        self.role = role
    }
}
