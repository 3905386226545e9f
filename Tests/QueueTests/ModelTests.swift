import Core
import Redis
import TestHouse
import Testing

@testable import Queue

@Suite struct `Three workers and chance` {
    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func `lose no job and double none, whatever they do in whatever order`(seed: UInt64) async throws {
        var play = try Play(seed: seed)
        for step in 0..<1_200 {
            try await play.step()
            if step % 8 == 0 { try await play.compare("step \(step) of seed \(seed)") }
        }
        try await play.finish()
        try await play.compare("the end of seed \(seed)")
    }
}

/// Plays verbs at random on a real queue and on the model, and compares.
private struct Play {
    let site: Site
    private var dice: Dice
    private var model = Model()
    /// What each worker believes to hold, also what it has lost since.
    private var held: [[Claim]] = [[], [], []]

    init(seed: UInt64) throws {
        site = try Site()
        dice = Dice(seed)
    }

    mutating func step() async throws {
        switch dice.roll(0..<20) {
        case 0..<5: try await enqueue()
        case 5..<12: try await work(dice.roll(0..<3))
        case 12: try await promote()
        case 13: try await crash()
        case 14: try await renew(dice.roll(0..<3))
        case 15: try await report(dice.roll(0..<3))
        case 16: try await unpark()
        case 17: try await retry()
        default: try await cancel()
        }
    }

    private mutating func enqueue() async throws {
        let isLater = dice.roll(0..<4) == 0
        let envelopes = (0..<dice.roll(1..<6)).map { _ in
            Envelope(
                name: "job", arguments: Array("{}".utf8), workspace: "w",
                level: Envelope.Level.allCases[dice.roll(0..<3)],
                due: isLater ? .now + .seconds(1_000) : nil)
        }
        if envelopes.count == 1 {
            #expect(try await site.queue.admit(envelopes[0]) == .accepted)
        } else {
            try await site.queue.enqueue(envelopes)
        }
        for envelope in envelopes { model.add(envelope.id, envelope.level, later: isLater) }
    }

    private mutating func verdict() -> Verdict {
        let verdicts = `A worker that lost its lease`.verdicts
        return dice.flip() ? .done(nil) : verdicts[dice.roll(0..<verdicts.count)]
    }

    private mutating func work(_ worker: Int, settlingAll: Bool = false) async throws {
        var settlements: [Settlement] = []
        var kept: [Claim] = []
        for claim in held[worker].shuffled(using: &dice) {
            if settlingAll || dice.flip() {
                settlements.append(Settlement(claim, verdict(), started: .now, worker: "w\(worker)"))
            } else {
                kept.append(claim)
            }
        }
        let (wanted, isSuspectAsked) = (dice.roll(0..<8), dice.flip())
        let haul = try await site.work(settlements, claiming: wanted, suspect: isSuspectAsked)
        settle(settlements, refused: haul.refused)
        take(haul, wanted: wanted, isSuspectAsked: isSuspectAsked)
        held[worker] = kept + haul.claims
    }

    /// The script carries out what ends first, then the rest.
    private mutating func settle(_ settlements: [Settlement], refused: [Delivery]) {
        let (ends, others) = (settlements.filter(\.verdict.isEnd), settlements.filter { !$0.verdict.isEnd })
        var expected: [Delivery] = []
        for settlement in ends + others where !model.settle(settlement.claim.delivery, settlement.verdict) {
            expected.append(settlement.claim.delivery)
        }
        #expect(refused.map(\.text).sorted() == expected.map(\.text).sorted())
    }

