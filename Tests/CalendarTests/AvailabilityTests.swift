import Core
import Testing

@testable import Calendar

@Suite struct `Free time` {
    private static let zones = [
        "UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe",
    ]

    @Test(arguments: 0..<40) func `is what a look at every minute finds`(_ seed: Int) throws {
        var dice = Chance(UInt64(seed))
        let begin = try moment(
            dice.pick(["2026-03-27T20:00:00Z", "2026-10-23T05:10:00Z", "2026-04-04T00:00:00Z"]))
        let range = begin..<(begin + .seconds(60 * dice.roll(60..<5_000)))
        let people = try (0..<dice.roll(1..<5)).map { _ in
            Availability.Person(
                busy: (0..<dice.roll(0..<12)).map { _ in
                    let start = begin + .seconds(60 * dice.roll(-200..<5_000))
                    return start..<(start + .seconds(60 * dice.roll(1..<400)))
                }, zone: try Zone(dice.pick(Self.zones)),
                hours: try WorkingHours(
                    hours: dice.pick(["09:00-17:00", "00:00-24:00", "22:00-06:00", "01:30-03:15"]),
                    days: dice.pick(["mon-fri", "sat,sun,mon", "fri-mon", "wed"])))
        }
        let wish = Availability.Wish(
            range, duration: .seconds(60 * dice.pick([15, 30, 45, 90])),
            step: .seconds(60 * dice.pick([5, 15, 30, 60])),
            buffer: .seconds(60 * dice.pick([0, 0, 10, 25])),
            zone: try Zone(dice.pick(Self.zones)))
        #expect(Availability(of: people, wish).slots(most: .max) == Self.slowly(people, wish))
    }

    /// Looks at every minute of every slot.
    private static func slowly(
        _ people: [Availability.Person], _ wish: Availability.Wish
    ) -> [Range<Moment>] {
        let minutes = Int(wish.duration.seconds) / 60
        return stride(from: wish.range.lowerBound.second, to: wish.range.upperBound.second, by: 60)
            .map { Moment(second: $0) }
            .filter { start in
                let end = start + wish.duration
                guard end <= wish.range.upperBound,
                    wish.zone.wall(at: start).secondOfDay % Int(wish.step.seconds) == 0
                else { return false }
                let wide = (start - wish.buffer)..<(end + wish.buffer)
                return people.allSatisfy { person in
                    !person.busy.contains { $0.overlaps(wide) }
                        && (0..<minutes).allSatisfy { works(person, start + .seconds(60 * $0)) }
                }
            }.map { $0..<($0 + wish.duration) }
    }

    private static func works(_ person: Availability.Person, _ moment: Moment) -> Bool {
        let wall = person.zone.wall(at: moment)
        let (minute, hours) = (wall.secondOfDay / 60, person.hours)
        let (today, yesterday) = (wall.day.weekday, (wall.day.weekday + 6) % 7)
        if hours.start < hours.end {
            return hours.days.contains(today) && minute >= hours.start && minute < hours.end
        }
        return hours.days.contains(today) && minute >= hours.start
            || hours.days.contains(yesterday) && minute < hours.end
    }

    @Test func `ends with the limit`() throws {
        let day = try days("2026-01-05", "2026-01-06")
        let person = Availability.Person(busy: [], zone: .utc, hours: .always)
        let slots = Availability(of: [person], Availability.Wish(day, duration: .seconds(86_400)))
        #expect(slots.slots(most: 5) == [day])
        #expect(
            Availability(of: [person], Availability.Wish(day, duration: .seconds(60))).slots(most: 3).count
                == 3)
    }

    @Test(arguments: [
        ("9-17", "mon"), ("09:00-09:00", "mon"), ("09:00", "mon"), ("25:00-26:00", "mon"),
        ("24:00-01:00", "mon"), ("09:00-17:00", ""), ("09:00-17:00", "mo"), ("09:00-17:00", "mon-"),
        ("09:00-17:00", "mon,,tue"), ("09:60-17:00", "mon"),
    ])
    func `needs working hours that can be read`(_ hours: String, _ days: String) {
        #expect(throws: Failure.self) { try WorkingHours(hours: hours, days: days) }
    }
}
