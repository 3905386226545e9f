import Core
import TestHouse
import Testing
import Work

@testable import Queue
@testable import Worker

@Suite struct `A roster` {
    private func claims(_ count: Int, crashes: Int = 0) -> [Claim] {
        (0..<count).map { _ in
            let id = ID()
            var claim = Claim(
                delivery: Delivery(id: id), envelope: Envelope(id: id, name: "act", arguments: []))
            claim.crashes = crashes
            return claim
        }
    }

    private func haul(_ claims: [Claim], hasMore: Bool = false) -> Haul {
        var haul = Haul()
        (haul.claims, haul.hasMore) = (claims, hasMore)
        return haul
    }

    private func start(_ roster: inout Roster, on lane: Int, in queue: Queue) -> Claim? {
        guard let taken = roster.next(worker: "w") else { return nil }
        let now = ContinuousClock.now
        roster.start(
            Roster.Running(
                job: taken, report: Report(taken.claim, in: queue), started: .now, since: now,
                timeout: .seconds(1), lease: .seconds(10), renewed: now), on: lane)
        return taken.claim
    }

    private func queue() throws -> Queue {
        Queue("q", on: try TestRedis.client())
    }

    @Test func `claims no more than its lanes before it knows how long jobs take`() throws {
        var roster = Roster(lanes: 4, weights: [1])
        #expect(roster.room == 4)
        #expect(roster.isCallDue)
        let shifts = roster.shifts()
        #expect(shifts.map(\.shift.wanted) == [4])
        roster.take(haul(claims(4), hasMore: true), from: 0, asked: shifts[0].shift, at: .now)
        #expect(roster.room == 0)
        #expect(!roster.isCallDue)
    }

    @Test func `gives back a job that counts against a limit and waited here, and runs the others`() throws {
        var roster = Roster(lanes: 4, weights: [1])
        let shift = roster.shifts()[0].shift
        let (plain, id) = (claims(1)[0], ID())
        var envelope = Envelope(id: id, name: "act", arguments: [])
        envelope.flow = Flow(charges: [Flow.Charge("provider:x")])
        let charged = Claim(delivery: Delivery(id: id), envelope: envelope)
        let long = ContinuousClock.now - Roster.freshness
        roster.take(haul([charged, plain]), from: 0, asked: shift, at: long)
        #expect(roster.next(worker: "w")?.claim.delivery == plain.delivery)
        #expect(roster.settlements[0].map(\.claim.delivery.id) == [id])
        roster.take(haul([charged]), from: 0, asked: shift, at: .now)
        #expect(roster.next(worker: "w")?.claim.delivery.id == id)
    }

    @Test func `holds a job for its lease and no longer, unless that is renewed`() throws {
        let queue = try queue()
        var roster = Roster(lanes: 1, weights: [1])
        let before = ContinuousClock.now
        let shift = roster.shifts()[0].shift
        // The answer was read late: the lease began before.
        roster.take(haul(claims(1)), from: 0, asked: shift, at: before + .seconds(60))
        let next = roster.next(worker: "w")
        let taken = try #require(next)
        #expect(taken.asked < before + .seconds(60))
        var running = Roster.Running(
            job: taken, report: Report(taken.claim, in: queue), started: .now, since: before,
            timeout: .seconds(60), lease: .seconds(10), renewed: before)
        #expect(running.isHeld(at: before + .milliseconds(9_900)))
        #expect(!running.isHeld(at: before + .seconds(10)))
        running.renewed = before + .seconds(9)
        #expect(running.isHeld(at: before + .seconds(10)))
        running.stop = .lost
        #expect(!running.isHeld(at: before + .seconds(10)))
    }

    @Test func `claims ahead once jobs are short, and stops when they are not`() throws {
        let queue = try queue()
        var roster = Roster(lanes: 2, weights: [1])
        for _ in 0..<200 {
            let shifts = roster.shifts()
            roster.take(haul(claims(2), hasMore: true), from: 0, asked: shifts[0].shift, at: .now)
            while start(&roster, on: 0, in: queue) != nil {
                _ = roster.end(0, .done(nil), worker: "w", at: .now)
            }
        }
        #expect(roster.room > 10)
        #expect(roster.room <= 2 + Roster.prefetchLimit)
        let since = ContinuousClock.now - .seconds(2)
        roster.take(haul(claims(10)), from: 0, asked: Queue.Shift(), at: since)
        roster.release(takenBefore: .now - .seconds(1), worker: "w")
        #expect(roster.waitingCount == 0)
        #expect(roster.room == 2)
    }

    @Test func `shares its room by weight, in turns, and among those that hold jobs`() {
        var roster = Roster(lanes: 6, weights: [5, 1])
        #expect(roster.shifts().map(\.shift.wanted) == [5, 1])
        roster = Roster(lanes: 1, weights: [5, 1, 2])
        var turns = [0, 0, 0]
        for _ in 0..<80 { for (queue, shift) in roster.shifts() { turns[queue] += shift.wanted } }
        #expect(turns == [50, 10, 20])
        var asked = Queue.Shift()
        asked.wanted = 1
        roster.take(Haul(), from: 0, asked: asked, at: .now)
        turns = [0, 0, 0]
        for _ in 0..<30 { for (queue, shift) in roster.shifts() { turns[queue] += shift.wanted } }
        #expect(turns == [0, 10, 20])
    }

