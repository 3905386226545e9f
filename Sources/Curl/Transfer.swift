import CCurl
import Foundation
import Synchronization

/// One conversation on its way through a loop, with what the loop must know to judge how it ended.
final class Transfer: Sendable {
    private struct Notes {
        var refusedPeer: IPAddress?
        var sockets = 0
        var requests = 0
        var stop: Stop?
        var hasEnded = false
    }

    /// Why we end a transfer that libcurl would go on with.
    enum Stop: Sendable { case cancelled, closed, firstByte, unwanted }

    let easy: Easy
    let conversation: any Conversation
    private let notes = Mutex(Notes())

    init(_ conversation: any Conversation) throws {
        easy = try Easy()
        self.conversation = conversation
        try prepare()
        try conversation.prepare(easy)
    }

    private func prepare() throws {
        curl_set_callbacks(easy.handle, Callbacks.all, Unmanaged.passUnretained(self).toOpaque())
        try easy.set(CURLOPT_NOSIGNAL, true)
        try easy.set(CURLOPT_NOPROGRESS, false)
        // An http_proxy in the environment would connect on our behalf, past the guard.
        try easy.set(CURLOPT_PROXY, "")
        try easy.set(CURLOPT_TCP_KEEPALIVE, true)
        // Without it, ending a transfer waits for its name lookup and every other transfer with it.
        try easy.set(CURLOPT_QUICK_EXIT, true)
        try easy.set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
    }

    /// Asks for the end; the first reason given stays.
    func stop(_ reason: Stop) { notes.withLock { $0.stop = $0.stop ?? reason } }

    var isStopped: Bool { notes.withLock { $0.stop != nil } }

    /// Whether a socket may be opened to `address`.
    func mayConnect(to address: IPAddress) -> Bool {
        let isPermitted = conversation.addresses.permits(address)
        notes.withLock { notes in
            if isPermitted { notes.sockets += 1 } else { notes.refusedPeer = address }
        }
        return isPermitted
    }

    /// Whether the request may go out on a connection to `address`, which an earlier transfer with
    /// another guard may have opened.
    func maySend(to address: IPAddress?) -> Bool {
        let isPermitted = address.map { conversation.addresses.permits($0) } ?? false
        guard conversation.isWanted else {
            stop(.unwanted)
            return false
        }
        return notes.withLock { notes in
            // What was refused from here on decides, be it this connection or one for a redirect.
            notes.refusedPeer = isPermitted ? nil : address
            notes.sockets = 0
            guard isPermitted, notes.requests <= conversation.repeats else { return false }
            notes.requests += 1
            return true
        }
    }

    /// Tells the conversation how it ended; later calls do nothing.
    func end(_ code: CURLcode) {
        let ended: Notes? = notes.withLock { notes in
            defer { notes.hasEnded = true }
            return notes.hasEnded ? nil : notes
        }
        guard let ended else { return }
        let ending = Ending(
            code: code, stop: ended.stop, refusedPeer: ended.sockets == 0 ? ended.refusedPeer : nil,
            wasSent: ended.requests > 0, complaint: easy.complaintText,
            retryAfter: easy.seconds(CURLINFO_RETRY_AFTER), metrics: Curl.Metrics(easy))
        conversation.end(ending)
    }
}
