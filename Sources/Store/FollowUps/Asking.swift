import Core
import SQL
import Workspace

// What the job of a follow-up does when its time has come.
extension Store.FollowUps {
    /// What became of the job.
    package enum Asking: Sendable, Hashable {
        /// Another job does it, or it has ended.
        case stale
        /// There is nothing to ask any more.
        case ended(FollowUpStatus)
        /// It is asked later: the person's quiet hours go on until then.
        case later(Moment)
        /// This message asks.
        case asked(ID)
    }

    /// Asks, unless there is nothing to ask any more, and plans the next step; for the job of that id. What
    /// it sends is promised in the same transaction.
    package func ask(_ id: ID, by job: ID, at now: Moment = .now) async throws -> Asking {
        try await store.transaction { store in
            let followUps = store.followUps
            guard try await followUps.lock(id, job), let item = try await store.rows(.followUps).find(id),
                let status = item.followUpStatus, status.isOpen
            else { return .stale }
            if let reason = try await followUps.end(of: item) {
                return .ended(try await followUps.finish(item, reason, at: now))
            }
            // What was sent already goes on with the next step.
            let step = (item.values.whole("step") ?? 0) + (status.wasSent ? 1 : 0)
            guard let person = try await followUps.person(of: item.values, step: step),
                let way = person.way(by: try item.channel(of: step))
            else { return try await followUps.skip(item, step, at: now) }
            let allowed = item.values.flag("urgent") ? now : person.allowed(from: now)
            guard allowed <= now else {
                try await followUps.put(off: item, to: allowed, at: now)
                return .later(allowed)
            }
            return .asked(try await followUps.ask(item, step, (person, way), at: now))
        }
    }

    /// The job has given up.
    package func fail(_ id: ID, by job: ID, _ reason: String, at now: Moment = .now) async throws {
        try await store.transaction { store in
            guard try await store.followUps.lock(id, job),
                let item = try await store.rows(.followUps).find(id), item.followUpStatus?.isOpen == true
            else { return }
            try await store.followUps.end(item, .failed, reason, at: now)
        }
    }

    /// The write keeps others from the row until the transaction ends. False when the job is not the row's.
    private func lock(_ id: ID, _ job: ID) async throws -> Bool {
        try await access.execute(
            "update follow_ups set version = version where workspace_id = $1 and id = $2 and job_id = $3",
            [workspace, Value(id), Value(job)]) == 1
    }

    /// Why there is nothing to ask any more; nil while there is.
    private func end(of item: Item) async throws -> String? {
        let task = try await task(item.values.id("task_id"))
        return item.reason.end(task: task?.subject, isAnswered: try await isAnswered(item.id))
    }

    private func isAnswered(_ id: ID) async throws -> Bool {
        try await !access.query(
            """
            select r.id from follow_up_messages l
            join messages m on m.workspace_id = l.workspace_id and m.id = l.message_id
            join messages r on r.workspace_id = m.workspace_id and r.thread_id = m.thread_id
            where l.workspace_id = $1 and l.follow_up_id = $2 and r.direction = 'in'
            and r.occurred_at >= m.occurred_at and r.id <> m.id
            and (r.receipt is null or r.receipt not like '%"automatic":true%') limit 1
            """, [workspace, Value(id)]
        ) { try $0.get("id", as: ID.self) }.isEmpty
    }

    /// Nobody can be reached by this step: the next one is tried at its time.
    private func skip(_ item: Item, _ step: Int, at now: Moment) async throws -> Asking {
        let steps = try EscalationStep.list(item.values["escalation"], at: "/escalation")
        guard step < steps.count else {
            guard item.followUpStatus == .scheduled else {
                try await change(item, ["job_id": .null, "due_at": .null], at: now)
                return .stale
            }
            try await end(item, .failed, "The person has no address for it.", at: now)
            return .ended(.failed)
        }
        let values: [String: JSON] = [
            "status": JSON(FollowUpStatus.escalated),
            "step": JSON(step), "due_at": JSON(now + steps[step].wait), "job_id": JSON(ID()),
        ]
        try await plan(try await change(item, values, at: now))
        return .later(now + steps[step].wait)
    }

    private func put(off item: Item, to time: Moment, at now: Moment) async throws {
        try await plan(try await change(item, ["due_at": JSON(time), "job_id": JSON(ID())], at: now))
    }
}

extension Store.FollowUps {
    @discardableResult
    func change(_ item: Item, _ values: [String: JSON], at now: Moment) async throws -> Item {
        try await store.rows(Shelf.followUps.bare).update(item.id, Values(values), at: now)
    }

    func end(_ item: Item, _ status: FollowUpStatus, _ reason: String, at now: Moment) async throws {
        let text = String(String.UnicodeScalarView(reason.unicodeScalars.prefix(2_000)))
        try await change(
            item,
            [
                "status": JSON(status), "reason": .string(text), "ended_at": JSON(now), "due_at": .null,
                "job_id": .null,
            ], at: now)
    }

    /// What was sent counts as answered when there is nothing to ask any more; the rest as cancelled.
    func finish(_ item: Item, _ reason: String, at now: Moment) async throws -> FollowUpStatus {
        let status = item.followUpStatus?.wasSent == true ? FollowUpStatus.answered : .cancelled
        try await end(item, status, reason, at: now)
        return status
    }
}

extension Item {
    /// Why a follow-up is there.
    var reason: FollowUpReason {
        FollowUpReason(
            kind: values.followUpKind, hasTask: values.id("task_id") != nil, basis: values.time("basis"))
    }

    /// What a follow-up looks at of a task.
    var subject: FollowUpReason.Subject {
        .init(
            isDone: values.text("status") == ProjectTask.Status.done.rawValue,
            updatedAt: Moment(updatedAt.text) ?? updatedAt, due: values.time("due_date"))
    }

    /// The channel that a step is told to take.
    func channel(of step: Int) throws -> Channel? {
        let steps = try EscalationStep.list(values["escalation"], at: "/escalation")
        guard step > 0, step <= steps.count else {
            return step == 0 ? values.text("channel").flatMap { Channel(rawValue: $0) } : nil
        }
        return steps[step - 1].channel
    }
}
