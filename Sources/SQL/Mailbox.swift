import Foundation
import Synchronization

/// The statements that wait for one connection: tasks put in, the connection's thread takes out.
final class Mailbox: Sendable {
    private struct State {
        var requests: [Request] = []
        var isClosed = false
        var isGone = false
        var closers: [CheckedContinuation<Void, Never>] = []
    }

    /// A batch is pipelined on a blocking socket: it must fit into the socket's buffers, or both ends could
    /// wait for each other.
    private static let batch = (requests: 64, bytes: 32 * 1_024)

    private let limit: Int
    private let state = Mutex(State())
    private let bell = NSCondition()

    init(limit: Int) { self.limit = limit }

    var count: Int { state.withLock { $0.requests.count } }

    func put(_ request: Request) {
        let refusal: SQLFault? = state.withLock { state in
            if state.isClosed { return SQLFault(.closed, "the database is closed") }
            if state.requests.count >= limit {
                return SQLFault(.full, "\(limit) statements wait for the database already; try again later")
            }
            state.requests.append(request)
            return nil
        }
        if let refusal { request.answer(.failure(refusal)) } else { ring() }
    }

    private func ring() {
        bell.lock()
        bell.signal()
        bell.unlock()
    }

    /// The next statements, waiting for one if there is none; nil when closed and empty. Blocks its thread.
    func take() -> [Request]? {
        bell.lock()
        defer { bell.unlock() }
        while true {
            let (batch, isClosed) = state.withLock { ($0.requests.takeBatch(Self.batch), $0.isClosed) }
            if !batch.isEmpty { return batch }
            if isClosed { return nil }
            bell.wait()
        }
    }

    /// Refuses what comes later and returns when the thread has served the rest and gone.
    func close() async {
        await withCheckedContinuation { continuation in
            let isGone = state.withLock { state in
                state.isClosed = true
                if !state.isGone { state.closers.append(continuation) }
                return state.isGone
            }
            if isGone { continuation.resume() } else { ring() }
        }
    }

    /// Called by the thread as its last act.
    func leave() {
        let closers = state.withLock { state in
            state.isGone = true
            defer { state.closers = [] }
            return state.closers
        }
        for closer in closers { closer.resume() }
    }
}

extension [Request] {
    /// Removes and returns the first ones within the limits, at least one if there is any.
    fileprivate mutating func takeBatch(_ limit: (requests: Int, bytes: Int)) -> [Request] {
        var bytes = 0
        let batch = prefix(limit.requests).prefix { request in
            defer { bytes += request.size }
            return bytes == 0 || bytes + request.size <= limit.bytes
        }
        defer { removeFirst(batch.count) }
        return Array(batch)
    }
}
