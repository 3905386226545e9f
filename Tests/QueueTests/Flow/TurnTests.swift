import Core
import Testing

@testable import Queue

@Suite(.timeLimit(.minutes(2))) struct `D7 D8 Workspaces that share a queue` {
    @Test func `are served alike however much one of them has waiting`() async throws {
        let yard = try Yard()
        for _ in 0..<5 { try await yard.add((0..<1_000).map { _ in yard.job("noisy") }) }
        for share in 0..<100 { try await yard.add((0..<5).map { _ in yard.job("w\(share)") }) }
        var served: [String: Int] = [:]
        for _ in 0..<30 {
            for claim in try await yard.claim(10) { served[claim.envelope.flow.share, default: 0] += 1 }
        }
        #expect(served.count == 101)
        #expect(served.values.allSatisfy { (2...3).contains($0) })
    }

    @Test func `are served by their weights`() async throws {
        let yard = try Yard()
        for (share, weight) in [("a", 1.0), ("b", 2), ("c", 4)] {
            try await yard.queue.weigh(share, weight)
            try await yard.add((0..<900).map { _ in yard.job(share) })
        }
        var served: [String: Int] = [:]
        for claim in try await yard.claim(700) { served[claim.envelope.flow.share, default: 0] += 1 }
        #expect(abs(served["a", default: 0] - 100) <= 5)
        #expect(abs(served["b", default: 0] - 200) <= 10)
        #expect(abs(served["c", default: 0] - 400) <= 20)
    }

    @Test func `gain nothing by coming with one job at a time`() async throws {
        let yard = try Yard()
        try await yard.add((0..<200).map { _ in yard.job("patient") })
        var served: [String: Int] = [:]
        for _ in 0..<100 {
            try await yard.add([yard.job("sly")])
            for claim in try await yard.claim(1) { served[claim.envelope.flow.share, default: 0] += 1 }
        }
        #expect(abs(served["patient", default: 0] - 50) <= 2)
    }

    @Test func `keep their own order, first come, first served`() async throws {
        let yard = try Yard()
        let ids = try await yard.add((0..<20).map { _ in yard.job("a") })
        #expect(yard.ids(try await yard.claim(20)) == ids)
    }

    @Test func `share half of a level with jobs that take no turns`() async throws {
        let yard = try Yard()
        try await yard.site.add(100)
        try await yard.add((0..<100).map { _ in yard.job("a") })
        let claims = try await yard.claim(50)
        #expect(claims.count == 50)
        #expect(claims.count { $0.envelope.flow.isEmpty } == 25)
        #expect(try await yard.claim(1_000).count == 150)
    }

    @Test func `B7 what waits lowest is served at times once it has waited long`() async throws {
        let yard = try Yard { $0.ageing = .milliseconds(1) }
        let low = try await yard.add([yard.job("a", level: .low)]) + yard.site.add(1, .low)
        try await yard.add((0..<1_000).map { _ in yard.job("b", level: .high) })
        var found: Set<ID> = []
        for _ in 0..<400 where found.count < 2 {
            found.formUnion(Set(yard.ids(try await yard.claim(1))).intersection(low))
        }
        #expect(found.count == 2)
    }

    @Test func `are served by level first`() async throws {
        let yard = try Yard()
        try await yard.add((0..<20).map { _ in yard.job("a", level: .low) })
        try await yard.add((0..<20).map { _ in yard.job("b", level: .high) })
        #expect(try await yard.claim(20).allSatisfy { $0.envelope.level == .high })
    }
}

@Suite(.timeLimit(.minutes(2))) struct `B8 Jobs of an exclusive key` {
    @Test func `run one after the other in their order, retries and crashes included`() async throws {
        let yard = try Yard { $0.lease = .milliseconds(50) }
        let ids = try await yard.add((0..<5).map { _ in yard.job("s", exclusive: "order-7") })
        var ran: [ID] = []
        for round in 0..<5 {
            let claims = try await yard.claim()
            #expect(claims.count == 1)
            if round == 0 {
                try await yard.site.settle(claims, .retry(after: .zero, .hiccup))
                #expect(try await yard.claim().isEmpty)
                _ = try await yard.queue.promote()
                _ = try await yard.claim()
                try await yard.until { try await yard.queue.reclaim().jobs > 0 }
                let again = try await yard.claim()
                #expect(yard.ids(again) == [ids[0]])
                ran += yard.ids(again)
                try await yard.site.settle(again, .done(nil))
            } else {
                ran += yard.ids(claims)
                try await yard.site.settle(claims, .done(nil))
            }
        }
        #expect(ran == ids)
        #expect(try await yard.held() == [])
    }

    @Test func `wait for each other in other queues and at other levels too`() async throws {
        let yard = try Yard()
        let other = yard.queue("other")
        try await yard.add([yard.job("s", exclusive: "e"), yard.job("t", exclusive: "e", level: .low)])
        try await other.enqueue([yard.job("s", exclusive: "e")])
        var shift = Queue.Shift()
        shift.wanted = 10
        for left in [2, 1, 0] {
            let here = try await yard.claim()
            let there = try await other.work(shift).claims
            #expect(here.count + there.count == 1, "\(left)")
            try await yard.site.settle(here, .done(nil))
            var settling = Queue.Shift()
            settling.settlements = there.map { Settlement($0, .done(nil), started: .now, worker: "w") }
            _ = try await other.work(settling)
        }
    }
}

