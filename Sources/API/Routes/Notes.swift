import Core
import Store
import Workspace

extension Routes {
    /// `/api/notes`: what people write down, for themselves unless they share it.
    enum Notes {
        static let resource = Resource(.notes, at: "/api/notes")
        static let routes = resource.routes
        static let schemas = resource.schemas
    }
}
