import Core

extension Provider {
    /// Gmail v1: its messages are brought into communications.
    package static let gmail = Provider(
        "gmail", "Gmail", base: "https://gmail.googleapis.com/gmail/v1",
        entrance: Entrance(
            .bearer("access_token"),
            fields: [
                Field(
                    "access_token", "An access token; by consent it is renewed.", isSecret: true),
                Field("label", "The label whose messages are brought; INBOX unless told.", isRequired: false),
            ],
            consent: .google(["gmail.readonly"])),
        rules: .google, abilities: [.sync],
        check: Check("/users/me/profile", reading: Line.googleReading))
}

/// Reads a mailbox of Gmail.
package struct Gmail: Sendable {
    package let line: Line

    package init(_ line: Line) { self.line = line }

    /// Messages that one page names at most; each is then fetched by itself.
    static let pageSize = 50

    /// Where the mailbox stands now.
    package func historyID() async throws -> String {
        let profile = try await line.askGoogle("/users/me/profile", [])
        guard let id = profile?["historyId"]?.text else {
            throw Failure(.broken, "Gmail does not say where the mailbox stands.")
        }
        return id.filter(\.isNumber)
    }

    /// A page of the ids of a label's messages, the newest first.
    package func messages(label: String, page: String?) async throws -> JSON {
        try await line.askGoogle(
            "/users/me/messages",
            [("labelIds", label), ("maxResults", "\(Self.pageSize)"), ("pageToken", page)]) ?? .null
    }

    /// A page of what has happened since; nil where Gmail has forgotten that far back.
    package func history(since start: String, page: String?) async throws -> JSON? {
        try await line.askGoogle(
            "/users/me/history",
            [("startHistoryId", start), ("maxResults", "\(Self.pageSize)"), ("pageToken", page)], gone: 404)
    }

    /// A whole message; nil where it is gone.
    package func message(_ id: String) async throws -> JSON? {
        try await line.askGoogle(
            "/users/me/messages/\(id.encodedForQuery)", [("format", "full")], gone: 404)
    }
}
