import Store
import Workspace

extension Routes {
    /// `/api/notification-channels`: where notifications go beside the application.
    enum NotificationChannels {
        static let resource = Resource(.notificationChannels, at: "/api/notification-channels")
        static let routes = resource.routes
        static let schemas = resource.schemas
    }
}
