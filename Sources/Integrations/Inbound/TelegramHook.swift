import Core

extension Telegram {
    /// The updates that are read, as the Bot API calls them.
    private static let wanted: JSON = ["message", "channel_post", "callback_query"]

    /// Has the updates of the bot brought to `url`, each with the secret. It may be said again.
    package func subscribe(_ url: String, secret: String) async throws {
        _ = try await ask(
            "setWebhook",
            ["url": .string(url), "secret_token": .string(secret), "allowed_updates": Self.wanted])
    }

    /// Has them brought nowhere.
    package func unsubscribe() async throws { _ = try await ask("deleteWebhook", [:]) }
}
