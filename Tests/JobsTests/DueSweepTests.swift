import Automation
import Core
import Queue
import Redis
import SQL
import Store
import TestHouse
import Testing
import Work
import Workspace

/// A workspace in which something of every kind has waited for its time, which came while nobody worked.
private struct Scene: Sendable {
    let bench: Bench
    let then = Moment(milliseconds: Moment.now.microseconds / 1_000_000 * 1_000) + .seconds(-7_200)

    var store: Store { bench.house.store.scoped(Scope(workspace: bench.house.workspace)) }
    var sweep: DueSweep { DueSweep(bench.house.store, queue: bench.queue, log: .quiet) }

    func prepare() async throws {
        let contact = try await store.rows(.contacts).create(
            Values(["name": "Ada", "emails": ["ada@example.org"]]))
        try await store.rows(.tasks).create(Values(["title": "Old"]), at: then)
        try await store.rows(.followUps).create(
            Values(["contact_id": JSON(contact.id), "subject": "asked"]), at: then)
        try await store.rows(.followUpRules).create(
            Values(["name": "R", "kind": "stale", "after_hours": 1, "contact_id": JSON(contact.id)]),
            at: then)
        try await hold("held", for: person("bob", quiet: true))
        _ = try await tell("told", to: person("eve"))
        try await store.rows(.notificationEscalations).create(
            Values(["name": "E", "kinds": ["alarm"], "steps": [["after_minutes": 30]]]))
        _ = try await tell("alarm", to: person("carol", channels: #"["in_app"]"#))
        try await store.rows(.calendarEvents).create(
            Values([
                "title": "event", "starts_at": JSON(then + .seconds(1_800)),
                "ends_at": JSON(then + .seconds(3_600)), "attendees": [["email": "carol@example.org"]],
                "reminders": [["minutes_before": 0]],
            ]), at: then)
    }

    /// Somebody whose quiet hours, if any, went on for an hour from `then`.
    private func person(
        _ name: String, channels: String = #"["email"]"#, quiet: Bool = false
    ) async throws -> ID {
        let user = Store.Users.Entry(
            workspace: bench.house.workspace, email: "\(name)@example.org", name: name, role: .member)
        try await store.users.create(user)
        let hours = [then + .seconds(-3_600), then + .seconds(3_600)].map {
            quiet ? Value.text(String($0.text.dropFirst(11).prefix(5))) : .null
        }
        try await bench.house.database.execute(
            """
            insert into accounts (id, email, name, password_hash, time_zone, locale, notification_channels,
                quiet_from, quiet_to, created_at, updated_at, version)
            values ($1, $2, $2, '', 'UTC', 'en', $3, $4, $5, 0, 0, 1)
            """, [.text(user.id.text), .text(user.email), .text(channels)] + hours)
        try await bench.house.database.execute(
            "update users set account_id = id where id = $1", [.text(user.id.text)])
        return user.id
    }

    private func tell(_ kind: String, to person: ID) async throws -> Item? {
        let notifications = store.notifications
        try await notifications.add(
            .init(kind: kind, title: kind), to: notifications.readers([person]), at: then)
        return try await store.rows(.notifications).list().first { $0["kind"] == .string(kind) }
    }

    private func hold(_ kind: String, for person: ID) async throws {
        let item = try #require(try await tell(kind, to: person))
        _ = try await store.notifications.fanOut(item.id, at: then)
    }

    /// Pushes what is promised to the queue; the jobs.
    func push() async throws -> [Envelope] {
        let entries = try await bench.house.store.outbox.unpushed(before: .now + .seconds(60), limit: 100)
        let pushed = await Outbox(bench.house.store, queue: { _ in bench.queue }, log: .quiet).push(entries)
        #expect(pushed == entries.count)
        return try entries.map { try Envelope($0.envelope) }
    }

    /// Takes everything from Redis.
    func empty() async throws {
        let found = try await bench.queue.redis.send(Command("KEYS", "\(bench.queue.settings.prefix)*"))
        for key in (found.array ?? []).compactMap(\.text) {
            _ = try await bench.queue.redis.send(Command("DEL", key))
        }
    }

    /// Runs what waits in the queue until nothing does; the names of the jobs.
    func work() async throws -> [String] {
        var (names, shift): ([String], Queue.Shift) = ([], .init())
        shift.wanted = 1
        while let claim = try await bench.queue.work(shift).claims.first {
            let started = Moment.now
            let verdict = await bench.attempt(claim)
            guard case .done = verdict else { throw Failure(.broken, "not done but \(verdict)") }
            shift.settlements = [Settlement(claim, verdict, started: started, worker: "test")]
            names.append(claim.envelope.name)
        }
        return names.sorted()
    }

    /// What has happened, by the rows.
    func outcome() async throws -> [String] {
        let messages = try await store.rows(.messages).list().compactMap { $0.values.text("subject") }
        let news = try await store.rows(.notifications).list().compactMap { $0.values.text("title") }
        let followUps = try await store.rows(.followUps).list().compactMap { $0.values.text("kind") }
        return messages.sorted() + ["-"] + news.sorted() + ["-"] + followUps.sorted()
    }
}

@Suite struct `A queue that was emptied` {
    @Test(arguments: Engine.allCases)
    func `is given again what rows wait for, and all of it happens once`(_ engine: Engine) async throws {
        try await Bench.with(engine) { bench async throws in
            let scene = Scene(bench: bench)
            try await scene.prepare()
            let promised = try await scene.push()
            #expect(await scene.sweep.sweep() == 0)
            try await scene.empty()
            #expect(await scene.sweep.sweep() == 6)
            #expect(await scene.sweep.sweep() == 0)
            #expect(
                try await scene.work() == [
                    "escalate_notification", "notify", "notify_later", "remind_of_event", "scan_follow_ups",
                    "send_follow_up",
                ])
            let wanted =
                ["asked", "held", "told", "-"] + ["alarm", "alarm", "event", "held", "told", "-"]
                + ["manual", "stale"]
            #expect(try await scene.outcome() == wanted)
            #expect(await scene.sweep.sweep() == 0)
            // An old copy of Redis brings back what was done since.
            try await scene.empty()
            for job in promised { _ = try await bench.queue.admit(job) }
            #expect(try await scene.work().count == promised.count)
            #expect(try await scene.outcome() == wanted)
        }
    }

    @Test func `is given again what is due and lost, and nothing before its time`() async throws {
        try await Bench.with { bench async throws in
            let scene = Scene(bench: bench)
            let contact = try await scene.store.rows(.contacts).create(
                Values(["name": "Ada", "emails": ["ada@example.org"]]))
            let now = Moment.now
            for number in 0...DueSweep.batch {
                let due = now + .seconds(number == 0 ? 3_600 : 600)
                try await scene.store.rows(.followUps).create(
                    Values(["contact_id": JSON(contact.id), "send_at": JSON(due)]), at: now)
            }
            // The oldest of those that are due together stays where it is, and the others come after it.
            let due = try await bench.house.store.jobsDue(
                of: Store.Timer.all[0], before: now + .seconds(700), limit: 1)
            let first = try #require(due.first)
            try await bench.queue.enqueue([
                Envelope(
                    id: first.id, name: first.name, arguments: first.arguments.bytes,
                    workspace: first.workspace.text)
            ])
            #expect(await scene.sweep.sweep(at: now + .seconds(600) + .seconds(5)) == 0)
            #expect(await scene.sweep.sweep(at: now + .seconds(700)) == DueSweep.batch - 1)
            #expect(await scene.sweep.sweep(at: now + .seconds(4_000)) == 1)
        }
    }
}
