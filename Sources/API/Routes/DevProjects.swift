import Core
import Store
import Workspace

extension Routes {
    /// `/api/dev-projects`: the software that is worked on.
    enum DevProjects {
        static let resource = Resource(.devProjects, at: "/api/dev-projects")
        static let routes = resource.routes
        static let schemas = resource.schemas
    }
}
