import Calendar
import Core

/// When an event of a calendar elsewhere takes place, in the fields of an event here.
package struct RemoteTimes: Sendable {
    /// Where days begin, and times are that name no zone.
    private let zone: Zone

    /// Throws `invalid` for an unknown zone.
    package init(zone: String) throws { self.zone = try Zone(zone) }

    /// - Parameters:
    ///   - start: a day as `{"date"}`, or a time as `{"dateTime", "timeZone"}`.
    ///   - end: the same; it does not belong to the event.
    ///   - lines: RRULE, EXDATE and RDATE lines of RFC 5545.
    /// - Throws: `invalid` for what the calendar here cannot hold.
    package func fields(start: JSON, end: JSON, lines: [String]) throws -> [String: JSON] {
        let kept = lines.filter { line in
            ["RRULE", "EXDATE", "RDATE"].contains { line.uppercased().hasPrefix($0) }
        }
        let begin = try moment(start)
        var close = try moment(end)
        // Elsewhere an event may take no time at all.
        if close == begin { close = begin + .seconds(60) }
        let isDay = start["date"]?.string != nil
        let text =
            ["BEGIN:VCALENDAR", "VERSION:2.0", "BEGIN:VEVENT", "UID:x"]
            + [
                try stamp("DTSTART", start, begin, isDay: isDay),
                try stamp("DTEND", start, close, isDay: isDay),
            ]
            + kept.map { $0.filter { !$0.isNewline } } + ["END:VEVENT", "END:VCALENDAR"]
        let found = try ICalendar.read(Array(text.joined(separator: "\r\n").utf8), zone: zone)
        let all = try found.first?.result.get() ?? [:]
        let names = ["starts_at", "ends_at", "time_zone", "all_day", "rrule", "exdates", "rdates"]
        return Dictionary(uniqueKeysWithValues: names.map { ($0, all[$0] ?? .null) })
    }

    /// The moment that a day begins, or that a time names.
    package func moment(_ time: JSON) throws -> Moment {
        if let day = time["date"]?.string, let wall = Wall(day.filter { $0 != "-" } + "T000000") {
            return zone.moment(showing: wall)
        }
        guard let text = time["dateTime"]?.string, let moment = Moment(text) else {
            throw Failure(.invalid, "The event has no time.")
        }
        return Moment(microseconds: moment.microseconds / 1_000_000 * 1_000_000)
    }

    private func stamp(_ name: String, _ time: JSON, _ moment: Moment, isDay: Bool) throws -> String {
        let own = try time["timeZone"]?.string.map { try Zone($0) } ?? zone
        let digits = (isDay ? zone : own).wall(at: moment).text.filter { $0 != "-" && $0 != ":" }
        return isDay ? "\(name);VALUE=DATE:\(digits.prefix(8))" : "\(name);TZID=\(own.name):\(digits)"
    }
}
