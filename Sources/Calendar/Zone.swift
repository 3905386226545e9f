import Core
import Foundation

/// A time zone of the IANA database, as this machine's zoneinfo files describe it until the year 2200.
public struct Zone: Sendable {
    /// A stretch of time in which the offset from UTC does not change.
    struct Period: Sendable, Hashable {
        /// Seconds since 1970 UTC; the first period begins and the last one ends with the range of Int64.
        let start: Int64
        let end: Int64
        /// Seconds east of UTC.
        let offset: Int64
    }

    /// The IANA name, such as `Europe/Berlin`.
    public let name: String
    let periods: [Period]

    /// The zone called `name`, read once in the life of the process.
    ///
    /// - Throws: `Failure(.invalid)` at `pointer` when there is no such zone.
    public init(_ name: String, at pointer: String? = nil) throws {
        self = try ZoneShelf.shared.zone(name, at: pointer)
    }

    init(name: String, periods: [Period]) {
        self.name = name
        self.periods = periods
    }

    /// Universal time, whose clock never jumps.
    public static let utc = Zone(name: "UTC", periods: [Period(start: .min, end: .max, offset: 0)])

    /// What a clock in this zone shows at `moment`.
    public func wall(at moment: Moment) -> Wall {
        let second = moment.second
        return Wall(seconds: second + periods[index(at: second)].offset)
    }

    /// The moments at which a clock in this zone shows `wall`: none in a gap, two in an overlap, else one.
    public func moments(of wall: Wall) -> [Moment] {
        // No offset is larger than a day, so that only the periods around this time of UTC can show it.
        let nearby = index(at: wall.seconds - 93_600)...index(at: wall.seconds + 93_600)
        return periods[nearby].compactMap { period in
            let second = wall.seconds - period.offset
            return second >= period.start && second < period.end ? Moment(second: second) : nil
        }
    }

    /// Where in `periods` the second lies.
    func index(at second: Int64) -> Int {
        var (low, high) = (0, periods.count)
        while high - low > 1 {
            let middle = (low + high) / 2
            if periods[middle].start <= second { low = middle } else { high = middle }
        }
        return low
    }
}

extension Zone: Hashable {
    public static func == (left: Zone, right: Zone) -> Bool { left.name == right.name }
    public func hash(into hasher: inout Hasher) { hasher.combine(name) }
}

extension Moment {
    init(second: Int64) { self.init(microseconds: second * 1_000_000) }

    /// The whole seconds since 1970, rounded down.
    var second: Int64 {
        microseconds >= 0 ? microseconds / 1_000_000 : (microseconds - 999_999) / 1_000_000
    }
}
