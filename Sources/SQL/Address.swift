import CPostgres
import Foundation

/// Where a database lies, read from its URL.
enum Address: Sendable {
    case file(String)
    case memory
    case server(String)

    init(_ url: String) throws {
        switch url.prefix(while: { $0 != ":" }) {
        case "sqlite": self = try Self.sqlite(url.dropFirst("sqlite:".count))
        case "postgres", "postgresql": self = try Self.postgres(url)
        default:
            throw SQLFault(
                .invalid,
                "\(Self.mask(url)) is no database address; write sqlite:///path/to/file or "
                    + "postgres://user:password@host:port/database")
        }
    }

    private static func sqlite(_ rest: Substring) throws -> Address {
        let path = rest.hasPrefix("//") ? rest.dropFirst(2) : rest
        if path == ":memory:" { return .memory }
        guard !path.isEmpty, path != "/", !path.contains("?"), let plain = path.removingPercentEncoding else {
            throw SQLFault(.invalid, "sqlite:\(rest) names no file; write sqlite:///path/to/file")
        }
        return .file(plain)
    }

    private static func postgres(_ url: String) throws -> Address {
        // What libpq says about a bad address may quote its password, so it is not passed on.
        guard let options = PQconninfoParse(url, nil) else {
            throw SQLFault(
                .invalid,
                "\(mask(url)) is no PostgreSQL address; write postgres://user:password@host:port/database")
        }
        PQconninfoFree(options)
        return .server(url)
    }

    /// The address with every password replaced, fit for logs and messages.
    static func mask(_ url: String) -> String {
        guard let scheme = url.range(of: "://") else { return maskQuery(url) }
        let authority = url[scheme.upperBound...].prefix { $0 != "/" && $0 != "?" }
        // A password may hold a slash that should have been escaped, so the last @ of the text counts.
        guard let at = url.lastIndex(of: "@"), at >= scheme.upperBound else { return maskQuery(url) }
        let end = max(at, authority.startIndex)
        guard let colon = url[scheme.upperBound..<end].firstIndex(of: ":") else { return maskQuery(url) }
        return maskQuery(url[...colon] + "***" + url[end...])
    }

    private static func maskQuery(_ url: String) -> String {
        guard let found = url.range(of: "password=", options: .caseInsensitive) else { return url }
        let rest = url[found.upperBound...].drop { $0 != "&" && $0 != " " }
        return url[..<found.upperBound] + "***" + rest
    }
}
