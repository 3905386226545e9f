import Store
import Workspace

extension Routes {
    /// `/api/notification-escalations`: who is told next of what nobody acknowledges.
    enum NotificationEscalations {
        static let resource = Resource(.notificationEscalations, at: "/api/notification-escalations")
        static let routes = resource.routes
        static let schemas = resource.schemas
    }
}
