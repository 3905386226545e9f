import Automation
import Core
import Store
import Workspace

/// The limit of the connection that a message goes through, which its job counts against.
enum ProviderLimit {
    /// Nil where the message goes through no connection.
    static func key(for writing: Store.Messages.Writing, _ call: Call) async throws -> String? {
        let values = writing.values
        var channel = values.text("channel")
        if channel == nil, let template = writing.template {
            channel = try await call.store.rows(.templates).find(template)?.values.text("channel")
        }
        if channel == nil, let earlier = values.id("in_reply_to") {
            channel = try await call.store.rows(.messages).find(earlier)?.values.text("channel")
        }
        return try await key(channel, values.id("connection_id"), call)
    }

    /// The same for a message that is written down already.
    static func key(for message: ID, _ call: Call) async throws -> String? {
        guard let values = try await call.store.rows(.messages).find(message)?.values else { return nil }
        return try await key(values.text("channel"), values.id("connection_id"), call)
    }

    private static func key(_ channel: String?, _ connection: ID?, _ call: Call) async throws -> String? {
        guard let provider = channel.flatMap({ Channel(rawValue: $0) })?.provider else { return nil }
        if let connection { return Connection.limit(provider, connection) }
        return try await call.store.connections.usual(provider).map { Connection.limit(provider, $0.id) }
    }
}
