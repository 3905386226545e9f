import Core
import SQL
import Workspace

// What becomes of messages after they were sent.
extension Store.Messages {
    private var access: Access { store.access }
    private var workspace: ID { get throws { try store.rows(.messages).scope.workspace } }

    /// The message that its channel calls by this id, also where the id is that of a later part.
    package func find(externalID: String, on channel: Channel) async throws -> Item? {
        let known = try await access.query(
            "select id from messages where workspace_id = $1 and channel = $2 and external_id = $3",
            [Value(try workspace), Value(channel), .text(externalID)]
        ) { try $0.get("id", as: ID.self) }.first
        if let known { return try await store.rows(.messages).find(known) }
        guard let provider = channel.provider,
            let key = try await store.effects.key(try workspace, provider: provider, externalID: externalID)
        else { return nil }
        // The key of an effect is message:<id>:<part>.
        let parts = key.split(separator: ":")
        guard parts.count >= 2, parts[0] == "message", let id = ID(String(parts[1])) else { return nil }
        return try await store.rows(.messages).find(id)
    }

    /// The channel tells how far a message is. It only goes forward: sent, delivered, read; what failed for
    /// good stays so. True when that changed something.
    @discardableResult
    package func moved(
        externalID: String, on channel: Channel, to status: MessageStatus, reason: String? = nil
    ) async throws -> Bool {
        guard let message = try await find(externalID: externalID, on: channel) else { return false }
        return try await moved(message.id, to: status, reason: reason)
    }

    /// The same for a message known by its own id.
    @discardableResult
    package func moved(_ id: ID, to status: MessageStatus, reason: String? = nil) async throws -> Bool {
        try await store.transaction { store in
            guard let message = try await store.messages.held(id), message.values.isOut,
                let before = message.status, status.follows(before)
            else { return false }
            var values = Values(["status": JSON(status)])
            if status == .failed {
                // It is no job's any more: the channel had it, and another try would not send it again.
                values["job_id"] = .null
                values["error"] = .string(Self.oneLine(reason ?? "The channel could not deliver it."))
            }
            try await store.rows(.messages).update(id, values)
            return true
        }
    }

    /// A mail server reports that a mail did not arrive; nil where the mail is none of ours.
    package func bounced(_ bounce: Bounce) async throws -> Item? {
        guard bounce.isFinal, let message = try await mail(bounce.messageID) else { return nil }
        try await moved(message.id, to: .failed, reason: bounce.sentence)
        return try await store.rows(.messages).find(message.id)
    }

    /// Whoever carries a mail tells how far it is. That one of several has it does not say that all do.
    @discardableResult
    package func moved(
        messageID: String, to status: MessageStatus, reason: String? = nil
    ) async throws -> Bool {
        guard let message = try await mail(messageID),
            status != .delivered || message.values.texts("to").count == 1
        else { return false }
        return try await moved(message.id, to: status, reason: reason)
    }

    /// Somebody calls a mail of ours spam: it did arrive, and says so from now on.
    @discardableResult
    package func complained(messageID: String, _ reason: String) async throws -> Bool {
        try await moved(messageID: messageID, to: .delivered)
        return try await store.transaction { store in
            guard let message = try await store.messages.mail(messageID), message["error"] == .null else {
                return false
            }
            try await store.rows(.messages).update(
                message.id, Values(["error": .string(Self.oneLine(reason))]))
            return true
        }
    }

    /// The mail of ours that bears this Message-ID: the id of its message stands before the @.
    private func mail(_ messageID: String?) async throws -> Item? {
        guard let name = messageID?.split(separator: "@").first, let id = ID(String(name)),
            let message = try await store.rows(.messages).find(id),
            message["channel"] == JSON(Channel.email), message.values.isOut
        else { return nil }
        return message
    }

    /// What a text from elsewhere is in the field `error`, which refuses control characters.
    static func oneLine(_ text: String) -> String {
        let kept = text.unicodeScalars.filter { scalar in
            let isControl = scalar.value < 0x20 || (0x7F..<0xA0).contains(scalar.value)
            return !isControl || scalar.properties.isWhitespace
        }
        let words = kept.split { $0.properties.isWhitespace }.map { String(String.UnicodeScalarView($0)) }
        return String(String.UnicodeScalarView(words.joined(separator: " ").unicodeScalars.prefix(2_000)))
    }
}

extension MessageStatus {
    /// True when a message that is `before` may become this.
    fileprivate func follows(_ before: MessageStatus) -> Bool {
        let order: [MessageStatus] = [.queued, .sent, .delivered, .read]
        if self == .failed { return before == .queued || before == .sent }
        guard let here = order.firstIndex(of: self), let there = order.firstIndex(of: before) else {
            return false
        }
        return here > there
    }
}

extension Values {
    fileprivate var isOut: Bool { text("direction") == "out" }
}
