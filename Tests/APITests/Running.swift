import Automation
import Core
import Curl
import Foundation
import Integrations
import Jobs
import Queue
import Redis
import Store
import TestHouse

@testable import API

/// An API of one test's own on a free port, over a fresh database, with keys of three people.
struct Running: Sendable {
    let base: String
    let store: Store
    let workspace: ID
    let redis: Client
    let settings: Queue.Settings
    let uploads: Uploads
    let outbox: Outbox
    let tools: Tools
    /// The routes as the router has them.
    let registered: [String]
    /// The key of an administrator of the workspace.
    let key: String
    /// The key of somebody who may only read.
    let viewer: String
    /// The key of an administrator of another workspace.
    let stranger: String

    func queue(_ name: String = "default") -> Queue { Queue(name, on: redis, settings: settings) }

    /// Runs `body` with a server; `adjust` changes how it is set up, `redis` replaces the shared one.
    static func with(
        _ engine: Engine = .sqlite, redis: RedisServer? = nil, prefix: String? = nil,
        limits: Redis.Limits = Redis.Limits(),
        adjust: (inout API.Settings) -> Void = { _ in },
        services: (inout Integrations.Settings) throws -> Void = { _ in },
        _ body: (Running) async throws -> Void
    ) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "uploads-\(UUID().uuidString)")
            .path
        var settings = API.Settings(uploads: folder, version: "1.2.3")
        settings.port = 0
        settings.onAnswer = Documented.expect
        adjust(&settings)
        let client =
            try redis.map { try Client($0.endpoint, name: "test", limits: limits) }
            ?? TestRedis.client(limits: limits)
        try await FreshStore.with(engine) { fresh in
            var outside = Integrations.Settings(mail: .init(sender: .init("atom@example.org")))
            try services(&outside)
            let house = try House(fresh, client, settings, outside, prefix: prefix)
            try await serve(house, settings, body)
            house.tools.integrations.close()
        }
        await client.close()
        if FileManager.default.fileExists(atPath: folder) {
            try FileManager.default.removeItem(atPath: folder)
        }
    }

    /// What the server is made of.
    private struct House {
        let fresh: FreshStore
        let redis: Client
        let api: API
        let outbox: Outbox
        let tools: Tools
        var queues = Queue.Settings()

        init(
            _ fresh: FreshStore, _ redis: Client, _ settings: API.Settings, _ outside: Integrations.Settings,
            prefix: String?
        ) throws {
            tools = Tools(
                store: fresh.store,
                integrations: Integrations(outside, outbox: SandboxKeeper(fresh.store), log: .quiet),
                uploads: Uploads(folder: settings.uploads),
                masters: try MasterKeys(MasterKeys.made("test")))
            self.fresh = fresh
            self.redis = redis
            queues.prefix = prefix ?? TestRedis.freshPrefix()
            outbox = Outbox(
                fresh.store, queue: { [queues] in Queue($0, on: redis, settings: queues) }, log: .quiet)
            api = API(
                API.House(
                    tools: tools, redis: redis, queueSettings: queues, jobs: KnownJobs(catalogue),
                    push: { [outbox] in await outbox.push($0) }, settings: settings,
                    log: .quiet))
        }
    }

    private static func serve(
        _ house: House, _ settings: API.Settings, _ body: (Running) async throws -> Void
    ) async throws {
        let (ports, found) = AsyncStream<Int>.makeStream()
        let listener = house.api.service(onRunning: { found.yield($0) })
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                defer { found.finish() }
                try await listener.run()
            }
            var port: Int?
            for await number in ports {
                port = number
                break
            }
            guard let port else { return try await group.waitForAll() }
            try await body(Self.make(house, port, settings))
            group.cancelAll()
            while let result = await group.nextResult() { _ = result }
        }
    }

    private static func make(_ house: House, _ port: Int, _ settings: API.Settings) async throws -> Running {
        let (store, fresh) = (house.fresh.store, house.fresh)
        return Running(
            base: "http://127.0.0.1:\(port)", store: store, workspace: fresh.workspace, redis: house.redis,
            settings: house.queues, uploads: Uploads(folder: settings.uploads),
            outbox: house.outbox, tools: house.tools, registered: house.api.registered,
            key: try await Self.key(store, fresh.workspace, .admin),
            viewer: try await Self.key(store, fresh.workspace, .viewer),
            stranger: try await Self.key(store, fresh.other, .admin))
    }

    private static func key(_ store: Store, _ workspace: ID, _ role: Store.Role) async throws -> String {
        let user = Store.Users.Entry(
            workspace: workspace, email: "\(role.rawValue)@example.org", name: "Somebody", role: role)
        try await store.users.create(user)
        return try await store.keys.create(workspace, user: user.id, name: "test").plain
    }
}
