import Core
import Store
import Workspace

extension String {
    /// What a text from elsewhere is in a field here: without control characters, and of so many characters
    /// at most.
    func fitted(_ most: Int) -> String {
        var scalars = String.UnicodeScalarView()
        for scalar in replacing("\r\n", with: "\n").unicodeScalars {
            guard scalars.count < most else { break }
            let isControl = scalar.value < 0x20 || (0x7F..<0xA0).contains(scalar.value)
            if !isControl || scalar == "\n" || scalar == "\t" { scalars.append(scalar) }
        }
        return String(scalars)
    }

    /// The same in one line; nil where nothing is left.
    func oneLine(_ most: Int) -> String? {
        let words = fitted(most * 2).split { $0.isWhitespace || $0.isNewline }
        let text = words.joined(separator: " ").fitted(most)
        return text.isEmpty ? nil : text
    }

    /// What a setting lists with commas.
    var listed: [String] {
        split(separator: ",").map { $0.drop(while: \.isWhitespace) }
            .map { String($0.reversed().drop(while: \.isWhitespace).reversed()) }.filter { !$0.isEmpty }
    }
}

/// A message from elsewhere.
struct RemoteMessage: Sendable {
    var channel: Channel
    var isOut = false
    var from: String?
    var to: [String] = []
    var subject: String?
    var body = ""
    var format = Channel.Format.text
    var at: Moment
    var isRead = false
    /// What the channel calls it, the same whoever brings it here.
    var externalID: String?
    /// What it shares there with the other messages of its conversation.
    var thread: String?

    init(_ channel: Channel, at: Moment) { (self.channel, self.at) = (channel, at) }

    var values: Values {
        var values = Values([
            "channel": JSON(channel), "direction": .string(isOut ? "out" : "in"),
            "status": .string(isOut ? "sent" : isRead ? "read" : "received"),
            "from_address": JSON(from?.oneLine(320)),
            "to": .array(to.compactMap { $0.oneLine(320) }.prefix(50).map(JSON.string)),
            "body": .string(body.fitted(channel.bodyLimit)), "format": JSON(format), "sent_at": JSON(at),
            "external_id": JSON(externalID),
        ])
        if let subject = subject?.oneLine(500) { values["subject"] = .string(subject) }
        // What is marked as unread there has not been read here either.
        if !isOut, !isRead { values["read_at"] = .null }
        return values
    }
}

extension SyncDesk {
    /// What may change about a message that is here already.
    private static let changing: Set = ["status", "read_at"]

    /// Makes a message that came by another way, or from here, the same as the one there; else adds it to
    /// its conversation.
    mutating func put(_ thing: Thing, _ message: RemoteMessage) async throws {
        try await row(thing.kind, thing.id) { try await $0.place(thing, message) }
    }

    private mutating func place(_ thing: Thing, _ message: RemoteMessage) async throws {
        var values = message.values
        values["connection_id"] = JSON(connection.id)
        var adopted: ID?
        if try await link(thing.kind, thing.id) == nil {
            if let external = message.externalID {
                adopted = try await self.message(external, of: message.channel)
            }
            if adopted == nil, let root = try await root(of: message) { values["in_reply_to"] = JSON(root) }
        }
        let item = try await place(
            thing, on: .messages, values, Manner(adopting: adopted, changing: Self.changing))
        guard let item, let thread = message.thread else { return }
        try await keepRoot(item.id, of: thread)
    }

    private func message(_ externalID: String, of channel: Channel) async throws -> ID? {
        var query = Rows.Query()
        query.equal = [("external_id", JSON.string(externalID)), ("channel", JSON(channel))]
            .compactMap { name, value in Noun.message.field(name).map { ($0, value) } }
        query.limit = 1
        return try await store.rows(.messages).list(query).first?.id
    }

    /// A message of the same conversation that is here.
    private func root(of message: RemoteMessage) async throws -> ID? {
        guard let thread = message.thread, let link = try await link("thread", thread) else { return nil }
        return try await store.rows(.messages).find(link.row)?.id
    }

    private func keepRoot(_ id: ID, of thread: String) async throws {
        if let known = try await link("thread", thread),
            try await store.rows(.messages).find(known.row) != nil
        {
            return
        }
        // It has no row of its own, so that it never takes one away.
        try await store.externalLinks.save(
            .init(connection.id, "thread", thread, stream: "", noun: "", row: id))
    }
}
