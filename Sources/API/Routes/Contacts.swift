import Core
import Store
import Workspace

extension Routes {
    /// `/api/communications/contacts`: with whom the workspace talks.
    enum Contacts {
        static let resource = Resource(.contacts, at: "/api/communications/contacts")
        static let routes = resource.routes
        static let schemas = resource.schemas
    }
}
