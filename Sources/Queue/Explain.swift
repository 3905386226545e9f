import Core
import Redis

/// Everything that keeps one job from starting now.
public struct Explanation: Sendable {
    /// One thing that keeps it.
    public struct Blocker: Sendable, Hashable {
        public enum Kind: String, Sendable, CaseIterable {
            /// It is not to start before its time.
            case delay
            /// It waits for its next attempt.
            case backoff
            /// Its queue, name, workspace or a key of it is paused.
            case paused
            /// As many run as the limit allows.
            case concurrency
            /// As many have started as the limit allows in its window.
            case rate
            /// The other side asked to be left alone.
            case cooled
            /// What it calls has failed too often.
            case breaker
            /// Another job of its exclusive key has not ended.
            case exclusive
            /// Jobs of its exclusive key go before it.
            case order
            /// No worker has said that it can run it.
            case noWorker = "no_worker"
            /// Its workers died, and others of that kind are tried before it, one at a time.
            case suspects
        }

        public let kind: Kind
        /// The limit, pause, job name or key; empty where the kind says all.
        public let key: String
        /// When it ends by itself, where that is known.
        public let until: Moment?
    }

    /// `missing` for a job that has ended or never was.
    public let state: String
    /// Jobs that are claimed before it in its list or group; nil while it is in none.
    public let ahead: Int?
    /// Empty exactly when a worker with room could claim it as the next of its list or group.
    public let blockers: [Blocker]

    /// The same for a job that is no more in its queue, in the state it ended in.
    package func ended(as state: State) -> Explanation {
        Explanation(state: state.rawValue, ahead: nil, blockers: [])
    }

    /// The same with one more thing that keeps the job, for an unknown time.
    package func adding(_ kind: Blocker.Kind, _ key: String) -> Explanation {
        let blocker = Blocker(kind: kind, key: key, until: nil)
        return Explanation(state: state, ahead: ahead, blockers: blockers + [blocker])
    }

    /// The latest of the times at which its blockers end; nil when one of them has no known end.
    public var earliest: Moment? {
        blockers.contains { $0.until == nil } ? nil : blockers.compactMap(\.until).max() ?? .now
    }
}

extension Queue {
    /// Tells what keeps a job from starting.
    public func explain(_ id: ID) async throws -> Explanation {
        let reply = try await run(Scripts.explain) { $0.append(id.text) }
        guard let parts = reply.array, parts.count == 3, let state = parts[0].text else {
            throw Failure(.broken, "The explain script answered what it never should.")
        }
        let texts = (parts[2].array ?? []).map { $0.text ?? "" }
        let blockers = stride(from: 0, to: texts.count - 2, by: 3).compactMap { index in
            Explanation.Blocker.Kind(rawValue: texts[index]).map { kind in
                let until = Int64(texts[index + 2]) ?? 0
                return Explanation.Blocker(
                    kind: kind, key: texts[index + 1],
                    until: until > 0 ? Moment(milliseconds: until) : nil)
            }
        }
        let ahead = parts[1].integer ?? -1
        return Explanation(state: state, ahead: ahead < 0 ? nil : Int(ahead), blockers: blockers)
    }
}
