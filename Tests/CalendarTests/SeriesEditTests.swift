import Core
import Testing

@testable import Calendar

@Suite struct `An edit of a series` {
    private static let rules = [
        "FREQ=DAILY", "FREQ=DAILY;INTERVAL=3", "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE,SU", "FREQ=MONTHLY",
        "FREQ=MONTHLY;BYDAY=-1FR", "FREQ=DAILY;COUNT=40", "FREQ=WEEKLY;COUNT=9;BYDAY=SA,SU",
        "FREQ=HOURLY;INTERVAL=7;COUNT=90", "FREQ=DAILY;UNTIL=20260420T003000Z",
        "FREQ=YEARLY;BYWEEKNO=14;BYDAY=MO,SU",
        "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=1,-1", "FREQ=DAILY;BYHOUR=2,3,12",
    ]

    @Test(arguments: rules) func `cuts it so that both parts hold what the whole held`(_ rule: String) throws
    {
        var dice = Chance(UInt64(rule.utf8.count) &* 977)
        let window = try days("2026-01-01", "2026-12-31")
        for zone in ["Europe/Berlin", "America/New_York", "UTC"] {
            for start in ["2026-03-27T02:30", "2026-02-27T09:15", "2026-03-07T02:30"] {
                let plain = try series(start, start.dropLast(2) + "45", zone, rule: rule)
                let ids = try plain.instances(in: window, most: 5_000).map(\.id)
                guard ids.count > 3 else { continue }
                let whole = try series(start, start.dropLast(2) + "45", zone, rule: rule) {
                    $0.exdates = [dice.pick(ids)]
                    $0.rdates = [dice.pick(ids) + .seconds(600)]
                    $0.overrides = [Override(id: dice.pick(ids), fields: [.init("title", "Other")])]
                }
                let all = try whole.instances(in: window, most: 5_000)
                let cut = all[dice.roll(1..<all.count)].id
                guard !whole.begins(with: cut) else { continue }
                let (head, tail) = try whole.split(at: cut)
                let parts = try [head, tail].map { try $0.instances(in: window, most: 5_000) }
                #expect(parts[0] == all.filter { $0.id < cut }, "\(rule) \(zone) \(start) \(cut.text)")
                #expect(parts[1] == all.filter { $0.id >= cut }, "\(rule) \(zone) \(start) \(cut.text)")
            }
        }
    }

    @Test func `takes what is special along when the series moves`() throws {
        let old = try series("2026-01-05T09:00", "2026-01-05T10:00", rule: "FREQ=WEEKLY;COUNT=20") {
            $0.exdates = [try moment("2026-01-12T08:00:00Z")]
            $0.overrides = [
                Override(id: try moment("2026-04-06T07:00:00Z"), fields: [.init("title", "After Easter")])
            ]
        }
        var later = old.draft
        (later.start, later.end) = (later.start + .seconds(3_600), later.end + .seconds(3_600))
        let moved = try Series(later).following(old)
        #expect(moved.exdates == [try moment("2026-01-12T09:00:00Z")])
        #expect(moved.overrides.map(\.id) == [try moment("2026-04-06T08:00:00Z")])
        #expect(moved.overrides[0].fields == [.init("title", "After Easter")])
    }

    @Test func `drops what is special about an instance that is gone`() throws {
        let old = try series("2026-01-05T09:00", "2026-01-05T10:00", "UTC", rule: "FREQ=DAILY") {
            $0.overrides = [
                Override(id: try moment("2026-01-06T09:00:00Z"), fields: [.init("title", "Gone")]),
                Override(id: try moment("2026-01-12T09:00:00Z"), fields: [.init("title", "Kept")]),
            ]
        }
        var weekly = old.draft
        weekly.rule = "FREQ=WEEKLY"
        #expect(try Series(weekly).following(old).overrides.map(\.id) == [moment("2026-01-12T09:00:00Z")])
    }

    @Test func `adds to what is special already, or leaves the instance out`() throws {
        let daily = try series("2026-01-05T09:00", "2026-01-05T10:00", "UTC", rule: "FREQ=DAILY")
        let id = try moment("2026-01-06T09:00:00Z")
        let once = try daily.overriding(Override(id: id, fields: [.init("title", "One")]))
        let twice = try once.overriding(
            Override(id: id, start: id + .seconds(60), fields: [.init("location", "Here")]))
        let instance = try #require(twice.instance(id))
        #expect(instance.start == id + .seconds(60) && instance.end - instance.start == .seconds(3_600))
        #expect(instance.override?.fields == [.init("location", "Here"), .init("title", "One")])
        let less = try twice.leavingOut(id)
        #expect(!less.has(id) && less.overrides.isEmpty && less.exdates == [id])
    }
}
