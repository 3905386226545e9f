import Core
import Queue
import Redis
import TestHouse

@testable import Relay

/// A relay that runs on a Redis of its own, for one test.
struct Stage: Sendable {
    let server: RedisServer
    let redis: Client
    let relay: Relay
    let port: Int
    let queue: Queue

    /// Runs `body` beside a relay whose settings `change` may change. Two keys are known: red and blue.
    static func with(
        _ change: (inout Relay.Settings) -> Void = { _ in }, redis options: [String] = [],
        _ body: (Stage) async throws -> Void
    ) async throws {
        let server = try await RedisServer("--appendonly", options.contains("aof") ? "yes" : "no")
        let redis = try Client(server.endpoint, name: "stage")
        var settings = Relay.Settings()
        settings.port = 0
        change(&settings)
        let relay = try await start(settings, redis)
        let stage = Stage(
            server: server, redis: redis, relay: relay.relay, port: relay.relay.port ?? 0,
            queue: Queue("default", on: redis))
        do { try await body(stage) } catch {
            relay.task.cancel()
            try await relay.task.value
            throw error
        }
        relay.task.cancel()
        try await relay.task.value
        await redis.close()
    }

    /// A relay that is ready, and the task it runs in.
    static func start(
        _ settings: Relay.Settings, _ redis: Client
    ) async throws -> (relay: Relay, task: Task<Void, any Error>) {
        let relay = Relay(
            settings, redis: redis,
            authenticate: { ["red", "blue"].contains($0) ? Relay.Principal(workspace: $0) : nil },
            log: .quiet)
        let task = Task { try await relay.run() }
        try await until { relay.isReady && relay.port != nil }
        return (relay, task)
    }

    /// Waits for a fact.
    static func until(_ fact: () async throws -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(20)
        while try await !fact() {
            guard .now < deadline else {
                throw Browser.Surprise(description: "what was waited for did not happen")
            }
            try await Task.sleep(for: .milliseconds(2))
        }
    }

    /// Enqueues jobs in one batch; their ids.
    @discardableResult func enqueue(
        _ count: Int = 1, workspace: String = "red", in other: Queue? = nil
    ) async throws -> [ID] {
        let jobs = (0..<count).map { _ in
            Envelope(name: "test", arguments: Array("{}".utf8), workspace: workspace)
        }
        try await (other ?? queue).enqueue(jobs)
        return jobs.map(\.id)
    }

    /// A second queue.
    func other(_ name: String = "mail") async throws -> Queue {
        let queue = Queue(name, on: redis)
        try await queue.register()
        return queue
    }

    /// Cuts the relay's subscription; what is published until it is back never reaches it.
    func deafen() async throws { _ = try await redis.send(Command("CLIENT", "KILL", "TYPE", "pubsub")) }

    /// The ids of all events of a workspace that the stream of a queue holds.
    func reference(_ workspace: String = "red", in other: Queue? = nil) async throws -> [String] {
        let queue = other ?? queue
        return try await queue.replay(after: 0, limit: 100_000).flatMap { batch in
            batch.events.enumerated().filter { $1.workspace == workspace }
                .map { Mark(queue.name, Position(batch.sequence, $0.offset)).text }
        }
    }
}

extension Browser {
    /// Subscribes and returns the position it starts at.
    @discardableResult func subscribe(_ target: String, after: String? = nil) async throws -> JSON {
        try await send("{\"subscribe\":\(target)\(after.map { ",\"after\":\($0)" } ?? "")}")
        return try await text("subscribed")
    }

    /// The ids of the next events; throws when anything else comes.
    func events(_ count: Int) async throws -> [String] {
        var ids: [String] = []
        while ids.count < count {
            let json = try await text()
            guard json["type"] == "event", let id = json["id"]?.string else {
                throw Surprise(description: "\(json.text) came instead of an event")
            }
            ids.append(id)
        }
        return ids
    }

    /// True when nothing was said between here and the answer to a ping.
    func isSilent() async throws -> Bool {
        try await send("{\"ping\":\"now\"}")
        return try await text() == ["type": "pong", "ping": "now"]
    }
}
