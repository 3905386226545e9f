import Automation
import Queue

extension House {
    /// Holds the connections of each provider to its pace, where nobody has set a limit for them.
    func applyPaces() async throws { try await Paces.apply(to: Rules(on: redis, settings: queueSettings)) }
}
