import Core
import Crypto
import Integrations
import Store

/// Codes with which people make a chat with a bot theirs.
package struct ChatCodes: Sendable {
    private let tools: Tools

    package init(_ tools: Tools) { self.tools = tools }

    /// A code, and where it leads.
    package struct Offer: Sendable {
        package let code: String
        /// Opens the chat with the bot and sends the code; nil where the bot cannot be asked its name.
        package let link: String?
        package let expiresAt: Moment
    }

    /// The providers whose bots take codes.
    private static let providers: Set<String> = ["telegram", "discord"]

    /// Makes a code for `user`. Throws `conflict` for a connection without a bot.
    package func offer(_ id: ID, to user: ID, in workspace: ID) async throws -> Offer {
        let connection = try await tools.connections.open(id, in: workspace)
        guard Self.providers.contains(connection.provider.name) else {
            throw Failure(.conflict, "\(connection.provider.title) has no bot to chat with here.")
        }
        let code = SymmetricKey(size: .bits192).withUnsafeBytes { Base64.urlText(Array($0)) }
        let now = Moment.now
        let store = tools.store.scoped(Scope(workspace: workspace, user: user, actor: "user:\(user)"))
        try await store.chatLinks.offer(Store.Messages.digest([code]), to: user, id, at: now)
        return Offer(
            code: code, link: await link(code, connection), expiresAt: now + Store.ChatLinks.life)
    }

    private func link(_ code: String, _ connection: Connection) async -> String? {
        guard connection.provider.name == "telegram" else { return nil }
        do {
            let name = try await Telegram(connection.line).ask("getMe", [:])["username"]?.string
            return name.map { "https://t.me/\(Form.encoded($0))?start=\(code)" }
        } catch {
            // The code is good without the link.
            return nil
        }
    }
}
