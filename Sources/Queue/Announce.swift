import Core
import Redis

/// A change of a row on its way to those who listen.
public struct Announcement: Sendable {
    /// By which it is known when it comes twice.
    public let id: ID
    public let event: Event

    public init(id: ID, event: Event) {
        self.id = id
        self.event = event
    }
}

extension Queue {
    /// The name under which changes of rows are told: no queue can have it, and no list of queues shows it.
    public static let changes = "~changes"

    /// Changes that are told under one number. The stream keeps a bounded count of numbers.
    static let announced_most = 100
    /// How long a change is known to have been told, and how many are at most.
    static let announced_ms = 3_600_000
    static let remembered = 100_000

    /// Tells changes of rows in the order given, each once: one that was told in the last hour is left out.
    /// The queue must be the one called `changes`.
    ///
    /// - Returns: how many were new.
    /// - Throws: `Failure` as all verbs do. Then the first ones may have been told; announcing all again
    ///   tells the rest.
    @discardableResult
    public func announce(_ changes: [Announcement]) async throws -> Int {
        var new = 0
        var rest = changes[...]
        while !rest.isEmpty {
            let some = rest.prefix(Self.announced_most)
            rest = rest.dropFirst(Self.announced_most)
            let reply = try await run(Scripts.announce) { command in
                command.append(String(event_s))
                command.append(String(Self.announced_ms))
                command.append(String(Self.remembered))
                for change in some {
                    command.append(change.id.text)
                    command.append(change.event.line)
                }
            }
            new += Int(reply.integer ?? 0)
        }
        return new
    }
}
