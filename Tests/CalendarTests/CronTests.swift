import Calendar
import Core
import Testing

@Suite struct `F1: a cron expression` {
    @Test(arguments: [
        Line(
            ["cron": "*/15 9 * * *"], after: "2026-01-01T09:31:00Z", "2026-01-01T09:45:00Z",
            "2026-01-02T09:00:00Z"),
        Line(["cron": "30 0 0 1 1 *"], after: "2026-01-01T00:00:30Z", "2027-01-01T00:00:30Z"),
        Line(["cron": "0 9 * * MON-fri"], after: "2026-01-02T09:00:00Z", "2026-01-05T09:00:00Z"),
        Line(
            ["cron": "0 0 * * FRI-MON"], after: "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z",
            "2026-01-03T00:00:00Z", "2026-01-04T00:00:00Z", "2026-01-05T00:00:00Z", "2026-01-09T00:00:00Z"),
        Line(["cron": "0 0 * * 7"], after: "2026-01-01T00:00:00Z", "2026-01-04T00:00:00Z"),
        Line(
            ["cron": "0 0 * * 7-1"], after: "2026-01-01T00:00:00Z", "2026-01-04T00:00:00Z",
            "2026-01-05T00:00:00Z"),
        Line(
            ["cron": "5/20 22-1 * * *"], after: "2026-01-01T23:44:00Z", "2026-01-01T23:45:00Z",
            "2026-01-02T00:05:00Z"),
        Line(["cron": "0 0 1 jan,JUL *"], after: "2026-01-01T00:00:00Z", "2026-07-01T00:00:00Z"),
        Line(
            ["cron": "0 0 29 2 *"], after: "2026-01-01T00:00:00Z", "2028-02-29T00:00:00Z",
            "2032-02-29T00:00:00Z"),
        Line(
            ["cron": "0 0 L * *"], after: "2028-02-01T00:00:00Z", "2028-02-29T00:00:00Z",
            "2028-03-31T00:00:00Z"),
        Line(
            ["cron": "0 0 * * L5"], after: "2026-01-01T00:00:00Z", "2026-01-30T00:00:00Z",
            "2026-02-27T00:00:00Z"),
        Line(
            ["cron": "0 0 * * 5#2"], after: "2026-01-01T00:00:00Z", "2026-01-09T00:00:00Z",
            "2026-02-13T00:00:00Z"),
        Line(["cron": "@weekly"], after: "2026-01-01T00:00:00Z", "2026-01-04T00:00:00Z"),
    ])
    func `fires when it says`(_ line: Line) throws { try line.check() }

    @Test(arguments: [
        Line(
            ["cron": "0 0 13 * 5"], after: "2026-01-10T00:00:00Z", "2026-01-13T00:00:00Z",
            "2026-01-16T00:00:00Z"),
        Line(
            ["cron": "0 0 */2 * 1"], after: "2026-01-01T00:00:00Z", "2026-01-05T00:00:00Z",
            "2026-01-19T00:00:00Z"),
        Line(
            ["cron": "0 0 13 * *"], after: "2026-01-01T00:00:00Z", "2026-01-13T00:00:00Z",
            "2026-02-13T00:00:00Z"),
    ])
    func `takes either day field unless one begins with a star`(_ line: Line) throws { try line.check() }

    @Test(arguments: [
        ("61 * * * *", "\"61\" in the minute field is not a number from 0 to 59"),
        ("* * * *", "it has 4 fields"), ("0 0 * FOO *", "not a number from 1 to 12 or JAN to DEC"),
        ("*/0 * * * *", "the step \"0\" of the minute field"), ("1-2-3 * * * *", "no range such as 1-5"),
        ("0 0 * * 5#6", "#1 to #5"), ("@reboot", "the words are @yearly"),
        ("1,,2 * * * *", "\"\" in the minute"),
        ("0 0 31 2 *", "no date ever matches it"), ("0 0 +1 * *", "\"+1\" in the day-of-month field"),
    ])
    func `is refused with what is wrong`(_ text: String, _ complaint: String) throws {
        let failure = try refusal(["cron": .string(text)])
        #expect(failure.message.contains(complaint))
        #expect(failure.pointer == "/cron" && failure.kind == .invalid)
    }
}

@Suite struct `F1: an interval` {
    @Test(arguments: [
        Line(
            ["every_seconds": 3600, "anchor": "2026-01-01T00:20:00Z"], after: "2026-01-01T00:20:00Z",
            "2026-01-01T01:20:00Z", "2026-01-01T02:20:00Z"),
        Line(
            ["every_seconds": 3600, "anchor": "2026-01-01T00:20:00Z"], after: "2025-12-31T22:00:00Z",
            "2025-12-31T22:20:00Z"),
        Line(["every_seconds": 7], after: "1970-01-01T00:00:00Z", "1970-01-01T00:00:07Z"),
    ])
    func `fires at whole distances from its anchor`(_ line: Line) throws { try line.check() }

    @Test func `is refused under a second and over ten years`() throws {
        for seconds in [0.5, -3, 400_000_000, 1e300] as [Double] {
            #expect(try refusal(["every_seconds": .double(seconds)]).pointer == "/every_seconds")
        }
    }

    @Test func `fires once when it is a moment`() throws {
        try Line(["at": "2026-01-01T00:00:00Z"], after: "2025-01-01T00:00:00Z", "2026-01-01T00:00:00Z")
            .check(isAll: true)
        try Line(["at": "2026-01-01T00:00:00Z"], after: "2026-01-01T00:00:00Z").check(isAll: true)
    }
}
