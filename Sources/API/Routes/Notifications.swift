import Core
import HTTPTypes
import Store
import Workspace

extension Routes {
    /// `/api/notifications`: what the caller should know. Nobody sees those of others.
    enum Notifications {
        static let resource: Resource = {
            var resource = Resource(.notifications, at: "/api/notifications")
            resource.narrowings = [unread]
            return resource
        }()

        static let routes = [
            resource.listed, resource.shown,
            Route(.put, "/api/notifications/{id}/read", "Note that one is read.", read).personal()
                .answering(200, "The notification as it is now.", "Notification"),
            Route(
                .post, "/api/notifications/{id}/acknowledge",
                "Take care of what one says, which ends its escalation for all who were told.", acknowledge
            ).personal().answering(200, "The notification as it is now.", "Notification"),
            Route(
                .post, "/api/notifications/read-all",
                "Note that all are read, or the oldest \(Store.Notifications.readLimit).", readAll
            )
            .personal().answering(200, "How many were not read before.", "NotificationsRead"),
        ]

        static let schemas =
            resource.schemas.filter { ["Notification", "NotificationPage"].contains($0.name) } + [
                .init("NotificationsRead", Schema.object(["read": Schema.count], required: ["read"]))
            ]

        private static let unread = Resource.Narrowing(
            parameter: Route.Parameter(
                name: "unread", about: "Only those that are not read yet, or that are.", schema: Schema.bool)
        ) { text, query in
            guard let isUnread = ["true": true, "false": false][text] else {
                throw Failure(.invalid, "The query parameter unread must be true or false.")
            }
            query.read(!isUnread)
        }

        static func read(_ call: Call) async throws -> Answer {
            resource.answer(try await call.store.notifications.read(call.id(of: "notification")))
        }

        static func acknowledge(_ call: Call) async throws -> Answer {
            resource.answer(try await call.store.notifications.acknowledge(call.id(of: "notification")))
        }

        static func readAll(_ call: Call) async throws -> Answer {
            Answer(["read": JSON(try await call.store.notifications.readAll())])
        }
    }
}