@Suite(.timeLimit(.minutes(2))) struct `G2 A cancel that cascades` {
    @Test func `ends the children of a job and theirs, in every queue, and nobody else's`() async throws {
        let yard = try Yard()
        let other = yard.queue("other")
        let parent = yard.job()
        let child = yard.job { $0.parent = parent.id }
        let grandchild = yard.job { $0.parent = child.id }
        try await yard.add([parent, child])
        try await other.enqueue([grandchild])
        let stranger = try await yard.add([yard.job { $0.parent = ID() }])[0]
        #expect(try await yard.queue.cancel(parent.id, reason: "r") == .cancelled)
        #expect(try await yard.queue.cancelChildren(of: parent.id, reason: "r") == 2)
        #expect(try await yard.site.state(child.id) == .cancelled)
        #expect(try await other.look([grandchild.id]).first??.state == .cancelled)
        #expect(try await yard.site.state(stranger) == .waiting)
        #expect(try await yard.queue.cancelChildren(of: parent.id, reason: "r") == 0)
    }
}

@Suite(.timeLimit(.minutes(2))) struct `D9 A pause` {
    @Test(arguments: ["queue:work", "job:job", "workspace:s", "workspace:*", "k:1", "k:*"])
    func `keeps the jobs of a queue, a name, a workspace or a key from starting`(key: String) async throws {
        let yard = try Yard()
        try await yard.queue.register()
        try await yard.add([yard.job("s", [.init("k:1")])])
        try await yard.rules.pause(key, Pause(by: "ada", reason: "maintenance"))
        #expect(try await yard.claim().isEmpty)
        #expect(try await yard.rules.pauses()[key]?.by == "ada")
        #expect(try await yard.rules.resume(key))
        _ = try await yard.queue.promote()
        #expect(try await yard.site.tokens(in: yard.queue.keys.wake) == 1)
        #expect(try await yard.claim().count == 1)
    }

    @Test(arguments: ["queue:work", "job:job", "k"])
    func `ends by itself`(key: String) async throws {
        let yard = try Yard()
        try await yard.add([yard.job("s", [.init("k")])])
        try await yard.rules.pause(key, Pause(by: "ada", reason: "", until: .now + .milliseconds(150)))
        #expect(try await yard.claim().isEmpty)
        try await yard.until {
            _ = try await yard.queue.promote()
            return try await yard.claim().count == 1
        }
        #expect(try await yard.rules.pauses().isEmpty)
    }

    @Test func `of one key leaves the others be`() async throws {
        let yard = try Yard()
        try await yard.rules.pause("job:slow", Pause(by: "ada", reason: ""))
        let other = try await yard.add([yard.job(name: "slow"), yard.job(name: "slow"), yard.job()])[2]
        #expect(yard.ids(try await yard.claim()) == [other])
    }

    @Test func `and every other rule refuses what is no key`() async throws {
        let yard = try Yard()
        for key in ["", "a b", "a;b", "a\"b", "a*", "*", String(repeating: "k", count: 129)] {
            await #expect(throws: Failure.self) { try await yard.rules.set(Limit(concurrency: 1), for: key) }
            await #expect(throws: Failure.self) {
                try await yard.rules.pause(key, Pause(by: "", reason: ""))
            }
        }
    }
}

@Suite(.timeLimit(.minutes(2))) struct `G17 Explain` {
    @Test func `names each thing that keeps a job, and nothing once it is gone`() async throws {
        let yard = try Yard()
        try await yard.rules.set(Limit(concurrency: 1), for: "c")
        try await yard.rules.set(Limit(rate: .init(1, per: .seconds(60))), for: "r")
        try await yard.add([yard.job("x", [.init("c")]), yard.job("x", [.init("r")])])
        let first = try await yard.claim()
        #expect(first.count == 2)
        let id = try await yard.add([yard.job("s", [.init("c"), .init("r")])])[0]
        try await yard.rules.pause("queue:work", Pause(by: "a", reason: ""))
        try await yard.rules.pause("job:job", Pause(by: "a", reason: "", until: .now + .seconds(60)))
        #expect(
            Set(try await yard.blockers(id)) == [
                "concurrency c", "rate r", "paused queue:work", "paused job:job",
            ])
        #expect(try await yard.queue.explain(id).earliest == nil)
        _ = try await yard.rules.resume("queue:work")
        _ = try await yard.rules.resume("job:job")
        #expect(Set(try await yard.blockers(id)) == ["concurrency c", "rate r"])
        _ = try await yard.rules.lift("r")
        try await yard.site.settle(first, .done(nil))
        #expect(try await yard.blockers(id) == [])
        #expect(yard.ids(try await yard.claim()) == [id])
        #expect(try await yard.queue.explain(id).state == "running")
    }

    @Test func `names delays, retries, unknown names and exclusive keys, and counts those before it`()
        async throws
    {
        let yard = try Yard()
        let ids = try await yard.add([
            yard.job(exclusive: "e"), yard.job(exclusive: "e"), yard.job(exclusive: "e"),
        ])
        #expect(try await yard.queue.explain(ids[2]).ahead == 2)
        #expect(try await yard.blockers(ids[0]) == [])
        #expect(try await yard.blockers(ids[1]) == ["order e"])
        let running = try await yard.claim()
        #expect(try await yard.blockers(ids[1]) == ["exclusive e \(ids[0].text)"])
        try await yard.site.settle(running, .retry(after: .seconds(60), .hiccup))
        #expect(try await yard.blockers(ids[0]) == ["backoff "])
        let later = try await yard.site.add(due: .now + .seconds(60))[0]
        #expect(try await yard.blockers(later) == ["delay "])
        let strange = try await yard.site.add()[0]
        try await yard.site.settle(try await yard.claim(), .parked)
        #expect(try await yard.blockers(strange) == ["no_worker job"])
        #expect(try await yard.queue.explain(ID()).state == "missing")
    }
}
