import Core

/// One piece of work that somebody can finish.
package struct ProjectTask: Sendable, Hashable {
    /// Where a task stands.
    package enum Status: String, Sendable, Hashable, CaseIterable {
        case todo
        case inProgress = "in_progress"
        case done
    }

    /// How much a task matters.
    package enum Priority: String, Sendable, Hashable, CaseIterable {
        case low, medium, high
    }

    /// What a task's fields may hold: lengths in Unicode scalars, times in hours.
    package enum Limits {
        package static let title = 1...500
        package static let description = 0...20_000
        package static let assignedTo = 0...200
        package static let hours = 0.0...10_000.0
        /// The most tasks one task may wait for.
        package static let dependencies = 100
    }

    package let id: ID
    package let workspace: ID
    package var title: String
    package var description: String
    package var status: Status
    package var priority: Priority
    package var project: ID?
    package var assignedTo: String?
    /// Hours.
    package var timeEstimate: Double?
    /// Hours.
    package var timeSpent: Double?
    package var dueDate: Moment?
    package var completedAt: Moment?
    package let createdAt: Moment
    package var updatedAt: Moment
    package var version: Int
    /// The tasks that have to be done before this one.
    package var dependsOn: [ID]

    package init(
        id: ID, workspace: ID, title: String, description: String = "", status: Status = .todo,
        priority: Priority = .medium, project: ID? = nil, assignedTo: String? = nil,
        timeEstimate: Double? = nil, timeSpent: Double? = nil, dueDate: Moment? = nil,
        completedAt: Moment? = nil, createdAt: Moment, updatedAt: Moment, version: Int = 1,
        dependsOn: [ID] = []
    ) {
        self.id = id
        self.workspace = workspace
        self.title = title
        self.description = description
        self.status = status
        self.priority = priority
        self.project = project
        self.assignedTo = assignedTo
        self.timeEstimate = timeEstimate
        self.timeSpent = timeSpent
        self.dueDate = dueDate
        self.completedAt = completedAt
        self.createdAt = createdAt
        self.updatedAt = updatedAt
        self.version = version
        self.dependsOn = dependsOn
    }
}

extension ProjectTask {
    static func check(title: String) throws(Failure) {
        try Rule.text(title, Limits.title, at: "/title")
    }

    static func check(description: String) throws(Failure) {
        try Rule.text(description, Limits.description, at: "/description")
    }

    static func check(assignedTo: String?) throws(Failure) {
        if let assignedTo { try Rule.text(assignedTo, Limits.assignedTo, at: "/assigned_to") }
    }

    static func check(timeEstimate hours: Double?) throws(Failure) {
        if let hours { try Rule.number(hours, Limits.hours, at: "/time_estimate", unit: "hours") }
    }

    static func check(timeSpent hours: Double?) throws(Failure) {
        if let hours { try Rule.number(hours, Limits.hours, at: "/time_spent", unit: "hours") }
    }
}
