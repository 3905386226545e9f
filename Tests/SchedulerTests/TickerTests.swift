import Calendar
import Core
import Foundation
import Queue
import Testing

@testable import Scheduler

@Suite struct `F9: many tickers` {
    @Test func `make each firing once`() async throws {
        let almanac = try Almanac()
        try await almanac.put(["every_seconds": 1], ["overlap": "allow_all"])
        let now = try await almanac.schedules.book.now()
        try await almanac.turnBack(to: Moment(milliseconds: now.milliseconds / 1_000 * 1_000 - 299_000))
        let tickers = try (0..<4).map { _ in try almanac.ticker() }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for ticker in tickers { group.addTask { try await almanac.fireAll(ticker) } }
            try await group.waitForAll()
        }
        let times = try await almanac.jobs().map(\.id.milliseconds)
        let first = try #require(times.first), last = try #require(times.last)
        #expect(times.count >= 300)
        #expect(times == Array(stride(from: first, through: last, by: 1_000)))
    }

    @Test func `make no second job when a turn comes back`() async throws {
        let almanac = try Almanac()
        try await almanac.put(["every_seconds": 60], ["overlap": "allow_all"])
        let now = try await almanac.schedules.book.now()
        let turn = Moment(milliseconds: now.milliseconds / 60_000 * 60_000)
        for _ in 0..<3 {
            try await almanac.turnBack(to: turn)
            try await almanac.fireAll(almanac.ticker())
        }
        #expect(try await almanac.jobs().count { $0.id.milliseconds == turn.milliseconds } == 1)
        #expect(try await almanac.plan().next.map { $0 > now } == true)
    }

    @Test func `give a firing the same id everywhere, and others other ids`() throws {
        let spec: JSON = ["timing": ["cron": "@daily"], "job": ["name": "act"]]
        let one = try Schedule(spec, name: "one", workspace: "acme")
        let two = try Schedule(spec, name: "two", workspace: "acme")
        let nominal = try #require(Moment("2026-01-01T00:00:00Z"))
        let id = try #require(Firing(schedule: one, nominal: nominal).id)
        #expect(id == Firing(schedule: one, nominal: nominal).id)
        #expect(id.milliseconds == nominal.milliseconds)
        #expect(id != Firing(schedule: two, nominal: nominal).id)
        #expect(id != Firing(schedule: one, nominal: nominal + .milliseconds(1)).id)
    }

    @Test func `wake for a schedule that is made while they sleep, at its time`() async throws {
        let almanac = try Almanac()
        let ticker = try almanac.ticker()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await ticker.run() }
            let at = try await almanac.schedules.book.now() + .milliseconds(400)
            try await almanac.put(["at": .string(at.text)])
            while try await almanac.jobs().isEmpty { try await Task.sleep(for: .milliseconds(5)) }
            let late = try await almanac.schedules.book.now() - at
            #expect(late > .milliseconds(-2) && late < .seconds(10))
            group.cancelAll()
        }
    }
}

@Suite struct `F4: a late firing` {
    @Test func `is made up for within the catch-up window and counted beyond it`() async throws {
        let almanac = try Almanac()
        try await almanac.put(["every_seconds": 60], ["overlap": "allow_all", "catch_up_seconds": 300])
        let now = try await almanac.schedules.book.now()
        try await almanac.turnBack(to: Moment(milliseconds: now.milliseconds / 60_000 * 60_000 - 1_200_000))
        try await almanac.fireAll(almanac.ticker())
        #expect((5...6).contains(try await almanac.jobs().count))
        let (last, missed) = try await almanac.schedules.book.firings("acme:report")
        #expect((15...16).contains(missed))
        #expect(last.count == (try await almanac.jobs().count))
        #expect(last.allSatisfy { $0["outcome"]?.string == "enqueued" })
    }

    @Test func `runs at its nominal time and a delay of its own`() async throws {
        let almanac = try Almanac()
        try await almanac.put(["every_seconds": 60], ["overlap": "allow_all", "jitter_seconds": 86_400])
        let now = try await almanac.schedules.book.now()
        let turn = Moment(milliseconds: now.milliseconds / 60_000 * 60_000)
        try await almanac.turnBack(to: turn)
        try await almanac.fireAll(almanac.ticker())
        let delay = Jitter.delay(of: "acme:report", at: turn, most: .seconds(86_400))
        #expect(try await almanac.jobs().first?.due == turn + delay)
    }
}

