import Core
import Curl

extension Provider {
    /// Microsoft Graph v1.0: mail of Outlook and messages of Teams come into communications.
    package static let microsoftGraph = Provider(
        "microsoft_graph", "Microsoft 365", base: "https://graph.microsoft.com/v1.0",
        entrance: Entrance(
            .bearer("access_token"),
            fields: [
                Field(
                    "access_token", "An access token; by consent it is renewed.", isSecret: true),
                Field(
                    "folder", "The mail folder that is brought; inbox unless told, - for none.",
                    isRequired: false),
                Field("channels", "Channels of Teams as team/channel, with commas.", isRequired: false),
                Field("webhook_secret", "What its notices carry.", isSecret: true, isRequired: false),
            ],
            consent: Consent(
                authorize: "https://login.microsoftonline.com/common/oauth2/v2.0/authorize",
                token: "https://login.microsoftonline.com/common/oauth2/v2.0/token",
                scopes: ["offline_access", "Mail.Read", "ChannelMessage.Read.All"])),
        rules: Rules(pause: .seconds(30)), abilities: [.receive, .sync],
        check: Check("/me"))
}

/// Reads mail and messages by Microsoft Graph.
package struct MicrosoftGraph: Sendable {
    package let line: Line

    package init(_ line: Line) { self.line = line }

    private static let mailFields = """
        subject,from,toRecipients,body,isRead,isDraft,conversationId,internetMessageId,receivedDateTime,\
        lastModifiedDateTime
        """

    /// What has changed in a mail folder; nil where Graph wants all to be read again.
    ///
    /// - Parameter link: what the page before led to; nil for the beginning.
    package func mail(in folder: String, from link: String?) async throws -> JSON? {
        let path = "/me/mailFolders/\(folder.encodedForQuery)/messages/delta"
        return try await delta(path, [("$select", Self.mailFields), ("$top", "100")], link)
    }

    /// What has changed in a channel of Teams, named `team/channel`; nil as above.
    package func messages(in channel: String, from link: String?) async throws -> JSON? {
        let parts = channel.split(separator: "/", maxSplits: 1).map { String($0).encodedForQuery }
        guard parts.count == 2 else {
            throw Failure(.invalid, "Name a channel of Teams as team/channel.", at: "/settings/channels")
        }
        return try await delta(
            "/teams/\(parts[0])/channels/\(parts[1])/messages/delta", [("$top", "50")], link)
    }

    private func delta(
        _ path: String, _ parameters: [(String, String?)], _ link: String?
    ) async throws -> JSON? {
        var request: Curl.Request =
            if let link { .page(try line.path(of: link)) } else { .page(path, parameters) }
        // Ids that stay when a message is moved to another folder.
        request.headers.append(.init("Prefer", "IdType=\"ImmutableId\""))
        let answer = try await line.ask(request, reading: { $0.status == 410 ? nil : Self.reading($0) })
        // A bare nil would be JSON's own null.
        return answer.status == 410 ? JSON?.none : answer.json
    }

    private static let reading: Line.Reading = { answer in
        guard answer.status >= 400 else { return nil }
        let error = answer.json["error"]
        return answer.refusal(error?["message"]?.string ?? "", code: error?["code"]?.string)
    }
}
