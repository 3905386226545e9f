import Core
import Store
import Workspace

/// Writes the rows of a task import, each batch together with how far the import has come.
package struct ImportDesk: Sendable {
    /// Bad rows listed; the others are only counted.
    package static let listed = 1_000

    private let store: Store
    private let project: ID?
    private var checkpoint: Store.Imports.Checkpoint
    /// Projects by name, as far as they were looked up.
    private var projects: [String: ID] = [:]

    /// - Parameter project: the project of rows that name none.
    package init(store: Store, project: ID?, checkpoint: Store.Imports.Checkpoint) {
        self.store = store.scoped(
            Scope(workspace: checkpoint.workspace, actor: "job:\(checkpoint.job)"))
        self.project = project
        self.checkpoint = checkpoint
    }

    /// How much of a file of `size` bytes is done.
    package func percent(of size: Int) -> Double {
        size == 0 ? 100 : (Double(checkpoint.offset) * 1_000 / Double(size)).rounded() / 10
    }

    package var summary: String { "\(checkpoint.created) tasks created, \(checkpoint.rejected) rows refused" }

    package func result(ignored: [String]) -> JSON {
        [
            "created": .integer(Int64(checkpoint.created)), "rejected": .integer(Int64(checkpoint.rejected)),
            "errors": checkpoint.errors, "ignored_columns": .array(ignored.map(JSON.string)),
        ]
    }

    /// Writes the tasks of some rows, their projects and the new place in one transaction.
    package mutating func write(_ rows: [(record: CSV.Record, row: TaskImport.Row)]) async throws {
        guard let last = rows.last else { return }
        var next = checkpoint
        (next.offset, next.line) = (last.record.next.offset, last.record.next.line)
        var (drafts, errors): ([TaskImport.Draft], [JSON]) = ([], next.errors.array ?? [])
        for (_, row) in rows {
            switch row {
            case .draft(let draft): drafts.append(draft)
            case .bad(let bad):
                next.rejected += 1
                if errors.count < Self.listed { errors.append(bad.json) }
            }
        }
        next.errors = .array(errors)
        (checkpoint, projects) = try await save(drafts, next)
    }

    private func save(
        _ drafts: [TaskImport.Draft], _ checkpoint: Store.Imports.Checkpoint
    ) async throws
        -> (Store.Imports.Checkpoint, [String: ID])
    {
        let (workspace, known, project) = (checkpoint.workspace, projects, project)
        return try await store.transaction { store in
            var (checkpoint, projects) = (checkpoint, known)
            for name in Set(drafts.compactMap(\.project)) where projects[name] == nil {
                projects[name] = try await Self.project(name, workspace, store, at: checkpoint.importedAt)
            }
            var ids = try await store.tasks.find(workspace, titled: drafts.flatMap(\.dependsOn))
            let fresh = drafts.map { (id: ID(), draft: $0) }
            for (id, draft) in fresh { ids[draft.title] = id }
            let bulk = try await store.tasks.create(
                fresh.map { id, draft in
                    let waits = draft.dependsOn.compactMap { ids[$0] }.filter { $0 != id }
                    let task = draft.task(
                        id: id, workspace: workspace,
                        project: draft.project.flatMap { projects[$0] } ?? project,
                        dependsOn: waits)
                    return .init(task, key: draft.importKey)
                })
            checkpoint.created += bulk.created.count
            try await store.imports.save(checkpoint)
            return (checkpoint, projects)
        }
    }

    /// The project of that name, made if there is none.
    private static func project(
        _ name: String, _ workspace: ID, _ store: Store, at now: Moment
    ) async throws -> ID {
        if let known = try await store.projects.find(workspace, named: name) { return known.id }
        return try await store.rows(.projects).create(Values(["name": .string(name)]), at: now).id
    }
}
