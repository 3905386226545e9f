import Core
import HTTPTypes
import Store
import Workspace

extension Routes {
    /// `/api/integrations/{id}/health`: how the readings of a connection go, and what they could not take.
    enum ConnectionHealth {
        static let route = Route(
            .get, "\(Integrations.path)/{id}/health",
            "Show how the readings of a connection go, and what they could not take.", show
        ).answering(200, "The state of its readings.", "ConnectionHealth")

        static let schemas: [JSON.Member] = [
            .init(
                "ConnectionHealth",
                Schema.object(
                    [
                        "id": Schema.id, "status": Schema.choice(ConnectionStatus.self),
                        "health": ["type": "string", "enum": ["unknown", "ok", "failing"]],
                        "checked_at": Schema.optional(Schema.time),
                        "last_sync_at": Schema.optional(Schema.time),
                        "last_error": Schema.optional(Schema.string),
                        "refused": Schema.list(Schema.named("ConnectionRefusal")),
                    ],
                    required: [
                        "id", "status", "health", "checked_at", "last_sync_at", "last_error", "refused",
                    ])),
            .init("ConnectionRefusal", refusal),
        ]

        private static let refusal = Schema.object(
            [
                "stream": Schema.string, "kind": Schema.string, "remote_id": Schema.string,
                "reason": Schema.string, "refused_at": Schema.time,
            ], required: ["stream", "kind", "remote_id", "reason", "refused_at"])

        private static func show(_ call: Call) async throws -> Answer {
            let id = try call.id(of: "connection")
            let row = try await call.store.rows(.connections).require(id)
            let shown = ["status", "health", "checked_at", "last_sync_at", "last_error"]
            let refused = try await call.store.syncRefusals.list(id)
            return Answer(
                .object(
                    [.init("id", JSON(id))] + shown.map { .init($0, row[$0]) }
                        + [.init("refused", .array(refused.map(\.json)))]))
        }
    }
}

extension Store.SyncRefusals.Entry {
    fileprivate var json: JSON {
        [
            "stream": .string(stream), "kind": .string(name.kind), "remote_id": .string(name.id),
            "reason": .string(reason), "refused_at": JSON(at),
        ]
    }
}
