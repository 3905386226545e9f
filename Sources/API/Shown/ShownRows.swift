import Core
import Store

extension Store.Sandbox.Message {
    /// The message as a list shows it.
    var members: [JSON.Member] {
        [
            .init("id", JSON(id)), .init("channel", .string(channel)), .init("recipient", .string(recipient)),
            .init("subject", JSON(subject)), .init("created_at", JSON(createdAt)),
        ]
    }

    /// All of it.
    var json: JSON { .object(members + [.init("body", .string(body)), .init("raw", .string(raw))]) }
}
