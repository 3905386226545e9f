import Core
import Foundation

/// Where a notification goes, as one line: `mailto:ada@example.org`, `tgram://usual/12345`, `sms://+493012`.
///
/// It holds no secret: what a service wants to see is kept by the connection that the host names, by its id
/// or, with `usual`, as the one that messages of the channel take anyway.
package struct ChannelURL: Sendable, Hashable {
    package enum Target: Sendable, Hashable {
        /// A message to an address, by a connection or the usual one.
        case message(Channel, address: String, connection: ID?)
        /// A web address that is told as JSON.
        case hook(String)
    }

    package let target: Target

    /// Characters of such a line.
    package static let lengths = 1...500
    /// Stands for the connection that messages of the channel take anyway.
    private static let usual = "usual"

    /// Throws `Failure(.invalid)` at `pointer` for what is none.
    package init(_ text: String, at pointer: String = "/url") throws(Failure) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let scheme = parts[0].lowercased()
        guard parts.count == 2, let kind = Self.kinds[scheme] else {
            let known = Self.kinds.keys.sorted().map { "\($0):" }.joined(separator: ", ")
            throw Failure(.invalid, "url must begin with one of \(known).", at: pointer)
        }
        let rest = String(parts[1].hasPrefix("//") ? parts[1].dropFirst(2) : parts[1])
        guard !rest.contains("@") || scheme == "mailto" || rest.split(separator: "/").count > 1 else {
            throw Failure(.invalid, "url must hold no user and password; use a connection.", at: pointer)
        }
        switch kind {
        case .hook(let outer): target = .hook(try Self.hook("\(outer)://\(rest)", at: pointer))
        case .plain(let channel): target = try Self.message(channel, rest, nil, at: pointer)
        case .connected(let channel): target = try Self.connected(channel, rest, at: pointer)
        }
    }

    private enum Kind {
        case plain(Channel)
        case connected(Channel)
        case hook(String)
    }

    private static let kinds: [String: Kind] = [
        "mailto": .plain(.email), "whatsapp": .plain(.whatsapp), "sms": .plain(.sms),
        "tgram": .connected(.telegram), "slack": .connected(.slack), "teams": .connected(.teams),
        "discord": .connected(.discord), "http": .hook("http"), "https": .hook("https"),
        "json": .hook("http"), "jsons": .hook("https"),
    ]

    private static func message(
        _ channel: Channel, _ address: String, _ connection: ID?, at pointer: String
    ) throws(Failure) -> Target {
        guard channel.reaches(address) else {
            throw Failure(.invalid, "url must name \(channel.wanted).", at: pointer)
        }
        return .message(channel, address: address, connection: connection)
    }

    private static func connected(
        _ channel: Channel, _ rest: String, at pointer: String
    ) throws(Failure) -> Target {
        let parts = rest.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        let connection = ID(String(parts[0]))
        guard parts.count == 2, connection != nil || parts[0] == usual else {
            throw Failure(
                .invalid,
                "url must name the id of a connection, or \(usual), and an address, "
                    + "such as slack://usual/C123.", at: pointer)
        }
        return try message(channel, String(parts[1]), connection, at: pointer)
    }

    private static func hook(_ text: String, at pointer: String) throws(Failure) -> String {
        guard let url = URLComponents(string: text), url.host?.isEmpty == false, url.user == nil,
            url.password == nil
        else {
            throw Failure(.invalid, "url is no web address without user and password.", at: pointer)
        }
        return text
    }
}
