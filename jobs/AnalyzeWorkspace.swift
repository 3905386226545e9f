import Automation
import Core
import Store
import Work
import Workspace

/// Computes what deserves attention in a workspace: each finding with the evidence it rests on. No model
/// writes prose.
struct AnalyzeWorkspace: Job {
    static let name = "analyze_workspace"
    static let policy = Policy(attempts: 3, timeout: .seconds(600))

    /// Looks at one project only.
    let project_id: ID?
    /// Rules the draws of the forecast, for repeatable reports; the job's id does when it is missing.
    let seed: UInt64?

    func run(_ context: Context<Tools>) async throws -> Outcome {
        let (workspace, store) = (try context.owner, context.tools.store)
        let projects = try await projects(of: workspace, store)
        try await context.progress(20, "\(projects.count) projects read")
        let tasks = try await store.tasks.all(workspace).filter {
            project_id == nil || $0.project == project_id
        }
        try await context.progress(50, "\(tasks.count) tasks read")
        let report = Analysis().report(
            projects: projects, tasks: tasks, now: context.now, seed: seed ?? UInt64(context.id.milliseconds))
        try await context.progress(100, report.headline)
        return .result(["report": report.json, "text": .string(report.text), "html": .string(report.html)])
    }

    private func projects(of workspace: ID, _ store: Store) async throws -> [Project] {
        var (all, page) = ([Project](), Store.Page(limit: Store.Page.most))
        while true {
            let some = try await store.projects.list(workspace, page)
            all += some
            guard some.count == page.limit, let last = some.last else { break }
            page = Store.Page(limit: page.limit, after: last.id)
        }
        guard let project_id else { return all }
        guard let project = all.first(where: { $0.id == project_id }) else {
            throw Failure(.missing, "There is no project \(project_id).", at: "/arguments/project_id")
        }
        return [project]
    }
}
