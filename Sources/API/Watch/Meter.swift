import Core
import HTTPTypes
import Synchronization

/// Counts what was asked and how long the answers took.
final class Meter: Sendable {
    /// Requests that are counted together. The route is a template, so their number is bounded.
    struct Series: Hashable, Sendable {
        let method: String
        let route: String
        let status: Int

        init(method: HTTPRequest.Method, route: String, status: Int) {
            self.method = Self.known.contains(method) ? method.rawValue : "other"
            self.route = route
            self.status = status
        }

        private static let known: Set<HTTPRequest.Method> = [
            .get, .head, .post, .put, .patch, .delete, .options,
        ]
    }

    /// Why a call of a provider was turned away; both words come from tables, so their number is bounded.
    struct Rejection: Hashable, Sendable {
        let provider: String
        let reason: String
    }

    /// How many answers of one route took how long.
    struct Histogram: Sendable {
        static let bounds_s = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

        /// One a bound, and one for whatever took longer.
        private(set) var counts = [Int](repeating: 0, count: bounds_s.count + 1)
        private(set) var sum_s = 0.0

        mutating func add(_ seconds: Double) {
            counts[Self.bounds_s.firstIndex { seconds <= $0 } ?? Self.bounds_s.count] += 1
            sum_s += seconds
        }
    }

    /// All that was counted.
    struct Reading: Sendable {
        fileprivate(set) var requests: [Series: Int] = [:]
        fileprivate(set) var durations: [String: Histogram] = [:]
        /// Calls of providers that were turned away.
        fileprivate(set) var rejected: [Rejection: Int] = [:]
    }

    private let state = Mutex(Reading())

    func count(_ series: Series, took duration: Duration) {
        state.withLock { reading in
            reading.requests[series, default: 0] += 1
            reading.durations[series.route, default: Histogram()].add(duration.seconds)
        }
    }

    func reject(_ rejection: Rejection) {
        state.withLock { $0.rejected[rejection, default: 0] += 1 }
    }

    var reading: Reading { state.withLock { $0 } }
}
