import Core
import Integrations
import Store
import Workspace

/// Keeps the channels open by which Google tells at once that a calendar has changed: opens those that are
/// missing, opens another before one ends, and ends those that nobody wants any more.
///
/// It does so with every reading of the connection, so that a channel that is lost costs some minutes.
package struct SyncChannels: Sendable {
    /// How long a channel is asked for.
    static let life_s = 7 * 86_400
    /// How long before its end a channel is followed by another.
    package static let margin: Duration = .seconds(86_400)

    private let connection: Connection
    private let tools: Tools
    private let store: Store

    package init(_ connection: Connection, _ tools: Tools) {
        (self.connection, self.tools) = (connection, tools)
        store = tools.store.scoped(Scope(workspace: connection.workspace))
    }

    /// Does nothing where the provider has no channels, or cannot reach us: it calls an open hook at a public
    /// address.
    ///
    /// - Parameter streams: what is to be told about.
    package func renew(_ streams: [String], at now: Moment = .now) async throws {
        guard connection.provider.name == Provider.googleCalendar.name else { return }
        let calendar = GoogleCalendar(connection.line)
        let known = try await store.syncChannels.list(connection.id)
        let post = try await post()
        let wanted = post == nil ? [] : streams
        if let (address, secret) = post {
            for stream in wanted {
                let old = known.first { $0.stream == stream }
                guard old.map({ $0.expiresAt - now < Self.margin }) ?? true else { continue }
                let channel = GoogleCalendar.Channel(
                    id: ID().text.lowercased(), address: address, token: secret, life_s: Self.life_s)
                let made = try await calendar.watch(stream, channel)
                try await store.syncChannels.save(
                    .init(stream, channel: channel.id, resource: made.resource, expiresAt: made.expiresAt),
                    of: connection.id)
                if let old { try await calendar.stop(old.channel, resource: old.resource) }
            }
        }
        for old in known where !wanted.contains(old.stream) {
            try await calendar.stop(old.channel, resource: old.resource)
            try await store.syncChannels.delete(old, of: connection.id)
        }
    }

    /// Where Google is to call, and what it is to carry; nil where the connection's hook is closed.
    private func post() async throws -> (address: String, secret: String)? {
        guard let url = tools.publicURL,
            let hook = try await tools.store.hooks.find(connection.workspace, of: connection.id)
        else { return nil }
        let secrets = try await tools.connections.callSecrets(
            of: connection.id, named: ["webhook_secret"], in: connection.workspace)
        let base = url.hasSuffix("/") ? String(url.dropLast()) : url
        return secrets.first.map { ("\(base)/hooks/\(hook.provider)/\(hook.id)", $0) }
    }
}
