import Core
import Integrations
import Store
import Workspace

/// Brings what comes into a mailbox into communications, in the thread of what it answers.
struct MailboxSync: Sync {
    func streams(of connection: Connection) async throws -> [String] { [Mailbox(connection.line).folder] }

    func page(
        of stream: String, after cursor: JSON, over connection: Connection, at now: Moment
    ) async throws -> SyncPage {
        let place = Place(cursor)
        let haul = try await Mailbox(connection.line).read(
            after: place?.bookmark, since: place?.at ?? now)
        let next = Place(bookmark: haul.bookmark, at: now).json
        let letters = haul.letters.map { (mail: IncomingMail($0), bounce: Bounce($0)) }
        return SyncPage(next: next, end: haul.isMore ? .more : .now) { desk in
            for (mail, bounce) in letters {
                let name = mail.id.isEmpty ? "without a Message-ID" : mail.id
                try await desk.row("mail", name) { desk in
                    if let bounce {
                        if try await desk.store.messages.bounced(bounce) != nil { desk.tally.updated += 1 }
                    } else {
                        try await Arriving(mail, connection, at: now).put(&desk)
                    }
                }
            }
        }
    }

    /// How far a folder was read, and when.
    private struct Place {
        let bookmark: Mailbox.Bookmark
        let at: Moment

        init(bookmark: Mailbox.Bookmark, at: Moment) { (self.bookmark, self.at) = (bookmark, at) }

        init?(_ json: JSON) {
            guard let validity = json["validity"]?.integer.flatMap({ UInt32(exactly: $0) }),
                let next = json["next"]?.integer.flatMap({ UInt32(exactly: $0) }),
                let at = json["at"]?.string.flatMap({ Moment($0) })
            else { return nil }
            self.init(bookmark: .init(validity: validity, next: next), at: at)
        }

        var json: JSON {
            [
                "validity": .integer(Int64(bookmark.validity)), "next": .integer(Int64(bookmark.next)),
                "at": JSON(at),
            ]
        }
    }
}

/// A mail on its way into communications.
private struct Arriving {
    private let mail: IncomingMail
    private let connection: Connection
    private let now: Moment

    init(_ mail: IncomingMail, _ connection: Connection, at now: Moment) {
        self.mail = mail
        self.connection = connection
        self.now = now
    }

    func put(_ desk: inout SyncDesk) async throws {
        let id = mail.id.isEmpty ? nil : mail.id
        if let id, try await desk.store.messages.find(externalID: id, on: .email) != nil {
            desk.tally.unchanged += 1
            return
        }
        try await desk.store.rows(.messages).create(try await values(id, desk.store))
        desk.tally.created += 1
    }

    private func values(_ id: String?, _ store: Store) async throws -> Values {
        // A mail says of itself when it was sent; one from the future would stay on top for ever.
        var message = RemoteMessage(.email, at: min(mail.at ?? now, now))
        (message.from, message.to, message.subject) = (mail.from, mail.to, mail.subject)
        message.body = mail.text ?? mail.html.map(PlainText.of(html:)) ?? ""
        message.externalID = id
        var values = message.values
        values["connection_id"] = JSON(connection.id)
        values["receipt"] = receipt
        if let earlier = try await answered(store) { values["in_reply_to"] = JSON(earlier) }
        return values
    }

    private var receipt: JSON {
        let files = mail.files.prefix(20).map { file -> JSON in
            [
                "name": JSON(file.name.oneLine(200)), "type": .string(file.type.fitted(100)),
                "bytes": JSON(file.bytes),
            ]
        }
        return [
            "provider": .string(connection.provider.name), "name": JSON(mail.name?.oneLine(200)),
            "automatic": .bool(mail.isAutomatic), "files": .array(Array(files)),
        ]
    }

    /// The message of ours, or of others, that it answers.
    private func answered(_ store: Store) async throws -> ID? {
        for name in mail.answers {
            if let known = try await store.messages.find(externalID: name, on: .email) { return known.id }
            // What we send bears the id of its message before the @.
            if let id = name.split(separator: "@").first.flatMap({ ID($0) }),
                let own = try await store.rows(.messages).find(id), own["channel"] == "email"
            {
                return own.id
            }
        }
        return nil
    }
}
