import Core
import Logging

/// Closes the connections of keys and sessions that were ended, soon after they were.
struct Bailiff: Sendable {
    /// What is asked for again: a revocation may be committed a while after its time was taken.
    private static let overlap: Duration = .seconds(5)

    let parts: Parts
    /// What ended since a moment.
    let revoked: @Sendable (Moment) async throws -> [Relay.Revocation]

    /// Runs until its task is cancelled. What it could not ask for once it asks for the next time.
    func run() async throws {
        var asked = Moment.now
        while !Task.isCancelled {
            try await Task.sleep(for: parts.settings.limits.revocationPeriod)
            let now = Moment.now
            var revocations: [Relay.Revocation] = []
            do {
                revocations = try await revoked(asked - Self.overlap)
                asked = now
            } catch let failure as Failure {
                parts.log.debug(
                    "the relay cannot learn what was revoked", metadata: ["error": "\(failure)"])
            }
            parts.exchange.end(revocations, at: now)
        }
    }
}
