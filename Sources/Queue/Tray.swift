import Core
import Redis

/// A list of things to be dealt with one by one, and beside it those that somebody has begun with.
///
/// Taking a thing moves it from the one list to the other, so a process that dies loses none; dealing with
/// it twice must do no harm, for what was begun with is taken up again by anybody.
package struct Tray: Sendable {
    package let queue: Queue
    /// Where the things come in, the oldest on the right.
    let incoming: String
    /// Those that were taken.
    let begun: String

    /// The most things taken at once.
    package static let most = 64

    /// Frames of jobs from producers that know only Redis.
    package static func frames(of queue: Queue) -> Tray {
        Tray(queue: queue, incoming: queue.keys.inbox, begun: queue.keys.taken)
    }

    /// Ids of ended jobs that somebody waits to hear of.
    package static func afters(of queue: Queue) -> Tray {
        Tray(queue: queue, incoming: queue.keys.afters, begun: queue.keys.telling)
    }

    /// Takes what came in, the oldest first; waits for the first at most for `patience`.
    package func take(on blocker: Blocker, for patience: Duration) async throws -> [[UInt8]] {
        let wait = Command("BLMOVE", incoming, begun, "RIGHT", "LEFT")
        guard let first = try await translating({ try await blocker.block(wait, for: patience) })?.bytes
        else { return [] }
        let move = Command("LMOVE", incoming, begun, "RIGHT", "LEFT")
        // What is taken and does not reach us is among the leftovers.
        let rest = try await translating {
            try await queue.redis.pipeline(Array(repeating: move, count: Self.most - 1))
        }
        return [first] + rest.compactMap(\.bytes)
    }

    /// The oldest that were taken and are still there.
    package func leftovers() async throws -> [[UInt8]] {
        let command = Command("LRANGE", begun, String(-Self.most), "-1")
        let reply = try await translating { try await queue.redis.send(command) }
        return (reply.array ?? []).reversed().compactMap(\.bytes)
    }

    /// Lets one go that is dealt with.
    package func drop(_ thing: [UInt8]) async throws {
        var command = Command("LREM", begun)
        command.append("-1")
        command.append(thing)
        _ = try await translating { [command] in try await queue.redis.send(command) }
    }
}

extension Tray {
    /// How often leftovers are looked for: what a worker had begun with when it died.
    package static let period: Duration = .seconds(15)

    /// Deals with all that comes in until the task is cancelled.
    ///
    /// - Parameters:
    ///   - trouble: hears of errors; what they kept from being done is tried again after a pause.
    ///   - handle: deals with one thing, at times with one that is dealt with already.
    package func attend(
        trouble: (any Error) -> Void, handle: ([UInt8]) async throws -> Void
    ) async {
        let blocker = queue.redis.blocker()
        var looked = ContinuousClock.now - Self.period
        while !Task.isCancelled {
            do {
                let isLooking = ContinuousClock.now - looked >= Self.period
                let things =
                    isLooking ? try await leftovers() : try await take(on: blocker, for: Self.patience)
                for thing in things { try await handle(thing) }
                // A full page of leftovers may not have been the last.
                if isLooking, things.count < Self.most { looked = .now }
            } catch {
                if Task.isCancelled { break }
                trouble(error)
                looked = .now - Self.period
                // The jitter spreads the workers. A cancel ends the pause, and then the loop.
                try? await Task.sleep(for: .milliseconds(Int64.random(in: 200..<800)))
            }
        }
        await blocker.close()
    }

    /// How long one wait lasts; the leftovers are looked for in between.
    private static let patience: Duration = .seconds(5)
}
