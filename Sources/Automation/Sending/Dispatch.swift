import Core
import Integrations
import Store
import Workspace

/// Takes one message of the workspace to its channel.
///
/// E-mail goes through the mail integration. The other channels have no provider here yet, so that their
/// messages are rendered and kept in the sandbox, where it is open.
package struct Dispatch: Sendable {
    private let message: Item
    private let channel: Channel
    private let tools: Tools

    /// Throws `Failure(.broken)` for a row that is no message.
    package init(_ message: Item, _ tools: Tools) throws {
        guard let channel = message.values.text("channel").flatMap({ Channel(rawValue: $0) }) else {
            throw Failure(.broken, "The row \(message.id) is no message.")
        }
        self.message = message
        self.channel = channel
        self.tools = tools
    }

    /// The call as the ledger knows it. Of a message that could not be sent, the next job makes the same
    /// call.
    package func effect(_ workspace: ID, job: ID, attempt: Int) throws -> Effect {
        Effect(
            workspace: workspace, key: "message:\(message.id)", provider: provider,
            requestHash: try digest(), job: job, attempt: attempt)
    }

    /// Makes the call.
    package func call(in workspace: ID) async -> Ledger.Call {
        do {
            switch channel {
            case .email: return try await mail()
            case .inApp: return .made(receipt: receipt("atom", isSandbox: false, "kept for its readers"))
            case .whatsapp, .telegram, .sms, .slack, .teams: return try await keep(workspace)
            }
        } catch let failure as Failure {
            return .failed(failure)
        } catch {
            // A cancelled attempt says so only when nothing was sent.
            return .failed(
                Failure(.unavailable, "The attempt was stopped before the message was sent.", cause: error))
        }
    }

    private var provider: String { channel == .email ? "smtp" : channel.rawValue }

    private func digest() throws -> String {
        if channel == .email { return try tools.integrations.mail.digest(of: letter) }
        return Store.Messages.digest([message.id.text, rendered])
    }

    private func mail() async throws -> Ledger.Call {
        switch try await tools.integrations.mail.send(letter) {
        case .sent(let sent):
            var members =
                receipt(sent.isSandbox ? "sandbox" : "smtp", isSandbox: sent.isSandbox, sent.reply)
                .members ?? []
            let refused = sent.refused.map { refusal -> JSON in
                ["recipient": .string(refusal.recipient), "reply": .string(refusal.reply)]
            }
            members.append(.init("refused", .array(refused)))
            return .made(receipt: .object(members))
        case .unknown(let failure): return .unclear(failure)
        }
    }

    /// The same bytes on every attempt: the identity and the date are the message's.
    private var letter: Mail.Message {
        let values = message.values
        let (body, isHTML) = (values.text("body") ?? "", values.text("format") == "html")
        var letter = Mail.Message(
            id: message.id.text, to: values.texts("to").map { Mail.Address($0) },
            subject: values.text("subject") ?? "", text: isHTML ? PlainText.of(html: body) : body,
            html: isHTML ? body : nil, date: values.time("occurred_at") ?? message.createdAt)
        letter.replyTo = values.text("from_address").map { Mail.Address($0) }
        return letter
    }

    private func keep(_ workspace: ID) async throws -> Ledger.Call {
        guard tools.integrations.mail.isSandboxed else {
            throw Failure(
                .invalid,
                "The channel \(channel.title) has no provider here, and ATOM_SANDBOX=0 closes the sandbox."
            )
        }
        try await tools.store.sandbox.add(
            .init(
                workspace: workspace, channel: channel.rawValue,
                recipient: message.values.texts("to").joined(separator: ", "),
                subject: message.values.text("subject"), body: message.values.text("body") ?? "",
                raw: rendered))
        return .made(receipt: receipt("sandbox", isSandbox: true, "kept in the sandbox"))
    }

    /// What a provider of the channel would be told.
    private var rendered: String {
        JSON.object([
            .init("channel", JSON(channel)), .init("to", message["to"]), .init("subject", message["subject"]),
            .init("format", message["format"]), .init("text", message["body"]),
        ]).text
    }

    private func receipt(_ provider: String, isSandbox: Bool, _ reply: String) -> JSON {
        [
            "provider": .string(provider), "sandbox": .bool(isSandbox), "reply": .string(reply),
            "id": .string(message.id.text),
        ]
    }
}
