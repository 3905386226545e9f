import Core
import Logging
import Queue
import Redis
import Store
import TestHouse
import Testing

@testable import Automation

@Suite struct `The outbox` {
    private func envelope(_ house: FreshStore) -> Envelope {
        Envelope(name: "noop", arguments: Array("{}".utf8), workspace: house.workspace.text)
    }

    private func queue(_ redis: Client, _ prefix: String) -> Queue {
        var settings = Queue.Settings()
        settings.prefix = prefix
        return Queue("mail", on: redis, settings: settings)
    }

    @Test(arguments: Engine.allCases)
    func `commits a job with its row and pushes it`(_ engine: Engine) async throws {
        let redis = try TestRedis.client()
        let queue = queue(redis, TestRedis.freshPrefix())
        try await FreshStore.with(engine) { house async throws in
            let (outbox, envelope) = (
                Outbox(house.store, queue: { _ in queue }, log: .quiet), envelope(house)
            )
            try await outbox.accept(envelope, to: "mail") { store in
                try await store.workspaces.create(.init(name: "made with it"))
            }
            #expect(try await queue.look([envelope.id]).first??.state == .waiting)
            #expect(try await house.store.workspaces.list().count == 3)
            #expect(try await outbox.sweep(olderThan: .zero) == 0)
        }
        await redis.close()
    }

    @Test(arguments: Engine.allCases)
    func `takes nothing when the row cannot be written`(_ engine: Engine) async throws {
        let redis = try TestRedis.client()
        let queue = queue(redis, TestRedis.freshPrefix())
        try await FreshStore.with(engine) { house async throws in
            let (outbox, envelope) = (
                Outbox(house.store, queue: { _ in queue }, log: .quiet), envelope(house)
            )
            await #expect(throws: Failure.self) {
                try await outbox.accept(envelope, to: "mail") { _ in throw Failure(.conflict, "no") }
            }
            #expect(try await queue.look([envelope.id]).compactMap { $0 }.isEmpty)
            #expect(try await house.store.outbox.find(house.workspace, envelope.id) == nil)
        }
        await redis.close()
    }

    @Test(arguments: Engine.allCases)
    func `accepts while Redis is away and pushes once it is back`(_ engine: Engine) async throws {
        let server = try await RedisServer("--appendonly", "yes")
        let redis = try Client(server.endpoint, name: "outbox", log: .quiet)
        let queue = queue(redis, TestRedis.freshPrefix())
        try await FreshStore.with(engine) { house async throws in
            let (outbox, envelope) = (
                Outbox(house.store, queue: { _ in queue }, log: .quiet), envelope(house)
            )
            server.kill()
            try await outbox.accept(envelope, to: "mail")
            try await server.restart()
            var pushed = 0
            let deadline = ContinuousClock.now + .seconds(10)
            while pushed == 0, ContinuousClock.now < deadline {
                pushed = try await outbox.sweep(olderThan: .zero)
            }
            #expect(pushed == 1)
            #expect(try await queue.depths().backlog == 1)
        }
        await redis.close()
        server.stop()
    }

    @Test func `puts a job pushed twice on its list once`() async throws {
        let redis = try TestRedis.client()
        let queue = queue(redis, TestRedis.freshPrefix())
        try await FreshStore.with(.sqlite) { house async throws in
            let (outbox, envelope) = (
                Outbox(house.store, queue: { _ in queue }, log: .quiet), envelope(house)
            )
            try await outbox.accept(envelope, to: "mail")
            let entry = try #require(try await house.store.outbox.find(house.workspace, envelope.id))
            for _ in 0..<3 { await outbox.push([entry]) }
            #expect(try await queue.depths().backlog == 1)
        }
        await redis.close()
    }
    @Test(arguments: Engine.allCases)
    func `lets go of what is kept for a time only`(_ engine: Engine) async throws {
        let redis = try TestRedis.client()
        let queue = queue(redis, TestRedis.freshPrefix())
        try await FreshStore.with(engine) { house async throws in
            let (store, workspace, now) = (house.store, house.workspace, Moment.now)
            let (outbox, job) = (Outbox(store, queue: { _ in queue }, log: .quiet), envelope(house))
            let sweep = OutboxSweep(outbox, store: store, log: .quiet)
            try await outbox.accept(job, to: "mail")
            #expect(try await store.idempotency.reserve(workspace, key: "k", fingerprint: "f") == .fresh)
            try await store.sandbox.add(
                .init(workspace: workspace, channel: "email", recipient: "a@b.example", body: "", raw: ""))

            await sweep.prune(at: now + .seconds(86_300))
            #expect(try await store.outbox.find(workspace, job.id) != nil)
            #expect(try await store.idempotency.reserve(workspace, key: "k", fingerprint: "g") == .mismatch)

            await sweep.prune(at: now + .seconds(86_500))
            #expect(try await store.outbox.find(workspace, job.id) == nil)
            #expect(try await store.idempotency.reserve(workspace, key: "k", fingerprint: "g") == .fresh)
            #expect(try await store.sandbox.list(workspace).count == 1)

            await sweep.prune(at: now + .seconds(31 * 86_400))
            #expect(try await store.sandbox.list(workspace).isEmpty)
        }
        await redis.close()
    }
}
