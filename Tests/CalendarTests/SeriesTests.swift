import Core
import Testing

@testable import Calendar

@Suite struct `A series of events` {
    @Test func `keeps its wall time across a change of clocks, and its length`() throws {
        let daily = try series("2026-03-28T09:00", "2026-03-28T10:30", rule: "FREQ=DAILY")
        let found = try daily.instances(in: days("2026-03-28", "2026-03-31"), most: 10)
        #expect(
            found.map(\.start.text) == [
                "2026-03-28T08:00:00.000Z", "2026-03-29T07:00:00.000Z", "2026-03-30T07:00:00.000Z",
            ])
        #expect(found.allSatisfy { $0.end - $0.start == .seconds(5_400) && $0.id == $0.start })
    }

    @Test func `lasts whole days where it is of whole days`() throws {
        let weekly = try series("2026-03-22T00:00", "2026-03-23T00:00", rule: "FREQ=WEEKLY") {
            $0.isAllDay = true
        }
        let found = try weekly.instances(in: days("2026-03-29", "2026-03-30"), most: 10)
        #expect(found.map(\.start.text) == ["2026-03-28T23:00:00.000Z"])
        #expect(found.map(\.end.text) == ["2026-03-29T22:00:00.000Z"])
    }

    @Test func `takes place while any of it lies in the range`() throws {
        let night = try series("2026-01-10T22:00", "2026-01-11T02:00", "UTC", rule: "FREQ=DAILY")
        #expect(
            try night.starts(days("2026-01-11", "2026-01-12")) == ["2026-01-10T22:00", "2026-01-11T22:00"])
        let end = try moment("2026-01-11T02:00:00Z")..<moment("2026-01-11T22:00:00Z")
        #expect(try night.starts(end) == [])
    }

    @Test func `leaves out, adds and moves instances`() throws {
        let daily = try series("2026-01-01T09:00", "2026-01-01T10:00", "UTC", rule: "FREQ=DAILY;COUNT=5") {
            $0.exdates = [try moment("2026-01-02T09:00:00Z")]
            $0.rdates = [try moment("2026-01-02T15:00:00Z")]
            $0.overrides = [
                Override(
                    id: try moment("2026-01-03T09:00:00Z"), start: try moment("2026-02-01T09:00:00Z")),
                Override(id: try moment("2026-01-04T09:30:00Z"), fields: [.init("title", "Nowhere")]),
            ]
        }
        #expect(
            try daily.starts(days("2026-01-01", "2026-01-10"))
                == ["2026-01-01T09:00", "2026-01-02T15:00", "2026-01-04T09:00", "2026-01-05T09:00"])
        let moved = try #require(
            try daily.instances(in: days("2026-02-01", "2026-02-02"), most: 1).first)
        #expect(moved.id == (try moment("2026-01-03T09:00:00Z")))
        #expect(moved.end == (try moment("2026-02-01T10:00:00Z")))
        #expect(daily.latest == (try moment("2026-02-01T10:00:00Z")))
        #expect(daily.next(after: try moment("2026-01-05T09:00:00Z")) == moved)
    }

    @Test func `is not shown without a bound`() throws {
        let endless = try series("2026-01-01T09:00", "2026-01-01T09:01", "UTC", rule: "FREQ=MINUTELY")
        let failure = #expect(throws: Failure.self) {
            try endless.instances(in: days("2026-01-01", "2027-01-01"), most: 5_000)
        }
        #expect(failure?.kind == .invalid && failure?.message.contains("more than 5000 instances") == true)
        #expect(endless.latest == nil)
    }

    @Test(
        arguments: [
            (["starts_at": "2026-01-01T09:00:00"], "/starts_at"), (["starts_at": 5], "/starts_at"),
            (["starts_at": "2026-01-01T09:00:00.5Z"], "/starts_at"),
            (["ends_at": "2026-01-01T09:00:00Z"], "/ends_at"),
            (["ends_at": "2027-01-03T09:00:00Z"], "/ends_at"),
            (["time_zone": "Europe/Nowhere"], "/time_zone"), (["all_day": true], "/starts_at"),
            (["rrule": "FREQ=SOMETIMES"], "/rrule"), (["exdates": ["2026-02-30T09:00:00Z"]], "/exdates/0"),
            (["rdates": ["2026-01-01T09:00:00Z", "x"]], "/rdates/1"),
            (["rdates": ["2026-01-01T09:00:00Z", "9999-12-31T23:59:59Z"]], "/rdates/1"),
            (["starts_at": "1969-12-31T23:00:00Z", "ends_at": "1970-01-01T01:00:00Z"], "/starts_at"),
            (["overrides": [["title": "x"]]], "/overrides/0"),
        ] as [([String: JSON], String)])
    func `is refused at the field that is wrong`(_ change: [String: JSON], _ pointer: String) throws {
        let good: [String: JSON] = [
            "starts_at": "2026-01-01T09:00:00Z", "ends_at": "2026-01-01T10:00:00Z", "time_zone": "UTC",
        ]
        _ = try Series(fields: good)
        let failure = #expect(throws: Failure.self) { try Series(fields: good.merging(change) { $1 }) }
        #expect(failure?.pointer == pointer && failure?.kind == .invalid)
    }

    @Test func `reads its fields as it writes them`() throws {
        let all = try series("2026-01-01T09:00", "2026-01-01T10:00", rule: "FREQ=DAILY;COUNT=5") {
            $0.exdates = [try moment("2026-01-02T08:00:00Z")]
            $0.rdates = [try moment("2026-01-02T15:00:00Z")]
            $0.overrides = [
                Override(
                    id: try moment("2026-01-03T08:00:00Z"), end: try moment("2026-01-03T12:00:00Z"),
                    fields: [.init("title", "Long")])
            ]
        }
        #expect(try Series(fields: all.fields) == all)
    }

    @Test func `tells before it starts, each instance as long before as it says`() throws {
        let daily = try series("2026-01-01T09:00", "2026-01-01T10:00", "UTC", rule: "FREQ=DAILY;COUNT=2")
        let before = try moment("2026-01-01T08:30:00Z")
        let next = try #require(daily.nextAlarm(after: before, minutes: [10, 60]))
        #expect(next.due == (try moment("2026-01-01T08:50:00Z")) && next.minutes == 10)
        let all = daily.alarms(
            after: before, upTo: try moment("2026-02-01T00:00:00Z"), minutes: [10, 60], most: 10)
        #expect(
            all.map(\.due.text) == [
                "2026-01-01T08:50:00.000Z", "2026-01-02T08:00:00.000Z", "2026-01-02T08:50:00.000Z",
            ])
        #expect(daily.nextAlarm(after: try moment("2026-01-02T08:50:00Z"), minutes: [10, 60]) == nil)
    }

    @Test(arguments: [
        ("2026-03", "2026-02-28T23:00:00.000Z", "2026-03-31T22:00:00.000Z"),
        ("2026", "2025-12-31T23:00:00.000Z", "2026-12-31T23:00:00.000Z"),
    ])
    func `is looked at by months and years of a zone`(_ text: String, _ from: String, _ to: String) throws {
        let found = try #require(try Zone("Europe/Berlin").period(text))
        #expect(found.lowerBound.text == from && found.upperBound.text == to)
        for wrong in ["2026-13", "26", "2026-1", "2026-", "", "2026-01-01", "x"] {
            #expect(Zone.utc.period(wrong) == nil)
        }
    }
}
