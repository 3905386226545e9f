import Core
import Curl
import Foundation

extension Mail {
    /// The mail server of the operator.
    package struct Server: Sendable {
        let relay: Curl.Relay

        /// The server that `url` names: `smtps://user:password@host` (TLS, port 465), `smtp://…` (STARTTLS,
        /// port 587), or `smtp://host:25?security=opportunistic` or `clear`, both without a password.
        /// Percent-encode what is no plain character in user and password.
        ///
        /// - Parameters:
        ///   - greeting: our own name in DNS, for the server to be greeted with.
        ///   - caFile: certificates (PEM) to trust instead of the system's.
        ///
        /// Throws a `Failure` `invalid` that never shows the password.
        package init(url: String, greeting: String = "localhost", caFile: String? = nil) throws {
            guard let parts = URLComponents(string: url), let host = parts.host, !host.isEmpty,
                let scheme = parts.scheme?.lowercased(), ["smtp", "smtps"].contains(scheme)
            else {
                throw Failure(
                    .invalid, "The mail server is no address such as smtp://user:password@host:587.")
            }
            let security = try Self.security(scheme, parts.queryItems ?? [])
            let usual = security == .tls ? 465 : security == .startTLS ? 587 : 25
            guard let port = UInt16(exactly: parts.port ?? usual), port > 0 else {
                throw Failure(.invalid, "The port of the mail server is not between 1 and 65535.")
            }
            let credentials = parts.user.map {
                Curl.Relay.Credentials(user: $0, password: parts.password ?? "")
            }
            let bare = host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host
            var relay = Curl.Relay(host: bare, port: port, security: security, credentials: credentials)
            relay.greeting = greeting
            relay.caFile = caFile
            self.relay = relay
        }

        private static func security(_ scheme: String, _ query: [URLQueryItem]) throws -> Curl.Relay.Security
        {
            guard let wanted = query.first(where: { $0.name == "security" })?.value else {
                return scheme == "smtps" ? .tls : .startTLS
            }
            let security = Curl.Relay.Security.allCases.first {
                $0.rawValue.lowercased() == wanted.lowercased()
            }
            guard let security, (security == .tls) == (scheme == "smtps") else {
                throw Failure(
                    .invalid, "The security of a smtp:// server is startTLS, opportunistic or clear.")
            }
            return security
        }
    }
}
