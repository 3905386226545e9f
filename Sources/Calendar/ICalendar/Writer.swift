import Core

extension ICalendar {
    /// The file that holds `entries`.
    ///
    /// - Parameters:
    ///   - name: what the calendar is called.
    ///   - horizon: until when the changes of its zones are written.
    package static func write(_ entries: [Entry], name: String, until horizon: Moment) -> [UInt8] {
        var writer = Writer()
        writer.add("BEGIN:VCALENDAR")
        writer.add("VERSION:2.0")
        writer.add("PRODID:-//Atom//Calendar//EN")
        writer.add("CALSCALE:GREGORIAN")
        writer.add("X-WR-CALNAME:" + name.escaped)
        let zones = Dictionary(grouping: entries.map(\.series).filter { $0.zone != .utc }, by: \.zone)
        for (zone, series) in zones.sorted(by: { $0.key.name < $1.key.name }) {
            let first = series.map(\.earliest).min() ?? horizon
            writer.add(zone, in: first..<max(first, horizon))
        }
        for entry in entries {
            writer.add(entry)
            for override in entry.series.overrides { writer.add(entry, override) }
        }
        writer.add("END:VCALENDAR")
        return writer.bytes
    }

    /// Collects the lines of a file.
    struct Writer {
        private(set) var bytes: [UInt8] = []

        /// Adds a line, folded so that none has more than 75 bytes.
        mutating func add(_ line: String) {
            var width = 0
            for scalar in line.unicodeScalars {
                let size = UTF8.width(scalar)
                if width + size > 75 {
                    bytes += "\r\n ".utf8
                    width = 1
                }
                bytes += String(scalar).utf8
                width += size
            }
            bytes += "\r\n".utf8
        }

        /// Adds the master of a series.
        fileprivate mutating func add(_ entry: Entry) {
            let series = entry.series
            add("BEGIN:VEVENT")
            head(entry)
            add("DTSTART" + series.stamp(series.start))
            add("DTEND" + series.stamp(series.end))
            if series.zone != .utc, series.hidesZone { add("X-ATOM-TIME-ZONE:" + series.zone.name) }
            if let rule = series.rule {
                add("RRULE:" + (rule.uppercased().hasPrefix("RRULE:") ? String(rule.dropFirst(6)) : rule))
            }
            for date in series.exdates { add("EXDATE" + series.stamp(date)) }
            for date in series.rdates { add("RDATE" + series.stamp(date)) }
            add(entry.fields)
            add("END:VEVENT")
        }

        /// Adds what is special about one instance.
        fileprivate mutating func add(_ entry: Entry, _ override: Override) {
            let (series, start) = (entry.series, override.start ?? override.id)
            add("BEGIN:VEVENT")
            head(entry)
            add("RECURRENCE-ID" + series.stamp(override.id))
            add("DTSTART" + series.stamp(start))
            add("DTEND" + series.stamp(override.end ?? series.end(of: start)))
            let changes = Dictionary(override.fields.map { ($0.name, $0.value) }) { $1 }
            add(entry.fields.merging(changes) { $1 })
            add("END:VEVENT")
        }

        private mutating func head(_ entry: Entry) {
            add("UID:" + entry.uid.escaped)
            add("DTSTAMP:" + entry.updatedAt.compact)
            add("CREATED:" + entry.createdAt.compact)
            add("LAST-MODIFIED:" + entry.updatedAt.compact)
            add("SEQUENCE:\(entry.version - 1)")
        }

        private mutating func add(_ fields: [String: JSON]) {
            add("SUMMARY:" + (fields["title"]?.string ?? "").escaped)
            for (field, name) in [("description", "DESCRIPTION"), ("location", "LOCATION")] {
                if let text = fields[field]?.string, !text.isEmpty { add("\(name):" + text.escaped) }
            }
            add("STATUS:" + (fields["status"]?.string ?? "confirmed").uppercased())
            add("TRANSP:" + (fields["busy"]?.bool == false ? "TRANSPARENT" : "OPAQUE"))
            if let color = fields["color"]?.string { add("X-ATOM-COLOR:" + color) }
            for person in fields["attendees"]?.array ?? [] { addAttendee(person) }
            for reminder in fields["reminders"]?.array ?? [] { addAlarm(reminder, fields) }
        }

        private mutating func addAttendee(_ person: JSON) {
            let role = person["optional"]?.bool == true ? "OPT-PARTICIPANT" : "REQ-PARTICIPANT"
            let reply = replies[person["reply"]?.string ?? ""] ?? "NEEDS-ACTION"
            let name = person["name"]?.string.map { ";CN=\"\($0.escapedParameter)\"" } ?? ""
            add("ATTENDEE\(name);ROLE=\(role);PARTSTAT=\(reply):mailto:\(person["email"]?.string ?? "")")
        }

        private mutating func addAlarm(_ reminder: JSON, _ fields: [String: JSON]) {
            let title = (fields["title"]?.string ?? "").escaped
            add("BEGIN:VALARM")
            add("TRIGGER:-PT\(reminder["minutes_before"]?.integer ?? 0)M")
            if reminder["channel"] == "email" {
                add("ACTION:EMAIL")
                add("SUMMARY:" + title)
                for person in fields["attendees"]?.array ?? [] {
                    add("ATTENDEE:mailto:" + (person["email"]?.string ?? ""))
                }
            } else {
                add("ACTION:DISPLAY")
            }
            add("DESCRIPTION:" + title)
            add("END:VALARM")
        }
    }
}

extension Series {
    /// True where the start is written so that its zone cannot be seen.
    fileprivate var hidesZone: Bool { isAllDay || zone.moment(showing: zone.wall(at: start)) != start }

    /// A time behind the name of a property: `;TZID=Europe/Berlin:20260329T090000`.
    fileprivate func stamp(_ moment: Moment) -> String {
        let wall = zone.wall(at: moment)
        if isAllDay { return ";VALUE=DATE:" + wall.compactDate }
        // The second showing of a time can only be said in universal time.
        guard zone != .utc, zone.moment(showing: wall) == moment else { return ":" + moment.compact }
        return ";TZID=\(zone.name):" + wall.compact
    }
}

extension Moment {
    /// As `20260329T073000Z`.
    fileprivate var compact: String { Wall(seconds: second).compact + "Z" }
}

extension String {
    /// The text with the escapes of a value.
    fileprivate var escaped: String {
        replacing("\\", with: "\\\\").replacing(";", with: "\\;").replacing(",", with: "\\,")
            .replacing("\r\n", with: "\\n").replacing("\n", with: "\\n").replacing("\r", with: "\\n")
    }

    /// The text with the escapes of a quoted parameter.
    fileprivate var escapedParameter: String {
        replacing("^", with: "^^").replacing("\"", with: "^'").replacing("\r\n", with: "^n")
            .replacing("\n", with: "^n").replacing("\r", with: "^n")
    }
}
