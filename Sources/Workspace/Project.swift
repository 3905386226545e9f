import Core

/// A goal with a deadline, under which tasks are gathered.
package struct Project: Sendable, Hashable {
    /// Where a project stands.
    package enum Status: String, Sendable, Hashable, CaseIterable {
        case active, completed
        case onHold = "on_hold"
    }

    /// The lengths, in Unicode scalars, that a project's texts may have.
    package enum Limits {
        package static let name = 1...200
        package static let description = 0...20_000
    }

    package let id: ID
    package let workspace: ID
    package var name: String
    package var description: String
    package var status: Status
    package var deadline: Moment?
    package let createdAt: Moment
    package var updatedAt: Moment
    package var version: Int

    package init(
        id: ID, workspace: ID, name: String, description: String = "", status: Status = .active,
        deadline: Moment? = nil, createdAt: Moment, updatedAt: Moment, version: Int = 1
    ) {
        self.id = id
        self.workspace = workspace
        self.name = name
        self.description = description
        self.status = status
        self.deadline = deadline
        self.createdAt = createdAt
        self.updatedAt = updatedAt
        self.version = version
    }
}
