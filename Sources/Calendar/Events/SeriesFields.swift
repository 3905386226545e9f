import Core

extension Series {
    /// Reads the fields of an event that say when it takes place.
    ///
    /// - Throws: `Failure(.invalid)` at the field that is wrong.
    package init(fields: [String: JSON]) throws {
        let zone = try Zone(fields["time_zone"]?.string ?? "UTC", at: "/time_zone")
        var draft = Draft(
            start: try Moment(fields["starts_at"] ?? .null, at: "/starts_at"),
            end: try Moment(fields["ends_at"] ?? .null, at: "/ends_at"), zone: zone,
            rule: fields["rrule"]?.string)
        draft.isAllDay = fields["all_day"]?.bool ?? false
        draft.exdates = try Self.moments(fields, "exdates")
        draft.rdates = try Self.moments(fields, "rdates")
        draft.overrides = try (fields["overrides"]?.array ?? []).enumerated().map { index, json in
            try Override(json, at: "/overrides/\(index)")
        }
        try self.init(draft)
    }

    private static func moments(_ fields: [String: JSON], _ name: String) throws -> [Moment] {
        try (fields[name]?.array ?? []).enumerated().map { index, json in
            try Moment(json, at: "/\(name)/\(index)")
        }
    }

    /// What `init(fields:)` reads.
    package var fields: [String: JSON] {
        [
            "starts_at": .string(start.text), "ends_at": .string(end.text), "time_zone": .string(zone.name),
            "all_day": .bool(isAllDay), "rrule": JSON(rule),
            "exdates": .array(exdates.map { .string($0.text) }),
            "rdates": .array(rdates.map { .string($0.text) }),
            "overrides": .array(overrides.map(\.json)),
        ]
    }
}
