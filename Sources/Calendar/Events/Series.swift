import Core

/// When an event takes place: once, or again and again by a rule, in the wall time of its zone.
package struct Series: Sendable, Hashable {
    /// The start of the first instance, where the rule begins.
    package let start: Moment
    package let end: Moment
    package let zone: Zone
    /// True for an event of whole days, from midnight to midnight of its zone.
    package let isAllDay: Bool
    /// An RFC 5545 rule; nil for an event that takes place once, and on the dates added.
    package let rule: String?
    /// Starts of instances that are left out, in order.
    package let exdates: [Moment]
    /// Starts of instances in addition, in order.
    package let rdates: [Moment]
    /// What is special about some instances, in the order of their ids.
    package let overrides: [Override]
    let recurrence: Recurrence?

    /// How many dates may be left out, and how many added.
    package static let mostDates = Recurrence.mostDates
    /// How many instances may differ from the others.
    package static let mostOverrides = 500
    /// How long one instance lasts at most.
    package static let longest = Duration.seconds(366 * 86_400)

    /// What makes a series, as it is written.
    package struct Draft: Sendable, Hashable {
        package var start: Moment
        package var end: Moment
        package var zone: Zone
        package var isAllDay = false
        package var rule: String?
        package var exdates: [Moment] = []
        package var rdates: [Moment] = []
        package var overrides: [Override] = []

        package init(start: Moment, end: Moment, zone: Zone = .utc, rule: String? = nil) {
            (self.start, self.end, self.zone, self.rule) = (start, end, zone, rule)
        }
    }

    /// - Throws: `Failure(.invalid)` at the field that breaks a rule, such as `/ends_at`.
    package init(_ draft: Draft) throws {
        (start, end, zone) = (draft.start, draft.end, draft.zone)
        (isAllDay, rule) = (draft.isAllDay, draft.rule)
        exdates = Set(draft.exdates).sorted()
        rdates = Set(draft.rdates).sorted()
        overrides = draft.overrides.sorted { $0.id < $1.id }
        try Self.check(draft)
        // A midnight that the clock jumps over is still the midnight of the other days.
        let begin = draft.isAllDay ? Wall(draft.zone.wall(at: start).day, second: 0) : zone.wall(at: start)
        recurrence = try draft.rule.map { try Recurrence($0, start: begin, in: draft.zone) }
    }

    package var draft: Draft {
        var draft = Draft(start: start, end: end, zone: zone, rule: rule)
        draft.isAllDay = isAllDay
        (draft.exdates, draft.rdates, draft.overrides) = (exdates, rdates, overrides)
        return draft
    }

    /// True when it may take place more than once.
    package var isRepeated: Bool { rule != nil || !rdates.isEmpty }

    /// When an instance that starts at `start` ends: after the same time, or after as many days.
    func end(of start: Moment) -> Moment {
        guard isAllDay else { return start + (end - self.start) }
        let length = zone.wall(at: end).seconds - zone.wall(at: self.start).seconds
        return zone.moment(showing: Wall(seconds: zone.wall(at: start).seconds + length))
    }
}

extension Series {
    private static func check(_ draft: Draft) throws {
        guard isNear(draft.start) else {
            throw Failure(.invalid, "An event begins between 1970 and 2200.", at: "/starts_at")
        }
        guard draft.end > draft.start else {
            throw Failure(.invalid, "An event ends after it starts.", at: "/ends_at")
        }
        guard draft.end - draft.start <= longest else {
            throw Failure(.invalid, "An event lasts at most 366 days.", at: "/ends_at")
        }
        if draft.isAllDay { try checkDays(draft) }
        try checkCounts(draft)
        try checkOverrides(draft)
    }

    private static func isNear(_ moment: Moment) -> Bool {
        moment.second >= 0 && moment.second < Wall.horizon.seconds
    }

    private static func checkDays(_ draft: Draft) throws {
        for (name, time) in [("starts_at", draft.start), ("ends_at", draft.end)]
        where draft.zone.midnight(of: time) != time {
            let message = "An event of whole days starts and ends at midnight in \(draft.zone.name)."
            throw Failure(.invalid, message, at: "/\(name)")
        }
    }

    private static func checkCounts(_ draft: Draft) throws {
        for (name, dates) in [("exdates", draft.exdates), ("rdates", draft.rdates)]
        where dates.count > mostDates {
            let message = "An event leaves out or adds at most \(mostDates) dates."
            throw Failure(.invalid, message, at: "/\(name)")
        }
        if let index = draft.rdates.firstIndex(where: { !isNear($0) }) {
            throw Failure(.invalid, "Dates lie between 1970 and 2200.", at: "/rdates/\(index)")
        }
        guard draft.overrides.count <= mostOverrides else {
            let message = "At most \(mostOverrides) instances of an event may differ from the others."
            throw Failure(.invalid, message, at: "/overrides")
        }
    }

    private static func checkOverrides(_ draft: Draft) throws {
        for override in draft.overrides {
            let start = override.start ?? override.id
            let end = override.end ?? start + (draft.end - draft.start)
            guard end > start, end - start <= longest, isNear(start) else {
                let message = "An instance ends after it starts, at most 366 days later, from 1970 to 2200."
                throw Failure(.invalid, message, at: "/ends_at")
            }
        }
    }
}

extension Zone {
    /// The moment at which the clock shows `wall`, as RFC 5545 reads it: the first of two, and for a time of
    /// a gap one as long after the gap's begin as it lies within.
    package func moment(showing wall: Wall) -> Moment {
        if let moment = moments(of: wall).first { return moment }
        let before = periods[index(at: wall.seconds - 93_600)...].first { period in
            period.end == .max
                || wall.seconds < period.end + 93_600
                    && wall.seconds - period.offset >= period.end
        }
        return Moment(second: wall.seconds - (before ?? periods[0]).offset)
    }

    /// The beginning of the day of `moment`.
    package func midnight(of moment: Moment) -> Moment {
        self.moment(showing: Wall(wall(at: moment).day, second: 0))
    }
}
