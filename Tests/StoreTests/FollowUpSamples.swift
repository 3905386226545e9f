import Core
import SQL
import Store
import TestHouse
import Workspace

/// What tests of follow-ups and notifications look at.
extension FreshStore {
    /// The jobs that are promised, by their names, oldest first.
    func jobs(_ name: String) async throws -> [Envelope] {
        try await store.outbox.unpushed(before: .now + .seconds(60), limit: 1_000)
            .map { try Envelope($0.envelope) }.filter { $0.name == name }.sorted { $0.id < $1.id }
    }

    /// Somebody with an account, whose quiet hours and channels are these.
    func settled(
        _ name: String, _ role: Store.Role = .member, channels: String = #"["in_app","email"]"#,
        quiet: (String, String)? = nil
    ) async throws -> (id: ID, store: Store) {
        let person = try await member(name, role)
        try await database.execute(
            """
            insert into accounts (id, email, name, password_hash, time_zone, locale, notification_channels,
                quiet_from, quiet_to, created_at, updated_at, version)
            values ($1, $2, $2, '', 'UTC', 'en', $3, $4, $5, 0, 0, 1)
            """,
            [
                .text(person.id.text), .text("\(name)@example.org"), .text(channels),
                quiet.map { .text($0.0) } ?? .null, quiet.map { .text($0.1) } ?? .null,
            ])
        try await database.execute(
            "update users set account_id = id where id = $1", [.text(person.id.text)])
        return person
    }

    /// The messages that go out, oldest first.
    func sent() async throws -> [Item] {
        try await ours.rows(.messages).list().filter { $0["direction"] == "out" }.sorted { $0.id < $1.id }
    }

    /// A message that was sent, as its channel's receipt says.
    func deliver(_ message: Item) async throws {
        try await ours.messages.sent(message.id, receipt: [:], externalID: nil)
    }
}

extension Item {
    /// The id of a job in the row.
    var job: ID? { values.id("job_id") }

    /// The reply of whom the message went to.
    var reply: Values {
        Values([
            "channel": self["channel"], "direction": "in", "body": "Yes",
            "from_address": self["to"].array?[0] ?? .null,
            "in_reply_to": JSON(id),
        ])
    }
}