    private mutating func take(_ haul: Haul, wanted: Int, isSuspectAsked: Bool) {
        let suspects = haul.claims.filter { model.jobs[$0.delivery.id]?.place == .suspect }
        let isSuspectDue = isSuspectAsked && wanted > 0 && !model.ids(.suspect).isEmpty
        #expect(suspects.count == (isSuspectDue ? 1 : 0))
        let ready = model.ids(.waiting).count + model.ids(.rescued).count
        #expect(haul.claims.count - suspects.count == min(max(wanted - suspects.count, 0), ready))
        let lowest = haul.claims.dropFirst(suspects.count).compactMap { model.jobs[$0.delivery.id]?.list }
            .max()
        for claim in haul.claims { #expect(model.claim(claim.delivery) == nil) }
        let left = (model.ids(.waiting) + model.ids(.rescued)).compactMap { model.jobs[$0]?.list }.min()
        if let lowest, let left { #expect(lowest <= left, "A lower level was claimed before a higher one.") }
    }

    private mutating func promote() async throws {
        try await site.fallDue()
        #expect(try await site.queue.promote().moved == model.ids(.later).count)
        model.promote()
    }

    /// Lets some leases run out, as if their workers hung.
    private mutating func crash() async throws {
        let lost = model.ids(.leased).filter { _ in dice.roll(0..<3) == 0 }
        for id in lost {
            let delivery = Delivery(id: id, number: model.jobs[id]?.number ?? 0)
            _ = try await site.redis.send(Command("ZADD", site.queue.keys.leases, "XX", "1", delivery.text))
        }
        #expect(try await site.queue.reclaim().jobs == lost.count)
        for id in lost { model.crash(id) }
    }

    private mutating func renew(_ worker: Int) async throws {
        let claims = held[worker]
        let renewed = try await site.queue.renew(
            claims.map { .init($0.delivery, holder: .init(worker: "w\(worker)", started: .now)) })
        let lost = claims.map(\.delivery).filter { !model.holds($0) }
        for _ in lost { model.refuse() }
        #expect(Set(renewed.lost) == Set(lost))
        let wanted = claims.map(\.delivery).filter {
            model.holds($0) && model.jobs[$0.id]?.isCancelWanted == true
        }
        #expect(Set(renewed.cancelled.map(\.delivery)) == Set(wanted))
    }

    private mutating func report(_ worker: Int) async throws {
        guard let claim = held[worker].randomElement(using: &dice) else { return }
        let isHeld = model.holds(claim.delivery)
        if !isHeld { model.refuse() }
        #expect(try await site.queue.report(claim, state: ["percent": 1], news: ["percent": 1]) == isHeld)
    }

    private mutating func unpark() async throws {
        #expect(try await site.queue.unpark(["job"]) == model.ids(.parked).count)
        model.unpark()
    }

    private mutating func retry() async throws {
        let id = model.ids(.dead).randomElement(using: &dice) ?? ID()
        let isDead = model.retry(id)
        #expect(try await site.queue.retry(id) == isDead)
    }

    private mutating func cancel() async throws {
        guard let id = model.jobs.keys.sorted().suffix(60).randomElement(using: &dice) else { return }
        let expected = model.cancel(id)
        #expect(try await site.queue.cancel(id, reason: "chance") == expected)
    }

    /// Every worker settles all it holds, and nothing new is claimed for long.
    mutating func finish() async throws {
        for _ in 0..<40 { for worker in 0..<3 { try await work(worker, settlingAll: true) } }
    }

    func compare(_ moment: String) async throws {
        let traces = try await site.traces()
        #expect(Set(traces.keys) == Set(model.jobs.keys), "Jobs are lost at \(moment).")
        for (id, job) in model.jobs {
            let places = traces[id, default: []].filter { Self.places.contains($0) || $0.hasPrefix("ended") }
            #expect(places == Self.expected(job, id), "\(id) ought to be \(job.place) at \(moment).")
            if case .ended = job.place {
                #expect(traces[id]?.count == 1, "\(id) left \(traces[id, default: []]) at \(moment).")
            }
        }
        #expect(try await site.total("refused") == Int64(model.refused))
    }

    private static let places: Set = [
        "jobs", "ready:high", "ready:normal", "ready:low", "suspects", "leases", "later", "parked", "dead",
        "graves",
    ]

    /// The keys that hold a job of that place, in the order of their names.
    private static func expected(_ job: Model.Job, _ id: ID) -> [String] {
        switch job.place {
        case .waiting: ["jobs", "ready:\(job.level.rawValue)"]
        case .rescued: ["jobs", "ready:high"]
        case .suspect: ["jobs", "suspects"]
        case .leased: ["jobs", "leases"]
        case .later: ["jobs", "later"]
        case .parked: ["jobs", "parked"]
        case .dead: ["dead", "graves", "jobs"]
        case .ended: ["ended:\(id.milliseconds / 3_600_000)"]
        }
    }
}

extension Verdict {
    fileprivate var isEnd: Bool {
        switch self {
        case .done, .cancelled, .expired: true
        default: false
        }
    }
}

/// Numbers that are the same in every run with the same seed.
private struct Dice: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return (state ^ (state >> 33)) &* 0xFF51_AFD7_ED55_8CCD
    }

    mutating func roll(_ range: Range<Int>) -> Int { Int.random(in: range, using: &self) }

    mutating func flip() -> Bool { roll(0..<2) == 0 }
}
