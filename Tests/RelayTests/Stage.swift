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

    /// What was revoked, for the relay to hear of.
    let revoked: Revoked

    /// Runs `body` beside a relay whose settings `change` may change. Two keys are known, red and blue, and
    /// with a name behind a slash those of their users, such as `red/ada`; `red/ada/2` is another session of
    /// hers.
    static func with(
        _ change: (inout Relay.Settings) -> Void = { _ in }, redis options: [String] = [],
        _ body: (Stage) async throws -> Void
    ) async throws {
        let server = try await RedisServer("--appendonly", options.contains("aof") ? "yes" : "no")
        let redis = try Client(server.endpoint, name: "stage")
        var settings = Relay.Settings()
        settings.port = 0
        change(&settings)
        let revoked = Revoked()
        let relay = try await start(settings, redis, revoked)
        let stage = Stage(
            server: server, redis: redis, relay: relay.relay, port: relay.relay.port ?? 0,
            queue: Queue("default", on: redis), revoked: revoked)
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
        _ settings: Relay.Settings, _ redis: Client, _ revoked: Revoked = Revoked()
    ) async throws -> (relay: Relay, task: Task<Void, any Error>) {
        let relay = Relay(
            settings, redis: redis, authenticate: { owner(of: $0) }, revoked: { try await revoked.since($0) },
            log: .quiet)
        let task = Task { try await relay.run() }
        try await until { relay.isReady && relay.port != nil }
        return (relay, task)
    }

    private static func owner(of key: String) -> Relay.Principal? {
        let parts = key.split(separator: "/").map(String.init)
        guard ["red", "blue"].contains(parts[0]) else { return nil }
        return Relay.Principal(
            workspace: parts[0], user: parts.count > 1 ? parts[1] : nil,
            credential: parts.count > 1 ? .session(key) : .key(key),
            until: parts.last == "brief" ? Moment.now + .milliseconds(200) : nil)
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

/// What an account's side would tell the relay of keys and sessions that ended.
actor Revoked {
    private var all: [Relay.Revocation] = []
    private(set) var questions = 0
    /// True while the database cannot be asked.
    private var isAway = false

    func add(_ subject: Relay.Revocation.Subject, at moment: Moment = .now) {
        all.append(Relay.Revocation(subject, at: moment))
    }

    func leave(_ isAway: Bool) { self.isAway = isAway }

    func since(_ moment: Moment) throws -> [Relay.Revocation] {
        questions += 1
        if isAway { throw Failure(.unavailable, "The database does not answer.") }
        return all.filter { $0.at >= moment }
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
