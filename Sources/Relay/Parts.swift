import Logging
import Queue

/// What every connection of a relay works with.
struct Parts: Sendable {
    let settings: Relay.Settings
    let exchange: Exchange
    let desk: Desk
    let queue: @Sendable (String) -> Queue
    let authenticate: @Sendable (String) async -> Relay.Principal?
    let log: Logger
}
