import Core

/// What is wrong with a recurrence rule, as the end of a sentence.
struct RuleMistake: Error {
    let text: String
    init(_ text: String) { self.text = text }
}

/// The parts of a recurrence rule, each checked on its own and beside the others.
struct RuleParts: Sendable, Hashable {
    /// How often a rule steps, from short to long.
    enum Frequency: String, Sendable, CaseIterable {
        case secondly, minutely, hourly, daily, weekly, monthly, yearly

        /// The seconds of a step that the clock alone decides.
        var seconds: Int64? {
            switch self {
            case .secondly: 1
            case .minutely: 60
            case .hourly: 3_600
            default: nil
            }
        }
    }

    /// Where a rule ends: at a local time, or at a moment of universal time.
    enum Until: Sendable, Hashable {
        case wall(Wall), moment(Moment)
    }

    let frequency: Frequency
    let interval: Int
    let count: Int?
    let until: Until?
    /// Name and value of all parts but UNTIL, in the order of the rule.
    let others: [Part]

    struct Part: Sendable, Hashable {
        let name: String
        let value: String
    }

    /// The most firings that COUNT may ask for: they are counted once, when the rule is read.
    static let mostCount = 10_000
    static let mostInterval = 100_000

    init(_ rule: String) throws {
        let parts = try Self.split(rule)
        /// True when the clock alone decides: every so many hours, minutes or seconds and nothing else.
        var isPlainStep: Bool { frequency.seconds != nil && !others.contains { $0.name.hasPrefix("BY") } }

        /// The numbers a part lists, none when the rule has no such part.
        func numbers(_ name: String) -> [Int] {
            (value(name) ?? "").split(separator: ",").compactMap { Int($0) }
        }

        func value(_ name: String) -> String? { parts.first { $0.name == name }?.value }
        guard let text = value("FREQ"), let frequency = Frequency(rawValue: text.lowercased()) else {
            throw RuleMistake("FREQ is one of SECONDLY, MINUTELY, HOURLY, DAILY, WEEKLY, MONTHLY and YEARLY")
        }
        self.frequency = frequency
        interval = try Self.whole(value("INTERVAL") ?? "1", 1...Self.mostInterval, "INTERVAL")
        count = try value("COUNT").map { try Self.whole($0, 1...Self.mostCount, "COUNT") }
        until = try value("UNTIL").map { try Self.until($0) }
        guard count == nil || until == nil else { throw RuleMistake("COUNT and UNTIL exclude each other") }
        others = parts.filter { $0.name != "UNTIL" }
        for part in parts where part.name.hasPrefix("BY") { try RuleCheck.check(part, frequency) }
        try RuleCheck.checkTogether(Set(parts.map(\.name)), frequency)
    }

    /// True when the clock alone decides: every so many hours, minutes or seconds and nothing else.
    var isPlainStep: Bool { frequency.seconds != nil && !others.contains { $0.name.hasPrefix("BY") } }

    /// The numbers a part lists, none when the rule has no such part.
    func numbers(_ name: String) -> [Int] {
        (value(name) ?? "").split(separator: ",").compactMap { Int($0) }
    }

    func value(_ name: String) -> String? { others.first { $0.name == name }?.value }

    private static let names: Set = [
        "FREQ", "UNTIL", "COUNT", "INTERVAL", "BYSECOND", "BYMINUTE", "BYHOUR", "BYDAY", "BYMONTHDAY",
        "BYYEARDAY", "BYWEEKNO", "BYMONTH", "BYSETPOS", "WKST",
    ]

    private static func split(_ rule: String) throws -> [Part] {
        guard rule.utf8.count <= 1_000 else { throw RuleMistake("it has more than 1000 characters") }
        var seen: Set<String> = []
        return try rule.uppercased().split(separator: ";", omittingEmptySubsequences: false).map { text in
            let sides = text.split(separator: "=", omittingEmptySubsequences: false).map(String.init)
            guard sides.count == 2, names.contains(sides[0]), !sides[1].isEmpty else {
                throw RuleMistake("\"\(text)\" is no part of a rule, such as FREQ=DAILY")
            }
            guard seen.insert(sides[0]).inserted else { throw RuleMistake("\(sides[0]) stands there twice") }
            if sides[0] == "WKST", !RuleCheck.weekdays.contains(sides[1]) {
                throw RuleMistake("WKST is a weekday such as MO")
            }
            return Part(name: sides[0], value: sides[1])
        }
    }

    static func whole(_ text: some StringProtocol, _ range: ClosedRange<Int>, _ name: String) throws -> Int {
        guard let number = Int(text), range.contains(number) else {
            throw RuleMistake("\(name) holds numbers from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    /// `20261231` is the whole of that day; with a time it is local, and with a `Z` behind it universal.
    private static func until(_ text: String) throws -> Until {
        let isUniversal = text.hasSuffix("Z")
        let stamp = text.contains("T") ? String(text.prefix { $0 != "Z" }) : text + "T235959"
        guard let wall = Wall(stamp), !isUniversal || text.contains("T") else {
            throw RuleMistake("UNTIL is written 20261231T220000Z, or local 20261231T230000, or 20261231")
        }
        return isUniversal ? .moment(Moment(second: wall.seconds)) : .wall(wall)
    }
}
