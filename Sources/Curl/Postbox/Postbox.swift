extension Curl {
    /// A mailbox that is read by IMAP, and how we get in.
    package struct Postbox: Sendable {
        package var host: String
        package var port: UInt16
        package var security: Relay.Security
        package var credentials: Relay.Credentials
        /// True where the password is an OAuth token (XOAUTH2).
        package var isToken = false
        package var folder = "INBOX"
        /// Certificates (PEM) to trust instead of the system's.
        package var caFile: String?
        package var timeouts = Relay.Timeouts()
        package var addresses = AddressGuard.publicOnly

        package init(
            host: String, port: UInt16, security: Relay.Security, credentials: Relay.Credentials
        ) {
            self.host = host
            self.port = port
            self.security = security
            self.credentials = credentials
        }
    }
}

extension Curl.Postbox {
    /// Where a reading ended. The numbers of mails mean something only with the validity they were given
    /// with.
    package struct Bookmark: Sendable, Hashable {
        package let validity: UInt32
        /// The number that the next mail has at least.
        package let next: UInt32

        package init(validity: UInt32, next: UInt32) {
            self.validity = validity
            self.next = next
        }
    }

    /// One mail as it lies in the mailbox.
    package struct Letter: Sendable, Hashable {
        package let number: UInt32
        /// All of it (RFC 5322), or its head where it is too large.
        package let content: [UInt8]
        package let isCut: Bool
    }

    /// What one reading brought.
    package struct Haul: Sendable, Hashable {
        package let bookmark: Bookmark
        package let letters: [Letter]
        /// True when more lie there already.
        package let isMore: Bool
    }

    /// Mails of one reading.
    package static let most = 20
    /// Bytes of one mail; of a larger one only the head is read.
    package static let largest = 10 << 20
    /// Bytes of one reading, of which at least one mail is read.
    static let mostBytes = 32 << 20

    func check() throws {
        guard IPAddress(host) != nil || Curl.Mailbox.isDomain(host) else {
            throw Curl.Fault(.invalid, "The mailbox's host is neither a name nor an address.")
        }
        let texts = [credentials.user, credentials.password, folder]
        guard texts.allSatisfy(HeaderText.isClean), folder.utf8.allSatisfy({ $0 < 0x7F }), !folder.isEmpty
        else {
            throw Curl.Fault(.invalid, "The folder or the credentials hold a character that cannot be sent.")
        }
        let isLocal = host == "localhost" || IPAddress(host).map(Self.isLoopback) == true
        guard security == .tls || security == .startTLS || isLocal else {
            throw Curl.Fault(.invalid, "The credentials for a mailbox are sent over TLS only.")
        }
    }

    private static func isLoopback(_ address: IPAddress) -> Bool {
        ["127.0.0.0/8", "::1/128"].contains { Network($0)?.contains(address.unmapped) == true }
    }

    var url: String {
        "\(security == .tls ? "imaps" : "imap")://\(host.contains(":") ? "[\(host)]" : host):\(port)/"
    }
}
