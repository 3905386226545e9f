import Core
import SQL
import Workspace

// What rules find to follow up.
extension Store.FollowUps {
    /// What became of a job that was to look.
    package enum Scanning: Sendable, Hashable {
        /// The rule was changed or turned off, and another job looks for it.
        case stale
        /// So many follow-ups were made.
        case made(Int)
    }

    /// Follow-ups that one look makes at most; the next one begins at once then.
    static let mostMade = 100
    /// How old a message may be that is followed up, beyond the rule's own hours.
    static let memory = Duration.seconds(30 * 86_400)

    /// Makes a follow-up of everything that the rule is for, once an episode, and plans the next look; for
    /// the job of that id.
    package func scan(_ rule: ID, by job: ID, at now: Moment = .now) async throws -> Scanning {
        try await store.transaction { store in
            let followUps = store.followUps
            guard try await followUps.lock(rule: rule, job),
                let item = try await store.rows(.followUpRules).find(rule), item.values.flag("enabled")
            else { return .stale }
            let found = try await followUps.matches(of: item, at: now)
            var made = 0
            for match in found where try await followUps.make(match, by: item, at: now) { made += 1 }
            try await followUps.plan(rule: item, isFull: found.count == Self.mostMade, at: now)
            return .made(made)
        }
    }

    /// Plans the next look of a rule whose job has given up, so that no error turns it off for good.
    package func goOn(_ rule: ID, by job: ID, at now: Moment = .now) async throws {
        try await store.transaction { store in
            guard try await store.followUps.lock(rule: rule, job),
                let item = try await store.rows(.followUpRules).find(rule), item.values.flag("enabled")
            else { return }
            try await store.followUps.plan(rule: item, isFull: false, at: now)
        }
    }

    /// The write keeps a second delivery of the job waiting until the first has planned the next.
    private func lock(rule: ID, _ job: ID) async throws -> Bool {
        try await access.execute(
            """
            update follow_up_rules set version = version where workspace_id = $1 and id = $2 and job_id = $3
            """, [workspace, Value(rule), Value(job)]) == 1
    }

    /// That it looked is no change of the rule: neither its version nor the journal tells of it.
    private func plan(rule: Item, isFull: Bool, at now: Moment) async throws {
        let pause = Duration.milliseconds(Int64((rule.values.number("every_minutes") ?? 5) * 60_000))
        let next = isFull ? now : now + pause
        let job = try await store.promise("scan_follow_ups", ["rule_id": JSON(rule.id)], at: next)
        try await access.execute(
            """
            update follow_up_rules set scanned_at = $3, next_scan_at = $4, job_id = $5
            where workspace_id = $1 and id = $2
            """, [workspace, Value(rule.id), Value(now), Value(next), Value(job)])
    }

    /// Something to follow up.
    struct Match: Sendable {
        let task: ID?
        let message: ID?
        let basis: Moment?

        /// What stands for it as long as nothing happens to it.
        var episode: String {
            message?.text ?? "\(task?.text ?? "")-\(basis?.microseconds ?? 0)"
        }
    }

    private func make(_ match: Match, by rule: Item, at now: Moment) async throws -> Bool {
        var values = Values([
            "kind": rule["kind"], "rule_id": JSON(rule.id), "task_id": JSON(match.task),
            "message_id": JSON(match.message), "basis": JSON(match.basis),
            "episode": .string(match.episode),
        ])
        for name in [
            "user_id", "contact_id", "channel", "template_id", "subject", "body", "escalation", "urgent",
        ] { values[name] = rule.values[name] }
        let isKnown = try await !access.query(
            "select id from follow_ups where workspace_id = $1 and rule_id = $2 and episode = $3",
            [workspace, Value(rule.id), .text(match.episode)]
        ) { try $0.get("id", as: ID.self) }.isEmpty
        guard !isKnown else { return false }
        do {
            try await store.rows(.followUps).create(values, at: now)
            return true
        } catch let failure as Failure where failure.kind == .invalid {
            // Nobody is named by the task, or somebody left: there is no one to ask.
            return false
        }
    }
}
