import Core
import Store
import Workspace

extension Routes {
    /// `/api/projects`: the goals that tasks are gathered under. The tasks of a deleted one stay, without it.
    enum Projects {
        static let resource = Resource(.projects, at: "/api/projects")
        static let routes = resource.routes
        static let schemas = resource.schemas
    }
}
