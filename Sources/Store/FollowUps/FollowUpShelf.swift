import Core
import SQL
import Workspace

extension Store {
    /// What becomes of follow-ups and their rules; the store must have a scope.
    package struct FollowUps: Sendable {
        let store: Store

        var access: Access { store.access }
        var workspace: Value { Value(store.scope?.workspace) }
    }

    package var followUps: FollowUps { FollowUps(store: self) }
}

extension Shelf {
    /// What is asked at its time. Only what was not sent yet can be changed.
    package static let followUps: Shelf = {
        var shelf = Shelf(.followUp)
        shelf.prepare = { draft, store in
            if let before = draft.before, before.followUpStatus != .scheduled {
                throw Failure(
                    .conflict,
                    "Only a scheduled follow-up can be changed; this one is \(before.state).")
            }
            try await store.followUps.complete(&draft)
            draft.values["job_id"] = JSON(ID())
        }
        shelf.settle = { change, store in
            guard let item = change.after else { return }
            if change.before == nil { try await store.followUps.watch(item.values.id("message_id"), item.id) }
            try await store.followUps.plan(item)
        }
        return shelf
    }()

    /// What is followed up by itself.
    package static let followUpRules: Shelf = {
        var shelf = Shelf(.followUpRule)
        shelf.prepare = { draft, store in
            try await store.followUps.check(draft.values)
            let isOn = draft.values.flag("enabled")
            draft.values["job_id"] = isOn ? JSON(ID()) : .null
            draft.values["next_scan_at"] = isOn ? JSON(draft.now) : .null
        }
        shelf.settle = { change, store in
            guard let rule = change.after, let job = rule.values.id("job_id") else { return }
            try await store.promise("scan_follow_ups", ["rule_id": JSON(rule.id)], id: job)
        }
        return shelf
    }()
}

extension Item {
    /// How far a follow-up is.
    var followUpStatus: FollowUpStatus? {
        values.text("status").flatMap { FollowUpStatus(rawValue: $0) }
    }

    fileprivate var state: String { values.text("status") ?? "" }
}

extension Store.FollowUps {
    /// Fills in whom a new follow-up goes to, what it rests on, and when it is sent.
    fileprivate func complete(_ draft: inout Shelf.Draft) async throws {
        try await check(draft.values)
        let task = try await task(draft.values.id("task_id"))
        if draft.before == nil, !draft.values.has("basis") || draft.values["basis"] == .null {
            draft.values["basis"] = JSON(draft.values.followUpKind.basis(of: task))
        }
        if draft.values.id("user_id") == nil, draft.values.id("contact_id") == nil {
            guard let (user, contact) = try await addressee(of: draft.values, task) else {
                throw Failure(
                    .invalid, "Nobody is named: say user_id or contact_id, or assign the task to somebody.",
                    at: "/user_id")
            }
            draft.values["user_id"] = JSON(user)
            draft.values["contact_id"] = JSON(contact)
        }
        let person = try await person(of: draft.values, step: 0)
        let wanted = max(draft.values.time("send_at") ?? draft.now, draft.now)
        let isUrgent = draft.values.flag("urgent")
        draft.values["due_at"] = JSON(isUrgent ? wanted : person?.allowed(from: wanted) ?? wanted)
    }

    /// Throws `invalid` for texts that cannot be filled, and steps that name nobody.
    fileprivate func check(_ values: Values) async throws {
        let steps = try EscalationStep.list(values["escalation"], at: "/escalation")
        try await store.requirePeople(of: steps, at: "/escalation")
        let text = Values([
            "channel": "email", "format": "text", "subject": values["subject"] ?? .null,
            "body": values["body"] ?? "",
        ])
        let known = Set(FollowUpText.variableNames)
        guard let stranger = try MessageTemplate(text).variables.first(where: { !known.contains($0) }) else {
            return
        }
        throw Failure(
            .invalid,
            "There is no variable \(stranger.prefix(64)) here; there are "
                + "\(known.sorted().joined(separator: ", ")).", at: "/body")
    }

    /// The task's assignee, or the other side of the message.
    private func addressee(
        of values: Values, _ task: Item?
    ) async throws -> (user: ID?, contact: ID?)? {
        if let message = values.id("message_id"), let item = try await store.rows(.messages).find(message) {
            return item.values.id("contact_id").map { (nil, $0) }
        }
        guard let name = task?.values.text("assigned_to") else { return nil }
        return try await store.person(named: name)
    }

    func task(_ id: ID?) async throws -> Item? {
        guard let id else { return nil }
        return try await store.rows(.tasks).find(id)
    }

    /// Who the step goes to: the last one named up to it.
    func person(of values: Values, step: Int) async throws -> Addressee? {
        let steps = try EscalationStep.list(values["escalation"], at: "/escalation")
        let named = steps.prefix(step).last { $0.user != nil || $0.contact != nil }
        let user = named == nil ? values.id("user_id") : named?.user
        let contact = named == nil ? values.id("contact_id") : named?.contact
        if let user { return try await store.addressee(user: user) }
        guard let contact else { return nil }
        return try await store.addressee(contact: contact)
    }

    /// Replies in the thread of the message answer the follow-up.
    func watch(_ message: ID?, _ id: ID) async throws {
        guard let message else { return }
        try await access.execute(
            """
            insert into follow_up_messages (workspace_id, follow_up_id, message_id) values ($1, $2, $3)
            on conflict (workspace_id, follow_up_id, message_id) do nothing
            """, [workspace, Value(id), Value(message)])
    }

    /// Promises the job that the follow-up names for the time it is due.
    func plan(_ item: Item) async throws {
        guard let job = item.values.id("job_id") else { return }
        try await store.promise(
            "send_follow_up", ["follow_up_id": JSON(item.id)], id: job, at: item.values.time("due_at"))
    }
}

extension Values {
    /// What a follow-up, or a rule of them, asks about.
    var followUpKind: FollowUpKind { text("kind").flatMap { FollowUpKind(rawValue: $0) } ?? .manual }
}

extension FollowUpKind {
    /// What of a task a follow-up of this kind rests on.
    func basis(of task: Item?) -> Moment? {
        switch self {
        case .stale: task?.updatedAt
        case .due: task?.values.time("due_date")
        case .manual, .noReply: nil
        }
    }
}
