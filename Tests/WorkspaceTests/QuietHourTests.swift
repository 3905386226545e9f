import Core
import Foundation
import Testing
import Workspace

@Suite struct `Quiet hours` {
    private func next(_ hours: (String, String), _ zone: String, _ now: String) throws -> String {
        let quiet = try #require(QuietHours(from: hours.0, to: hours.1))
        let zone = try #require(TimeZone(identifier: zone))
        let moment = try #require(Moment(now))
        return quiet.next(from: moment) { moment in
            zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(moment.microseconds) / 1_000_000))
        }.text
    }

    @Test func `of a field are two different times of day, or none`() throws {
        let read = { (text: String) in
            try QuietHours(try JSONParser.parse(Array(text.utf8)), at: "/quiet_hours")
        }
        #expect(try read("null") == nil)
        #expect(try QuietHours(nil, at: "/quiet_hours") == nil)
        #expect(try read(#"{"from": "22:00", "to": "07:30"}"#) == QuietHours(from: "22:00", to: "07:30"))
        let wrong = [
            #"{"from": "22:00"}"#, #"{"from": "22:00", "to": "22:00"}"#, #"{"from": "22:00", "to": "24:00"}"#,
            #"{"from": "22:00", "to": "07:60"}"#, #"{"from": "+1:00", "to": "07:00"}"#,
            #"{"from": "22:00", "to": "07:00", "zone": "UTC"}"#, #"{"from": "22:00", "to": 7}"#,
            #"{"from": "22.00", "to": "07:00"}"#, #"["22:00", "07:00"]"#, #""22:00""#,
        ]
        for text in wrong {
            let failure = #expect(throws: Failure.self) { try read(text) }
            #expect(failure?.kind == .invalid && failure?.pointer == "/quiet_hours", "\(text)")
        }
    }

    @Test func `let pass what lies outside them, and hold the rest until they end`() throws {
        let cases: [((String, String), String, String)] = [
            (("22:00", "07:00"), "2026-06-01T12:00:00.000Z", "2026-06-01T12:00:00.000Z"),
            (("22:00", "07:00"), "2026-06-01T22:00:00.000Z", "2026-06-02T07:00:00.000Z"),
            (("22:00", "07:00"), "2026-06-01T21:59:59.999Z", "2026-06-01T21:59:59.999Z"),
            (("22:00", "07:00"), "2026-06-02T06:59:59.500Z", "2026-06-02T07:00:00.000Z"),
            (("22:00", "07:00"), "2026-06-02T07:00:00.000Z", "2026-06-02T07:00:00.000Z"),
            (("12:00", "13:30"), "2026-06-02T12:10:11.000Z", "2026-06-02T13:30:00.000Z"),
            (("12:00", "13:30"), "2026-06-02T23:10:11.000Z", "2026-06-02T23:10:11.000Z"),
            (("00:00", "23:59"), "2026-06-02T05:00:00.000Z", "2026-06-02T23:59:00.000Z"),
        ]
        for (hours, now, wanted) in cases { #expect(try next(hours, "UTC", now) == wanted, "\(now)") }
    }

    @Test func `end by the clock on the wall when it jumps ahead`() throws {
        // In Berlin the clock goes from 02:00 to 03:00 at 01:00 UTC.
        let night = "2026-03-28T23:00:00.000Z"
        #expect(try next(("22:00", "07:00"), "Europe/Berlin", night) == "2026-03-29T05:00:00.000Z")
        // 02:30 is never shown: the hours end with the jump over it.
        #expect(try next(("22:00", "02:30"), "Europe/Berlin", night) == "2026-03-29T01:00:00.000Z")
        #expect(try next(("22:00", "02:00"), "Europe/Berlin", night) == "2026-03-29T01:00:00.000Z")
        #expect(try next(("22:00", "03:00"), "Europe/Berlin", night) == "2026-03-29T01:00:00.000Z")
    }

    @Test func `end by the clock on the wall when it falls back`() throws {
        // In Berlin the clock goes from 03:00 to 02:00 at 01:00 UTC.
        let night = "2026-10-24T21:00:00.000Z"
        #expect(try next(("22:00", "07:00"), "Europe/Berlin", night) == "2026-10-25T06:00:00.000Z")
        // 02:30 is shown twice; the hours end at the first.
        #expect(try next(("22:00", "02:30"), "Europe/Berlin", night) == "2026-10-25T00:30:00.000Z")
        // What begins in the repeated hour sees the second 02:30.
        let again = "2026-10-25T01:10:00.000Z"
        #expect(try next(("22:00", "02:30"), "Europe/Berlin", again) == "2026-10-25T01:30:00.000Z")
        // Half an hour is what Lord Howe turns its clock by, from 02:00 to 01:30 at 15:00 UTC.
        let island = "2026-04-04T12:00:00.000Z"
        #expect(try next(("22:00", "06:00"), "Australia/Lord_Howe", island) == "2026-04-04T19:30:00.000Z")
    }

    @Test func `are never where the answer lies, in any zone at any hour of a year`() throws {
        let quiet = try #require(QuietHours(from: "21:30", to: "06:15"))
        for name in [
            "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "Africa/Cairo",
        ] {
            let zone = try #require(TimeZone(identifier: name))
            let offset = { (moment: Moment) in
                zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(moment.milliseconds) / 1_000))
            }
            var moment = try #require(Moment("2026-01-01T00:17:03.250Z"))
            var wrong: [Moment] = []
            for _ in 0..<8_760 {
                let next = quiet.next(from: moment, offset: offset)
                let isNear = next >= moment && next - moment <= .seconds(10 * 3_600)
                if !isNear || quiet.next(from: next, offset: offset) != next { wrong.append(moment) }
                moment = moment + .seconds(3_600)
            }
            #expect(wrong.isEmpty, "\(name)")
        }
    }

    @Test func `are two times of day that differ`() {
        for (from, to) in [("22:00", "22:00"), ("24:00", "07:00"), ("22:60", "07:00"), ("x", "07:00")] {
            #expect(QuietHours(from: from, to: to) == nil)
        }
    }
}
