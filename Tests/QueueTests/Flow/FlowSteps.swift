import Core
import Redis

@testable import Queue

// What workers do.
extension FlowPlay {
    /// The time of the next job that is not to start at once.
    mutating func nextPause() -> Duration {
        later_s += 10
        return .seconds(later_s)
    }

    mutating func work() async throws {
        let (worker, name) = (dice.roll(0..<3), dice.pick(Self.names))
        var (settlements, kept): ([Settlement], [Claim]) = ([], [])
        for claim in (held[worker][name] ?? []).shuffled(using: &dice) {
            if dice.roll(0..<3) > 0 { settlements.append(settlement(of: claim)) } else { kept.append(claim) }
        }
        held[worker][name] = kept
        let claims = try await call(
            name, settlements, wanted: dice.pick([0, 1, 1, 2, 100]), suspect: dice.flip())
        try await remember(claims, worker, name)
    }

    /// Every n-th call is the last one its worker knows of; now and then it does not even hear the answer.
    private mutating func remember(_ claims: [Claim], _ worker: Int, _ name: String) async throws {
        calls += 1
        held[worker][name, default: []] += claims
        guard calls % scene.crashEvery == 0 else { return }
        tell("w\(worker) crashes")
        for (queue, claims) in held[worker] where dice.flip() { ghosts[queue, default: []] += claims }
        held[worker] = [:]
    }

    private mutating func settlement(of claim: Claim) -> Settlement {
        Settlement(claim, scene.verdict(&dice, pause: nextPause()), started: .now, worker: "w")
    }

    /// One call of a worker, on the queue and on the model.
    @discardableResult
    mutating func call(
        _ name: String, _ settlements: [Settlement], wanted: Int, suspect: Bool
    ) async throws -> [Claim] {
        var shift = Queue.Shift()
        (shift.settlements, shift.wanted, shift.mayTakeSuspect) = (settlements, wanted, suspect)
        for settlement in settlements {
            tell("settle \(name) \(settlement.claim.delivery.text) \(settlement.verdict)")
        }
        let haul = try await queue(name).work(shift)
        tell("claim \(name) \(wanted) \(suspect): \(haul.claims.map(\.delivery.text))")
        try settle(settlements, refused: haul.refused)
        if wanted > 0 { try take(haul, wanted: wanted, suspect: suspect, from: name) }
        if wanted >= 100, !haul.hasMore { try await checkNothingOpen(name) }
        return haul.claims
    }

    private mutating func settle(_ settlements: [Settlement], refused: [Delivery]) throws {
        let ordered = settlements.filter(\.verdict.endsJob) + settlements.filter { !$0.verdict.endsJob }
        var expected: [String] = []
        for settlement in ordered where !model.settle(settlement) {
            expected.append(settlement.claim.delivery.text)
        }
        try expect(
            refused.map(\.text).sorted() == expected.sorted(),
            "Refused: \(refused), but ought to be \(expected).")
    }

    private mutating func take(_ haul: Haul, wanted: Int, suspect: Bool, from name: String) throws {
        try expect(haul.claims.count <= wanted, "More were claimed than wanted.")
        let first = suspect ? model.nextSuspect(of: name) : nil
        if let first { try expect(haul.claims.first?.delivery.id == first, "The suspect \(first) is next.") }
        for (index, claim) in haul.claims.enumerated() {
            let isSuspect = model.jobs[claim.delivery.id]?.place == .suspect
            try expect(!isSuspect || index == 0 && first != nil, "\(claim.delivery.text) is a suspect.")
            let fault = model.claim(claim.delivery, inOrder: !scene.hasGates)
            try expect(fault == nil, "Claimed \(claim.delivery.text), \(fault ?? "").")
            try expect(model.jobs[claim.delivery.id]?.queue == name, "Claimed a job of another queue.")
        }
    }

    /// After a claim of all, what could start stands in a line whose time comes soon.
    private mutating func checkNothingOpen(_ name: String) async throws {
        let dump = try await FlowDump(of: prefix, Self.names, lines: false, on: redis)
        let lined = Set(dump.waits.flatMap(\.ids))
        for id in model.claimable(in: name) where model.jobs[id]?.place == .waiting {
            try expect(lined.contains(id.text), "\(id) could start, but a claim of all left it.")
        }
    }

    mutating func forget() async throws {
        let worker = dice.roll(0..<3)
        tell("w\(worker) forgets")
        for (queue, claims) in held[worker] { ghosts[queue, default: []] += claims }
        held[worker] = [:]
    }

    /// A worker that was thought dead comes back with its outcomes.
    mutating func comeBack() async throws {
        for name in Self.names {
            let claims = ghosts[name] ?? []
            ghosts[name] = []
            var settlements: [Settlement] = []
            for claim in claims { settlements.append(settlement(of: claim)) }
            if !claims.isEmpty { try await call(name, settlements, wanted: 0, suspect: false) }
        }
    }

    /// Lets leases run out, and with them the places they take.
    mutating func lapse(all: Bool = false) async throws {
        var commands: [Command] = []
        for id in model.ids(.running) where all || dice.flip() {
            guard let job = model.jobs[id] else { continue }
            let keys = queue(job.queue).keys
            tell("lapse \(job.delivery.text)")
            model.lapse(id)
            commands.append(Command("ZADD", keys.leases, "XX", "1", job.delivery.text))
            let sets = job.slots.map { keys[.slots] + $0 } + job.probes.map { keys[.probes] + $0 }
            commands += sets.map { Command("ZADD", $0, "XX", "1", keys.base + job.delivery.text) }
            for name in Self.names {
                let blocked = queue(name).keys[.blocked]
                commands += job.slots.union(job.probes).map { Command("ZADD", blocked, "XX", "1", $0) }
            }
        }
        for reply in try await redis.pipeline(commands) { _ = try reply.unwrap() }
    }

    mutating func reclaim() async throws {
        for name in Self.names {
            let found = try await redis.send(Command("ZRANGEBYSCORE", queue(name).keys.leases, "-inf", "2"))
            let order = (found.array ?? []).compactMap { $0.text.flatMap { Delivery($0) } }
            tell("reclaim \(name) \(order.map(\.text))")
            let reclaimed = try await queue(name).reclaim()
            try expect(
                reclaimed.jobs == order.count, "\(reclaimed.jobs) were taken back, not \(order.count).")
            let deaths = model.reclaim(order)
            try expect(reclaimed.deaths == deaths, "\(reclaimed.deaths) died, not \(deaths).")
        }
    }

    mutating func renew() async throws {
        let (worker, name) = (dice.roll(0..<3), dice.pick(Self.names))
        let claims = (held[worker][name] ?? []) + (ghosts[name] ?? [])
        guard !claims.isEmpty else { return }
        tell("renew \(claims.map(\.delivery.text))")
        let renewed = try await queue(name).renew(claims.map { .init($0.delivery) })
        let lost = claims.map(\.delivery).filter { !model.renew($0) }
        try expect(Set(renewed.lost) == Set(lost), "Lost are \(renewed.lost), but ought to be \(lost).")
        let wanted = claims.map(\.delivery).filter {
            !lost.contains($0) && model.jobs[$0.id]?.isCancelWanted == true
        }
        try expect(Set(renewed.cancelled.map(\.delivery)) == Set(wanted), "To stop are \(wanted).")
    }
}
