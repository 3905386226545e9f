import Core

@testable import Workspace

/// A small workspace that a test grows task by task; ids and times are fixed, so that every run is the same.
enum Garden {
    /// 2026-11-20T12:00:00Z
    static let now = Moment(milliseconds: 1_795_176_000_000)
    static let workspace = ID(milliseconds: 1)

    static func days(_ number: Double) -> Moment {
        now + .seconds(Int64(number * 86_400))
    }

    /// The id of task or project `number`.
    static func id(_ number: Int) -> ID {
        let digits = String(number)
        return ID("01" + String(repeating: "0", count: 24 - digits.count) + digits) ?? ID(milliseconds: 0)
    }

    static func task(
        _ number: Int, _ title: String? = nil, _ status: ProjectTask.Status = .todo,
        _ priority: ProjectTask.Priority = .medium, project: Int? = nil, by person: String? = "Ada",
        estimate: Double? = 1, spent: Double? = nil, due: Double? = nil, created: Double = -5,
        changed: Double = -1, done: Double? = nil, after: [Int] = []
    ) -> ProjectTask {
        ProjectTask(
            id: id(number), workspace: workspace, title: title ?? names[number % names.count] + " \(number)",
            status: status, priority: priority, project: project.map(id), assignedTo: person,
            timeEstimate: estimate, timeSpent: spent, dueDate: due.map(days), completedAt: done.map(days),
            createdAt: days(created), updatedAt: days(changed), dependsOn: after.map(id))
    }

    static func project(
        _ number: Int, _ name: String = "Pond", _ status: Project.Status = .active, deadline: Double? = nil
    ) -> Project {
        Project(
            id: id(number), workspace: workspace, name: name, status: status, deadline: deadline.map(days),
            createdAt: days(-100), updatedAt: days(-1))
    }

    static func report(
        _ tasks: [ProjectTask], projects: [Project] = [], seed: UInt64 = 1,
        thresholds: Thresholds = Thresholds()
    ) -> Report {
        Analysis(thresholds: thresholds).report(projects: projects, tasks: tasks, now: now, seed: seed)
    }

    static func find(
        _ kind: Finding.Kind, in tasks: [ProjectTask], projects: [Project] = []
    ) -> [Finding] {
        report(tasks, projects: projects).findings(kind)
    }

    // One word and a number: never taken for duplicates of each other.
    private static let names = ["Rose", "Fern", "Moss", "Ivy", "Lily"]
}

extension Finding {
    func number(_ name: String) -> JSON? { JSON.object(evidence.numbers)[name] }

    var ids: [ID] { evidence.tasks.map(\.id) }
}
