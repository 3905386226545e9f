import Store
import Workspace

extension Routes {
    /// `/api/follow-up-rules`: what is followed up by itself.
    enum FollowUpRules {
        static let resource = Resource(.followUpRules, at: "/api/follow-up-rules")
        static let routes = resource.routes
        static let schemas = resource.schemas
    }
}
