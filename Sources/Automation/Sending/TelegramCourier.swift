import Core
import Integrations
import Store
import Workspace

/// Messages of a Telegram bot, long ones in parts.
struct TelegramCourier: Courier {
    let parcel: Parcel
    let connection: Connection
    let store: Store

    let provider = Provider.telegram.name
    /// Times that a chat may say it has moved within one call.
    private static let moves = 2

    func parts() -> [Parcel.Part] { parcel.parts(of: Telegram.longest) }

    func digest(of part: Parcel.Part) -> String { parcel.digest(of: part) }

    func send(_ part: Parcel.Part) async throws -> Ledger.Call {
        if let reason = try await store.messages.loss(of: parcel.to, on: .telegram) {
            throw Failure(.missing, "\(reason) It is written to again once something comes from there.")
        }
        let telegram = Telegram(connection.line)
        var (chat, mode) = (parcel.to, parcel.isMarkdown ? "MarkdownV2" : nil)
        // Each further round follows a certain refusal, so that nothing was sent before it.
        for _ in 0...(Self.moves + 1) {
            switch await telegram.send(part.text, to: chat, mode: mode) {
            case .posted(let id): return .made(receipt: .posted(id, by: provider))
            case .moved(let next):
                try await store.messages.rename(chat, to: next, on: .telegram)
                chat = next
            case .unparsed: mode = nil
            case .gone(let failure):
                try await store.messages.lose(parcel.to, on: .telegram, failure.message)
                return .failed(failure)
            case .failed(let failure): return .failed(failure)
            case .unclear(let failure): return .unclear(failure)
            }
        }
        return .failed(Failure(.invalid, "Telegram says that the chat \(parcel.to) moved too often."))
    }
}
