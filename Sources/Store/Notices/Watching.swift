import Core
import SQL
import Workspace

// What nobody acknowledges is told again, to the next person or by the next channel.
extension Store.Notifications {
    /// What became of a job that was to escalate.
    package enum Escalating: Sendable, Hashable {
        /// Somebody acknowledged it, or another job does this.
        case stale
        /// So many people were told.
        case told(Int)
    }

    /// Begins to watch over what was just told, by every escalation that is for such news.
    func watch(_ item: Item, at now: Moment) async throws {
        var query = Rows.Query()
        query.limit = Store.Page.most
        query.equal = [Noun.notificationEscalation.field("enabled")].compactMap { $0 }.map { ($0, true) }
        for escalation in try await store.rows(.notificationEscalations).list(query)
        where Selection(escalation.values).takes(item.values.text("kind") ?? "", item.level) {
            let steps = try EscalationStep.list(escalation.values["steps"], at: "/steps")
            guard let first = steps.first, let group = item.values.id("group_id") else { continue }
            let arguments: JSON = ["group_id": JSON(group), "escalation_id": JSON(escalation.id)]
            let due = now + first.wait
            let job = try await store.promise("escalate_notification", arguments, at: due)
            try await store.access.execute(
                """
                insert into notification_watches
                (workspace_id, group_id, escalation_id, notification_id, turn, job_id, due_at)
                values ($1, $2, $3, $4, 0, $5, $6)
                """,
                [
                    Value(store.scope?.workspace), Value(group), Value(escalation.id), Value(item.id),
                    Value(job), Value(due),
                ])
        }
    }

    /// Takes the next step, and plans the one after; for the job of that id.
    package func escalate(
        _ group: ID, by escalation: ID, job: ID, at now: Moment = .now
    ) async throws -> Escalating {
        try await house.transaction { store in
            let notices = store.notifications
            guard let watch = try await notices.watch(of: group, escalation, job),
                let first = try await store.rows(.notifications).find(watch.notification),
                first["acknowledged_at"] == .null
            else { return .stale }
            let plan = try await store.rows(.notificationEscalations).find(escalation)
            let steps = try EscalationStep.list(plan?.values["steps"], at: "/steps")
            guard !steps.isEmpty, plan?.values.flag("enabled") == true else {
                try await notices.end(group, escalation)
                return .stale
            }
            let count = try await notices.take(steps[watch.turn % steps.count], first, at: now)
            let turns = steps.count * ((plan?.values.whole("repeats") ?? 0) + 1)
            guard watch.turn + 1 < turns else {
                try await notices.end(group, escalation)
                return .told(count)
            }
            let wait = steps[(watch.turn + 1) % steps.count].wait
            try await notices.go(on: group, escalation, at: now + wait)
            return .told(count)
        }
    }

    /// The write keeps a second delivery of the job waiting until the first has planned the next.
    private func watch(
        of group: ID, _ escalation: ID, _ job: ID
    ) async throws -> (notification: ID, turn: Int)? {
        try await store.access.query(
            """
            update notification_watches set turn = turn
            where workspace_id = $1 and group_id = $2 and escalation_id = $3 and job_id = $4
            returning notification_id, turn
            """, [Value(store.scope?.workspace), Value(group), Value(escalation), Value(job)]
        ) { (try $0.get("notification_id", as: ID.self), try $0.get("turn", as: Int.self)) }.first
    }

    private func end(_ group: ID, _ escalation: ID) async throws {
        try await store.access.execute(
            """
            delete from notification_watches
            where workspace_id = $1 and group_id = $2 and escalation_id = $3
            """, [Value(store.scope?.workspace), Value(group), Value(escalation)])
    }

    private func go(on group: ID, _ escalation: ID, at due: Moment) async throws {
        let arguments: JSON = ["group_id": JSON(group), "escalation_id": JSON(escalation)]
        let job = try await store.promise("escalate_notification", arguments, at: due)
        try await store.access.execute(
            """
            update notification_watches set turn = turn + 1, job_id = $4, due_at = $5
            where workspace_id = $1 and group_id = $2 and escalation_id = $3
            """, [Value(store.scope?.workspace), Value(group), Value(escalation), Value(job), Value(due)])
    }

    /// Tells the step's person, or all who were told first, once more.
    private func take(_ step: EscalationStep, _ first: Item, at now: Moment) async throws -> Int {
        let people = Set(try await told(with: first).compactMap { $0.values.id("user_id") }).sorted()
        let readers = try await readers(step.user.map { [$0] } ?? people)
        for reader in readers {
            var values = Values(["user_id": JSON(reader.user)])
            for name in ["kind", "level", "title", "body", "subject_id", "group_id"] {
                values[name] = first.values[name]
            }
            let item = try await store.rows(.notifications).create(values, at: now)
            guard let channel = step.channel, channel != .inApp else {
                try await planFanOut(of: item.id)
                continue
            }
            let person = try await store.addressee(user: reader.user)
            let allowed = item.level == .urgent ? now : person?.allowed(from: now) ?? now
            try await send(item, to: Self.target(channel, reader.user), at: allowed, now)
        }
        return readers.count
    }
}
