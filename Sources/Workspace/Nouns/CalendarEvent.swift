import Core

extension Noun {
    /// Something that takes place, once or again and again.
    package static let calendarEvent = Noun(
        "calendar_event", "events", table: "calendar_events", event: "calendar:event",
        fields: [
            Field("title", .text(1...300)).required().searched(),
            Field("description", .text(0...20_000)).or("").searched(),
            Field("location", .text(0...500)).or("").searched(),
            Field("starts_at", .time).required().about("In whole seconds."),
            Field("ends_at", .time).required().about("At most 366 days after the start."),
            Field("time_zone", .zone).or("UTC").about("Rules are meant in its wall time."),
            Field("all_day", .flag).or(false)
                .about("It starts and ends at midnight of its zone."),
            Field("rrule", .text(1...1_000)).optional()
                .about("An RFC 5545 rule such as FREQ=WEEKLY;BYDAY=MO; COUNT is at most 10,000."),
            Field("exdates", .texts(20...40, most: 1_000)).or([])
                .about("Starts of instances that are left out."),
            Field("rdates", .texts(20...40, most: 1_000)).or([])
                .about("Starts of instances in addition."),
            Field("status", .word(["confirmed", "tentative", "cancelled"])).or("confirmed").filtered(),
            Field("attendees", .json(schema: Attendees.schema)).or([]),
            Field("reminders", .json(schema: Reminders.schema)).or([])
                .about("For the series as a whole."),
            Field("busy", .flag).or(true).about("True when it takes the time of its people."),
            Field("color", .color).optional(),
            Field("task_id", .row("tasks")).optional().filtered(),
            Field("uid", .text(1...255)).shown().about("Its name in iCalendar files."),
            Field("organizer_id", .user).optional().shown().filtered(),
            Field("overrides", .json(schema: Attendees.overrides)).or([]).shown()
                .about("What is special about some instances, each named by its original start."),
            Field("begins_at", .time).shown().about("No instance begins before this."),
            Field("ends_by", .time).optional().shown()
                .about("No instance ends after this; null for a series without end."),
        ])
}

/// Reads the people of an event.
package enum Attendees {
    /// How many people an event may have.
    package static let most = 100
    package static let replies = ["needs_action", "accepted", "declined", "tentative"]

    static let schema: JSON = [
        "type": "array", "maxItems": .integer(Int64(most)),
        "items": [
            "type": "object",
            "properties": [
                "email": ["type": "string", "format": "email", "maxLength": 254],
                "name": ["type": "string", "maxLength": 200],
                "reply": ["type": "string", "enum": .array(replies.map(JSON.string))],
                "optional": ["type": "boolean"],
            ],
            "required": ["email"], "additionalProperties": false,
        ],
    ]

    static let overrides: JSON = [
        "type": "array",
        "items": [
            "type": "object",
            "properties": ["recurrence_id": ["type": "string", "format": "date-time"]],
            "required": ["recurrence_id"],
        ],
    ]

    /// The list in its one form. Throws `Failure(.invalid)` at the member that is wrong.
    package static func read(_ json: JSON) throws(Failure) -> JSON {
        let items = try Members.list(json, "attendees", most: most)
        var seen: Set<String> = []
        var found: [JSON] = []
        for (index, item) in items.enumerated() {
            let pointer = "/attendees/\(index)"
            let members = try Members(item, at: pointer, knowing: ["email", "name", "reply", "optional"])
            let email = try members.text("email", 1...254) ?? ""
            guard Field.isEmail(email) else {
                throw Failure(.invalid, "This is no e-mail address.", at: "\(pointer)/email")
            }
            guard seen.insert(email.lowercased()).inserted else {
                throw Failure(.invalid, "\(email) is named twice.", at: "\(pointer)/email")
            }
            let reply = try members.word("reply", replies) ?? "needs_action"
            let name = try members.text("name", 0...200).map { [JSON.Member("name", .string($0))] } ?? []
            found.append(
                .object(
                    [.init("email", .string(email.lowercased()))] + name + [
                        .init("reply", .string(reply)),
                        .init("optional", .bool(try members.flag("optional") ?? false)),
                    ]))
        }
        return .array(found)
    }
}

/// Reads when people are told of an event before it starts.
package enum Reminders {
    package static let most = 10
    /// Four weeks.
    package static let minutes = 0...40_320
    package static let channels = ["in_app", "email"]

    static let schema: JSON = [
        "type": "array", "maxItems": .integer(Int64(most)),
        "items": [
            "type": "object",
            "properties": [
                "minutes_before": ["type": "integer", "minimum": 0, "maximum": 40_320],
                "channel": ["type": "string", "enum": .array(channels.map(JSON.string))],
            ],
            "required": ["minutes_before"], "additionalProperties": false,
        ],
    ]

    /// The list in its one form. Throws `Failure(.invalid)` at the member that is wrong.
    package static func read(_ json: JSON) throws(Failure) -> JSON {
        var found: [JSON] = []
        for (index, item) in try Members.list(json, "reminders", most: most).enumerated() {
            let pointer = "/reminders/\(index)"
            let members = try Members(item, at: pointer, knowing: ["minutes_before", "channel"])
            let channel = try members.word("channel", channels) ?? "in_app"
            guard let number = item["minutes_before"]?.integer, minutes.contains(Int(clamping: number)) else {
                let message = "minutes_before is a whole number from 0 to \(minutes.upperBound)."
                throw Failure(.invalid, message, at: "\(pointer)/minutes_before")
            }
            found.append(["minutes_before": .integer(number), "channel": .string(channel)])
        }
        return .array(found)
    }
}

/// The members of an object within a field.
private struct Members {
    let json: JSON
    let pointer: String

    init(_ json: JSON, at pointer: String, knowing names: Set<String>) throws(Failure) {
        (self.json, self.pointer) = (json, pointer)
        guard let members = json.members else { throw Failure(.invalid, "This is an object.", at: pointer) }
        for member in members where !names.contains(member.name) {
            let name = member.name.prefix(40)
            throw Failure(.invalid, "There is no member \"\(name)\" here.", at: "\(pointer)/\(name)")
        }
    }

    static func list(_ json: JSON, _ name: String, most: Int) throws(Failure) -> [JSON] {
        guard let items = json.array else { throw Failure(.invalid, "\(name) is a list.", at: "/\(name)") }
        guard items.count <= most else {
            throw Failure(.invalid, "\(name) has at most \(most) entries.", at: "/\(name)")
        }
        return items
    }

    func text(_ name: String, _ length: ClosedRange<Int>) throws(Failure) -> String? {
        guard let value = json[name] else { return nil }
        guard let text = value.string else {
            throw Failure(.invalid, "\(name) is a text.", at: "\(pointer)/\(name)")
        }
        try Rule.text(text, length, at: "\(pointer)/\(name)")
        return text
    }

    func word(_ name: String, _ words: [String]) throws(Failure) -> String? {
        guard let value = json[name] else { return nil }
        guard let text = value.string, words.contains(text) else {
            let message = "\(name) is one of \(words.joined(separator: ", "))."
            throw Failure(.invalid, message, at: "\(pointer)/\(name)")
        }
        return text
    }

    func flag(_ name: String) throws(Failure) -> Bool? {
        guard let value = json[name] else { return nil }
        guard let flag = value.bool else {
            throw Failure(.invalid, "\(name) is true or false.", at: "\(pointer)/\(name)")
        }
        return flag
    }
}
