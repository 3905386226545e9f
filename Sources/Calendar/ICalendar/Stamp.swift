import Core

/// A time of an iCalendar file: a moment, in a zone, perhaps a whole day.
struct Stamp: Sendable, Hashable {
    let moment: Moment
    let zone: Zone
    let isDate: Bool

    /// The times that a line lists.
    ///
    /// - Parameter zone: where a time or day is that names no zone.
    static func list(_ line: ContentLine, in zone: Zone) throws -> [Stamp] {
        let named = try line.parameters["TZID"].map { name in
            do { return try Zone(name) } catch {
                throw Failure(.invalid, "Line \(line.number): TZID \"\(name.prefix(64))\" is no IANA name.")
            }
        }
        return try line.value.split(separator: ",", omittingEmptySubsequences: false).map { text in
            // Of a period only its start counts.
            let text = text.prefix { $0 != "/" }
            guard let stamp = Stamp(String(text), in: named ?? zone) else {
                throw Failure(.invalid, "Line \(line.number): \"\(text.prefix(40))\" is no date or time.")
            }
            return stamp
        }
    }

    private init?(_ text: String, in zone: Zone) {
        isDate = text.utf8.count == 8
        let isUniversal = text.hasSuffix("Z")
        guard let wall = Wall(isDate ? text + "T000000" : String(text.prefix { $0 != "Z" })) else {
            return nil
        }
        self.zone = isUniversal ? .utc : zone
        moment = self.zone.moment(showing: wall)
    }

    /// How long `-P1DT2H30M` or `P2W` is; nil for all else.
    static func duration(_ text: String) -> Duration? {
        let isNegative = text.hasPrefix("-")
        var rest = text.drop { $0 == "-" || $0 == "+" }
        guard rest.popFirst() == "P", !rest.isEmpty else { return nil }
        var seconds: Int64 = 0
        var units: [Character: Int64] = ["W": 604_800, "D": 86_400]
        while let first = rest.first {
            if first == "T" {
                units = ["H": 3_600, "M": 60, "S": 1]
                rest = rest.dropFirst()
                continue
            }
            let digits = rest.prefix(while: \.isNumber)
            guard let number = Int64(digits), number < 100_000_000,
                let unit = rest.dropFirst(digits.count).first.flatMap({ units[$0] })
            else { return nil }
            seconds += number * unit
            rest = rest.dropFirst(digits.count + 1)
        }
        return .seconds(isNegative ? -seconds : seconds)
    }
}