@Suite struct `F5: an overlapping firing` {
    @Test(arguments: [
        ("skip", 1), ("buffer_one", 2), ("buffer_all", 4), ("allow_all", 4), ("cancel_other", 2),
        ("terminate_other", 1),
    ])
    func `waits, runs or is left out by the rule`(_ rule: String, _ count: Int) async throws {
        let almanac = try Almanac()
        try await almanac.put(["every_seconds": 60], ["overlap": .string(rule)])
        let now = try await almanac.schedules.book.now()
        let turn = now.milliseconds / 60_000 * 60_000
        let ticker = try almanac.ticker()
        // The first firing is running when the others come.
        try await almanac.turnBack(to: Moment(milliseconds: turn - 180_000))
        _ = try await almanac.schedules.book.due()
        for step in 0..<4 {
            let due = try await almanac.schedules.book.due()
            let entry = try #require(due.entries.first)
            try await ticker.step(entry, now: due.now)
            guard step == 0 else { continue }
            var shift = Queue.Shift()
            shift.wanted = 1
            #expect(try await almanac.queue.work(shift).claims.count == 1)
        }
        #expect(try await almanac.jobs().count == count)
    }
}

@Suite struct `F6: a schedule` {
    @Test func `is made, read, replaced, listed and removed`() async throws {
        let almanac = try Almanac()
        let made = try await almanac.put(["cron": "@daily"])
        #expect(made.revision == 1 && made.next != nil && made.source == .api)
        let replaced = try await almanac.put(["cron": "@hourly"])
        #expect(replaced.revision == 2 && replaced.created == made.created)
        for name in ["a", "b", "zz"] { try await almanac.put(["cron": "@daily"], name: name) }
        let names = try await almanac.schedules.list("acme", limit: 3).map(\.schedule.name)
        #expect(names == ["a", "b", "report"])
        #expect(
            try await almanac.schedules.list("acme", after: "report", limit: 3).map(\.schedule.name) == ["zz"]
        )
        #expect(try await almanac.schedules.list("acm", limit: 3).isEmpty)
        #expect(try await almanac.schedules.remove("acme", "report"))
        #expect(try await almanac.schedules.find("acme", "report") == nil)
        #expect(try await almanac.schedules.remove("acme", "report") == false)
    }

    @Test func `keeps its turn when only its job changes`() async throws {
        let almanac = try Almanac()
        try await almanac.put(["every_seconds": 60])
        let turn = Moment(milliseconds: 1_000_000)
        try await almanac.turnBack(to: turn)
        try await almanac.put(["every_seconds": 60], ["about": "other"])
        #expect(try await almanac.plan().next == turn)
        try await almanac.put(["every_seconds": 61])
        #expect(try await almanac.plan().next.map { $0 > turn } == true)
    }

    @Test func `is one of several writers' work, never a mixture`() async throws {
        let almanac = try Almanac()
        try await almanac.put(["cron": "@daily"])
        let plan = try await almanac.plan()
        let book = almanac.schedules.book
        #expect(try await book.write("acme:report", plan.value, seen: 1, turn: .asIs) == 2)
        #expect(try await book.write("acme:report", plan.value, seen: 1, turn: .asIs) == nil)
        #expect(try await book.remove("acme:report", seen: 1) == false)
    }

    @Test func `ends with its end and with its limit`() async throws {
        let almanac = try Almanac()
        let now = try await almanac.schedules.book.now()
        try await almanac.put(["every_seconds": 60], ["limit": 3, "overlap": "allow_all"])
        let plan = try await almanac.plan()
        #expect(plan.schedule.preview(10, after: now, until: plan.last).count == 3)
        try await almanac.put(
            ["every_seconds": 60], ["end": .string((now + .seconds(150)).text)], name: "short")
        let short = try await almanac.plan("short")
        #expect((2...3).contains(short.schedule.preview(10, after: now, until: short.last).count))
        try await almanac.put(["at": "2020-01-01T00:00:00Z"], name: "past")
        #expect(try await almanac.plan("past").next == nil)
    }

    @Test(
        arguments: [
            ([:], "/timing"), (["timing": ["cron": "@daily"]], "/job"),
            (["timing": ["cron": "61 * * * *"], "job": ["name": "act"]], "/timing/cron"),
            (["timing": ["cron": "@daily"], "job": ["name": "act", "exclusive": "k"]], "/job/exclusive"),
            (["timing": ["cron": "@daily"], "job": ["name": "act", "priority": "urgent"]], "/job/priority"),
            (["timing": ["cron": "@daily"], "job": ["name": "act"], "overlap": "maybe"], "/overlap"),
            (["timing": ["cron": "@daily"], "job": ["name": "act"], "limit": 0], "/limit"),
            (["timing": ["cron": "@daily"], "job": ["name": "act"], "colour": "red"], "/colour"),
            (
                ["timing": ["cron": "@daily"], "job": ["name": "act"], "jitter_seconds": -1],
                "/jitter_seconds"
            ),
        ] as [(JSON, String)])
    func `is refused at the member that is wrong`(_ spec: JSON, _ pointer: String) throws {
        let failure = try #require(throws: Failure.self) {
            try Schedule(spec, name: "report", workspace: "acme")
        }
        #expect(failure.pointer == pointer && failure.kind == .invalid)
    }
}

