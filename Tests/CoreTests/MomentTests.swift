import Core
import Foundation
import TestHouse
import Testing

@Suite struct `A moment` {
    @Test(
        arguments: [
            ("1970-01-01T00:00:00Z", 0), ("1970-01-01T00:00:00.000001Z", 1),
            ("1969-12-31T23:59:59.999999Z", -1),
            ("2000-02-29T00:00:00Z", 951_782_400_000_000), ("2024-02-29T23:59:59Z", 1_709_251_199_000_000),
            ("2026-03-29T01:30:00.25Z", 1_774_747_800_250_000),
            ("2026-03-29t01:30:00.25z", 1_774_747_800_250_000),
            ("2026-03-29 03:30:00.250000999+02:00", 1_774_747_800_250_000),
            ("2026-03-28T20:00:00.25-05:30", 1_774_747_800_250_000),
            ("2026-01-01T00:00:00-00:00", 1_767_225_600_000_000),
            ("0000-03-01T00:00:00Z", -62_162_035_200_000_000),
            ("9999-12-31T23:59:59Z", 253_402_300_799_000_000),
        ] as [(String, Int64)])
    func `is read from RFC 3339`(text: String, microseconds: Int64) {
        #expect(Moment(text)?.microseconds == microseconds)
    }

    @Test(arguments: [
        "", "2026", "2026-03-29", "2026-03-29T01:30:00", "2026-03-29T01:30Z", "2026-02-29T00:00:00Z",
        "1900-02-29T00:00:00Z", "2100-02-29T00:00:00Z", "2026-04-31T00:00:00Z", "2026-00-01T00:00:00Z",
        "2026-13-01T00:00:00Z", "2026-01-00T00:00:00Z", "2026-01-32T00:00:00Z", "2026-01-01T24:00:00Z",
        "2026-01-01T00:60:00Z", "2026-01-01T00:00:60Z", "2026-01-01T00:00:00.Z",
        "2026-01-01T00:00:00.1234567890Z",
        "2026-01-01T00:00:00+2:00", "2026-01-01T00:00:00+24:00", "2026-01-01T00:00:00+02:60",
        "2026-01-01T00:00:00+0200", "2026-01-01T00:00:00ZZ", "2026-01-01T00:00:00Z ", " 2026-01-01T00:00:00Z",
        "2026/01/01T00:00:00Z", "2026-01-01X00:00:00Z", "+026-01-01T00:00:00Z", "２０２６-01-01T00:00:00Z",
        "2026-01-01T00:00:00.00000000000000000000000000000Z",
    ])
    func `is not read from what is no date, time and zone`(text: String) { #expect(Moment(text) == nil) }

    @Test func `writes and reads as Foundation does`() throws {
        let formatter = ISO8601DateFormatter()
        formatter.formatOptions = [.withInternetDateTime, .withFractionalSeconds]
        var dice = Dice(11)
        for _ in 0..<2_000 {
            // From 1600, because Foundation changes to the Julian calendar before, to 9999.
            let moment = Moment(milliseconds: Int64(dice.roll(-11_670_000_000_000..<253_402_300_799_999)))
            // A little more than the millisecond, so that rounding cannot fall below it.
            let date = Date(timeIntervalSince1970: Double(moment.milliseconds) / 1_000 + 0.000_2)
            #expect(moment.text == formatter.string(from: date))
            #expect(Moment(moment.text) == moment)
            let read = try #require(formatter.date(from: moment.text))
            #expect(abs(read.timeIntervalSince1970 * 1_000 - Double(moment.milliseconds)) < 0.5)
        }
    }

    @Test func `rounds down to the millisecond it shows, also before 1970`() {
        #expect(Moment(microseconds: 1_999).text == "1970-01-01T00:00:00.001Z")
        #expect(Moment(microseconds: -1).text == "1969-12-31T23:59:59.999Z")
        #expect(Moment(microseconds: -1_000_001).text == "1969-12-31T23:59:58.999Z")
    }

    @Test func `adds and subtracts`() {
        let moment = Moment(milliseconds: 10_000)
        #expect((moment + .milliseconds(1_500)).milliseconds == 11_500)
        #expect((moment + .seconds(-11)).milliseconds == -1_000)
        #expect(moment + .seconds(1) - moment == .seconds(1))
        #expect(moment < moment + .microseconds(1))
    }

    @Test func `stays at the end of its range instead of ending the program`() {
        #expect(Moment(milliseconds: .max).microseconds == .max)
        #expect(Moment(milliseconds: .min).microseconds == .min)
        #expect((Moment(milliseconds: .max) + .seconds(1)).microseconds == .max)
        #expect((Moment(milliseconds: .min) + .seconds(-1)).microseconds == .min)
        #expect(Moment(milliseconds: .min) - Moment(milliseconds: .max) < .zero)
        #expect(Duration.milliseconds(Int64.max).microseconds == .max)
        #expect(Duration.milliseconds(Int64.min).microseconds == .min)
        #expect(!Moment(milliseconds: .max).text.isEmpty)
    }

    @Test func `is close to Foundation's now`() {
        let before = Date().timeIntervalSince1970
        let now = Double(Moment.now.microseconds) / 1_000_000
        #expect(now >= before - 0.001)
        #expect(now <= Date().timeIntervalSince1970 + 0.001)
    }

    @Test func `travels as text and names a wrong one`() throws {
        let moment = try #require(Moment("2026-03-29T01:30:00.250Z"))
        #expect(try JSON.string(moment.text).decode(Moment.self) == moment)
        #expect(try JSONEncoder().encode([moment]) == Data("[\"2026-03-29T01:30:00.250Z\"]".utf8))
        let failure = #expect(throws: Failure.self) {
            try JSON.string("soon").decode(Moment.self, at: "/run_at")
        }
        #expect(failure?.message == "/run_at \"soon\" is not an RFC 3339 time with a zone.")
        #expect(throws: Failure.self) { try JSON.integer(5).decode(Moment.self) }
    }

    @Test(arguments: [
        (Duration.milliseconds(1_999), Int64(1_999_000), Int64(1_999), 1.999),
        (.nanoseconds(1_999), 1, 0, 0.000_001), (.milliseconds(-1_500), -1_500_000, -1_500, -1.5),
    ])
    func `knows how long a duration is`(_ duration: Duration, micro: Int64, milli: Int64, seconds: Double) {
        #expect(duration.microseconds == micro)
        #expect(duration.milliseconds == milli)
        #expect(duration.seconds == seconds)
    }
}
