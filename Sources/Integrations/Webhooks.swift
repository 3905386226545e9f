import Core
import Curl
import Logging

/// Tells other systems what happened, as the Standard Webhooks specification (1.0.0) has it.
package struct Webhooks: Sendable {
    package struct Settings: Sendable {
        /// How long one call may take.
        package var timeout: Duration = .seconds(15)
        let addresses: AddressGuard

        /// Only addresses of the public internet are called.
        package init() { addresses = .publicOnly }

        /// Also those in `networks`, such as `10.1.0.0/16`: receivers in the operator's own network.
        package init(allowing networks: [String]) throws {
            let parsed = try networks.map { text in
                guard let network = Network(text) else {
                    throw Failure(.invalid, "\"\(text)\" is no range of addresses such as 10.1.0.0/16.")
                }
                return network
            }
            addresses = AddressGuard(allowing: parsed)
        }
    }

    /// One call to make; the same `id` for each attempt lets the receiver fold them into one.
    package struct Message: Sendable {
        package var id: String
        package var url: String
        /// JSON text.
        package var body: [UInt8]

        package init(id: String, url: String, body: [UInt8]) {
            self.id = id
            self.url = url
            self.body = body
        }
    }

    /// What a receiver answered that is not to be asked again.
    package enum Answer: Sendable, Hashable {
        /// It took the message, with this status (2xx), after this time.
        case delivered(status: Int, took: Duration)
        /// It wants no more messages (410): its endpoint is to be disabled.
        case gone
    }

    /// When the attempts start, each counted from the end of the one before: the first at once, the
    /// last after 27 hours and a half.
    package static let schedule: [Duration] = [
        .zero, .seconds(5), .seconds(5 * 60), .seconds(30 * 60), .seconds(2 * 3_600), .seconds(5 * 3_600),
        .seconds(10 * 3_600), .seconds(10 * 3_600),
    ]
    /// The longest body sent; the specification advises 20 KB.
    package static let largest = 1 << 20
    /// The most of an answer that is read.
    private static let mostRead = 64 << 10
    /// The longest pause that a receiver may ask for.
    package static let longestPause = Duration.seconds(24 * 3_600)

    private let settings: Settings
    private let curl: Curl
    private let log: Logger

    init(_ settings: Settings, curl: Curl, log: Logger) {
        self.settings = settings
        self.curl = curl
        self.log = log
    }

    /// Calls the receiver once, signed with each of `secrets` (two while one replaces the other).
    ///
    /// As the specification says, every answer but 2xx and 410 is tried again: it throws a `Failure`
    /// `unavailable`, or `limited` for 429, with the receiver's `Retry-After`. A `Failure` `invalid`, or
    /// `forbidden` for an address that is not public, is not worth another try.
    package func send(_ message: Message, secrets: [Secret], at now: Moment = .now) async throws -> Answer {
        let request = try request(message, secrets, now)
        do {
            let response = try await curl.send(request)
            log.debug(
                "A webhook was answered",
                metadata: [
                    "id": "\(message.id)", "status": "\(response.status)",
                    "took": "\(response.metrics.total)",
                ])
            return try answer(response)
        } catch let fault as Curl.Fault {
            throw Failure(fault)
        }
    }

    private func request(_ message: Message, _ secrets: [Secret], _ now: Moment) throws -> Curl.Request {
        guard message.body.count <= Self.largest else {
            throw Failure(.invalid, "The webhook's body is larger than \(Self.largest >> 20) MB.")
        }
        let signature = try Signature.sign(id: message.id, at: now, body: message.body, secrets: secrets)
        var request = Curl.Request("POST", message.url, body: .bytes(message.body))
        request.headers = [
            Curl.Header("Content-Type", "application/json"), Curl.Header("User-Agent", "Atom"),
            Curl.Header("webhook-id", message.id), Curl.Header("webhook-timestamp", signature.timestamp),
            Curl.Header("webhook-signature", signature.text),
        ]
        request.timeouts = Curl.Request.Timeouts(
            connect: min(settings.timeout, .seconds(10)), firstByte: settings.timeout, total: settings.timeout
        )
        request.maxBytes = Self.mostRead
        request.excess = .cut
        request.addresses = settings.addresses
        // The id makes a repeat harmless.
        request.isRepeatable = true
        return request
    }

    private func answer(_ response: Curl.Response) throws -> Answer {
        let status = response.status
        if (200..<300).contains(status) { return .delivered(status: status, took: response.metrics.total) }
        if status == 410 { return .gone }
        throw Failure(
            status == 429 ? .limited : .unavailable, "The receiver answered with status \(status).",
            retryAfter: response.retryAfter.map { min($0, Self.longestPause) })
    }
}
