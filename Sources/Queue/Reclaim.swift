import Core
import Redis

extension Queue {
    /// What a sweep found.
    public struct Reclaimed: Sendable {
        /// Jobs whose worker died, put before the others again or dead.
        public let jobs: Int
        public let deaths: Int
        /// Jobs that wait for a worker that knows their name; 0 unless counted.
        public let parked: Int
        /// Dead letters let go because they were too old or too many; 0 unless tidying.
        public let trimmed: Int

        /// True when there may be more than one call moves.
        public var hasMore: Bool { max(jobs, trimmed) >= Queue.batchLimit }
    }

    /// Takes back up to `batchLimit` jobs whose lease ran out.
    ///
    /// - Parameter tidying: true to trim the dead letters and count the parked jobs too.
    public func reclaim(tidying: Bool = true) async throws -> Reclaimed {
        let reply = try await run(Scripts.reclaim) {
            $0.append(Int64(Self.batchLimit))
            $0.append(Int64(settings.crashLimit))
            $0.append(settings.deadRetention.milliseconds / 1_000)
            $0.append(Int64(settings.deadLimit))
            $0.append(event_s)
            $0.append(tidying ? "1" : "0")
        }
        let counts = (reply.array ?? []).map { Int($0.integer ?? 0) }
        guard counts.count == 4 else {
            throw Failure(.broken, "The reclaim script answered what it never should.")
        }
        return Reclaimed(jobs: counts[0], deaths: counts[1], parked: counts[2], trimmed: counts[3])
    }
}
