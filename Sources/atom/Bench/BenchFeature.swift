import ArgumentParser
import Core
import Queue

/// What a job of the benchmark asks for beside being run.
enum BenchFeature: String, CaseIterable, ExpressibleByArgument {
    /// Nothing.
    case plain
    /// It takes turns with those of 99 other shares.
    case share
    /// It counts against one limit of concurrency, which has room.
    case limit
    /// It counts against one limit of rate, a bucket which has room.
    case rate
    /// It runs beside no other of its key; there are 1,000 keys.
    case exclusive
    /// It holds a lock that no other has.
    case unique

    private static let key = "provider:bench"
    private static let shares = 100
    private static let exclusives = 1_000
    /// More than can run or start.
    private static let plenty = 1_000_000

    /// Sets what the jobs count against.
    func prepare(_ house: BenchHouse) async throws {
        let limit: Limit
        switch self {
        case .limit: limit = Limit(concurrency: Self.plenty)
        case .rate: limit = Limit(rate: .init(Self.plenty, per: .seconds(1), burst: Self.plenty))
        default: return
        }
        try await Rules(on: house.redis).set(limit, for: Self.key)
    }

    func apply(to envelope: inout Envelope, _ sequence: Int) {
        switch self {
        case .plain: break
        case .share: envelope.flow = Flow(share: "share:\(sequence % Self.shares)")
        case .limit, .rate: envelope.flow = Flow(charges: [Flow.Charge(Self.key)])
        case .exclusive: envelope.flow = Flow(exclusive: "key:\(sequence % Self.exclusives)")
        case .unique: envelope.unique = Unique("key:\(sequence)")
        }
    }
}
