import CCurl
import Synchronization

/// HTTP and mail through libcurl, on threads of its own: one for all of HTTP, a few for mail and mailboxes.
package final class Curl: Sendable {
    /// HTTP transfers at the same time; further ones wait.
    package static let width = 256

    let caFile: String?
    private let web: Loop
    let lanes = Lanes()
    let postboxes = Postboxes()

    /// `caFile`: certificates (PEM) to trust for HTTP instead of the system's.
    package init(caFile: String? = nil) {
        self.caFile = caFile
        web = Loop(width: Self.width, name: "curl")
    }

    deinit { close() }

    /// Ends every transfer with `closed` and lets the threads go.
    package func close() {
        web.close()
        lanes.close()
        postboxes.close()
    }

    /// Sends `request` and waits for the whole answer, whatever its status.
    ///
    /// Throws `Curl.Fault`, or `CancellationError` when the task is cancelled, which ends the transfer.
    package func send(_ request: Request) async throws -> Response {
        let exchange = try Exchange(request, caFile: caFile, window: nil)
        let transfer = try Transfer(exchange)
        // Submitted inside, so that a task cancelled already sends nothing.
        return try await withTaskCancellationHandler {
            try web.submit(transfer)
            return try await exchange.intake.wait { try $0.whole() }
        } onCancel: {
            web.cancel(transfer)
        }
    }

    /// Sends `request` and waits for the head of the answer; the body follows piece by piece.
    ///
    /// Throws as `send` does.
    package func stream(_ request: Request) async throws -> (head: Head, body: Body) {
        let exchange = try Exchange(request, caFile: caFile, window: Body.window)
        let transfer = try Transfer(exchange)
        let body = Body(exchange, transfer, web)
        let head = try await withTaskCancellationHandler {
            try web.submit(transfer)
            return try await exchange.intake.wait { try $0.start() }
        } onCancel: {
            web.cancel(transfer)
        }
        return (head, body)
    }
}

extension Intake.State {
    private static let headless = Curl.Fault(.lost, "The answer has no head.", mayHaveArrived: true)

    fileprivate func start() throws -> Curl.Head? {
        if let head = head.head { return head }
        guard let close else { return nil }
        throw close.error ?? Self.headless
    }

    fileprivate func whole() throws -> Curl.Response? {
        guard let close else { return nil }
        if let error = close.error { throw error }
        guard let head = head.head else { throw Self.headless }
        return Curl.Response(
            head: head, body: bytes, isCut: isCut, retryAfter: close.retryAfter,
            metrics: close.metrics)
    }
}
