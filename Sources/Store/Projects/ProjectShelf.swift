import Core
import SQL
import Workspace

extension Shelf {
    /// The projects. The tasks of one that is deleted stay, without a project.
    package static let projects: Shelf = {
        var shelf = Shelf(.project)
        shelf.settle = { change, store in
            guard change.after == nil, let project = change.before else { return }
            for shelf in [Shelf.tasks, .devProjects] {
                try await store.rows(shelf).empty("project_id", of: project.id, at: change.now)
            }
        }
        return shelf
    }()
}
