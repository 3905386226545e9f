import Calendar
import Core
import Foundation
import Testing

@Suite struct `F2: a time zone` {
    @Test(arguments: [
        Line(
            ["cron": "0 9 * * *", "zone": "Europe/Berlin"], after: "2026-03-27T09:00:00Z",
            "2026-03-28T08:00:00Z", "2026-03-29T07:00:00Z"),
        Line(
            ["cron": "0 9 * * *", "zone": "Asia/Kathmandu"], after: "2026-01-01T00:00:00Z",
            "2026-01-01T03:15:00Z"),
        Line(
            ["cron": "0 0 * * *", "zone": "Pacific/Kiritimati"], after: "2026-01-01T09:00:00Z",
            "2026-01-01T10:00:00Z"),
        Line(
            ["every_seconds": 43200], after: "2026-03-28T12:00:00Z", "2026-03-29T00:00:00Z",
            "2026-03-29T12:00:00Z"),
        Line(
            ["cron": "0 12 1 7 *", "zone": "America/New_York"], after: "2150-01-01T00:00:00Z",
            "2150-07-01T16:00:00Z"),
    ])
    func `decides what a clock shows`(_ line: Line) throws { try line.check() }

    @Test(arguments: [
        "Europe/Berlim", "", "../passwd", "/etc/passwd", "tzdata.zi", "right/UTC", "Europe", "CEST1",
    ])
    func `is refused when there is none`(_ name: String) throws {
        #expect(try refusal(["cron": "@daily", "zone": .string(name)]).pointer == "/zone")
    }

    @Test func `agrees with Foundation on every zone and each hour of seven years`() throws {
        var count = 0
        for name in Foundation.TimeZone.knownTimeZoneIdentifiers {
            guard let zone = try? Zone(name), let theirs = Foundation.TimeZone(identifier: name) else {
                continue
            }
            for hour in stride(from: 1_704_067_200, to: 1_924_992_000, by: 86_400 - 3_600) {
                let wall = zone.wall(at: Moment(microseconds: Int64(hour) * 1_000_000))
                let offset = theirs.secondsFromGMT(for: Date(timeIntervalSince1970: Double(hour)))
                guard wall.seconds - Int64(hour) != Int64(offset) else { continue }
                Issue.record("\(name) differs at \(hour)")
                break
            }
            count += 1
        }
        #expect(count > 400)
    }

    @Test func `finds the moments of a local time again`() throws {
        let berlin = try Zone("Europe/Berlin")
        let counts = [("2026-03-29T02:30:00", 0), ("2026-10-25T02:30:00", 2), ("2026-10-25T03:00", 1)]
        for (text, count) in counts {
            let wall = try #require(Wall(text))
            let moments = berlin.moments(of: wall)
            #expect(moments.count == count)
            #expect(moments.allSatisfy { berlin.wall(at: $0) == wall })
        }
    }
}

@Suite struct `F3: a change of the clock` {
    private static func cron(_ text: String, _ gap: String, _ overlap: String) -> JSON {
        ["cron": .string(text), "zone": "Europe/Berlin", "gap": .string(gap), "overlap": .string(overlap)]
    }

    @Test(arguments: [
        Line(
            cron("30 2 * * *", "next", "first"), after: "2026-03-28T12:00:00Z", "2026-03-29T01:00:00Z",
            "2026-03-30T00:30:00Z"),
        Line(cron("30 2 * * *", "skip", "first"), after: "2026-03-28T12:00:00Z", "2026-03-30T00:30:00Z"),
        Line(cron("30 2 * * *", "shift", "first"), after: "2026-03-28T12:00:00Z", "2026-03-29T01:30:00Z"),
        Line(
            cron("0,20,40 2,3 * * *", "next", "first"), after: "2026-03-28T12:00:00Z", "2026-03-29T01:00:00Z",
            "2026-03-29T01:20:00Z"),
        Line(
            cron("10 2,3 * * *", "shift", "first"), after: "2026-03-28T12:00:00Z", "2026-03-29T01:10:00Z",
            "2026-03-30T00:10:00Z"),
    ])
    func `that leaves times out fires by the gap rule`(_ line: Line) throws { try line.check() }

    @Test(arguments: [
        Line(
            cron("30 2 * * *", "next", "first"), after: "2026-10-24T12:00:00Z", "2026-10-25T00:30:00Z",
            "2026-10-26T01:30:00Z"),
        Line(
            cron("30 2 * * *", "next", "second"), after: "2026-10-24T12:00:00Z", "2026-10-25T01:30:00Z",
            "2026-10-26T01:30:00Z"),
        Line(
            cron("0,30 2 * * *", "next", "both"), after: "2026-10-24T12:00:00Z", "2026-10-25T00:00:00Z",
            "2026-10-25T00:30:00Z", "2026-10-25T01:00:00Z", "2026-10-25T01:30:00Z", "2026-10-26T01:00:00Z"),
    ])
    func `that repeats times fires by the overlap rule`(_ line: Line) throws { try line.check() }

    @Test func `does not hold up what names every hour`() throws {
        let timing = try Timing(["cron": "*/30 * * * *", "zone": "Europe/Berlin"])
        for text in ["2026-03-29T00:00:00Z", "2026-10-24T23:00:00Z"] {
            let found = timing.preview(8, after: try moment(text))
            let gaps = zip(found, found.dropFirst()).map { $1 - $0 }
            #expect(gaps == Array(repeating: .seconds(1_800), count: 7))
        }
    }

    @Test(arguments: [
        "America/Havana", "Africa/Cairo", "Australia/Lord_Howe", "Antarctica/Troll", "Asia/Gaza",
    ])
    func `never makes a firing twice or out of order`(_ name: String) throws {
        for gap in ["next", "skip", "shift"] {
            for overlap in ["first", "second", "both"] {
                let timing = try Timing([
                    "cron": "*/10 0-4 * * *", "zone": .string(name), "gap": .string(gap),
                    "overlap": .string(overlap),
                ])
                let found = timing.preview(12_000, after: try moment("2026-01-01T00:00:00Z"))
                #expect(found.count == 12_000 && zip(found, found.dropFirst()).allSatisfy { $0 < $1 })
            }
        }
    }
}
