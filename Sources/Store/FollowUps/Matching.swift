import Core
import SQL
import Workspace

extension Store.FollowUps {
    /// What the rule is for now, the oldest first, without what it made a follow-up of within its cooldown.
    func matches(of rule: Item, at now: Moment) async throws -> [Match] {
        let hours = Duration.milliseconds(Int64((rule.values.number("after_hours") ?? 0) * 3_600_000))
        let cooldown = Duration.milliseconds(
            Int64((rule.values.number("cooldown_hours") ?? 0) * 3_600_000))
        var clause = Clause([
            workspace, Value(rule.id), Value(now - cooldown),
            Value(Self.mostMade),
        ])
        switch rule.values.followUpKind {
        case .stale:
            clause.add("s.updated_at <=", Value(now - hours))
            return try await tasks(rule, &clause, basis: "updated_at")
        case .due:
            // What fell due between two looks is told too; what was overdue before the first is not.
            clause.add("s.due_date >", Value(rule.values.time("scanned_at") ?? now))
            clause.add("s.due_date <=", Value(now + hours))
            return try await tasks(rule, &clause, basis: "due_date")
        case .noReply:
            clause.add("s.occurred_at <=", Value(now - hours))
            clause.add("s.occurred_at >", Value(now - hours - Self.memory))
            return try await messages(clause)
        case .manual: return []
        }
    }

    private static let cool = """
        not exists (
            select 1 from follow_ups f where f.workspace_id = $1 and f.rule_id = $2
            and f.created_at > $3 and
        """

    private func tasks(_ rule: Item, _ clause: inout Clause, basis: String) async throws -> [Match] {
        clause.add("s.project_id =", rule.values.text("project_id").map { .text($0) })
        clause.add("s.assigned_to =", rule.values.text("assigned_to").map { .text($0) })
        if let label = rule.values.text("label_id") {
            clause.add(
                "s.id in (select task_id from task_labels where workspace_id = $1 and label_id = ?)",
                [.text(label)])
        }
        // Nobody can be asked where neither the rule nor the task names somebody.
        if rule.values.id("user_id") == nil, rule.values.id("contact_id") == nil {
            clause.add("s.assigned_to is not null")
        }
        return try await access.query(
            """
            select s.id, s.\(basis) as basis from tasks s where s.workspace_id = $1 and s.status <> 'done'
            and \(Self.cool) f.task_id = s.id) and \(Self.fresh(basis))\(clause.text("and"))
            order by s.\(basis), s.id limit $4
            """, clause.values
        ) { Match(task: try $0.get("id"), message: nil, basis: try $0.get("basis", as: Moment.self).shown) }
    }

    /// The rule made no follow-up of this episode yet; bases are kept in milliseconds.
    private static func fresh(_ basis: String) -> String {
        """
        not exists (
            select 1 from follow_ups f where f.workspace_id = $1 and f.rule_id = $2
            and f.task_id = s.id and f.basis = s.\(basis) / 1000 * 1000)
        """
    }

    /// The newest message of a thread where nobody wrote back; neither a follow-up nor a notification.
    private func messages(_ clause: Clause) async throws -> [Match] {
        try await access.query(
            """
            select s.id from messages s where s.workspace_id = $1 and s.direction = 'out'
            and s.status in ('sent', 'delivered', 'read') and s.channel <> 'in_app'
            and s.contact_id is not null
            and not exists (
                select 1 from messages m where m.workspace_id = $1 and m.thread_id = s.thread_id
                and m.id <> s.id and m.occurred_at >= s.occurred_at
                and (m.receipt is null or m.receipt not like '%"automatic":true%'))
            and not exists (
                select 1 from follow_up_messages l where l.workspace_id = $1 and l.message_id = s.id)
            and not exists (
                select 1 from notification_deliveries d where d.workspace_id = $1 and d.message_id = s.id)
            and \(Self.cool) f.message_id = s.id)\(clause.text("and"))
            order by s.occurred_at, s.id limit $4
            """, clause.values
        ) { Match(task: nil, message: try $0.get("id"), basis: nil) }
    }
}

extension Moment {
    /// As the API shows it: in whole milliseconds.
    fileprivate var shown: Moment { Moment(text) ?? self }
}
