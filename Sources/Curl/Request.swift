extension Curl {
    /// One HTTP request, and the bounds within which its answer is taken.
    package struct Request: Sendable {
        package enum Body: Sendable {
            case none
            case bytes([UInt8])
            case file(path: String)
        }

        /// How long the steps may take, each counted from the start of the request.
        package struct Timeouts: Sendable, Hashable {
            /// Name lookup, TCP and TLS.
            package var connect: Duration
            /// Until the answer begins.
            package var firstByte: Duration
            /// Until the last byte of the answer was taken, with the pauses of a slow reader.
            package var total: Duration

            package init(
                connect: Duration = .seconds(10), firstByte: Duration = .seconds(30),
                total: Duration = .seconds(30)
            ) {
                self.connect = connect
                self.firstByte = firstByte
                self.total = total
            }
        }

        /// What becomes of an answer longer than `maxBytes`.
        package enum Excess: Sendable {
            /// The transfer fails with `tooLarge`.
            case refused
            /// The first bytes are kept and the rest is never read.
            case cut
        }

        package var method: String
        /// An absolute `http` or `https` address.
        package var url: String
        package var headers: [Header]
        package var body: Body
        package var timeouts = Timeouts()
        package var maxBytes = 1 << 20
        package var excess = Excess.refused
        /// Where it may connect to.
        package var addresses = AddressGuard.publicOnly
        /// How many redirects are followed; otherwise the redirect itself is the answer.
        package var redirects = 0
        /// True when the other side does the work once however often it is asked, for instance because of an
        /// idempotency key. Otherwise a request is never sent again on a fresh connection.
        package var isRepeatable: Bool
        /// Asked right before the request goes out, on a thread of Curl's; it fails unsent where this is
        /// false.
        package var isWanted: @Sendable () -> Bool = { true }

        package init(_ method: String, _ url: String, headers: [Header] = [], body: Body = .none) {
            self.method = method
            self.url = url
            self.headers = headers
            self.body = body
            isRepeatable = ["GET", "HEAD", "PUT", "DELETE", "OPTIONS"].contains(method)
        }
    }

    /// A name and a value at the head of a request or an answer.
    package struct Header: Sendable, Hashable {
        package let name: String
        package let value: String

        package init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }
}

extension Curl.Request {
    static let longestURL = 8_192
    private static let ours: Set<String> = ["content-length", "transfer-encoding"]

    /// Refuses what could smuggle a second header or request into the connection.
    func check() throws {
        guard url.utf8.count <= Self.longestURL else {
            throw Curl.Fault(.invalid, "The address is longer than \(Self.longestURL) bytes.")
        }
        guard ["http://", "https://"].contains(where: { url.lowercased().hasPrefix($0) }) else {
            throw Curl.Fault(.invalid, "The address does not start with http:// or https://.")
        }
        guard url.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) else {
            throw Curl.Fault(.invalid, "The address holds a space or a control character.")
        }
        guard Token.isValid(method) else { throw Curl.Fault(.invalid, "The method is no HTTP token.") }
        for header in headers { try check(header) }
    }

    private func check(_ header: Curl.Header) throws {
        guard Token.isValid(header.name), !Self.ours.contains(header.name.lowercased()) else {
            throw Curl.Fault(.invalid, "A header has a name that cannot be sent.")
        }
        guard header.value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }) else {
            throw Curl.Fault(.invalid, "The header \(header.name) holds a control character.")
        }
    }

    /// The headers as libcurl wants them: `Name;` sends an empty one, `Name:` leaves out one of its own.
    var lines: [String] {
        var lines = headers.map { header in
            let value = header.value.drop { $0 == " " || $0 == "\t" }
            return value.isEmpty ? "\(header.name);" : "\(header.name): \(value)"
        }
        lines.append("Expect:")
        if !headers.contains(where: { $0.name.lowercased() == "content-type" }) {
            lines.append("Content-Type:")
        }
        return lines
    }
}

/// The characters RFC 9110 allows in a method or a header's name.
enum Token {
    static func isValid(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= 128 && text.utf8.allSatisfy(allowed.contains)
    }

    private static let allowed = Set(
        "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)
}
