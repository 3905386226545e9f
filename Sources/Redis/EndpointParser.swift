import Foundation

extension Endpoint {
    /// Takes a Redis URL apart.
    struct Parser {
        private let scheme: Scheme
        private let login: Substring?
        private let server: Substring
        private let path: Substring
        private let query: Substring

        private enum Scheme: String {
            case plain = "redis"
            case encrypted = "rediss"
            case unix = "redis+unix"
        }

        init(_ url: String) throws(Fault) {
            let parts = url.split(separator: "://", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, let scheme = Scheme(rawValue: parts[0].lowercased()) else {
                throw .invalid("A Redis URL begins with redis://, rediss:// or redis+unix://.")
            }
            self.scheme = scheme
            let (location, query) = Self.cut(parts[1], at: "?")
            self.query = query ?? ""
            let slash = location.firstIndex(of: "/") ?? location.endIndex
            path = location[slash...]
            let authority = location[..<slash]
            if let at = authority.lastIndex(of: "@") {
                login = authority[..<at]
                server = authority[authority.index(after: at)...]
            } else {
                login = nil
                server = authority
            }
        }

        func endpoint() throws(Fault) -> Endpoint {
            let options = try options()
            let (user, password) = try credentials()
            return Endpoint(
                try address(), user: user, password: password, database: try database(options),
                trust: try trust(options))
        }

        private func credentials() throws(Fault) -> (String?, String?) {
            guard let login else { return (nil, nil) }
            let (user, password) = Self.cut(login, at: ":")
            guard let password else {
                throw .invalid(
                    "The Redis URL has a user without a password; write user:password@ or :password@.")
            }
            let name = try Self.decode(user, "user")
            return (name.isEmpty ? nil : name, try Self.decode(password, "password"))
        }

        private func address() throws(Fault) -> Address {
            guard scheme != .unix else {
                guard server.isEmpty, path.count > 1 else {
                    throw .invalid("A socket is written redis+unix:///path/to/socket, with three slashes.")
                }
                return .unix(path: try Self.decode(path, "path"))
            }
            let (host, port) = try hostAndPort()
            guard !host.isEmpty else { throw .invalid("The Redis URL names no host.") }
            guard let port else { return .tcp(host: host, port: 6379) }
            guard let number = Int(port), (1...65_535).contains(number) else {
                throw .invalid("The port in the Redis URL must be a number from 1 to 65535.")
            }
            return .tcp(host: host, port: number)
        }

        private func hostAndPort() throws(Fault) -> (String, Substring?) {
            guard server.hasPrefix("[") else {
                let (host, port) = Self.cut(server, at: ":")
                return (String(host), port)
            }
            guard let end = server.firstIndex(of: "]") else {
                throw .invalid("The address in the Redis URL opens a bracket and does not close it.")
            }
            let host = server[server.index(after: server.startIndex)..<end]
            let rest = server[server.index(after: end)...]
            guard rest.isEmpty || rest.hasPrefix(":") else {
                throw .invalid("Only a port may follow the bracketed address in the Redis URL.")
            }
            return (String(host), rest.isEmpty ? nil : rest.dropFirst())
        }

        private func database(_ options: [String: String]) throws(Fault) -> Int {
            let text = scheme == .unix ? options["db"] : options["db"] ?? String(path.dropFirst())
            guard let text, !text.isEmpty else { return 0 }
            guard let number = Int(text), number >= 0 else {
                throw .invalid("The database in the Redis URL must be a number, such as /0.")
            }
            return number
        }

        private func trust(_ options: [String: String]) throws(Fault) -> Trust? {
            guard scheme == .encrypted else {
                guard options["tls_ca"] == nil, options["tls_verify"] == nil else {
                    throw .invalid("tls_ca and tls_verify need a URL that begins with rediss://.")
                }
                return nil
            }
            switch options["tls_verify"] {
            case "none": return .anyone
            case nil, "full": return options["tls_ca"].map { .authority(path: $0) } ?? .system
            default: throw .invalid("tls_verify in the Redis URL is either full or none.")
            }
        }

        private func options() throws(Fault) -> [String: String] {
            var options: [String: String] = [:]
            for pair in query.split(separator: "&") {
                let (name, value) = Self.cut(pair, at: "=")
                guard ["db", "tls_ca", "tls_verify"].contains(name), let value else {
                    throw .invalid("After ? a Redis URL may set db, tls_ca and tls_verify only.")
                }
                options[String(name)] = try Self.decode(value, String(name))
            }
            return options
        }

        private static func cut(_ text: Substring, at mark: Character) -> (Substring, Substring?) {
            guard let index = text.firstIndex(of: mark) else { return (text, nil) }
            return (text[..<index], text[text.index(after: index)...])
        }

        private static func decode(_ text: Substring, _ what: String) throws(Fault) -> String {
            guard let decoded = text.removingPercentEncoding else {
                throw .invalid("The \(what) in the Redis URL has a % that is not followed by two hex digits.")
            }
            return decoded
        }
    }
}
