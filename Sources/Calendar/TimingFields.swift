import Core

extension Timing {
    /// Reads the JSON of a timing: exactly one of `cron`, `every_seconds`, `at` and `rrule`, and what goes
    /// with it.
    ///
    /// - Throws: `Failure(.invalid)` at the member that is wrong, its pointer behind `pointer`.
    public init(_ json: JSON, at pointer: String = "") throws {
        let fields = try Fields(json, at: pointer)
        let kinds = Fields.kinds.keys.sorted().filter { json[$0] != nil }
        guard kinds.count == 1, let kind = kinds.first else {
            let message = "A timing has exactly one of cron, every_seconds, at and rrule."
            throw Failure(.invalid, message, at: pointer)
        }
        try fields.allow(only: kind)
        switch kind {
        case "cron": self = try Self.cron(fields)
        case "every_seconds": self = .every(try fields.interval())
        case "at": self = .at(try fields.moment("at"))
        default: self = try Self.rule(fields)
        }
    }

    private static func cron(_ fields: Fields) throws -> Timing {
        let cron = try Cron(try fields.text("cron"), at: fields.pointer + "/cron")
        return .cron(
            cron, in: try fields.zone(),
            try fields.crossing(cron.namesEveryHour ? .flowing : .once))
    }

    private static func rule(_ fields: Fields) throws -> Timing {
        let recurrence = try Recurrence(
            try fields.text("rrule"), start: try fields.wall("dtstart"), in: try fields.zone(),
            exdates: try fields.walls("exdates"), rdates: try fields.walls("rdates"), at: fields.pointer)
        return .rule(recurrence, try fields.crossing(.calendar))
    }

    /// As `init(_:at:)` reads it, with the zone and the rules that were left out spelled out.
    public var json: JSON {
        switch self {
        case .every(let interval):
            return ["every_seconds": interval.every.json, "anchor": .string(interval.anchor.text)]
        case .at(let moment): return ["at": .string(moment.text)]
        case .cron(let cron, let zone, let crossing):
            return .object([.init("cron", .string(cron.text))] + crossing.members(zone))
        case .rule(let recurrence, let crossing):
            let dates = [("exdates", recurrence.exdates.sorted()), ("rdates", recurrence.rdates)]
            let rule: [JSON.Member] = [
                .init("rrule", .string(recurrence.rule)), .init("dtstart", .string(recurrence.start.text)),
            ]
            return .object(
                rule
                    + dates.filter { !$0.1.isEmpty }.map { name, walls in
                        .init(name, .array(walls.map { .string($0.text) }))
                    } + crossing.members(recurrence.zone))
        }
    }
}

extension Crossing {
    fileprivate func members(_ zone: Zone) -> [JSON.Member] {
        [
            .init("zone", .string(zone.name)), .init("gap", .string(gap.rawValue)),
            .init("overlap", .string(overlap.rawValue)),
        ]
    }
}

extension Duration {
    fileprivate var json: JSON {
        milliseconds % 1_000 == 0 ? .integer(milliseconds / 1_000) : .double(seconds)
    }
}

/// The members of a timing's JSON, read one by one.
private struct Fields {
    let json: JSON
    let pointer: String

    static let kinds = [
        "cron": ["zone", "gap", "overlap"], "every_seconds": ["anchor"], "at": [],
        "rrule": ["dtstart", "exdates", "rdates", "zone", "gap", "overlap"],
    ]

    init(_ json: JSON, at pointer: String) throws {
        guard json.members != nil else {
            throw Failure(.invalid, "A timing is a JSON object, such as {\"cron\": \"@daily\"}.", at: pointer)
        }
        (self.json, self.pointer) = (json, pointer)
    }

    func allow(only kind: String) throws {
        let allowed = [kind] + (Self.kinds[kind] ?? [])
        for member in json.members ?? [] where !allowed.contains(member.name) {
            throw wrong(
                member.name, "does not go with \(kind); what does: \(allowed.joined(separator: ", ")).")
        }
    }

    private func wrong(_ name: String, _ rest: String) -> Failure {
        Failure(.invalid, "\(name) \(rest)", at: "\(pointer)/\(name)")
    }

    func text(_ name: String) throws -> String {
        guard let text = json[name]?.string else { throw wrong(name, "is missing or no string.") }
        return text
    }

    func moment(_ name: String) throws -> Moment {
        guard let moment = Moment(try text(name)) else {
            throw wrong(name, "is an RFC 3339 time with a zone, such as 2026-03-29T01:30:00Z.")
        }
        return moment
    }

    func interval() throws -> Interval {
        // The bound keeps the product within 64 bits; Interval knows the real one.
        guard let seconds = json["every_seconds"]?.double, seconds.magnitude < 1e12 else {
            throw wrong("every_seconds", "is a number of seconds.")
        }
        let anchor = json["anchor"] == nil ? Moment(microseconds: 0) : try moment("anchor")
        let every = Duration.milliseconds(Int64((seconds * 1_000).rounded()))
        return try Interval(every: every, anchor: anchor, at: pointer + "/every_seconds")
    }

    func zone() throws -> Zone {
        json["zone"] == nil ? .utc : try Zone(try text("zone"), at: pointer + "/zone")
    }

    func crossing(_ usual: Crossing) throws -> Crossing {
        Crossing(
            gap: try choice("gap", usual.gap), overlap: try choice("overlap", usual.overlap))
    }

    private func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ name: String, _ usual: Choice
    ) throws -> Choice {
        guard json[name] != nil else { return usual }
        guard let choice = Choice(rawValue: try text(name)) else {
            let words = Choice.allCases.map(\.rawValue).joined(separator: ", ")
            throw wrong(name, "is one of \(words).")
        }
        return choice
    }

    func wall(_ name: String) throws -> Wall { try wall(try text(name), name) }

    private func wall(_ text: String, _ name: String) throws -> Wall {
        guard let wall = Wall(text) else {
            throw wrong(name, "holds local times without a zone, such as 2026-03-29T02:30:00.")
        }
        return wall
    }

    func walls(_ name: String) throws -> [Wall] {
        guard let json = json[name] else { return [] }
        guard let items = json.array else { throw wrong(name, "is a list of local times.") }
        return try items.enumerated().map { index, item in try wall(item.string ?? "", "\(name)/\(index)") }
    }
}
