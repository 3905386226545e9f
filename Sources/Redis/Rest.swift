import NIOCore

/// How long to rest before the next attempt to connect: not at all, then 50 ms doubling, each by chance
/// between nothing and that, so that many clients do not come back at the same moment.
struct Rest: Sendable {
    private var failures = 0

    private static let first: Duration = .milliseconds(50)
    /// A connection that held this long was a good one: the next attempt comes at once again.
    private static let proof: TimeAmount = .seconds(1)

    mutating func next(after lifetime: TimeAmount?, atMost longest: Duration) -> TimeAmount {
        if let lifetime, lifetime >= Self.proof { failures = 0 }
        defer { failures += 1 }
        guard failures > 0 else { return .zero }
        let ceiling = min(TimeAmount(longest), TimeAmount(Self.first) * (1 << min(failures - 1, 16)))
        return .nanoseconds(.random(in: 0...ceiling.nanoseconds))
    }
}
