import Core
import Integrations
import Workspace

/// One way into a service outside, open for use.
package struct Connection: Sendable {
    package let id: ID
    package let workspace: ID
    package let provider: Provider
    package let name: String
    /// What is no secret, such as `from` or `subdomain`.
    package let settings: JSON
    /// The line its calls go over.
    package let line: Line

    /// The limit that every call through it counts against, over all workers.
    package var limit: String { Self.limit(provider.name, id) }

    package static func limit(_ provider: String, _ id: ID) -> String { "provider:\(provider):\(id)" }
}
