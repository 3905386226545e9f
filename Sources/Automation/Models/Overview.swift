import Core
import Store
import Workspace

/// Reads a workspace and has it analysed.
package struct Overview: Sendable {
    private let store: Store
    private let workspace: ID
    /// Looks at one project only.
    private let project: ID?

    package init(_ store: Store, _ workspace: ID, project: ID? = nil) {
        self.store = store
        self.workspace = workspace
        self.project = project
    }

    /// - Parameters:
    ///   - seed: rules the draws of the forecast.
    ///   - told: hears how far it is, in percent and words.
    package func report(
        seed: UInt64, at now: Moment = .now, told: (Double, String) async throws -> Void = { _, _ in }
    ) async throws -> Report {
        let projects = try await projects()
        try await told(20, "\(projects.count) projects read")
        let tasks = try await store.tasks.all(workspace).filter {
            project == nil || $0.project == project
        }
        try await told(50, "\(tasks.count) tasks read")
        return Analysis().report(projects: projects, tasks: tasks, now: now, seed: seed)
    }

    private func projects() async throws -> [Project] {
        var (all, page) = ([Project](), Store.Page(limit: Store.Page.most))
        while true {
            let some = try await store.projects.list(workspace, page)
            all += some
            guard some.count == page.limit, let last = some.last else { break }
            page = Store.Page(limit: page.limit, after: last.id)
        }
        guard let project else { return all }
        guard let found = all.first(where: { $0.id == project }) else {
            throw Failure(.missing, "There is no project \(project).", at: "/arguments/project_id")
        }
        return [found]
    }
}