    @Test func `asks for a suspect only while it has none, in one queue at a time`() throws {
        let queue = try queue()
        var roster = Roster(lanes: 4, weights: [1, 1])
        var shifts = roster.shifts()
        #expect(shifts.map(\.shift.mayTakeSuspect) == [true, false])
        roster.take(haul(claims(1, crashes: 2), hasMore: true), from: 0, asked: shifts[0].shift, at: .now)
        shifts = roster.shifts()
        #expect(shifts.map(\.shift.mayTakeSuspect) == [false, false])
        _ = start(&roster, on: 0, in: queue)
        #expect(roster.shifts().allSatisfy { !$0.shift.mayTakeSuspect })
        _ = roster.end(0, .done(nil), worker: "w", at: .now)
        #expect(roster.shifts().map(\.shift.mayTakeSuspect) == [true, false])
        roster.take(haul(claims(1, crashes: 2)), from: 0, asked: Queue.Shift(), at: .now)
        roster.release(worker: "w")
        #expect(roster.shifts().contains { $0.shift.mayTakeSuspect })
    }

    @Test func `does not forget a token that came while a call was on its way`() {
        var roster = Roster(lanes: 2, weights: [1])
        var shifts = roster.shifts()
        roster.heard(of: 0)
        roster.take(Haul(), from: 0, asked: shifts[0].shift, at: .now)
        #expect(roster.isCallDue)
        #expect(roster.hungry.isEmpty)
        shifts = roster.shifts()
        roster.take(Haul(), from: 0, asked: shifts[0].shift, at: .now)
        #expect(!roster.isCallDue)
        #expect(roster.hungry == [0])
        roster.heard(of: nil)
        #expect(roster.isCallDue)
    }

    @Test func `gives back in the order that keeps the queue's`() {
        var roster = Roster(lanes: 2, weights: [1])
        let claims = claims(5)
        roster.take(haul(claims), from: 0, asked: Queue.Shift(), at: .now)
        _ = roster.next(worker: "w")
        roster.release(worker: "w")
        let given = roster.shifts()[0].shift.settlements
        // Each is put before the one given back before it.
        #expect(given.map(\.claim.delivery) == claims[1...].reversed().map(\.delivery))
        #expect(given.allSatisfy { if case .released = $0.verdict { true } else { false } })
    }

    @Test func `that is quiet wants nothing and gives back what still comes`() {
        var roster = Roster(lanes: 2, weights: [1])
        let shifts = roster.shifts()
        roster.quiet()
        roster.take(haul(claims(2, crashes: 2), hasMore: true), from: 0, asked: shifts[0].shift, at: .now)
        #expect(roster.room == 0)
        #expect(roster.hungry.isEmpty)
        #expect(roster.waitingCount == 0)
        roster.isSending = false
        #expect(!roster.isEmpty)
        let last = roster.shifts()
        #expect(last.map(\.shift.settlements.count) == [2])
        #expect(last.map(\.shift.wanted) == [0])
    }

    @Test func `keeps outcomes that could not be sent, before newer ones`() throws {
        let queue = try queue()
        var roster = Roster(lanes: 2, weights: [1])
        let claims = claims(2)
        roster.take(haul(claims), from: 0, asked: Queue.Shift(), at: .now)
        for _ in 0..<2 {
            _ = start(&roster, on: 0, in: queue)
            _ = roster.end(0, .done(nil), worker: "w", at: .now)
            let shifts = roster.shifts()
            roster.restore(shifts)
        }
        #expect(roster.shifts()[0].shift.settlements.map(\.claim.delivery) == claims.map(\.delivery))
        roster.isSending = false
        #expect(roster.isEmpty)
    }

    @Test func `sends at most a batch at once`() {
        var roster = Roster(lanes: 2, weights: [1])
        roster.take(haul(claims(1_500)), from: 0, asked: Queue.Shift(), at: .now)
        roster.release(worker: "w")
        #expect(roster.shifts()[0].shift.settlements.count == 1_000)
        #expect(roster.shifts()[0].shift.settlements.count == 500)
    }

    @Test func `hears nothing more from a lane that was given up`() throws {
        let queue = try queue()
        var roster = Roster(lanes: 1, weights: [1])
        roster.take(haul(claims(1)), from: 0, asked: Queue.Shift(), at: .now)
        let claim = try #require(start(&roster, on: 7, in: queue))
        #expect(roster.lane(of: claim.delivery) == 7)
        let isFirst = roster.end(7, .released, worker: "w", at: .now)
        let isSecond = roster.end(7, .done(nil), worker: "w", at: .now)
        #expect(isFirst && !isSecond)
        #expect(roster.settledCount == 1)
        #expect(roster.lane(of: claim.delivery) == nil)
    }
}
