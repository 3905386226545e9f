import Core

/// Reads the fields of one VEVENT.
struct EventText {
    private let event: Component
    private let zone: Zone
    /// What our own files say where a date or a universal time hides the zone.
    private let named: Zone?

    init(_ event: Component, in zone: Zone) {
        self.event = event
        named = event.text("X-ATOM-TIME-ZONE").flatMap { try? Zone($0) }
        self.zone = named ?? zone
    }

    /// By their names in the API.
    var fields: [String: JSON] {
        get throws {
            guard let line = event.line("DTSTART"), let start = try Stamp.list(line, in: zone).first else {
                throw Failure(.invalid, "It has no DTSTART.")
            }
            let title = event.text("SUMMARY") ?? ""
            var fields: [String: JSON] = [
                "title": .string(title.isEmpty ? "Untitled" : title),
                "description": .string(event.text("DESCRIPTION") ?? ""),
                "location": .string(event.text("LOCATION") ?? ""), "status": status,
                "busy": .bool(event.text("TRANSP")?.uppercased() != "TRANSPARENT"),
                "color": JSON(event.text("X-ATOM-COLOR")),
                "attendees": .array(event.lines("ATTENDEE").compactMap(attendee)),
                "reminders": .array(event.children.filter { $0.name == "VALARM" }.compactMap(reminder)),
            ]
            try time(&fields, start)
            return fields
        }
    }

    private func time(_ fields: inout [String: JSON], _ start: Stamp) throws {
        fields["starts_at"] = .string(start.moment.text)
        fields["ends_at"] = .string(try end(start).text)
        fields["time_zone"] = .string((start.zone == .utc ? named ?? start.zone : start.zone).name)
        fields["all_day"] = .bool(start.isDate)
        fields["rrule"] = JSON(event.line("RRULE")?.value)
        for (field, name) in [("exdates", "EXDATE"), ("rdates", "RDATE")] {
            let stamps = try event.lines(name).flatMap { try Stamp.list($0, in: start.zone) }
            fields[field] = .array(Set(stamps.map(\.moment)).sorted().map { .string($0.text) })
        }
    }

    private func end(_ start: Stamp) throws -> Moment {
        if let line = event.line("DTEND"), let end = try Stamp.list(line, in: start.zone).first {
            return end.moment
        }
        guard let line = event.line("DURATION") else {
            return start.isDate ? next(start) : start.moment
        }
        guard let length = Stamp.duration(line.value) else {
            throw Failure(.invalid, "Line \(line.number): \"\(line.value.prefix(40))\" is no duration.")
        }
        return start.moment + length
    }

    private func next(_ start: Stamp) -> Moment {
        let wall = start.zone.wall(at: start.moment)
        return start.zone.moment(showing: Wall(wall.day.next, second: 0))
    }

    private var status: JSON {
        switch event.text("STATUS")?.uppercased() {
        case "TENTATIVE": "tentative"
        case "CANCELLED": "cancelled"
        default: "confirmed"
        }
    }

    /// Only those who can be reached by mail are people of the event.
    private func attendee(_ line: ContentLine) -> JSON? {
        guard line.value.lowercased().hasPrefix("mailto:") else { return nil }
        let reply = line.parameters["PARTSTAT"]?.uppercased()
        let known = ICalendar.replies.first { $0.value == reply }?.key ?? "needs_action"
        let name = line.parameters["CN"].map { [JSON.Member("name", .string($0))] } ?? []
        return .object(
            [.init("email", .string(String(line.value.dropFirst(7))))] + name + [
                .init("reply", .string(known)),
                .init("optional", .bool(line.parameters["ROLE"]?.uppercased() == "OPT-PARTICIPANT")),
            ])
    }

    /// Only alarms at a distance before the start are reminders.
    private func reminder(_ alarm: Component) -> JSON? {
        guard let line = alarm.line("TRIGGER"), line.parameters["RELATED"]?.uppercased() != "END",
            let distance = Stamp.duration(line.value), distance <= .zero
        else { return nil }
        let channel = alarm.text("ACTION")?.uppercased() == "EMAIL" ? "email" : "in_app"
        return [
            "minutes_before": .integer(-distance.milliseconds / 60_000), "channel": .string(channel),
        ]
    }
}
