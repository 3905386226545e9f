import Core
import SQL
import Workspace

// Where a notification goes beside the application, each place once.
extension Store.Notifications {
    /// After something went to a place, more of the same kind about the same row waits so long, and goes
    /// together.
    static let storm = Duration.seconds(600)

    /// A place outside that a notification goes to, and from when on it may.
    private struct Stop {
        let target: String
        let due: Moment
    }

    /// Takes a notification to every place it goes to: now, or later by a job. Doing it again does nothing.
    package func fanOut(_ id: ID, at now: Moment = .now) async throws -> Int {
        try await house.transaction { store in
            let notices = store.notifications
            try await notices.note(fanOut: nil, of: id)
            guard let item = try await store.rows(.notifications).find(id), item.isOpen else { return 0 }
            let stops = try await notices.stops(of: item, at: now)
            for stop in stops { try await notices.send(item, to: stop.target, at: stop.due, now) }
            return stops.count
        }
    }

    /// Promises the job that takes a notification to every place it goes to.
    func planFanOut(of id: ID) async throws {
        let job = try await store.promise("notify", ["notification_id": JSON(id)])
        try await note(fanOut: job, of: id)
    }

    private func note(fanOut job: ID?, of id: ID) async throws {
        try await store.access.execute(
            "update notifications set fan_out_job_id = $3 where workspace_id = $1 and id = $2",
            [Value(store.scope?.workspace), Value(id), Value(job)])
    }

    private func stops(of item: Item, at now: Moment) async throws -> [Stop] {
        guard let user = item.values.id("user_id"), let person = try await store.addressee(user: user) else {
            return []
        }
        let allowed = item.level == .urgent ? now : person.allowed(from: now)
        let isFirst = try await isFirst(item)
        var stops: [Stop] = []
        for channel in try await channels(of: [user]) where channel.takes(item) {
            // What everybody's channel is told of, it is told once for all who are.
            if channel.isShared, !isFirst { continue }
            stops.append(Stop(target: channel.id.text, due: channel.isShared ? now : allowed))
        }
        let mailed = try await readers([user]).contains(where: \.isMailed)
        if mailed { stops.append(Stop(target: Self.target(.email, user), due: allowed)) }
        return stops
    }

    static func target(_ channel: Channel, _ user: ID) -> String { "\(channel.rawValue):\(user)" }

    private func isFirst(_ item: Item) async throws -> Bool {
        guard let group = item.values.id("group_id"), let scope = store.scope else { return true }
        return try await store.access.query(
            """
            select id from notifications where workspace_id = $1 and group_id = $2 and id < $3 limit 1
            """, [Value(scope.workspace), Value(group), Value(item.id)]
        ) { try $0.get("id", as: ID.self) }.isEmpty
    }

    /// Notes that the notification goes there, and sends it, or has it sent when it may.
    func send(_ item: Item, to target: String, at allowed: Moment, _ now: Moment) async throws {
        guard let scope = store.scope else { return }
        let calm = item.level == .urgent ? now : try await calm(item, target, now)
        // Jobs are due at whole milliseconds; one must not come before what it is to tell.
        let due = max(allowed, calm) <= now ? now : max(allowed, calm).wholeMillisecond
        let isPlanned = try await isPlanned(target, from: now + Self.margin, to: due)
        let count = try await store.access.execute(
            """
            insert into notification_deliveries
            (workspace_id, notification_id, target, kind, subject_id, due_at)
            values ($1, $2, $3, $4, $5, $6) on conflict (workspace_id, notification_id, target) do nothing
            """,
            [
                Value(scope.workspace), Value(item.id), .text(target), .text(item.values.text("kind") ?? ""),
                Value(item.values.text("subject_id")), Value(due),
            ])
        guard count == 1 else { return }
        if due <= now { return try await tell(target, at: now) }
        if !isPlanned { try await plan(target, at: due) }
    }

    /// When more of the same may go there; what is told again of the same news is no storm.
    private func calm(_ item: Item, _ target: String, _ now: Moment) async throws -> Moment {
        guard let scope = store.scope, let subject = item.values.text("subject_id") else { return now }
        let last =
            try await store.access.query(
                """
                select max(d.told_at) as last from notification_deliveries d
                join notifications n on n.workspace_id = d.workspace_id and n.id = d.notification_id
                where d.workspace_id = $1 and d.target = $2 and d.kind = $3 and d.subject_id = $4
                and d.told_at is not null and n.group_id <> $5
                """,
                [
                    Value(scope.workspace), .text(target), .text(item.values.text("kind") ?? ""),
                    .text(subject),
                    Value(item.values.text("group_id")),
                ]
            ) { try $0.get("last", as: Moment?.self) }.first ?? nil
        return last.map { max(now, $0 + Self.storm) } ?? now
    }

    /// A job that is due in a moment may look before this is written: it is not counted on.
    private static let margin: Duration = .seconds(60)

    private func isPlanned(_ target: String, from: Moment, to due: Moment) async throws -> Bool {
        guard let scope = store.scope else { return false }
        return try await !store.access.query(
            """
            select target from notification_deliveries
            where workspace_id = $1 and target = $2 and told_at is null and due_at > $3 and due_at <= $4
            limit 1
            """, [Value(scope.workspace), .text(target), Value(from), Value(due)]
        ) { try $0.get("target", as: String.self) }.isEmpty
    }

    func plan(_ target: String, at due: Moment) async throws {
        let job = try await store.promise("notify_later", ["target": .string(target)], at: due)
        try await store.access.execute(
            """
            update notification_deliveries set job_id = $4
            where workspace_id = $1 and target = $2 and told_at is null and due_at = $3
            """, [Value(store.scope?.workspace), .text(target), Value(due), Value(job)])
    }
}

extension Item {
    /// True for a notification that still has to be seen by somebody.
    var isOpen: Bool { self["read_at"] == .null && self["acknowledged_at"] == .null }
}

extension Moment {
    /// The first whole millisecond that is not before it.
    fileprivate var wholeMillisecond: Moment { Moment(milliseconds: (microseconds + 999) / 1_000) }
}
