import Core
import SQL
import Workspace

// What happens meanwhile ends follow-ups at once, and not only when their time comes.
extension Store.FollowUps {
    /// A task was changed: what it has made pointless ends.
    func hear(task change: Shelf.Change) async throws {
        guard let before = change.before else { return }
        for item in try await open("f.task_id = $2", [Value(before.id)]) {
            guard let reason = item.reason.end(task: change.after?.subject, isAnswered: false) else {
                continue
            }
            _ = try await finish(item, reason, at: change.now)
        }
    }

    /// A message came in, or could not be sent.
    func hear(message change: Shelf.Change) async throws {
        guard let message = change.after else { return }
        // A machine that answers for somebody, such as one who is away, has not answered.
        let isAutomatic = message["receipt"]["automatic"]?.bool == true
        if change.before == nil, message.values.text("direction") == "in", !isAutomatic {
            try await hear(reply: message, at: change.now)
            try await store.notifications.hear(message, at: change.now)
        }
        guard change.before != nil, message.status == .failed, change.before?.status != .failed else {
            return
        }
        let reason = "The message could not be sent: \(message.values.text("error") ?? "")"
        for item in try await open("f.last_message_id = $2", [Value(message.id)]) {
            // Where there is a next step, it is taken at once.
            guard item.values.id("job_id") != nil else {
                try await end(item, .failed, reason, at: change.now)
                continue
            }
            try await plan(
                try await self.change(
                    item, ["job_id": JSON(ID()), "due_at": JSON(change.now)], at: change.now))
        }
    }

    private func hear(reply message: Item, at now: Moment) async throws {
        let items = try await open(
            """
            f.id in (
                select l.follow_up_id from follow_up_messages l
                join messages m on m.workspace_id = l.workspace_id and m.id = l.message_id
                where l.workspace_id = $1 and m.thread_id = $2 and m.occurred_at <= $3)
            """,
            [Value(message.values.text("thread_id")), Value(message.values.time("occurred_at"))])
        for item in items { _ = try await finish(item, "A reply came.", at: now) }
    }

    /// Somebody acknowledged the notification that a message became.
    func hear(ofAcknowledged subject: ID, at now: Moment) async throws {
        let items = try await open("f.last_message_id = $2", [Value(subject)])
        for item in items { _ = try await finish(item, "It was acknowledged.", at: now) }
    }

    /// Takes back a follow-up that was not sent, or ends one that was. Throws `conflict` when it has ended.
    package func cancel(_ id: ID, at now: Moment = .now) async throws -> Item {
        try await close(id, .cancelled, "Somebody took it back.", at: now)
    }

    /// Notes that a follow-up was answered in a way that nobody could see here. Throws `conflict` when it has
    /// ended.
    package func answer(_ id: ID, at now: Moment = .now) async throws -> Item {
        try await close(id, .answered, "Somebody said so.", at: now)
    }

    private func close(
        _ id: ID, _ status: FollowUpStatus, _ reason: String, at now: Moment
    ) async throws -> Item {
        try await store.transaction { store in
            try await store.access.execute(
                "update follow_ups set version = version where workspace_id = $1 and id = $2",
                [store.followUps.workspace, Value(id)])
            let item = try await store.rows(.followUps).require(id)
            guard item.followUpStatus?.isOpen == true else {
                throw Failure(
                    .conflict, "The follow-up has ended: it is \(item.values.text("status") ?? "").")
            }
            try await store.followUps.end(item, status, reason, at: now)
            return try await store.rows(.followUps).require(id)
        }
    }

    /// The follow-ups for which the condition holds and that have not ended, with no other writer until the
    /// transaction ends; its values begin at $2.
    private func open(_ condition: String, _ values: [Value]) async throws -> [Item] {
        let ids = try await access.query(
            """
            select f.id from follow_ups f where f.workspace_id = $1 and \(condition)
            and f.status in ('scheduled', 'sent', 'escalated') order by f.id
            """, [workspace] + values
        ) { try $0.get("id", as: ID.self) }
        var items: [Item] = []
        for id in ids {
            try await access.execute(
                "update follow_ups set version = version where workspace_id = $1 and id = $2",
                [workspace, Value(id)])
            guard let item = try await store.rows(.followUps).find(id), item.followUpStatus?.isOpen == true
            else { continue }
            items.append(item)
        }
        return items
    }
}
