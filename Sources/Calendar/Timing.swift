import Core

/// When something fires: by a cron expression, at a fixed interval, once, or by an RFC 5545 recurrence.
public enum Timing: Sendable, Hashable {
    case cron(Cron, in: Zone, Crossing)
    case every(Interval)
    case at(Moment)
    case rule(Recurrence, Crossing)

    /// A cron expression with the crossing that suits it: once a named hour, flowing when it names every
    /// hour.
    public static func cron(_ cron: Cron, in zone: Zone) -> Timing {
        .cron(cron, in: zone, cron.namesEveryHour ? .flowing : .once)
    }

    /// A recurrence that reads skipped and repeated times as RFC 5545 does.
    public static func rule(_ recurrence: Recurrence) -> Timing { .rule(recurrence, .calendar) }

    /// The firings strictly after `moment`, one by one, in order; they end at the latest with the year 2199.
    public func firings(after moment: Moment) -> Firings { Firings(of: self, after: moment) }

    /// The first firing strictly after `moment`, nil when there is none any more.
    public func next(after moment: Moment) -> Moment? { firings(after: moment).first { _ in true } }

    /// At most `count` firings strictly after `moment`.
    public func preview(_ count: Int, after moment: Moment) -> [Moment] {
        Array(firings(after: moment).prefix(max(0, count)))
    }

    /// The firings from `range.lowerBound` on and before `range.upperBound`.
    ///
    /// - Throws: `Failure(.limited)` when there are more than `most`.
    public func firings(in range: Range<Moment>, most: Int) throws -> [Moment] {
        let before = Moment(microseconds: range.lowerBound.microseconds - 1)
        let found = firings(after: before).prefix(while: { $0 < range.upperBound }, most: most + 1)
        guard found.count <= most else {
            throw Failure(.limited, "The range holds more than \(most) firings; choose a shorter one.")
        }
        return found
    }
}

extension Sequence {
    /// The first elements that satisfy the condition, at most `most` of them.
    fileprivate func prefix(while fits: (Element) -> Bool, most: Int) -> [Element] {
        var found: [Element] = []
        for element in self {
            guard found.count < most, fits(element) else { break }
            found.append(element)
        }
        return found
    }
}
