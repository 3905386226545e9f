import Core
import Integrations
import Store
import Workspace

/// Tells a provider where we are called, where it takes that through its API; others are told by a person.
package struct Registration: Sendable {
    private let connections: Connections
    private let workspace: ID

    package init(_ tools: Tools, in workspace: ID) {
        connections = tools.connections
        self.workspace = workspace
    }

    /// Has the provider call `url` with the secret of the connection from now on.
    ///
    /// - Returns: false where a person is to tell it.
    /// - Throws: `unavailable` where another try may help, `conflict` where it may not.
    package func open(_ id: ID, at url: String) async throws -> Bool {
        guard try await isBot(id) else { return false }
        let secrets = try await connections.callSecrets(of: id, named: ["webhook_secret"], in: workspace)
        guard let secret = secrets.first else { return false }
        let telegram = Telegram(try await connections.open(id, in: workspace).line)
        do { try await telegram.subscribe(url, secret: secret) } catch let failure as Failure {
            throw refused(failure, "The address is open here, but not known there; open it again then.")
        }
        return true
    }

    /// Has the provider call no more. One that takes no word of ours at all is not waited for.
    package func close(_ id: ID) async throws {
        guard try await isBot(id) else { return }
        do {
            try await Telegram(try await connections.open(id, in: workspace).line).unsubscribe()
        } catch let failure as Failure where failure.isWorthRetrying {
            throw refused(failure, "The address stays open; close it again then.")
        } catch is Failure {
            // The bot is gone, or we are locked out: it learns of it when its calls find nobody.
            return
        }
    }

    private func isBot(_ id: ID) async throws -> Bool {
        let row = try await connections.scoped(workspace).rows(.connections).require(id)
        return row["provider"].string == Provider.telegram.name
    }

    private func refused(_ failure: Failure, _ advice: String) -> Failure {
        Failure(
            failure.isWorthRetrying ? .unavailable : .conflict, "\(failure.message) \(advice)",
            cause: failure, retryAfter: failure.retryAfter)
    }
}
