import Calendar
import Core
import Testing

@Suite struct `F8: a recurrence rule` {
    private static func rule(
        _ text: String, _ start: String = "2026-01-01T09:00:00", _ more: JSON = [:]
    ) -> JSON {
        .object([.init("rrule", .string(text)), .init("dtstart", .string(start))] + (more.members ?? []))
    }

    @Test(arguments: [
        Line(
            rule("FREQ=MONTHLY;BYDAY=-1FR"), after: "2026-01-01T00:00:00Z", "2026-01-30T09:00:00Z",
            "2026-02-27T09:00:00Z"),
        Line(
            rule("RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,FR"), after: "2026-01-01T00:00:00Z",
            "2026-01-02T09:00:00Z",
            "2026-01-12T09:00:00Z", "2026-01-16T09:00:00Z"),
        Line(rule("FREQ=MONTHLY;BYMONTHDAY=31"), after: "2026-01-31T09:00:00Z", "2026-03-31T09:00:00Z"),
        Line(
            rule("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29"), after: "2026-01-01T00:00:00Z", "2028-02-29T09:00:00Z"
        ),
        Line(
            rule("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1"), after: "2026-01-01T00:00:00Z",
            "2026-01-30T09:00:00Z", "2026-02-27T09:00:00Z"),
        Line(rule("FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO"), after: "2026-01-01T00:00:00Z", "2026-05-11T09:00:00Z"),
        Line(
            rule("FREQ=YEARLY;BYWEEKNO=18,40", "2024-04-02T04:38"), after: "2024-01-01T00:00:00Z",
            "2024-04-30T04:38:00Z", "2024-10-01T04:38:00Z"),
        Line(rule("FREQ=YEARLY;BYYEARDAY=-1"), after: "2026-01-01T00:00:00Z", "2026-12-31T09:00:00Z"),
        Line(rule("FREQ=HOURLY;INTERVAL=7"), after: "2026-01-01T10:00:00Z", "2026-01-01T16:00:00Z"),
        Line(
            rule("FREQ=MINUTELY;INTERVAL=30;BYHOUR=9,10;BYDAY=MO"), after: "2026-01-01T00:00:00Z",
            "2026-01-05T09:00:00Z", "2026-01-05T09:30:00Z", "2026-01-05T10:00:00Z"),
        Line(
            rule("FREQ=DAILY;BYHOUR=8,10"), after: "2025-01-01T00:00:00Z", "2026-01-01T10:00:00Z",
            "2026-01-02T08:00:00Z"),
    ])
    func `fires on its dates`(_ line: Line) throws { try line.check() }

    @Test(arguments: [
        Line(
            rule("FREQ=DAILY;COUNT=2"), after: "2025-01-01T00:00:00Z", "2026-01-01T09:00:00Z",
            "2026-01-02T09:00:00Z"),
        Line(rule("FREQ=DAILY;COUNT=2"), after: "2026-05-01T00:00:00Z"),
        Line(
            rule("FREQ=DAILY;UNTIL=20260102T090000Z"), after: "2026-01-01T09:00:00Z", "2026-01-02T09:00:00Z"),
        Line(rule("FREQ=DAILY;UNTIL=20260102"), after: "2026-01-01T09:00:00Z", "2026-01-02T09:00:00Z"),
        Line(
            rule("FREQ=DAILY;UNTIL=20260102T090000Z", "2026-01-01T09:00", ["zone": "Europe/Berlin"]),
            after: "2026-01-01T09:00:00Z", "2026-01-02T08:00:00Z"),
        Line(
            rule("FREQ=DAILY;COUNT=3", "2026-01-01T09:00", ["exdates": ["2026-01-02T09:00:00"]]),
            after: "2025-01-01T00:00:00Z", "2026-01-01T09:00:00Z", "2026-01-03T09:00:00Z"),
        Line(
            rule(
                "FREQ=DAILY;COUNT=1", "2026-01-01T09:00",
                ["rdates": ["2026-01-01T12:00", "2026-02-01T09:00"]]),
            after: "2025-01-01T00:00:00Z", "2026-01-01T09:00:00Z", "2026-01-01T12:00:00Z",
            "2026-02-01T09:00:00Z"),
    ])
    func `ends, leaves out and adds`(_ line: Line) throws { try line.check(isAll: true) }

    @Test func `reads skipped and repeated times as RFC 5545 does`() throws {
        try Line(
            Self.rule("FREQ=DAILY", "2026-03-01T02:30:00", ["zone": "Europe/Berlin"]),
            after: "2026-03-28T12:00:00Z", "2026-03-29T01:30:00Z", "2026-03-30T00:30:00Z"
        ).check()
    }

    @Test(arguments: [
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "never fires"),
        ("FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30", "never fires"),
        ("FREQ=DAILY;BYHOUR=24", "BYHOUR holds numbers from 0 to 23"), ("FREQ=FORTNIGHTLY", "FREQ is one of"),
        ("FREQ=DAILY;FOO=1", "\"FOO=1\" is no part"),
        ("FREQ=DAILY;COUNT=1;UNTIL=20270101", "exclude each other"),
        ("FREQ=DAILY;COUNT=1;COUNT=2", "COUNT stands there twice"),
        ("FREQ=WEEKLY;BYDAY=2MO", "counts within a month"),
        ("FREQ=MINUTELY;INTERVAL=7;BYHOUR=3", "has to divide 60"),
        ("FREQ=DAILY;INTERVAL=0", "INTERVAL holds"),
        ("FREQ=HOURLY;INTERVAL=2;BYHOUR=10", "steps over"),
        ("FREQ=WEEKLY;BYDAY=MO;BYSETPOS=1", "BYSETPOS is understood"),
        ("FREQ=DAILY;UNTIL=20250101", "never fires"), ("FREQ=DAILY;BYMONTHDAY=-32", "negative from the end"),
        ("", "no part"),
    ])
    func `is refused with the part that is wrong`(_ text: String, _ complaint: String) throws {
        let failure = try refusal(Self.rule(text))
        #expect(failure.message.contains(complaint), "\(failure)")
        #expect(failure.pointer == "/rrule" && failure.kind == .invalid)
    }
}
