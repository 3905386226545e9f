import Foundation
import Synchronization

/// The threads that read mailboxes, one mailbox at a time each.
final class Postboxes: Sendable {
    /// Mailboxes that are read at the same time; further ones are refused, and tried later.
    static let most = 4
    private static let stackBytes = 1 << 20

    private struct State {
        var running: [Transfer] = []
        var isClosed = false
    }

    private let state = Mutex(State())

    /// Runs `body` on a thread of its own, which may be stopped by `stop`.
    func run<Value: Sendable>(
        _ transfer: Transfer, _ body: @escaping @Sendable () throws -> Value
    ) async throws -> Value {
        try state.withLock { state in
            guard !state.isClosed else { throw Curl.Fault(.closed, "Curl is closed.") }
            guard state.running.count < Self.most else {
                throw Curl.Fault(.full, "\(Self.most) mailboxes are read already.")
            }
            state.running.append(transfer)
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let thread = Thread {
                    let result = Result { try body() }
                    self.state.withLock { $0.running.removeAll { $0 === transfer } }
                    continuation.resume(with: result)
                }
                thread.name = "curl mailbox"
                thread.stackSize = Self.stackBytes
                thread.start()
            }
        } onCancel: {
            transfer.stop(.cancelled)
        }
    }

    func close() {
        state.withLock { state in
            state.isClosed = true
            for transfer in state.running { transfer.stop(.closed) }
        }
    }
}

extension Curl {
    /// Reads what is new in a mailbox since `bookmark`, and changes nothing there.
    ///
    /// - Parameters:
    ///   - bookmark: where the reading before ended; nil for the first, which brings no mails.
    ///   - since: from when on mails are read again where the server has numbered them anew.
    /// - Throws: `Curl.Fault`: `refused` where the server says no; `CancellationError`.
    package func read(
        _ postbox: Postbox, after bookmark: Postbox.Bookmark?, since: Date
    ) async throws -> Postbox.Haul {
        let line = try PostboxLine(postbox)
        let transfer = try Transfer(line)
        return try await postboxes.run(transfer) {
            try line.open(transfer)
            var reading = PostboxReading(postbox.folder, over: line)
            return try reading.haul(after: bookmark, since: since)
        }
    }
}
