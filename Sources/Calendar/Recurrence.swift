import Core

/// An RFC 5545 recurrence: a rule that begins at a local time, dates it leaves out, dates it adds.
public struct Recurrence: Sendable, Hashable {
    /// The rule as it was written, without `RRULE:`.
    public let rule: String
    /// Where the rule begins; its first firing is the first match from here on.
    public let start: Wall
    /// The zone of all these local times.
    public let zone: Zone
    /// Firings that are left out.
    public let exdates: Set<Wall>
    /// Firings in addition, in order.
    public let rdates: [Wall]
    private let walk: RuleWalk
    /// No date of the rule lies after this; the horizon when the rule has no end.
    let end: Wall

    /// How many dates may be left out or added.
    public static let mostDates = 1_000

    /// - Parameters:
    ///   - rule: such as `FREQ=MONTHLY;BYDAY=-1FR`, with or without `RRULE:` before it.
    ///   - start: RFC 5545's DTSTART in the local time of `zone`.
    ///   - pointer: the object that holds `rrule`, `dtstart`, `exdates` and `rdates`, for errors.
    /// - Throws: `Failure(.invalid)` that says which part of the rule is wrong, also when it never fires.
    public init(
        _ rule: String, start: Wall, in zone: Zone, exdates: [Wall] = [], rdates: [Wall] = [],
        at pointer: String = ""
    ) throws {
        self.rule = rule.uppercased().hasPrefix("RRULE:") ? String(rule.dropFirst(6)) : rule
        (self.start, self.zone) = (start, zone)
        (self.exdates, self.rdates) = (Set(exdates), Set(rdates).sorted())
        try Self.check(start, exdates, rdates, at: pointer)
        do {
            let parts = try RuleParts(self.rule)
            walk = try RuleWalk(parts, start: start)
            end = Self.end(of: parts, walk, in: zone)
        } catch let mistake as RuleMistake {
            let message = "The rule \"\(self.rule.prefix(200))\" is wrong: \(mistake.text)."
            throw Failure(.invalid, message, at: pointer + "/rrule")
        }
        guard next(from: Wall(seconds: 0)) != nil else {
            let message = "The rule \"\(self.rule.prefix(200))\" never fires; no date matches it."
            throw Failure(.invalid, message, at: pointer + "/rrule")
        }
    }

    private static func check(
        _ start: Wall, _ exdates: [Wall], _ rdates: [Wall], at pointer: String
    ) throws {
        for (name, dates) in [("exdates", exdates), ("rdates", rdates)] where dates.count > mostDates {
            let message = "A rule leaves out or adds at most \(mostDates) dates."
            throw Failure(.invalid, message, at: "\(pointer)/\(name)")
        }
        guard start >= Wall(seconds: 0), start < .horizon else {
            throw Failure(.invalid, "A rule begins between 1970 and 2200.", at: pointer + "/dtstart")
        }
    }

    private static func end(of parts: RuleParts, _ walk: RuleWalk, in zone: Zone) -> Wall {
        if let count = parts.count { return walk.last(of: count) ?? .horizon }
        switch parts.until {
        case .wall(let wall): return wall
        case .moment(let moment): return zone.wall(at: moment)
        case nil: return .horizon
        }
    }

    /// The first local time at or after `wall` that is not left out.
    func next(from wall: Wall) -> Wall? {
        var from = wall
        while true {
            let ruled = walk.next(from: from).flatMap { $0 <= end ? $0 : nil }
            let added = rdates.first { $0 >= from }
            guard let found = [ruled, added].compactMap({ $0 }).min() else { return nil }
            guard exdates.contains(found) else { return found }
            from = Wall(seconds: found.seconds + 1)
        }
    }
}
