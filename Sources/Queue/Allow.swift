import Core
import Redis

/// How many calls may pass within any stretch of time of one length, counted by all processes together.
package struct Quota: Sendable, Hashable {
    package let name: String
    package let units: Int
    package let window: Duration

    package init(_ name: String, _ units: Int, per window: Duration) {
        self.name = name
        self.units = units
        self.window = window
    }
}

/// What a quota says of one call.
package struct Allowance: Sendable, Hashable {
    package let quota: Quota
    package let passes: Bool
    /// How many more may pass now.
    package let rest: Int
    /// When some that passed stop counting.
    package let reset: Duration

    /// The parts that a window is cut into: more of them forget sooner and cost more.
    private static let slots: Int64 = 20

    /// Counts one call of `subject`. A call that may not pass does not count.
    ///
    /// Throws `Failure(.unavailable)` while Redis does not answer and `.limited` when its memory is full.
    package static func take(
        _ subject: String, of quota: Quota, on redis: Client, prefix: String
    ) async throws -> Allowance {
        let key = Keys.allowance(prefix, "\(quota.name):\(subject)")
        let reply = try await translating {
            try await redis.run(Scripts.allow, keys: [key]) { command in
                command.append(Int64(quota.units))
                command.append(quota.window.milliseconds)
                command.append(slots)
            }
        }
        let numbers = (reply.array ?? []).compactMap(\.integer)
        guard numbers.count == 3 else {
            throw Failure(.broken, "The allow script answered what it never should.")
        }
        return Allowance(
            quota: quota, passes: numbers[0] == 1, rest: Int(numbers[1]),
            reset: .milliseconds(max(0, numbers[2])))
    }
}
