extension Curl {
    /// The mail server that takes mail from us, and how we speak to it.
    package struct Relay: Sendable {
        package enum Security: String, Sendable, CaseIterable {
            /// TLS from the first byte (`smtps`, port 465).
            case tls
            /// STARTTLS, and no mail without it (port 587).
            case startTLS
            /// STARTTLS where the server offers it; who sits between can take it away.
            case opportunistic
            /// In the clear: for a server on this machine or in its own network.
            case clear
        }

        package struct Credentials: Sendable {
            package let user: String
            package let password: String

            package init(user: String, password: String) {
                self.user = user
                self.password = password
            }
        }

        /// How long the steps may take.
        package struct Timeouts: Sendable, Hashable {
            package var connect = Duration.seconds(20)
            /// For each answer of the server; whole seconds.
            package var reply = Duration.seconds(120)
            /// For the whole mail. RFC 5321 grants the server ten minutes for the last answer alone.
            package var total = Duration.seconds(240)

            package init() {}
        }

        package var host: String
        package var port: UInt16
        package var security: Security
        /// Sent with AUTH PLAIN or LOGIN, and over TLS only.
        package var credentials: Credentials?
        /// The name we greet with, which should be ours in DNS.
        package var greeting = "localhost"
        /// Certificates (PEM) to trust instead of the system's.
        package var caFile: String?
        package var timeouts = Timeouts()
        /// Where it may connect to. The operator names the relay, so it may stand in the own network.
        package var addresses = AddressGuard.open

        package init(host: String, port: UInt16, security: Security, credentials: Credentials? = nil) {
            self.host = host
            self.port = port
            self.security = security
            self.credentials = credentials
        }
    }
}

extension Curl.Relay {
    func check() throws {
        let isAddress = IPAddress(host) != nil
        guard isAddress || Curl.Mailbox.isDomain(host) else {
            throw Curl.Fault(.invalid, "The mail server's host is neither a name nor an address.")
        }
        guard Curl.Mailbox.isDomain(greeting) else {
            throw Curl.Fault(.invalid, "The name to greet a mail server with is no domain name.")
        }
        guard let credentials else { return }
        guard security == .tls || security == .startTLS else {
            throw Curl.Fault(
                .invalid, "Credentials for a mail server are sent over TLS only: use tls or startTLS.")
        }
        guard HeaderText.isClean(credentials.user), HeaderText.isClean(credentials.password) else {
            throw Curl.Fault(.invalid, "The credentials for the mail server hold a control character.")
        }
    }

    /// libcurl takes the name for the greeting from the path.
    var url: String {
        let scheme = security == .tls ? "smtps" : "smtp"
        return "\(scheme)://\(host.contains(":") ? "[\(host)]" : host):\(port)/\(greeting)"
    }
}
