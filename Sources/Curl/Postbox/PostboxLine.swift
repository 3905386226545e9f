import CCurl
import Foundation
import Synchronization

/// A line to an IMAP server on which libcurl has logged in: TLS and the login are its work, the commands
/// ours.
///
/// It blocks, and is used by one thread.
final class PostboxLine: Conversation, PostboxWire {
    private let postbox: Curl.Postbox
    private let ending = Mutex<Ending?>(nil)
    private let deadline: ContinuousClock.Instant
    let source = Source([])

    /// How long a wait lasts before it is looked whether anybody still wants it.
    private static let pulse_ms: Int32 = 200

    init(_ postbox: Curl.Postbox) throws {
        try postbox.check()
        self.postbox = postbox
        deadline = .now + postbox.timeouts.total
    }

    var addresses: AddressGuard { postbox.addresses }
    var repeats: Int { 0 }
    var stopsByCallback: Bool { true }
    var firstByteTimeout: Duration? { nil }
    var isWanted: Bool { true }
    var hasBegun: Bool { true }

    func prepare(_ easy: Easy) throws {
        try easy.set(CURLOPT_PROTOCOLS_STR, "imap,imaps")
        try easy.set(CURLOPT_URL, postbox.url)
        try easy.set(CURLOPT_CONNECT_ONLY, true)
        try easy.set(CURLOPT_CONNECTTIMEOUT_MS, postbox.timeouts.connect)
        try easy.set(CURLOPT_SERVER_RESPONSE_TIMEOUT, max(1, postbox.timeouts.reply.milliseconds / 1_000))
        try easy.set(CURLOPT_TIMEOUT_MS, postbox.timeouts.total)
        let isSecure = postbox.security == .tls || postbox.security == .startTLS
        try easy.set(CURLOPT_USE_SSL, Int((isSecure ? CURLUSESSL_ALL : CURLUSESSL_NONE).rawValue))
        if let caFile = postbox.caFile { try easy.set(CURLOPT_CAINFO, caFile) }
        try easy.set(CURLOPT_USERNAME, postbox.credentials.user)
        if postbox.isToken {
            try easy.set(CURLOPT_XOAUTH2_BEARER, postbox.credentials.password)
            try easy.set(CURLOPT_LOGIN_OPTIONS, "AUTH=XOAUTH2")
        } else {
            try easy.set(CURLOPT_PASSWORD, postbox.credentials.password)
        }
    }

    func hear(line: UnsafeBufferPointer<UInt8>) -> Bool { true }
    func take(_ piece: UnsafeBufferPointer<UInt8>) -> Taken { .kept }
    func note(command: UnsafeBufferPointer<UInt8>) {}
    func end(_ ending: Ending) { self.ending.withLock { $0 = ending } }

    private let transfer = Mutex<Transfer?>(nil)

    /// Connects and logs in. Throws `Curl.Fault`, or `CancellationError`.
    func open(_ transfer: Transfer) throws {
        self.transfer.withLock { $0 = transfer }
        let code = curl_easy_perform(transfer.easy.handle)
        guard code != CURLE_OK else { return }
        transfer.end(code)
        if code == CURLE_LOGIN_DENIED { throw Curl.Fault(.refused, "The mailbox does not let us in.") }
        throw ending.withLock { $0?.error } ?? Curl.Fault(.lost, "The mailbox could not be opened.")
    }

    func send(_ bytes: [UInt8]) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            var count = 0
            let code = try rest.withUnsafeBytes { bytes in
                curl_easy_send(try handle, bytes.baseAddress, bytes.count, &count)
            }
            rest = rest.dropFirst(count)
            if code == CURLE_AGAIN {
                try wait(for: Int16(POLLOUT))
            } else if code != CURLE_OK {
                throw Self.lost
            }
        }
    }

    func receive(most: Int) throws -> [UInt8] {
        while true {
            var code = CURLE_OK
            let bytes = try [UInt8](unsafeUninitializedCapacity: most) { buffer, count in
                code = curl_easy_recv(try handle, buffer.baseAddress, most, &count)
                if code != CURLE_OK { count = 0 }
            }
            if code == CURLE_AGAIN {
                try wait(for: Int16(POLLIN))
            } else if code != CURLE_OK || bytes.isEmpty {
                throw Self.lost
            } else {
                return bytes
            }
        }
    }

    private static let lost = Curl.Fault(.lost, "The mailbox hung up.")

    private var handle: UnsafeMutableRawPointer {
        get throws {
            guard let transfer = transfer.withLock({ $0 }) else { throw Self.lost }
            return transfer.easy.handle
        }
    }

    /// Waits until the socket is ready. Throws when it takes too long, or nobody wants it any more.
    private func wait(for events: Int16) throws {
        let patience = ContinuousClock.now + postbox.timeouts.reply
        var place = pollfd(fd: curl_get_socket(try handle), events: events, revents: 0)
        while poll(&place, 1, Self.pulse_ms) == 0 {
            if transfer.withLock({ $0?.isStopped }) ?? true { throw CancellationError() }
            guard .now < min(patience, deadline) else {
                throw Curl.Fault(.totalTimeout, "The mailbox did not answer in time.")
            }
        }
    }
}
