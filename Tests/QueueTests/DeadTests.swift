import Core
import Redis
import TestHouse
import Testing

@testable import Queue

/// Puts jobs on a queue and lets them die.
private struct Graveyard {
    let site: Site
    private(set) var ids: [ID] = []

    init() throws { site = try Site() }

    /// - Parameter messages: what each dies of, in their order.
    mutating func bury(
        _ messages: [String], name: String = "job", workspace: String = "acme", tags: [String] = []
    ) async throws {
        let envelopes = messages.map { _ in
            Envelope(
                name: name, arguments: Array(#"{"x":",\"a\":"}"#.utf8), workspace: workspace, tags: tags)
        }
        try await site.queue.enqueue(envelopes)
        let claims = try await site.claim(messages.count)
        for (claim, message) in zip(claims, messages) {
            try await site.settle([claim], .dead(Failure(.invalid, message)))
        }
        ids += claims.map(\.delivery.id)
    }

    /// Lets the n-th die at that moment.
    func redate(_ index: Int, _ milliseconds: Int64) async throws {
        _ = try await site.redis.send(
            Command("ZADD", site.queue.keys.dead, String(milliseconds), ids[index].text))
    }

    /// The indices of the dead letters that pass.
    func found(_ filter: Queue.DeadFilter = .init()) async throws -> [Int] {
        try await site.queue.dead(matching: filter).compactMap { ids.firstIndex(of: $0) }.sorted()
    }
}

@Suite struct `C6: dead letters` {
    @Test func `are grouped by what they died of, the largest group first`() async throws {
        var yard = try Graveyard()
        try await yard.bury(["The row 7 is bad."])
        try await yard.bury((0..<3).map { "No answer from 10.0.0.\($0):6379 after \($0 * 7) s." })
        try await yard.bury(["No answer from 10.0.0.9:6379 after 1 s."], name: "other_job")
        for index in yard.ids.indices { try await yard.redate(index, Int64(1_000 + index)) }
        let groups = try await yard.site.queue.deadGroups()
        #expect(groups.map(\.count) == [3, 1, 1])
        let first = try #require(groups.first)
        #expect((first.name, first.kind) == ("job", "invalid"))
        #expect(first.sample == yard.ids[3])
        #expect(first.message == "No answer from 10.0.0.2:6379 after 14 s.")
        #expect(first.first == Moment(milliseconds: 1_001))
        #expect(first.last == Moment(milliseconds: 1_003))
        #expect(Set(groups.map(\.fingerprint)).count == 3)
        #expect(try await yard.found(.init(fingerprint: first.fingerprint)) == [1, 2, 3])
    }

    @Test func `whose workers died are a group of their own`() async throws {
        let site = try Site { $0.crashLimit = 1 }
        try await site.add(2)
        _ = try await site.claim(2)
        try await site.overrun()
        #expect(try await site.queue.reclaim().deaths == 2)
        let groups = try await site.queue.deadGroups()
        #expect(groups.map(\.kind) == ["crashed"])
        #expect(groups.map(\.count) == [2])
    }

    @Test func `are put back many at once, each as one retry does it`() async throws {
        var yard = try Graveyard()
        for part in [0..<1_000, 1_000..<1_205] { try await yard.bury(part.map { "Row \($0) is bad." }) }
        let site = yard.site
        let before = try await site.queue.lastSequence()
        #expect(try await site.queue.retry(matching: Queue.DeadFilter()) == 1_205)
        #expect(try await site.queue.retry(matching: Queue.DeadFilter()) == 0)
        #expect(try await site.total("revived") == 1_205)
        #expect(try await site.traces(of: yard.ids[0]) == ["jobs", "ready:normal", "tries"])
        #expect(try await site.tokens(in: site.queue.keys.wake) == 1)
        let batches = try await site.queue.replay(after: before)
        #expect(batches.map(\.events.count) == [1_000, 205])
        #expect(batches.flatMap(\.events).allSatisfy { $0.kind == .waiting && $0.workspace == "acme" })
        let claims = try await site.claim(1_000)
        #expect(Set(claims.map(\.delivery.id)) == Set(yard.ids[..<1_000]))
        #expect(claims.allSatisfy { $0.attempt == 1 && $0.delivery.number == 3 })
    }

    @Test func `are let go many at once, and nothing of them stays`() async throws {
        var yard = try Graveyard()
        for part in [0..<1_000, 1_000..<1_010] { try await yard.bury(part.map { "Row \($0) is bad." }) }
        let site = yard.site
        let gone = try await site.queue.discard(Array(yard.ids[5...]) + [ID()])
        #expect(gone == 1_005)
        #expect(Set(try await site.traces().keys) == Set(yard.ids[..<5]))
        #expect(try await site.total("discarded") == 1_005)
        #expect(try await site.look(yard.ids[9]) == nil)
        #expect(try await site.queue.discard(yard.ids) == 5)
        #expect(try await site.traces().isEmpty)
    }

    @Test func `are told of when they are let go`() async throws {
        var yard = try Graveyard()
        try await yard.bury(["Bad."])
        let (redis, queue) = (yard.site.redis, yard.site.queue)
        _ = try await queue.discard(yard.ids)
        let entries = try await redis.send(Command("XREVRANGE", queue.keys.events, "+", "-", "COUNT", "1"))
        let line = entries.array?.first?.array?.last?.array?.last?.text
        #expect(line == "discarded \(yard.ids[0].text) acme")
    }

    @Test func `that live again are left alone by either`() async throws {
        var yard = try Graveyard()
        try await yard.bury(["Bad.", "Bad."])
        #expect(try await yard.site.queue.retry(yard.ids[0]))
        #expect(try await yard.site.queue.discard(yard.ids) == 1)
        #expect(try await yard.site.state(yard.ids[0]) == .waiting)
        #expect(try await yard.site.queue.revive(yard.ids) == 0)
    }
}

@Suite struct `C7: a filter of dead letters` {
    @Test func `finds by name, tag, workspace and id, and by all together`() async throws {
        var yard = try Graveyard()
        try await yard.bury(["Bad.", "Bad."], tags: ["a", "b"])
        try await yard.bury(["Bad."], name: "other_job", tags: ["b"])
        try await yard.bury(["Bad."], workspace: "evil")
        #expect(try await yard.found() == [0, 1, 2, 3])
        #expect(try await yard.found(.init(name: "other_job")) == [2])
        #expect(try await yard.found(.init(tag: "b")) == [0, 1, 2])
        #expect(try await yard.found(.init(workspace: "evil")) == [3])
        #expect(try await yard.found(.init(ids: [yard.ids[3], ID(), yard.ids[1]])) == [1, 3])
        #expect(
            try await yard.found(.init(tag: "b", workspace: "acme", ids: Array(yard.ids[1...]))) == [1, 2])
        #expect(try await yard.found(.init(name: "other_job", tag: "a")).isEmpty)
    }

    @Test func `finds those that died from one moment until before another`() async throws {
        var yard = try Graveyard()
        try await yard.bury(["Bad.", "Bad.", "Bad."])
        for index in 0..<3 { try await yard.redate(index, Int64(1_000 + index)) }
        let (first, last) = (Moment(milliseconds: 1_001), Moment(milliseconds: 1_002))
        #expect(try await yard.found(.init(from: first)) == [1, 2])
        #expect(try await yard.found(.init(to: last)) == [0, 1])
        #expect(try await yard.found(.init(from: first, to: last)) == [1])
    }

    @Test func `counts first, and then retries or deletes exactly those`() async throws {
        var yard = try Graveyard()
        try await yard.bury(["Bad.", "Worse.", "Bad."])
        try await yard.bury(["Bad."], workspace: "evil")
        let queue = yard.site.queue
        var filter = Queue.DeadFilter()
        filter.workspace = "acme"
        let group = try #require(try await queue.deadGroups(matching: filter).first)
        filter.fingerprint = group.fingerprint
        #expect(try await queue.count(matching: filter) == 2)
        #expect(try await queue.retry(matching: filter) == 2)
        #expect(try await yard.found() == [1, 3])
        filter.fingerprint = nil
        #expect(try await queue.delete(matching: filter) == 1)
        #expect(try await yard.found() == [3])
    }

    @Test func `passes over a damaged grave without losing the others`() async throws {
        var yard = try Graveyard()
        try await yard.bury(["Bad.", "Bad."])
        let (redis, keys) = (yard.site.redis, yard.site.queue.keys)
        _ = try await redis.send(Command("HSET", keys.graves, yard.ids[0].text, "{no JSON"))
        _ = try await redis.send(Command("HSET", keys.jobs, yard.ids[0].text, "no envelope"))
        #expect(try await yard.found(.init(name: "job")) == [1])
        #expect(try await yard.site.queue.discard(yard.ids) == 2)
        #expect(try await yard.site.traces().isEmpty)
    }
}

@Suite struct `C6: a fingerprint` {
    @Test(arguments: [
        ("Row 7 of 1,200 is bad.", "Row <number> of <number> is bad."),
        ("took 3.5 s (of 10)", "took <number> s (of <number>)"),
        ("The file \"a b c.txt\" isn't there.", "The file <text> isn't there."),
        ("no user 'ada' in `users`", "no user <text> in <text>"),
        ("mail to ada@example.org refused", "mail to <address> refused"),
        ("GET https://example.org/a?b=1: 503", "GET <address>: <number>"),
        ("10.1.2.3:5432 refused; db-3.internal:5432 too", "<address> refused; <address> too"),
        ("[2001:db8::1] is away", "[<address>] is away"),
        ("job 01M7YZ96XEBMM13ENADFN84G83 is gone", "job <id> is gone"),
        ("key 3f2504e0-4f89-11d3-9a0c-0305e82c3301, twice", "key <id>, twice"),
        ("at 0x7ffee4 in deadbeef01", "at <id> in <id>"),
        ("line\n  two\tthree", "line two three"), ("", ""), ("It's John's.", "It's John's."),
    ])
    func `leaves out what differs from job to job`(message: String, pattern: String) {
        #expect(Fingerprint.pattern(of: message) == pattern)
    }

    @Test func `differs by job, by kind and by what is left of the message`() {
        let prints = [
            Fingerprint(job: "a", kind: "invalid", message: "Row 1."),
            Fingerprint(job: "b", kind: "invalid", message: "Row 1."),
            Fingerprint(job: "a", kind: "broken", message: "Row 1."),
            Fingerprint(job: "a", kind: "invalid", message: "Line 1."),
        ]
        #expect(Set(prints.map(\.text)).count == 4)
        #expect(prints.allSatisfy { $0.text.count == 16 })
        #expect(Fingerprint(job: "a", kind: "invalid", message: "Row 92.").text == prints[0].text)
    }

    @Test func `takes no longer for a long message`() {
        let message = String(repeating: "word \"", count: 1_000_000)
        let took = (0..<3).map { _ in
            ContinuousClock().measure { _ = Fingerprint(job: "a", kind: "broken", message: message) }
        }
        #expect(took.min() ?? .zero < .seconds(1))
    }
}
