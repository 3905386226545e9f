import Core
import SQL
import Store
import TestHouse
import Testing
import Workspace

extension FreshStore {
    /// The jobs that rows wait for and that fell due before `moment`, one line each.
    fileprivate func due(before moment: Moment, limit: Int = 100) async throws -> Set<String> {
        var lines: Set<String> = []
        for timer in Store.Timer.all {
            var jobs: [Store.DueJob] = []
            repeat {
                jobs = try await store.jobsDue(of: timer, before: moment, after: jobs.last, limit: limit)
                lines.formUnion(jobs.map { "\($0.name) \($0.id) \($0.arguments.text)" })
            } while jobs.count == limit
        }
        return lines
    }

    /// The last job of each of these names that was promised, as `due` writes it.
    fileprivate func promised(_ names: [String]) async throws -> Set<String> {
        var lines: Set<String> = []
        for name in names {
            let job = try #require(try await jobs(name).last)
            lines.insert("\(name) \(job.id) \(try JSONParser.parse(job.arguments).text)")
        }
        return lines
    }

    /// Something of every kind that waits for its time, which comes within an hour from `now`.
    fileprivate func wait(from now: Moment) async throws {
        let ada = try await settled("ada", channels: #"["email"]"#)
        try await ours.rows(.followUps).create(
            Values(["user_id": JSON(ada.id), "send_at": JSON(now + .seconds(1_800))]), at: now)
        try await ours.rows(.followUpRules).create(
            Values(["name": "R", "kind": "stale", "after_hours": 1]), at: now)
        try await ours.rows(.notificationEscalations).create(
            Values(["name": "E", "kinds": ["alarm"], "steps": [["after_minutes": 30]], "repeats": 1]))
        let (notifications, row) = (ours.notifications, ID())
        for kind in ["news", "news", "alarm"] {
            try await notifications.add(
                .init(kind: kind, title: kind, subject: row), to: notifications.readers([ada.id]), at: now)
            let item = try #require(
                try await ours.rows(.notifications).list().max { $0.id < $1.id })
            // The second is held as a storm, and the last is not taken anywhere yet.
            if kind == "news" { _ = try await notifications.fanOut(item.id, at: now) }
        }
        try await ours.rows(.calendarEvents).create(
            Values([
                "title": "event", "starts_at": JSON(now + .seconds(1_800)),
                "ends_at": JSON(now + .seconds(3_600)), "reminders": [["minutes_before": 0]],
            ]), at: now)
    }
}

@Suite struct `Rows that wait for a job` {
    private static let names = [
        "escalate_notification", "notify", "notify_later", "remind_of_event", "scan_follow_ups",
        "send_follow_up",
    ]
    private let now = Moment(milliseconds: Moment.now.microseconds / 1_000_000 * 1_000)

    @Test(arguments: Engine.allCases)
    func `tell which, under the id it was promised with, from its time on`(_ engine: Engine) async throws {
        try await FreshStore.with(engine) { house async throws in
            try await house.wait(from: now)
            #expect(try await house.due(before: now).isEmpty)
            let early = try await house.due(before: now + .seconds(300))
            #expect(try await early == house.promised(["notify", "scan_follow_ups"]))
            let all = try await house.due(before: now + .seconds(3_600))
            #expect(try await all == house.promised(Self.names))
            #expect(try await house.due(before: now + .seconds(3_600), limit: 1) == all)
        }
    }

    @Test(arguments: Engine.allCases)
    func `wait no more once it is done, but for the one after it`(_ engine: Engine) async throws {
        try await FreshStore.with(engine) { house async throws in
            try await house.wait(from: now)
            let time = now + .seconds(3_600)
            for job in try await house.store.jobsDue(of: Store.Timer.all[4], before: time, limit: 9) {
                let ids = try ["group_id", "escalation_id"].map {
                    try #require(job.arguments[$0]?.string.flatMap { ID($0) })
                }
                let done = try await house.ours.notifications.escalate(
                    ids[0], by: ids[1], job: job.id, at: time)
                #expect(done == .told(1))
            }
            for item in try await house.ours.rows(.notifications).list() {
                _ = try await house.ours.notifications.fanOut(item.id, at: time)
            }
            for rule in try await house.ours.rows(.followUpRules).list() {
                _ = try await house.ours.followUps.scan(rule.id, by: try #require(rule.job), at: time)
            }
            for item in try await house.ours.rows(.followUps).list() {
                _ = try await house.ours.followUps.ask(item.id, by: try #require(item.job), at: time)
            }
            for event in try await house.ours.rows(.calendarEvents).list() {
                let job = try #require(try await house.jobs("remind_of_event").last)
                _ = try await house.ours.calendar.remind(event.id, by: job.id, at: time)
            }
            #expect(try await house.due(before: time + .seconds(1)).isEmpty)
            let next = try await house.due(before: time + .seconds(3_600))
            #expect(try await next == house.promised(["escalate_notification", "scan_follow_ups"]))
        }
    }
}
