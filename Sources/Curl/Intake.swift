import Synchronization

/// What has arrived of one answer and is not taken yet, and who waits for more.
final class Intake: Sendable {
    /// The answer is over; with how it went.
    struct Close: Sendable {
        let error: (any Error)?
        let retryAfter: Duration?
        let metrics: Curl.Metrics
    }

    /// What the loop's thread writes and the reader takes.
    struct State {
        var head: HeadReader
        /// What nobody has read yet.
        var bytes: [UInt8] = []
        /// Bytes taken in since the start.
        var count = 0
        var isCut = false
        var isPaused = false
        var close: Close?
        /// Grows with each change that somebody may wait for.
        fileprivate var changes = 0
        fileprivate var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let state: Mutex<State>
    private let limits: Limits

    /// How much of an answer is taken.
    struct Limits {
        let maxBytes: Int
        let excess: Curl.Request.Excess
        /// The most that lies unread before the sender is held back; nil keeps the whole.
        let window: Int?
    }

    init(_ limits: Limits, redirects: Int) {
        self.limits = limits
        state = Mutex(State(head: HeadReader(redirects: redirects)))
    }

    var hasBegun: Bool { state.withLock { $0.head.hasBegun } }

    var backlog: Int { state.withLock { $0.bytes.count } }

    var close: Close? { state.withLock { $0.close } }

    func hear(_ line: UnsafeBufferPointer<UInt8>) -> Bool {
        change { state in
            let isTaken = state.head.take(line)
            return (isTaken, isWorthWaking: state.head.head != nil && limits.window != nil)
        }
    }

    func take(_ piece: UnsafeBufferPointer<UInt8>) -> Taken {
        change { state in
            if let window = limits.window, state.bytes.count >= window {
                state.isPaused = true
                return (.later, isWorthWaking: false)
            }
            let room = limits.maxBytes - state.count
            let kept = limits.excess == .cut ? piece.prefix(room) : piece[...]
            guard kept.count <= room else { return (.refused, isWorthWaking: false) }
            state.bytes.append(contentsOf: kept)
            state.count += kept.count
            state.isCut = kept.count < piece.count
            return (state.isCut ? .refused : .kept, isWorthWaking: limits.window != nil)
        }
    }

    func finish(_ error: (any Error)?, retryAfter: Duration?, metrics: Curl.Metrics) {
        change { state in
            // We ended it ourselves, with all that was wanted.
            let error = state.isCut && (error as? Curl.Fault)?.kind == .tooLarge ? nil : error
            state.close = Close(error: error, retryAfter: retryAfter, metrics: metrics)
            return ((), isWorthWaking: true)
        }
    }

    /// Waits until `ready` answers something; it is asked again after each change.
    func wait<T: Sendable>(for ready: @Sendable (inout State) throws -> T?) async throws -> T {
        while true {
            let (value, seen) = try state.withLock { (try ready(&$0), $0.changes) }
            if let value { return value }
            await change(after: seen)
        }
    }

    private func change(after seen: Int) async {
        await withCheckedContinuation { continuation in
            let isLate = state.withLock { state in
                if state.changes == seen { state.waiting.append(continuation) }
                return state.changes != seen
            }
            if isLate { continuation.resume() }
        }
    }

    private func change<T>(_ body: (inout State) -> (T, isWorthWaking: Bool)) -> T {
        let (value, woken) = state.withLock { state in
            let (value, isWorthWaking) = body(&state)
            guard isWorthWaking else { return (value, [CheckedContinuation<Void, Never>]()) }
            state.changes += 1
            defer { state.waiting = [] }
            return (value, state.waiting)
        }
        for continuation in woken { continuation.resume() }
        return value
    }
}
