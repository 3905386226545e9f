import Core
import SQL
import Workspace

// Who has a notification in hand ends its escalation for all.
extension Store.Notifications {
    /// Notes that the caller takes care of what the notification says, which ends its escalation; whoever
    /// else was told the same sees that. Throws `missing`.
    package func acknowledge(_ id: ID, at now: Moment = .now) async throws -> Item {
        try await store.transaction { store in
            let item = try await store.rows(.notifications).require(id)
            guard item["acknowledged_at"] == .null else { return item }
            let house = try store.notifications.house
            try await house.notifications.settle(item, by: store.scope?.user, at: now)
            return try await store.rows(.notifications).require(id)
        }
    }

    /// Acknowledges a notification and all that was told with it; for the house.
    private func settle(_ item: Item, by user: ID?, at now: Moment) async throws {
        let group = item.values.id("group_id")
        for one in try await told(with: item) where one["acknowledged_at"] == .null {
            var values = Values(["acknowledged_at": JSON(now), "acknowledged_by": JSON(user)])
            if one.values.id("user_id") == user, one["read_at"] == .null { values["read_at"] = JSON(now) }
            try await store.rows(.notifications).update(one.id, values, at: now)
        }
        try await store.access.execute(
            "delete from notification_watches where workspace_id = $1 and group_id = $2",
            [Value(store.scope?.workspace), Value(group ?? item.id)])
        guard let subject = item.values.id("subject_id") else { return }
        try await store.followUps.hear(ofAcknowledged: subject, at: now)
    }

    /// All that was told at once, and what was told again of it.
    func told(with item: Item) async throws -> [Item] {
        guard let group = item.values.id("group_id") else { return [item] }
        let ids = try await store.access.query(
            """
            select id from notifications where workspace_id = $1 and group_id = $2 order by id limit 1000
            """, [Value(store.scope?.workspace), Value(group)]
        ) { try $0.get("id", as: ID.self) }
        return try await store.rows(.notifications).find(ids)
    }

    /// A message came in: where it answers one that told of notifications, these are acknowledged.
    func hear(_ message: Item, at now: Moment) async throws {
        guard let thread = message.values.id("thread_id"),
            !(message.values.text("body") ?? "").hasPrefix("/")
        else { return }
        let asked = try await store.access.query(
            """
            select id from messages where workspace_id = $1 and thread_id = $2 and direction = 'out'
            and id = coalesce($3, id) order by occurred_at desc, id desc limit 1
            """, [Value(store.scope?.workspace), Value(thread), Value(message.values.text("in_reply_to"))]
        ) { try $0.get("id", as: ID.self) }
        guard let asked = asked.first else { return }
        let ids = try await store.access.query(
            "select notification_id from notification_deliveries where workspace_id = $1 and message_id = $2",
            [Value(store.scope?.workspace), Value(asked)]
        ) { try $0.get("notification_id", as: ID.self) }
        let house = try house
        for item in try await house.rows(.notifications).find(ids) where item["acknowledged_at"] == .null {
            try await house.notifications.settle(item, by: item.values.id("user_id"), at: now)
        }
    }
}
