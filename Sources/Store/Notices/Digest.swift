import Core
import SQL
import Workspace

// What waits for a place goes there in one message.
extension Store.Notifications {
    /// Titles that one message names.
    static let mostNamed = 20

    /// Sends what waits for the place and is due, in one message, and plans the next job for what is not.
    /// Doing it again does nothing.
    package func flush(_ target: String, at now: Moment = .now) async throws {
        try await house.transaction { store in
            let notices = store.notifications
            try await notices.tell(target, at: now)
            guard let next = try await notices.next(target) else { return }
            try await notices.plan(target, at: next)
        }
    }

    /// Sends what waits for the place and is due, in one message.
    func tell(_ target: String, at now: Moment) async throws {
        let ids = try await take(target, at: now)
        let items = try await store.rows(.notifications).find(ids).filter(\.isOpen).sorted { $0.id < $1.id }
        guard !items.isEmpty, let place = try await place(target) else { return }
        try await send(Digest(items), to: place, of: ids, target)
    }

    /// Marks what is due as told. The write keeps a second delivery of the job waiting, which then finds
    /// nothing.
    private func take(_ target: String, at now: Moment) async throws -> [ID] {
        try await store.access.query(
            """
            update notification_deliveries set told_at = $3
            where workspace_id = $1 and target = $2 and told_at is null and due_at <= $3
            returning notification_id
            """, [Value(store.scope?.workspace), .text(target), Value(now)]
        ) { try $0.get("notification_id", as: ID.self) }
    }

    private func next(_ target: String) async throws -> Moment? {
        try await store.access.query(
            """
            select min(due_at) as due from notification_deliveries
            where workspace_id = $1 and target = $2 and told_at is null
            """, [Value(store.scope?.workspace), .text(target)]
        ) { try $0.get("due", as: Moment?.self) }.first ?? nil
    }

    /// Where the target leads now; nil when the channel was turned off or the person left.
    private func place(_ target: String) async throws -> ChannelURL.Target? {
        if let id = ID(target) {
            guard let row = try await store.rows(.notificationChannels).find(id), row.values.flag("enabled")
            else { return nil }
            return NoticeChannel(row)?.target
        }
        let parts = target.split(separator: ":", maxSplits: 1)
        guard parts.count == 2, let channel = Channel(rawValue: String(parts[0])), let user = ID(parts[1]),
            let way = try await store.addressee(user: user)?.way(by: channel)
        else { return nil }
        return .message(way.channel, address: way.address, connection: way.connection)
    }

    private func send(
        _ digest: Digest, to place: ChannelURL.Target, of ids: [ID], _ target: String
    ) async throws {
        switch place {
        case .hook(let url):
            try await store.promise(
                "deliver_webhook", ["url": .string(url), "type": "notification", "data": digest.json])
        case .message(let channel, let address, let connection):
            let way = Addressee.Way(channel: channel, address: address, connection: connection)
            let message = try await store.send(digest.title, digest.text, by: way)
            for list in IDList.cut(ids, after: 3) {
                try await store.access.execute(
                    """
                    update notification_deliveries set message_id = $3
                    where workspace_id = $1 and target = $2 and notification_id in \(list.sql)
                    """,
                    [Value(store.scope?.workspace), .text(target), Value(message)] + list.values)
            }
        }
    }
}

/// Several notifications as one text.
private struct Digest {
    private let items: [Item]

    init(_ items: [Item]) { self.items = items }

    private var titles: [String] { items.map { $0.values.text("title") ?? "" } }

    var title: String { items.count == 1 ? titles[0] : "\(items.count) notifications" }

    var text: String {
        if items.count == 1 {
            let body = items[0].values.text("body") ?? ""
            return body.isEmpty ? title : body
        }
        let rest = items.count - Store.Notifications.mostNamed
        let lines = titles.prefix(Store.Notifications.mostNamed).map { "- \($0)" }
        return (lines + (rest > 0 ? ["and \(rest) more"] : [])).joined(separator: "\n")
    }

    var json: JSON {
        let list = items.prefix(Store.Notifications.mostNamed).map { item -> JSON in
            .object(
                [.init("id", JSON(item.id))]
                    + ["kind", "level", "title", "body", "subject_id"].map { .init($0, item[$0]) })
        }
        return ["count": JSON(items.count), "notifications": .array(list)]
    }
}

extension Store {
    /// Writes down a message to one address and promises the job that sends it; the message's id.
    func send(
        _ subject: String, _ body: String, by way: Addressee.Way, _ more: Values = Values()
    ) async throws -> ID {
        let text = String(String.UnicodeScalarView(body.unicodeScalars.prefix(way.channel.bodyLimit)))
        var values = Values([
            "channel": JSON(way.channel), "to": [.string(way.address)], "body": .string(text),
        ])
        if [.email, .inApp].contains(way.channel) {
            let line = subject.split(whereSeparator: \.isNewline).joined(separator: " ")
            values["subject"] = .string(String(line.prefix(500)))
        }
        if let connection = way.connection { values["connection_id"] = JSON(connection) }
        let (id, job) = (ID(), ID())
        _ = try await messages.promise(values.changed(by: more), id: id, to: job)
        let arguments: JSON = ["message_id": JSON(id)]
        var envelope = Envelope(
            id: job, name: "send_message", arguments: arguments.bytes, workspace: scope?.workspace.text ?? "")
        envelope.flow.charges = try await limit(of: way).map { [Flow.Charge($0)] } ?? []
        try await promise(envelope)
        return id
    }

    /// The limit of the connection that the way takes; nil where it takes none.
    private func limit(of way: Addressee.Way) async throws -> String? {
        guard let provider = way.channel.provider else { return nil }
        let usual = way.connection == nil ? try await connections.usual(provider)?.id : way.connection
        return usual.map { "provider:\(provider):\($0)" }
    }
}
