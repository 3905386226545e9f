extension Curl {
    /// The body of an answer while it arrives. Whoever reads slowly holds the sender back; whoever lets go
    /// of it ends the transfer.
    package struct Body: AsyncSequence, Sendable {
        package typealias Element = [UInt8]

        /// The most that lies unread before the sender is held back, apart from one last piece.
        package static let window = 256 << 10

        private let reader: Reader

        init(_ exchange: Exchange, _ transfer: Transfer, _ loop: Loop) {
            reader = Reader(intake: exchange.intake, transfer: transfer, loop: loop)
        }

        /// Bytes that have arrived and are not read yet.
        package var backlog: Int { reader.intake.backlog }

        /// What the transfer took; nil while it runs.
        package var metrics: Metrics? { reader.intake.close?.metrics }

        package func makeAsyncIterator() -> Iterator { Iterator(reader: reader) }

        package struct Iterator: AsyncIteratorProtocol {
            fileprivate let reader: Reader

            /// The next piece, nil at the end. Throws `Curl.Fault` or, when the task is cancelled,
            /// `CancellationError`, and the transfer is over.
            package func next() async throws -> [UInt8]? { try await reader.next() }
        }
    }
}

/// Ends the transfer when the last copy of a body is gone.
private final class Reader: Sendable {
    let intake: Intake
    private let transfer: Transfer
    private let loop: Loop

    init(intake: Intake, transfer: Transfer, loop: Loop) {
        self.intake = intake
        self.transfer = transfer
        self.loop = loop
    }

    deinit {
        if intake.close == nil { loop.cancel(transfer) }
    }

    func next() async throws -> [UInt8]? {
        let (piece, goesOn) = try await withTaskCancellationHandler {
            try await intake.wait { try $0.next() }
        } onCancel: {
            loop.cancel(transfer)
        }
        if goesOn { loop.resume(transfer) }
        return piece
    }
}

extension Intake.State {
    /// All that is not read yet, and whether a sender held back may go on; a nil piece is the end.
    fileprivate mutating func next() throws -> ([UInt8]?, goesOn: Bool)? {
        guard !bytes.isEmpty else {
            if let error = close?.error { throw error }
            return close == nil ? nil : (nil, false)
        }
        defer { (bytes, isPaused) = ([], false) }
        return (bytes, isPaused)
    }
}
