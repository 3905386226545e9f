/// Where a Redis server is and how to log in, as a URL says it.
///
/// - `redis://[user[:password]@]host[:port][/database]`
/// - `rediss://...` the same over TLS, with `?tls_ca=/path/to/ca.pem` for a private authority, or
///   `?tls_verify=none` to encrypt without checking who answers
/// - `redis+unix:///path/to/socket[?db=database]`
///
/// User and password are percent-decoded; a password alone is written `:password@`.
public struct Endpoint: Sendable, Hashable {
    public enum Address: Sendable, Hashable {
        case tcp(host: String, port: Int)
        case unix(path: String)
    }

    /// Whose certificates are believed.
    public enum Trust: Sendable, Hashable {
        case system
        case authority(path: String)
        case anyone
    }

    public var address: Address
    public var user: String?
    public var password: String?
    public var database: Int
    /// Nil when the connection is not encrypted.
    public var trust: Trust?

    public init(
        _ address: Address, user: String? = nil, password: String? = nil, database: Int = 0,
        trust: Trust? = nil
    ) {
        self.address = address
        self.user = user
        self.password = password
        self.database = database
        self.trust = trust
    }

    /// Reads a URL; the error names what is wrong with it and repeats no part that may be secret.
    public init(_ url: String) throws(Fault) {
        self = try Endpoint.Parser(url).endpoint()
    }

    /// Host and port, or the path of the socket: what a message may say.
    public var place: String {
        switch address {
        case .tcp(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        case .unix(let path): path
        }
    }
}

extension Endpoint: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The URL with the password masked.
    public var description: String {
        let login = password == nil ? "" : "\(user ?? ""):***@"
        return switch address {
        case .tcp: "redis\(trust == nil ? "" : "s")://\(login)\(place)/\(database)"
        case .unix: "redis+unix://\(login)\(place)?db=\(database)"
        }
    }

    public var debugDescription: String { description }

    public var customMirror: Mirror { Mirror(self, children: ["url": description]) }
}
