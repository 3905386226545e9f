import Core
import Integrations
import Store
import Workspace

extension Proposal {
    /// A message to the contact of the conversation, or to an address that the person typed in it.
    static let sendMessage = Proposal(
        Prompt.Tool(
            "send_message",
            "Proposes a message to the contact this conversation is about. A person decides.",
            schema: .closed(
                [
                    .init("channel", ["type": "string", "enum": ["email", "whatsapp", "sms", "telegram"]]),
                    .init("to", ["type": "string", "maxLength": 254]),
                    .init("subject", ["type": "string", "maxLength": 500]),
                    .init("body", ["type": "string", "maxLength": 10_000]),
                ], required: ["channel", "to", "body"])),
        area: "communications", job: "send_message"
    ) { execution in
        let recipient = try await execution.recipient()
        let message = try Noun.message.fresh(try execution.message())
        let lines = ["channel", "subject", "body"].compactMap { name in
            message[name].flatMap { $0 == .null ? nil : Preview.Line(name, to: $0) }
        }
        return Preview(deed: "Send a message to", subject: recipient, lines: lines)
    } execute: { execution in
        _ = try await execution.recipient()
        let message = try await execution.store.messages.promise(
            try execution.message(), id: execution.action, to: execution.job)
        return ["noun": "message", "id": JSON(message.id), "job_id": JSON(execution.job)]
    }
}

extension Proposal.Execution {
    /// The most messages of a conversation that are searched for an address.
    private static let searched = 200

    fileprivate func message() throws -> Values {
        var values = try Noun.message.read(
            .object((parameters.members ?? []).filter { $0.name != "to" } + [.init("direction", "out")]))
        values["to"] = .array([parameters["to"] ?? .null])
        return values
    }

    /// Who is written to, by name and address. Text from outside may have told the model whom to write to:
    /// only those are written to whom a person chose.
    fileprivate func recipient() async throws -> String {
        let wanted = (parameters["to"]?.string ?? "").lowercased()
        guard let conversation, !wanted.isEmpty else { throw Self.refused }
        let talk = try await store.rows(.conversations).require(conversation)
        if let contact = talk.values.id("contact_id"), let row = try await store.rows(.contacts).find(contact)
        {
            let known = row.values.texts("emails") + row.values.texts("phones")
            let name = row.values.text("telegram").map { [$0] } ?? []
            if (known + name).contains(where: { $0.lowercased() == wanted }) {
                return "\(row["name"].string ?? "") (\(wanted))"
            }
        }
        guard try await typed(in: conversation).contains(wanted) else { throw Self.refused }
        let channel = parameters["channel"]?.string.flatMap { Channel(rawValue: $0) }
        guard let channel, let contact = try await store.rows(.contacts).contact(at: wanted, by: channel),
            let row = try await store.rows(.contacts).find(contact)
        else { return "\(wanted) (in no contact)" }
        return "\(row["name"].string ?? "") (\(wanted))"
    }

    /// The words that the person wrote in the conversation, without what stands around an address.
    private func typed(in conversation: ID) async throws -> Set<String> {
        var query = Rows.Query()
        query.limit = Self.searched
        query.equal = [("conversation_id", JSON(conversation)), ("role", "user")]
            .compactMap { name, value in Noun.chatMessage.field(name).map { ($0, value) } }
        let texts = try await store.rows(.chatMessages).list(query).compactMap { $0["content"].string }
        let words = texts.flatMap { $0.lowercased().split(whereSeparator: \.isWhitespace) }
        return Set(words.map { $0.trimming(",.;:!?\"'()[]<>") })
    }

    private static let refused = Failure(
        .forbidden,
        "A message goes to the contact of the conversation only, or to an address that its person typed.")
}

extension Substring {
    fileprivate func trimming(_ marks: String) -> String {
        var text = self
        while let first = text.first, marks.contains(first) { text = text.dropFirst() }
        while let last = text.last, marks.contains(last) { text = text.dropLast() }
        return String(text)
    }
}
