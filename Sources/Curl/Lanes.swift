import Synchronization

/// The loops that carry mail, one mail at a time each: libcurl waits for the answer to a mail without
/// letting go of the thread, and one slow server would hold up everything else on it.
final class Lanes: Sendable {
    /// Mails on their way at the same time; further ones wait.
    static let most = 4

    private struct State {
        var loops: [Loop] = []
        var isClosed = false
    }

    private let state = Mutex(State())

    /// A lane with nothing to do, the first of them for the sake of its open connection; else the shortest.
    func shortest() throws -> Loop {
        try state.withLock { state in
            guard !state.isClosed else { throw Curl.Fault(.closed, "Curl is closed.") }
            let shortest = state.loops.min { $0.load < $1.load }
            if let shortest, shortest.load == 0 || state.loops.count == Self.most { return shortest }
            let loop = Loop(width: 1, name: "curl mail")
            state.loops.append(loop)
            return loop
        }
    }

    func close() {
        let loops = state.withLock { state in
            state.isClosed = true
            return state.loops
        }
        for loop in loops { loop.close() }
    }
}

extension Curl {
    /// Hands `mail` to `relay` and waits for its answer.
    ///
    /// Throws `Undelivered`, which says whether the mail may have been taken; `Fault` `invalid` for a mail or
    /// relay that cannot be; and `CancellationError` when the task was cancelled before the mail was sent.
    /// - Parameter wanted: asked once the relay listens, on a thread of ours; where it is false, nothing is
    ///   sent.
    package func deliver(
        _ mail: Mail, through relay: Relay, while wanted: @escaping @Sendable () -> Bool = { true }
    ) async throws -> Receipt {
        let delivery = try Delivery(mail, through: relay, wanted: wanted)
        let transfer = try Transfer(delivery)
        let lane = try lanes.shortest()
        return try await withTaskCancellationHandler {
            try lane.submit(transfer)
            return try await delivery.receipt()
        } onCancel: {
            lane.cancel(transfer)
        }
    }
}
