import Core
import Workspace

extension Store.Messages {
    /// A message as its sender describes it.
    package struct Writing: Sendable {
        /// The fields that were given.
        package var values: Values
        package var template: ID?
        package var variables: [String: String] = [:]

        package init(_ values: Values) { self.values = values }
    }

    /// The fields of the message: what a template, the message answered and the contact say is added to what
    /// was given. Throws `invalid` at what is not there or does not fit together.
    package func write(_ writing: Writing) async throws -> Values {
        var values = try await filled(writing)
        if let earlier = values.id("in_reply_to") { try await answer(earlier, &values) }
        guard let contact = values.id("contact_id"), values.texts("to").isEmpty else { return values }
        let channel = values.text("channel").flatMap { Channel(rawValue: $0) }
        guard let channel, let row = try await store.rows(.contacts).find(contact) else { return values }
        guard let address = row.values.address(by: channel) else {
            throw Failure(
                .invalid, "The contact has no address for the channel \(channel.title).", at: "/contact_id")
        }
        values["to"] = [.string(address)]
        return values
    }

    private func filled(_ writing: Writing) async throws -> Values {
        guard let id = writing.template else {
            guard writing.variables.isEmpty else {
                throw Failure(.invalid, "variables need a template_id.", at: "/variables")
            }
            return writing.values
        }
        guard let row = try await store.rows(.templates).find(id) else {
            throw Failure(.invalid, "template_id names no template of this workspace.", at: "/template_id")
        }
        if let name = ["subject", "body", "format"].first(where: { writing.values.has($0) }) {
            throw Failure(.invalid, "\(name) comes from the template; send one of them.", at: "/\(name)")
        }
        let filled = try MessageTemplate(row.values).filled(with: writing.variables)
        if let channel = writing.values["channel"], channel != filled["channel"] {
            throw Failure(.invalid, "The template is for another channel.", at: "/channel")
        }
        return filled.changed(by: writing.values)
    }

    /// Takes over what an answer has from the message that it answers.
    private func answer(_ id: ID, _ values: inout Values) async throws {
        guard let earlier = try await store.rows(.messages).find(id)?.values else { return }
        if !values.has("channel") { values["channel"] = earlier["channel"] }
        guard values["channel"] == earlier["channel"] else { return }
        if !values.has("contact_id"), values.texts("to").isEmpty {
            values["contact_id"] = earlier["contact_id"]
        }
        if values.texts("to").isEmpty {
            let sender = earlier.text("from_address").map { JSON.array([.string($0)]) }
            values["to"] = earlier.text("direction") == "in" ? sender ?? [] : earlier["to"]
        }
        guard values.text("channel") == Channel.email.rawValue, !values.has("subject") else { return }
        let subject = earlier.text("subject") ?? ""
        let isAnswer = subject.lowercased().hasPrefix("re:")
        values["subject"] = .string(isAnswer ? subject : String("Re: \(subject)".prefix(500)))
    }
}
