import Calendar
import Core
import Testing

@Suite struct `A timing` {
    @Test(
        arguments: [
            ["cron": "0 9 * * 1-5", "zone": "Europe/Berlin", "gap": "next", "overlap": "first"],
            ["every_seconds": 300, "anchor": "2026-01-01T00:00:00.000Z"], ["at": "2026-01-01T00:00:00.000Z"],
            [
                "rrule": "FREQ=DAILY", "dtstart": "2026-01-01T09:00:00", "exdates": ["2026-01-02T09:00:00"],
                "zone": "UTC", "gap": "shift", "overlap": "first",
            ],
        ] as [JSON])
    func `writes itself as it is read`(_ json: JSON) throws { #expect(try Timing(json).json == json) }

    @Test(
        arguments: [
            ([:], ""), ([1], ""), (["cron": "@daily", "at": "2026-01-01T00:00:00Z"], ""),
            (["cron": 5], "/cron"),
            (["cron": "@daily", "dtstart": "2026-01-01T00:00:00"], "/dtstart"), (["at": "tomorrow"], "/at"),
            (["cron": "@daily", "gap": "never"], "/gap"), (["rrule": "FREQ=DAILY"], "/dtstart"),
            (["rrule": "FREQ=DAILY", "dtstart": "2026-01-01T00:00:00Z"], "/dtstart"),
            (["rrule": "FREQ=DAILY", "dtstart": "2026-01-01T00:00", "exdates": ["x"]], "/exdates/0"),
        ] as [(JSON, String)])
    func `is refused at the member that is wrong`(_ json: JSON, _ pointer: String) throws {
        #expect(try refusal(json).pointer == pointer)
    }

    @Test func `gives the firings of a range, up to a bound`() throws {
        let timing = try Timing(["cron": "0 * * * *"])
        let range = try moment("2026-01-01T00:00:00Z")..<(try moment("2026-01-01T03:00:00Z"))
        #expect(try timing.firings(in: range, most: 3).count == 3)
        let failure = try #require(throws: Failure.self) { try timing.firings(in: range, most: 2) }
        #expect(failure.kind == .limited)
    }

    @Test func `ends with the year 2199`() throws {
        for json in [["cron": "@daily"], ["every_seconds": 86_400]] as [JSON] {
            let last = Array(try Timing(json).firings(after: try moment("2199-12-30T12:00:00Z")))
            #expect(last.map(\.text) == ["2199-12-31T00:00:00.000Z"])
        }
    }

    @Test func `is put off by the same share everywhere, and near times by unlike ones`() throws {
        let first = try moment("2026-01-01T00:00:00Z")
        let delays = (0..<1_000).map { index in
            Jitter.delay(of: "report", at: first + .seconds(60 * index), most: .seconds(60))
        }
        #expect(delays.allSatisfy { $0 >= .zero && $0 < .seconds(60) })
        #expect(
            delays
                == (0..<1_000).map {
                    Jitter.delay(of: "report", at: first + .seconds(60 * $0), most: .seconds(60))
                })
        // The mean of 1,000 even shares of 60 s lies within 5 standard errors (0.55 s each) of 30 s.
        #expect(abs(delays.reduce(0) { $0 + $1.seconds } / 1_000 - 30) < 2.8)
        #expect(Jitter.delay(of: "other", at: first, most: .seconds(60)) != delays[0])
        #expect(Jitter.delay(of: "report", at: first, most: .zero) == .zero)
    }
}
