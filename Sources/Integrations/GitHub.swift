import Core
import Curl
import Foundation

extension Provider {
    /// GitHub: issues become tasks, and what is said about them comments.
    package static let github = Provider(
        "github", "GitHub", base: "https://api.github.com",
        entrance: Entrance(
            .bearer("token"),
            fields: [
                Field("token", "A personal access token, or one of an app.", isSecret: true),
                Field("repositories", "Such as octo/hello, with commas."),
                Field("project_id", "The project that new tasks belong to.", isRequired: false),
                Field(
                    "webhook_secret", "The secret of the webhook at GitHub.", isSecret: true,
                    isRequired: false),
            ],
            consent: Consent(
                authorize: "https://github.com/login/oauth/authorize",
                token: "https://github.com/login/oauth/access_token", scopes: ["repo"])),
        rules: Rules(passing: ["rate"], pause: .seconds(60)), abilities: [.receive, .sync],
        check: Check("/user"))
}

/// Reads repositories of GitHub.
package struct GitHub: Sendable {
    package let line: Line

    package init(_ line: Line) { self.line = line }

    static let pageSize = 100

    /// Which page of a list, in the order of changes.
    package struct Place: Sendable, Hashable {
        /// Changed at or after this time; nil for all.
        package var since: String?
        package var page: Int
        /// What the same question was answered with last.
        package var etag: String?

        package init(since: String? = nil, page: Int = 1, etag: String? = nil) {
            (self.since, self.page, self.etag) = (since, page, etag)
        }
    }

    /// A part of a list.
    package struct Part: Sendable {
        package let items: [JSON]
        package let hasMore: Bool
        package let etag: String?
        /// Nothing has changed since the question was answered last.
        package let isUnchanged: Bool
    }

    /// Issues and pull requests of a repository such as `octo/hello`, the one changed longest ago first.
    package func issues(of repository: String, _ place: Place) async throws -> Part {
        try await list("/repos/\(repository)/issues", [("state", "all")], place)
    }

    /// What was said about them.
    package func comments(of repository: String, _ place: Place) async throws -> Part {
        try await list("/repos/\(repository)/issues/comments", [], place)
    }

    private func list(
        _ path: String, _ parameters: [(String, String?)], _ place: Place
    ) async throws -> Part {
        var request = Curl.Request.page(
            path,
            parameters + [
                ("since", place.since), ("sort", "updated"), ("direction", "asc"),
                ("per_page", "\(Self.pageSize)"), ("page", "\(place.page)"),
            ])
        request.headers += [
            .init("Accept", "application/vnd.github+json"), .init("X-GitHub-Api-Version", "2022-11-28"),
        ]
        if let etag = place.etag { request.headers.append(.init("If-None-Match", etag)) }
        let answer = try await line.ask(request, reading: Self.reading)
        let link = answer.head["link"] ?? ""
        return Part(
            items: answer.json.array ?? [], hasMore: link.contains("rel=\"next\""), etag: answer.head["etag"],
            isUnchanged: answer.status == 304)
    }

    /// Both kinds of limits come with 403 or 429: by `retry-after`, else until the hour's calls are renewed.
    static let reading: Line.Reading = { answer in
        guard answer.status >= 400 else { return nil }
        let message = answer.json["message"]?.string ?? ""
        let isSpent = answer.head["x-ratelimit-remaining"] == "0"
        let isSecondary = message.lowercased().contains("secondary rate limit")
        let isLimit = isSpent || isSecondary || answer.retryAfter != nil
        guard [403, 429].contains(answer.status), isLimit else { return answer.refusal(message) }
        let reset = isSpent ? answer.head["x-ratelimit-reset"].flatMap { Double($0) } : nil
        let wait = Line.Answer.pause(seconds: reset.map { max(1, $0 - Date.now.timeIntervalSince1970) })
        return answer.refusal(message, code: "rate", retryAfter: answer.retryAfter ?? wait)
    }
}
