import Core
import Integrations
import Store
import Workspace

/// Brings mail of Outlook and messages of Teams into communications: each stream follows the links that Graph
/// gives, to the next page and then to what has changed.
struct MicrosoftSync: Sync {
    func streams(of connection: Connection) async throws -> [String] {
        let folder = connection.settings["folder"]?.string ?? "inbox"
        let channels = (connection.settings["channels"]?.string ?? "").listed
        return (folder == "-" ? [] : ["mail:\(folder)"]) + channels.map { "teams:\($0)" }
    }

    func page(
        of stream: String, after cursor: JSON, over connection: Connection, at now: Moment
    ) async throws -> SyncPage {
        let graph = MicrosoftGraph(connection.line)
        let place = String(stream.drop { $0 != ":" }.dropFirst())
        let (isMail, link) = (stream.hasPrefix("mail:"), cursor["link"]?.string)
        let answer =
            isMail
            ? try await graph.mail(in: place, from: link) : try await graph.messages(in: place, from: link)
        guard let answer else { throw SyncLost() }
        let items = answer["value"]?.array ?? []
        let isWhole = cursor["whole"]?.bool ?? (cursor == .null)
        let (next, end) = try Self.next(answer, isWhole)
        return SyncPage(next: next, end: end) { desk in
            for item in items {
                if isMail {
                    try await Self.put(mail: item, &desk)
                } else {
                    try await Self.put(message: item, place, &desk)
                }
            }
        }
    }

    private static func next(_ answer: JSON, _ isWhole: Bool) throws -> (JSON, SyncPage.End) {
        if let link = answer["@odata.nextLink"]?.string {
            return (["link": .string(link), "whole": .bool(isWhole)], .more)
        }
        guard let link = answer["@odata.deltaLink"]?.string else {
            throw Failure(.unavailable, "Microsoft 365 does not say where to go on.")
        }
        return (["link": .string(link), "whole": false], isWhole ? .all : .now)
    }

    private static func put(mail: JSON, _ desk: inout SyncDesk) async throws {
        guard let id = mail["id"]?.string else { return }
        if mail["@removed"] != nil { return try await desk.remove("mail", id) }
        // What nobody has sent yet is nobody's message.
        guard mail["isDraft"]?.bool != true else { return }
        // A later change may come with the fields alone that changed.
        guard let received = mail["receivedDateTime"]?.string.flatMap({ Moment($0) }) else {
            return try await Self.mark(mail, id, &desk)
        }
        var message = RemoteMessage(.email, at: received)
        message.isRead = mail["isRead"]?.bool ?? false
        message.from = mail["from"]?["emailAddress"]?["address"]?.string
        message.to = (mail["toRecipients"]?.array ?? []).compactMap { $0["emailAddress"]?["address"]?.string }
        message.subject = mail["subject"]?.string
        message.body = text(mail["body"])
        message.externalID = GmailMessage.identity(mail["internetMessageId"]?.string)
        message.thread = mail["conversationId"]?.string
        try await desk.put(thing("mail", id, mail), message)
    }

    private static func mark(_ mail: JSON, _ id: String, _ desk: inout SyncDesk) async throws {
        guard let isRead = mail["isRead"]?.bool, try await desk.link("mail", id) != nil else { return }
        let values: Values =
            isRead
            ? Values(["status": "read"]) : Values(["status": "received", "read_at": .null])
        try await desk.put(thing("mail", id, mail), on: .messages, values)
    }

    private static func put(message item: JSON, _ place: String, _ desk: inout SyncDesk) async throws {
        guard let id = item["id"]?.string else { return }
        let own = "\(place)/\(id)"
        let isGone = item["@removed"] != nil || item["deletedDateTime"]?.string != nil
        if isGone { return try await desk.remove("teams", own) }
        guard item["messageType"]?.string ?? "message" == "message",
            let created = item["createdDateTime"]?.string.flatMap({ Moment($0) })
        else { return }
        var message = RemoteMessage(.teams, at: created)
        let sender = item["from"]?["user"] ?? item["from"]?["application"]
        message.from = sender?["displayName"]?.string ?? sender?["id"]?.string
        message.to = [place]
        message.subject = item["subject"]?.string
        message.body = text(item["body"])
        message.externalID = own.utf8.count <= 255 ? own : nil
        message.thread = "\(place)/\(item["replyToId"]?.string ?? id)"
        try await desk.put(thing("teams", own, item), message)
    }

    private static func text(_ body: JSON?) -> String {
        let content = body?["content"]?.string ?? ""
        return body?["contentType"]?.string?.lowercased() == "html" ? PlainText.of(html: content) : content
    }

    private static func thing(_ kind: String, _ id: String, _ item: JSON) -> SyncDesk.Thing {
        let changed = item["lastModifiedDateTime"]?.string.flatMap { Moment($0) }
        let version = item["@odata.etag"]?.string ?? item["etag"]?.string ?? ""
        return SyncDesk.Thing(kind, id, version: version, at: changed ?? Moment(microseconds: 0))
    }
}
