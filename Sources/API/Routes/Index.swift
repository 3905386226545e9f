import Core
import HTTPTypes

extension Routes {
    /// `/`: where to begin.
    enum Index {
        static let routes = [
            Route(.get, "/", "Name the doors of this house.", show).open()
                .answering(Route.Reply(status: 200, about: "Links.", schema: Schema.object))
        ]

        static func show(_ call: Call) async throws -> Answer {
            Answer([
                "name": "Atom", "version": .string(call.office.settings.version), "jobs": "/api/jobs",
                "queues": "/api/queues", "projects": "/api/projects", "tasks": "/api/tasks",
                "messages": "/api/outbox/messages", "health": "/api/health/status", "metrics": "/metrics",
                "openapi": "/openapi.json",
            ])
        }
    }
}
