import Automation
import Core
import Logging
import Queue
import Redis
import Store
import TestHouse
import Testing

@Suite struct `The announcer` {
    private func queue(_ redis: Client) -> Queue {
        var settings = Queue.Settings()
        settings.prefix = TestRedis.freshPrefix()
        return Queue(Queue.changes, on: redis, settings: settings)
    }

    private func entry(
        _ house: FreshStore, _ row: ID = ID(), version: Int = 1, at now: Moment = .now
    ) -> Store.Journal.Entry {
        Store.Journal.Entry(
            workspace: house.workspace, noun: "task", event: version == 1 ? "task:created" : "task:updated",
            row: row, action: version == 1 ? .created : .updated, version: version, actor: "system",
            changes: .init(from: ["title": "Old"], to: ["title": "New"]), at: now)
    }

    private func told(_ queue: Queue) async throws -> [Event] {
        try await queue.replay(after: 0).flatMap(\.events)
    }

    @Test(arguments: Engine.allCases)
    func `says what changed and to whom, not what it holds`(_ engine: Engine) async throws {
        let redis = try TestRedis.client()
        let queue = queue(redis)
        try await FreshStore.with(engine) { house async throws in
            let (row, user, now) = (ID(), ID(), Moment(milliseconds: 1_700_000_000_000))
            let mine = Store.Journal.Entry(
                workspace: house.workspace, noun: "event", event: "calendar:event:updated", row: row,
                action: .updated, version: 7, actor: "user:\(user)", audience: user,
                changes: .init(from: ["title": "a", "same": 1], to: ["title": "b", "same": 1]), at: now)
            try await house.store.journal.write([mine])
            let announcer = Announcer(house.store, queue: { _ in queue }, log: .quiet)
            #expect(try await announcer.tell())
            let event = try #require(try await told(queue).first)
            #expect(event.kind.rawValue == "calendar:event:updated" && event.job == row)
            #expect(event.change == .init(noun: "event", version: 7, audience: user.text))
            #expect(
                event.detail == [
                    "entry": .string(mine.id.text), "at": "2023-11-14T22:13:20.000Z",
                    "actor": .string("user:\(user)"), "changed": ["title"],
                ])
            #expect(try await !house.store.journal.isWaiting())
        }
        await redis.close()
    }

    @Test(arguments: Engine.allCases)
    func `tells each change once and each row in order, however many processes tell`(
        _ engine: Engine
    ) async throws {
        let redis = try TestRedis.client()
        let queue = queue(redis)
        try await FreshStore.with(engine) { house async throws in
            let rows = (0..<8).map { _ in ID() }
            let announcers = (0..<3).map { _ in
                Announcer(house.store, queue: { _ in queue }, log: .quiet)
            }
            let running = announcers.map { announcer in Task { try await announcer.run() } }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (index, row) in rows.enumerated() {
                    group.addTask {
                        // The clock of each change is wrong; only the versions tell their order.
                        for version in 1...15 {
                            let at = Moment(milliseconds: .random(in: 1...1_000_000))
                            try await house.store.journal.write([entry(house, row, version: version, at: at)])
                            announcers[index % announcers.count].wake()
                        }
                    }
                }
                try await group.waitForAll()
            }
            while try await house.store.journal.isWaiting() { try await Task.sleep(for: .milliseconds(5)) }
            for task in running { task.cancel() }
            let events = try await told(queue)
            #expect(events.count == 120)
            for row in rows {
                #expect(events.filter { $0.job == row }.compactMap(\.change?.version) == Array(1...15))
            }
            let verdict = try await house.store.journal.verify(house.workspace)
            #expect(verdict.isValid && verdict.length == 120)
            for task in running { try await task.value }
        }
        await redis.close()
    }

    @Test(arguments: Engine.allCases)
    func `loses nothing and chains nothing twice while Redis is away`(_ engine: Engine) async throws {
        let server = try await RedisServer("--appendonly", "yes")
        let redis = try Client(server.endpoint, name: "announcer", log: .quiet)
        let queue = queue(redis)
        try await FreshStore.with(engine) { house async throws in
            let announcer = Announcer(house.store, queue: { _ in queue }, log: .quiet)
            let entries = (0..<130).map { _ in entry(house) }
            server.kill()
            for some in [entries[..<70], entries[70...]] {
                try await house.store.journal.write(Array(some))
                await #expect(throws: Failure.self) { try await announcer.tell() }
            }
            #expect(try await house.store.journal.verify(house.workspace).length == 130)
            #expect(try await house.store.journal.backlog().count == 130)
            try await server.restart()
            let running = Task { try await announcer.run() }
            while try await house.store.journal.isWaiting() { try await Task.sleep(for: .milliseconds(5)) }
            running.cancel()
            #expect(Set(try await told(queue).map(\.job)) == Set(entries.map(\.row)))
            #expect(try await told(queue).count == 130)
            let verdict = try await house.store.journal.verify(house.workspace)
            #expect(verdict.isValid && verdict.length == 130)
        }
        await redis.close()
    }

    @Test(arguments: Engine.allCases)
    func `tells once what a process told before it died`(_ engine: Engine) async throws {
        let redis = try TestRedis.client()
        let queue = queue(redis)
        try await FreshStore.with(engine) { house async throws in
            let entries = (0..<5).map { _ in entry(house) }
            try await house.store.journal.write(entries)
            // The process that has the turn tells and does not come to strike off what it told.
            let turn = try #require(try await house.store.journal.take("dead"))
            let kind = try #require(Event.Kind(rawValue: "task:created"))
            try await queue.announce(
                turn.entries[..<3].map { entry in
                    Announcement(
                        id: entry.id,
                        event: Event(
                            kind, row: entry.row, workspace: entry.workspace.text,
                            change: .init(noun: "task", version: 1)))
                })
            let announcer = Announcer(house.store, queue: { _ in queue }, log: .quiet)
            #expect(try await !announcer.tell(), "the turn is the dead one's for a while")
            while try await !announcer.tell() { try await Task.sleep(for: .milliseconds(20)) }
            #expect(try await told(queue).map(\.job) == turn.entries.map(\.row))
            #expect(try await house.store.journal.verify(house.workspace).isValid)
        }
        await redis.close()
    }
}
