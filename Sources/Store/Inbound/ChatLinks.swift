import Core
import SQL

extension Store {
    /// Which chat with a bot is whose; the store must have a scope.
    package struct ChatLinks: Sendable {
        let store: Store

        /// How long a code is good for.
        package static let life: Duration = .seconds(600)
        /// Codes that one person may have open with one connection.
        private static let most = 5
    }

    package var chatLinks: ChatLinks { ChatLinks(store: self) }
}

extension Store.ChatLinks {
    private var access: Access { store.access }

    private var workspace: ID {
        get throws {
            guard let scope = access.scope else { throw Failure(.broken, "Chat links need a scope.") }
            return scope.workspace
        }
    }

    /// The user whose chat it is; nil where nobody said so.
    package func user(of chat: String, _ connection: ID) async throws -> ID? {
        try await access.query(
            """
            select user_id from chat_links where workspace_id = $1 and connection_id = $2 and chat = $3
            """, [Value(try workspace), Value(connection), .text(chat)]
        ) { try $0.get("user_id", as: ID.self) }.first
    }

    /// Keeps the digest of a code for a user. Throws `limited` when they have too many open.
    package func offer(_ code: String, to user: ID, _ connection: ID, at now: Moment = .now) async throws {
        let workspace = Value(try workspace)
        try await store.transaction { store in
            try await store.access.execute(
                "delete from chat_codes where workspace_id = $1 and expires_at <= $2",
                [workspace, Value(now)])
            let open = try await store.access.query(
                "select code from chat_codes where workspace_id = $1 and user_id = $2",
                [workspace, Value(user)]
            ) { try $0.get("code", as: String.self) }
            guard open.count < Self.most else {
                throw Failure(
                    .limited, "\(Self.most) codes are open already; use one, or wait ten minutes.",
                    retryAfter: Self.life)
            }
            try await store.access.execute(
                """
                insert into chat_codes (workspace_id, connection_id, code, user_id, expires_at)
                values ($1, $2, $3, $4, $5)
                """,
                [workspace, Value(connection), .text(code), Value(user), Value(now + Self.life)])
        }
    }

    /// Uses up a code and makes the chat its user's; nil where the code is unknown, used or too old.
    package func redeem(
        _ code: String, by chat: String, _ connection: ID, at now: Moment = .now
    ) async throws -> ID? {
        let workspace = Value(try workspace)
        return try await store.transaction { store in
            let access = store.access
            let key = [workspace, Value(connection), .text(code)]
            let users = try await access.query(
                """
                select user_id from chat_codes
                where workspace_id = $1 and connection_id = $2 and code = $3 and expires_at > $4
                """, key + [Value(now)]
            ) { try $0.get("user_id", as: ID.self) }
            // Of two that use it at once, one deletes it.
            let count = try await access.execute(
                "delete from chat_codes where workspace_id = $1 and connection_id = $2 and code = $3", key)
            guard let user = users.first, count == 1 else { return nil }
            try await access.execute(
                """
                insert into chat_links (workspace_id, connection_id, chat, user_id, created_at)
                values ($1, $2, $3, $4, $5)
                on conflict (workspace_id, connection_id, chat) do update set
                    user_id = excluded.user_id, created_at = excluded.created_at
                """, [workspace, Value(connection), .text(chat), Value(user), Value(now)])
            return user
        }
    }
}
