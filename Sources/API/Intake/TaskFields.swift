import Core
import Store
import Workspace

/// What a caller says of a task: what is left out stays as it is, null empties. Times are hours.
struct TaskFields: Decodable, Sendable {
    private let title: String?
    private let description: String?
    private let status: String?
    private let priority: String?
    private let project: ID??
    private let assignedTo: String??
    private let timeEstimate: Double??
    private let timeSpent: Double??
    private let dueDate: Moment??
    private let dependsOn: [ID]?

    enum CodingKeys: String, CodingKey {
        case title, description, status, priority
        case project = "project_id"
        case assignedTo = "assigned_to"
        case timeEstimate = "time_estimate"
        case timeSpent = "time_spent"
        case dueDate = "due_date"
        case dependsOn = "depends_on"
    }

    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        title = try fields.decodeIfPresent(String.self, forKey: .title)
        description = try fields.decodeIfPresent(String.self, forKey: .description)
        status = try fields.decodeIfPresent(String.self, forKey: .status)
        priority = try fields.decodeIfPresent(String.self, forKey: .priority)
        project = try fields.decodeGiven(ID.self, forKey: .project)
        assignedTo = try fields.decodeGiven(String.self, forKey: .assignedTo)
        timeEstimate = try fields.decodeGiven(Double.self, forKey: .timeEstimate)
        timeSpent = try fields.decodeGiven(Double.self, forKey: .timeSpent)
        dueDate = try fields.decodeGiven(Moment.self, forKey: .dueDate)
        dependsOn = try fields.decodeIfPresent([ID].self, forKey: .dependsOn)
    }

    static let properties: [JSON.Member] = [
        .init("title", Schema.text(ProjectTask.Limits.title)),
        .init("description", Schema.text(ProjectTask.Limits.description)),
        .init("status", Schema.choice(ProjectTask.Status.self)),
        .init("priority", Schema.choice(ProjectTask.Priority.self)),
        .init("project_id", Schema.optional(Schema.id)),
        .init("assigned_to", Schema.optional(Schema.text(ProjectTask.Limits.assignedTo))),
        .init("time_estimate", Schema.optional(Schema.number(ProjectTask.Limits.hours))),
        .init("time_spent", Schema.optional(Schema.number(ProjectTask.Limits.hours))),
        .init("due_date", Schema.optional(Schema.time)),
        .init("depends_on", Schema.list(Schema.id, most: ProjectTask.Limits.dependencies)),
    ]

    /// A new task with these fields. Throws `Failure(.invalid)`.
    func task(in workspace: ID, now: Moment = .now) throws -> ProjectTask {
        guard let title else { throw Failure(.invalid, "/title is missing.", at: "/title") }
        let status = try status.map(ProjectTask.status) ?? .todo
        let task = ProjectTask(
            id: ID(), workspace: workspace, title: title, description: description ?? "", status: status,
            priority: try priority.map(ProjectTask.priority) ?? .medium, project: project ?? nil,
            assignedTo: assignedTo ?? nil, timeEstimate: timeEstimate ?? nil, timeSpent: timeSpent ?? nil,
            dueDate: dueDate ?? nil, completedAt: status == .done ? now : nil, createdAt: now, updatedAt: now,
            dependsOn: dependsOn ?? [])
        try task.check()
        return task
    }

    /// The fields as a change of the task `id`. Throws `Failure(.invalid)`.
    func patch(of id: ID) throws -> Store.Tasks.Patch {
        if let title { try ProjectTask.check(title: title) }
        if let description { try ProjectTask.check(description: description) }
        try ProjectTask.check(assignedTo: assignedTo ?? nil)
        try ProjectTask.check(timeEstimate: timeEstimate ?? nil)
        try ProjectTask.check(timeSpent: timeSpent ?? nil)
        try ProjectTask.check(dependsOn: dependsOn ?? [], of: id)
        var patch = Store.Tasks.Patch()
        (patch.title, patch.description) = (title, description)
        patch.status = try status.map(ProjectTask.status)
        patch.priority = try priority.map(ProjectTask.priority)
        (patch.project, patch.assignedTo) = (project, assignedTo)
        (patch.timeEstimate, patch.timeSpent) = (timeEstimate, timeSpent)
        (patch.dueDate, patch.dependsOn) = (dueDate, dependsOn)
        return patch
    }

    /// Throws `.missing` when the project or a task it waits for is not in the workspace.
    func checkLinks(_ workspace: ID, _ store: Store) async throws {
        if let project = project ?? nil, try await store.projects.find(workspace, project) == nil {
            throw Failure(.missing, "There is no project \(project).", at: "/project_id")
        }
        for (index, id) in (dependsOn ?? []).enumerated()
        where try await store.tasks.find(workspace, id) == nil {
            throw Failure(.missing, "There is no task \(id).", at: "/depends_on/\(index)")
        }
    }
}
