import Core
import Redis

@testable import Queue

/// A site whose jobs share things, with short words for what the tests of limits say often.
struct Yard: Sendable {
    let site: Site
    let rules: Rules

    init(_ change: (inout Queue.Settings) -> Void = { _ in }) throws {
        site = try Site { change(&$0) }
        rules = Rules(on: site.redis, settings: site.queue.settings)
    }

    var queue: Queue { site.queue }

    /// Another queue of the same installation.
    func queue(_ name: String) -> Queue { Queue(name, on: site.redis, settings: site.queue.settings) }

    func job(
        _ share: String = "", _ charges: [Flow.Charge] = [], exclusive: String? = nil, name: String = "job",
        level: Envelope.Level = .normal, _ change: (inout Envelope) -> Void = { _ in }
    ) -> Envelope {
        var envelope = Envelope(
            name: name, arguments: Array("{}".utf8), workspace: share.isEmpty ? "acme" : share, level: level)
        envelope.flow = Flow(share: share, charges: charges, exclusive: exclusive)
        change(&envelope)
        return envelope
    }

    @discardableResult
    func add(_ envelopes: [Envelope]) async throws -> [ID] {
        try await queue.enqueue(envelopes)
        return envelopes.map(\.id)
    }

    func claim(_ wanted: Int = 100) async throws -> [Claim] { try await site.claim(wanted) }

    func ids(_ claims: [Claim]) -> [ID] { claims.map(\.delivery.id) }

    /// The blockers that explain names, as `kind key`.
    func blockers(_ id: ID) async throws -> [String] {
        try await queue.explain(id).blockers.map { "\($0.kind.rawValue) \($0.key)" }
    }

    /// Asks until the answer is the one awaited; a test that waits for ever is stopped by its time limit.
    func until(_ isTrue: () async throws -> Bool) async throws {
        while !(try await isTrue()) { try await Task.sleep(for: .milliseconds(5)) }
    }

    /// Every key that names what is held: locks, slots, exclusive keys, groups and those that wait.
    func held() async throws -> [String] {
        let prefix = queue.settings.prefix
        let reply = try await site.redis.send(Command("KEYS", "\(prefix)*")).array ?? []
        let ends = ["locks", "holds", "keeps", "groups", "waits", "blocked", "askers"]
        let parts = [
            "unique:", "slots:", "only:", "seekers:", "waiters:", "group:", "open:", "turn:", "probes:",
        ]
        return reply.compactMap(\.text).filter { key in
            ends.contains { key.hasSuffix("}:" + $0) } || parts.contains { key.contains("}:" + $0) }
        }.sorted()
    }
}
