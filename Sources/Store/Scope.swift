import Core

/// For whom a store works: whose rows it sees, and who is written down for each change.
package struct Scope: Sendable, Hashable {
    package let workspace: ID
    /// The person who asks; nil for jobs and for the house itself, which see every row of the workspace.
    package let user: ID?
    /// Who the journal names: `user:<id>`, `job:<id>` or `system`.
    package let actor: String
    /// The request in which it happens.
    package let request: String?

    package init(workspace: ID, user: ID? = nil, actor: String = "system", request: String? = nil) {
        self.workspace = workspace
        self.user = user
        self.actor = actor
        self.request = request
    }
}
