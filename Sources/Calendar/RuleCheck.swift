/// The limits RFC 5545 sets to the BY parts of a rule, and some where its words leave the meaning open.
enum RuleCheck {
    static let weekdays: Set = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]

    /// The numbers a part may hold; the signed ones count from the end when negative.
    private static let limits: [String: (most: Int, least: Int, isSigned: Bool)] = [
        "BYSECOND": (59, 0, false), "BYMINUTE": (59, 0, false), "BYHOUR": (23, 0, false),
        "BYMONTH": (12, 1, false), "BYMONTHDAY": (31, 1, true), "BYYEARDAY": (366, 1, true),
        "BYWEEKNO": (53, 1, true), "BYSETPOS": (366, 1, true),
    ]

    static func check(_ part: RuleParts.Part, _ frequency: RuleParts.Frequency) throws {
        let items = part.value.split(separator: ",", omittingEmptySubsequences: false)
        if part.name == "BYDAY" { return try items.forEach { try checkDay($0, frequency) } }
        guard let limit = limits[part.name] else { return }
        for item in items {
            let number = Int(item)
            let size = limit.isSigned ? number?.magnitude : number.flatMap { $0 >= 0 ? $0.magnitude : nil }
            guard let size, size >= limit.least, size <= limit.most else {
                let sign = limit.isSigned ? ", or negative from the end" : ""
                throw RuleMistake(
                    "\(part.name) holds numbers from \(limit.least) to \(limit.most)\(sign), not \"\(item)\"")
            }
        }
    }

    private static func checkDay(_ item: Substring, _ frequency: RuleParts.Frequency) throws {
        let count = item.dropLast(2)
        guard weekdays.contains(String(item.suffix(2))), count.isEmpty || Int(count).map(isCount) == true
        else { throw RuleMistake("BYDAY holds weekdays such as MO, 2TU or -1FR, not \"\(item)\"") }
        guard count.isEmpty || frequency == .monthly || frequency == .yearly else {
            throw RuleMistake("\"\(item)\" counts within a month or year; use FREQ=MONTHLY or YEARLY")
        }
    }

    private static func isCount(_ number: Int) -> Bool { number != 0 && number.magnitude <= 53 }

    /// What RFC 5545 (section 3.3.10) forbids to stand together.
    static func checkTogether(_ names: Set<String>, _ frequency: RuleParts.Frequency) throws {
        if names.contains("BYWEEKNO"), frequency != .yearly {
            throw RuleMistake("BYWEEKNO needs FREQ=YEARLY")
        }
        if names.contains("BYYEARDAY"), frequency != .yearly {
            throw RuleMistake("BYYEARDAY needs FREQ=YEARLY")
        }
        if names.contains("BYMONTHDAY"), frequency == .weekly {
            throw RuleMistake("BYMONTHDAY does not go with FREQ=WEEKLY")
        }
        guard names.contains("BYSETPOS") else { return }
        guard names.contains(where: { $0.hasPrefix("BY") && $0 != "BYSETPOS" }) else {
            throw RuleMistake("BYSETPOS chooses among the days of another BY part, and there is none")
        }
        guard frequency == .monthly || frequency == .yearly else {
            throw RuleMistake("BYSETPOS is understood with FREQ=MONTHLY and FREQ=YEARLY only")
        }
    }
}