@Suite struct `F7: a schedule` {
    @Test func `rests while paused and goes on from the time it is resumed`() async throws {
        let almanac = try Almanac()
        try await almanac.put(["every_seconds": 1], ["overlap": "allow_all"])
        let paused = try await almanac.schedules.pause("acme", "report", reason: "holiday", by: "ann")
        #expect(paused.pause?.reason == "holiday" && paused.pause?.by == "ann" && paused.next == nil)
        #expect(try await almanac.put(["every_seconds": 2]).pause != nil)
        try await almanac.fireAll(almanac.ticker())
        #expect(try await almanac.jobs().isEmpty)
        let resumed = try await almanac.schedules.resume("acme", "report")
        #expect(resumed.pause == nil)
        #expect(try #require(resumed.next) >= resumed.updated)
    }

    @Test func `is triggered now, even while paused`() async throws {
        let almanac = try Almanac()
        try await almanac.put(["cron": "@daily"])
        try await almanac.schedules.pause("acme", "report", reason: "", by: "ann")
        let id = try #require(try await almanac.schedules.trigger("acme", "report", by: "ann"))
        #expect(try await almanac.jobs().map(\.id) == [id])
        #expect(try await almanac.schedules.book.firings("acme:report").last.first?["by"]?.string == "ann")
    }

    @Test func `is filled in over a range, each time once`() async throws {
        let almanac = try Almanac()
        try await almanac.put(["cron": "0 0 * * *"])
        let range = try #require(Moment("2026-01-01T00:00:00Z"))..<#require(Moment("2026-01-11T00:00:00Z"))
        #expect(try await almanac.schedules.backfill("acme", "report", range).count == 10)
        #expect(try await almanac.schedules.backfill("acme", "report", range).isEmpty)
        #expect(try await almanac.jobs().map(\.id.milliseconds).first == range.lowerBound.milliseconds)
        let long = range.lowerBound..<(range.lowerBound + .seconds(86_400 * 2_000))
        let failure = try await #require(throws: Failure.self) {
            _ = try await almanac.schedules.backfill("acme", "report", long)
        }
        #expect(failure.kind == .limited)
    }

    @Test func `stops nobody when it cannot be read`() async throws {
        let almanac = try Almanac()
        try await almanac.put(["every_seconds": 60])
        _ = try await almanac.schedules.book.write(
            "acme:broken", ["spec": 5], seen: 0, turn: .at(Moment(milliseconds: 1)))
        try await almanac.turnBack(to: try await almanac.schedules.book.now())
        #expect(try await almanac.ticker().fire() == Ticker.period)
        #expect(try await almanac.jobs().count == 1)
    }
}

@Suite struct `A file of schedules` {
    private static let text = """
        schedules:
          nightly:
            timing: { cron: "0 3 * * *", zone: Europe/Berlin }
            job: { name: act, arguments: { a: 1, b: "2", c: [true, ~, 0.5] } }
          hourly:
            workspace: other
            timing: { every_seconds: 3600 }
            job: { name: act }
        """

    @Test func `is put, left alone and removed from`() async throws {
        let almanac = try Almanac()
        try await almanac.put(["cron": "@daily"])
        let file = try ScheduleFile(Self.text, workspace: "acme")
        #expect(file.schedules.map(\.id) == ["acme:nightly", "other:hourly"])
        #expect(file.schedules[0].job["arguments"] == ["a": 1, "b": "2", "c": [true, nil, 0.5]])
        #expect(try await almanac.schedules.apply(file) == (2, 0, 0))
        #expect(try await almanac.schedules.apply(file) == (0, 2, 0))
        #expect(try await almanac.plan("nightly").source == .file)
        #expect(try await almanac.schedules.apply(ScheduleFile("schedules: {}", workspace: nil)) == (0, 0, 2))
        #expect(try await almanac.plan().source == .api)
    }

    @Test(arguments: [
        ("schedules: [", "no YAML"), ("schedules: 5", "map from names"),
        ("jobs: {}", "no such thing as jobs"),
        ("schedules: { a: { timing: { cron: '* * *' }, job: { name: act } } }", "a: The cron expression"),
        ("schedules: { a: { job: { name: act } } }", "a: timing is missing. (/schedules/a/timing)"),
        ("schedules: { A: { timing: { every_seconds: 5 }, job: { name: act } } }", "A: A schedule's name"),
    ])
    func `is refused with the entry and the member`(_ text: String, _ complaint: String) throws {
        let failure = try #require(throws: Failure.self) { try ScheduleFile(text, workspace: "acme") }
        #expect(failure.message.contains(complaint), "\(failure)")
    }

    @Test func `says when a schedule has no workspace`() throws {
        let failure = try #require(throws: Failure.self) { try ScheduleFile(Self.text, workspace: nil) }
        #expect(failure.message.contains("nightly has to name its workspace"))
    }
}
