import Core
import Integrations
import Store
import Workspace

/// A message of a bot with buttons under it, sent through the ledger.
package struct ChatAnswer: Sendable {
    private let message: Item
    private let buttons: [ChatButton]
    private let workspace: ID

    package init(_ message: Item, _ buttons: [ChatButton], in workspace: ID) {
        self.message = message
        self.buttons = buttons
        self.workspace = workspace
    }

    /// Sends it, unless that was done, or may have been, before.
    package func send(job: ID, attempt: Int, _ tools: Tools) async throws -> Ledger.Result {
        guard let id = message.values.id("connection_id"), let chat = message.values.texts("to").first else {
            throw Failure(.broken, "The message \(message.id) is no answer of a bot.")
        }
        let connection = try await tools.connections.open(id, in: workspace)
        let text = message.values.text("body") ?? ""
        let hash = Store.Messages.digest(
            [message.id.text, chat, text] + buttons.flatMap { [$0.title, $0.data] })
        let effect = Effect(
            workspace: workspace, key: "message:\(message.id):1", provider: connection.provider.name,
            requestHash: hash, job: job, attempt: attempt)
        return try await tools.ledger.once(effect) {
            await call(Telegram(connection.line), text, chat)
        }
    }

    private func call(_ telegram: Telegram, _ text: String, _ chat: String) async -> Ledger.Call {
        switch await telegram.send(text, to: chat, markup: markup) {
        case .posted(let id): .made(receipt: .posted(id, by: Provider.telegram.name))
        case .gone(let failure), .failed(let failure): .failed(Self.discreet(failure))
        case .unclear(let failure): .unclear(Self.discreet(failure))
        case .moved, .unparsed: .failed(Failure(.invalid, "Telegram does not take the answer."))
        }
    }

    /// What Telegram says of a message may quote it, and the errors of a job are for the whole workspace.
    private static func discreet(_ failure: Failure) -> Failure {
        failure.worded("Telegram did not take the answer: \(failure.kind.rawValue).")
    }

    /// Two buttons a row.
    private var markup: JSON? {
        guard !buttons.isEmpty else { return nil }
        let shown = buttons.map { button -> JSON in
            ["text": .string(button.title), "callback_data": .string(button.data)]
        }
        let rows = stride(from: 0, to: shown.count, by: 2).map { start in
            JSON.array(Array(shown[start..<min(start + 2, shown.count)]))
        }
        return ["inline_keyboard": .array(rows)]
    }
}
