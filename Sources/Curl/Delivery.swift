import CCurl
import Synchronization

/// One mail on its way to a relay.
final class Delivery: Conversation {
    private struct State {
        var dialogue: Dialogue
        var ending: Ending?
        var waiting: CheckedContinuation<Void, Never>?
    }

    private let relay: Curl.Relay
    private let sender: String
    private let recipients: [String]
    let source: Source
    private let wanted: @Sendable () -> Bool
    private let state: Mutex<State>

    init(_ mail: Curl.Mail, through relay: Curl.Relay, wanted: @escaping @Sendable () -> Bool) throws {
        try relay.check()
        self.wanted = wanted
        self.relay = relay
        sender = mail.from.address
        recipients = mail.recipients
        source = Source(try mail.rendered())
        state = Mutex(State(dialogue: Dialogue(recipients: recipients)))
    }

    var addresses: AddressGuard { relay.addresses }
    var repeats: Int { 0 }
    var stopsByCallback: Bool { true }
    var firstByteTimeout: Duration? { nil }
    var isWanted: Bool { wanted() }
    var hasBegun: Bool { true }

    func prepare(_ easy: Easy) throws {
        try easy.set(CURLOPT_PROTOCOLS_STR, "smtp,smtps")
        try easy.set(CURLOPT_URL, relay.url)
        try easy.set(CURLOPT_MAIL_FROM, "<\(sender)>")
        try easy.set(CURLOPT_MAIL_RCPT, recipients.map { "<\($0)>" })
        try easy.set(CURLOPT_MAIL_RCPT_ALLLOWFAILS, true)
        try easy.set(CURLOPT_UPLOAD, true)
        try easy.set(CURLOPT_INFILESIZE_LARGE, offset: source.count)
        try easy.set(CURLOPT_CONNECTTIMEOUT_MS, relay.timeouts.connect)
        try easy.set(CURLOPT_SERVER_RESPONSE_TIMEOUT, max(1, relay.timeouts.reply.milliseconds / 1_000))
        try easy.set(CURLOPT_TIMEOUT_MS, relay.timeouts.total)
        // Servers close idle connections soon; a mail over a dying one would be tried in vain.
        try easy.set(CURLOPT_MAXAGE_CONN, 30)
        // The commands are shown to the debug callback only.
        try easy.set(CURLOPT_VERBOSE, true)
        try prepareSecurity(easy)
    }

    private func prepareSecurity(_ easy: Easy) throws {
        let level =
            switch relay.security {
            case .tls, .startTLS: CURLUSESSL_ALL
            case .opportunistic: CURLUSESSL_TRY
            case .clear: CURLUSESSL_NONE
            }
        try easy.set(CURLOPT_USE_SSL, Int(level.rawValue))
        if let caFile = relay.caFile { try easy.set(CURLOPT_CAINFO, caFile) }
        guard let credentials = relay.credentials else { return }
        try easy.set(CURLOPT_USERNAME, credentials.user)
        try easy.set(CURLOPT_PASSWORD, credentials.password)
    }

    func hear(line: UnsafeBufferPointer<UInt8>) -> Bool {
        let line = String(decoding: line, as: UTF8.self)
        state.withLock { $0.dialogue.hear(line: line) }
        return true
    }

    func take(_ piece: UnsafeBufferPointer<UInt8>) -> Taken { .kept }

    func note(command: UnsafeBufferPointer<UInt8>) {
        // The verb is all that is looked at; a password that follows AUTH goes no further than here.
        let command = String(decoding: command.prefix(16), as: UTF8.self)
        state.withLock { $0.dialogue.note(command: command) }
    }

    func end(_ ending: Ending) {
        let waiting = state.withLock { state in
            state.ending = ending
            defer { state.waiting = nil }
            return state.waiting
        }
        waiting?.resume()
    }

    /// Waits for the end and judges it. Throws `Curl.Undelivered`, or `CancellationError` when nothing was
    /// sent.
    func receipt() async throws -> Curl.Receipt {
        await withCheckedContinuation { continuation in
            let isOver = state.withLock { state in
                if state.ending == nil { state.waiting = continuation }
                return state.ending != nil
            }
            if isOver { continuation.resume() }
        }
        let (dialogue, ending) = state.withLock { ($0.dialogue, $0.ending) }
        guard let ending else { throw Curl.Fault(.closed, "The mail was let go of.") }
        return try Judgement(dialogue, ending, isGiven: source.isGiven, recipients: recipients.count)
            .receipt()
    }
}
