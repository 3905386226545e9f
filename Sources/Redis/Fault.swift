/// What can go wrong between this process and Redis; the message never holds a password.
public enum Fault: Error, Sendable, Hashable {
    /// Nothing was done: there is no connection, too much waits, or Redis is loading, busy or read-only.
    case unreachable(String)
    /// The command was written and no reply came: it may or may not have been done.
    case lost(String)
    /// Redis answered with an error; the text is its own, such as `WRONGTYPE Operation against a key ...`.
    case refused(String)
    /// The URL, the certificate or the use of this library is wrong and stays wrong.
    case invalid(String)
    /// The connection was closed by this process.
    case closed

    /// True when the same command may succeed a little later, so that a caller can say "try again".
    ///
    /// A `lost` command may have been done already: repeat it only when doing it twice is harmless.
    public var isTransient: Bool {
        switch self {
        case .unreachable, .lost: true
        case .refused, .invalid, .closed: false
        }
    }

    /// The first word of Redis' own error, such as `WRONGTYPE`, `OOM` or the code a script returned.
    public var code: String? {
        guard case .refused(let text) = self else { return nil }
        return text.split(separator: " ", maxSplits: 1).first.map(String.init)
    }

    /// Sorts an error reply: those that say "not now" did nothing and count as unreachable.
    package init(refusal text: String) {
        let code = text.prefix { $0 != " " }
        let isFull = text.hasPrefix("ERR max number of clients")
        self = Self.passingCodes.contains(String(code)) || isFull ? .unreachable(text) : .refused(text)
    }

    private static let passingCodes: Set<String> = [
        "LOADING", "MASTERDOWN", "READONLY", "BUSY", "TRYAGAIN", "CLUSTERDOWN", "NOREPLICAS", "MISCONF",
    ]
}

extension Fault: CustomStringConvertible {
    public var description: String {
        switch self {
        case .unreachable(let text): "Redis is not available: \(text)"
        case .lost(let text): "The connection to Redis was lost before the reply: \(text)"
        case .refused(let text): "Redis refused: \(text)"
        case .invalid(let text): text
        case .closed: "The connection to Redis was closed by this process."
        }
    }
}
