import Core
import HTTPTypes
import Store

extension Routes {
    /// `/api/auth/sessions`: where somebody is logged in.
    enum AuthSessions {
        static let routes = [
            Route(.get, "/api/auth/sessions", "List your sessions, newest first.", list).personal()
                .answering(200, "The sessions.", "Sessions"),
            Route(.delete, "/api/auth/sessions", "End all your sessions but this one.", endOthers)
                .personal().answering(200, "How many ended.", "SessionsEnded"),
            Route(.delete, "/api/auth/sessions/{id}", "End one of your sessions.", end).personal()
                .answering(204, "Ended: within a second in every process."),
        ]

        static let schemas: [JSON.Member] = [
            .init(
                "Session",
                Schema.object(
                    [
                        "id": Schema.id, "workspace_id": Schema.id, "user_agent": Schema.string,
                        "ip": Schema.string, "created_at": Schema.time, "last_seen_at": Schema.time,
                        "expires_at": Schema.time, "is_current": Schema.bool,
                    ],
                    required: [
                        "id", "workspace_id", "user_agent", "ip", "created_at", "last_seen_at", "expires_at",
                        "is_current",
                    ])),
            .init(
                "Sessions",
                Schema.object(["sessions": Schema.list(Schema.named("Session"))], required: ["sessions"])),
            .init("SessionsEnded", Schema.object(["ended": Schema.count], required: ["ended"])),
        ]

        static func list(_ call: Call) async throws -> Answer {
            let sessions = try await call.office.store.sessions.list(call.account)
            let current = call.principal?.session
            return Answer(["sessions": .array(sessions.map { $0.json(isCurrent: $0.id == current) })])
        }

        static func end(_ call: Call) async throws -> Answer {
            try await call.office.store.sessions.revoke(call.account, call.id(of: "session"))
            call.office.doorkeeper.forget()
            return .empty
        }

        static func endOthers(_ call: Call) async throws -> Answer {
            let ended = try await call.office.store.sessions.revokeAll(
                of: call.account, except: call.principal?.session)
            call.office.doorkeeper.forget()
            return Answer(["ended": JSON(ended)])
        }
    }
}

extension Store.Sessions.Entry {
    fileprivate func json(isCurrent: Bool) -> JSON {
        [
            "id": JSON(id), "workspace_id": JSON(workspace), "user_agent": .string(userAgent),
            "ip": .string(ip), "created_at": JSON(createdAt), "last_seen_at": JSON(lastSeenAt),
            "expires_at": JSON(expiresAt), "is_current": .bool(isCurrent),
        ]
    }
}
