import Calendar
import Core
import SQL
import Workspace

// Who is told of events before they start: one job an event waits for its next reminder, and then plans
// the one after.
extension Store.Calendar {
    /// How far ahead a job is planned; for what falls due later, it only plans the next.
    static let horizon = Duration.seconds(300 * 86_400)
    /// Reminders that fell due together, such as while no worker ran, of which the latest are told.
    static let mostAtOnce = 20

    /// What became of a job that was to remind.
    package enum Reminding: Sendable, Hashable {
        /// A change of the event made it pointless.
        case stale
        /// So many instances were told of.
        case told(Int)
    }

    /// Plans the job for the next reminder of an event that was changed.
    func planReminders(_ change: Shelf.Change) async throws {
        guard let event = change.after else { return }
        if change.before == nil, event.minutes.isEmpty { return }
        try await plan(event, since: change.now)
    }

    /// Tells of what falls due, and plans the next job; for the job of that id.
    package func remind(_ id: ID, by job: ID, at now: Moment = .now) async throws -> Reminding {
        try await store.transaction { store in
            let calendar = store.calendar
            guard let since = try await calendar.since(of: id, planned: job),
                let event = try await calendar.rows.find(id)
            else { return .stale }
            let alarms = try event.series.alarms(
                after: since, upTo: now, minutes: event.minutes, most: Self.mostAtOnce)
            for alarm in alarms { try await calendar.tell(event, alarm, at: now) }
            try await calendar.plan(event, since: max(since, now))
            return .told(alarms.count)
        }
    }

    /// From when on reminders belong to the job; nil when it is not the planned one.
    private func since(of event: ID, planned job: ID) async throws -> Moment? {
        // The write keeps a second delivery of the job waiting until the first has planned the next.
        try await access.query(
            """
            update calendar_reminders set since = since
            where workspace_id = $1 and event_id = $2 and job_id = $3 returning since
            """, [Value(try scope.workspace), Value(event), Value(job)]
        ) { try $0.get("since", as: Moment.self) }.first
    }

    private func plan(_ event: Item, since: Moment) async throws {
        let workspace = try scope.workspace
        try await access.execute(
            "delete from calendar_reminders where workspace_id = $1 and event_id = $2",
            [Value(workspace), Value(event.id)])
        guard event["status"] != "cancelled",
            let alarm = try event.series.nextAlarm(after: since, minutes: event.minutes)
        else { return }
        let arguments: JSON = ["event_id": JSON(event.id)]
        let due = min(alarm.due, since + Self.horizon)
        let job = Envelope(
            name: "remind_of_event", arguments: arguments.bytes, workspace: workspace.text, due: due)
        try await access.execute(
            """
            insert into calendar_reminders (workspace_id, event_id, job_id, since, due_at)
            values ($1, $2, $3, $4, $5)
            """, [Value(workspace), Value(event.id), Value(job.id), Value(since), Value(due)])
        try await store.outbox.add(
            Store.Outbox.Entry(id: job.id, workspace: workspace, queue: "default", envelope: job.bytes))
    }

    private func tell(_ event: Item, _ alarm: Series.Alarm, at now: Moment) async throws {
        let occurrence = Occurrence(event: event, instance: alarm.instance)
        let news = Store.Notifications.News(
            kind: "event_reminder", title: String((occurrence["title"].string ?? "").prefix(200)),
            body: try text(occurrence), subject: event.id)
        let organizer = event.values.id("organizer_id")
        let invited = try await people(Array(occurrence.addresses).sorted())
        for channel in event.channels(of: alarm.minutes) {
            if channel == "email" {
                let mine = try await user(organizer).map { [$0] } ?? []
                let addresses = Set((mine + invited).map(\.email)).sorted()
                for address in addresses { try await mail(news, to: address) }
            } else {
                let users = Set(invited.compactMap(\.user) + [organizer].compactMap { $0 }).sorted()
                let readers = try await store.notifications.readers(users)
                try await store.notifications.add(news, to: readers, at: now)
            }
        }
    }

    /// When and where, on the clock of the event.
    private func text(_ occurrence: Occurrence) throws -> String {
        let zone = try Zone(occurrence.event["time_zone"].string ?? "UTC")
        let time = zone.wall(at: occurrence.instance.start).text.replacing("T", with: " ").dropLast(3)
        let place = occurrence["location"].string ?? ""
        return "It starts at \(time) (\(zone.name))" + (place.isEmpty ? "." : ", \(place).")
    }

    private func mail(_ news: Store.Notifications.News, to address: String) async throws {
        let arguments: JSON = [
            "to": [.string(address)], "subject": .string(news.title), "text": .string(news.body),
        ]
        let workspace = try scope.workspace
        let job = Envelope(name: "send_email", arguments: arguments.bytes, workspace: workspace.text)
        try await store.outbox.add(
            Store.Outbox.Entry(id: job.id, workspace: workspace, queue: "default", envelope: job.bytes))
    }
}

extension Item {
    /// How long before its start an event is told of.
    fileprivate var minutes: Set<Int> {
        Set((self["reminders"].array ?? []).compactMap { $0["minutes_before"]?.integer.map { Int($0) } })
    }

    fileprivate func channels(of minutes: Int) -> [String] {
        let reminders = (self["reminders"].array ?? []).filter {
            $0["minutes_before"]?.integer == Int64(minutes)
        }
        return Set(reminders.compactMap { $0["channel"]?.string }).sorted()
    }
}
