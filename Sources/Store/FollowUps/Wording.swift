import Core
import SQL
import Workspace

// What a follow-up says, and the message that says it.
extension Store.FollowUps {
    /// Writes the message of a step, and plans the next step; the message's id.
    func ask(
        _ item: Item, _ step: Int, _ other: (person: Addressee, way: Addressee.Way), at now: Moment
    ) async throws -> ID {
        let (subject, body) = try await words(of: item, to: other.person, other.way)
        let more = Values(["contact_id": JSON(other.person.contact), "task_id": item["task_id"]])
        let message = try await store.send(subject, body, by: other.way, more)
        try await watch(message, item.id)
        let steps = try EscalationStep.list(item.values["escalation"], at: "/escalation")
        let wait = step < steps.count ? steps[step].wait : nil
        let changed = try await change(
            item,
            [
                "status": JSON(step == 0 ? FollowUpStatus.sent : .escalated), "step": JSON(step),
                "sent_at": JSON(now), "last_message_id": JSON(message), "due_at": JSON(wait.map { now + $0 }),
                "job_id": wait == nil ? .null : JSON(ID()),
            ], at: now)
        try await plan(changed)
        return message
    }

    private func words(
        of item: Item, to person: Addressee, _ way: Addressee.Way
    ) async throws -> (subject: String, body: String) {
        let text = try await text(of: item, to: person)
        var source = Values([
            "channel": JSON(way.channel), "format": "text", "subject": item["subject"], "body": item["body"],
        ])
        if let id = item.values.id("template_id"), let template = try await store.rows(.templates).find(id) {
            source["subject"] = template["subject"]
            source["body"] = template["body"]
        }
        let isSilent = source["body"] == .null || source["body"] == ""
        if isSilent { source["body"] = "" }
        let template = try MessageTemplate(source)
        let known = text.variables.filter { template.variables.contains($0.key) }
        let filled = try template.filled(with: known)
        return (
            filled.text("subject").flatMap { $0.isEmpty ? nil : $0 } ?? text.subject,
            isSilent ? text.body : filled.text("body") ?? ""
        )
    }

    private func text(of item: Item, to person: Addressee) async throws -> FollowUpText {
        let task = try await task(item.values.id("task_id"))
        var title = task?.values.text("title") ?? ""
        if let message = item.values.id("message_id"), title.isEmpty {
            title = try await store.rows(.messages).find(message)?.values.text("subject") ?? ""
        }
        return FollowUpText(
            kind: item.values.followUpKind, title: title, name: person.name,
            due: task?.values.time("due_date"))
    }
}
