extension Times {
    private static let parts = ["BYHOUR", "BYMINUTE", "BYSECOND"]
    private static let sizes = [24, 60, 60]

    /// The times of day of a recurrence rule that begins at `start`.
    init(_ rule: RuleParts, start: Wall) throws {
        let fields = try Self.parts.indices.map { try Self.numbers($0, of: rule, start) }
        self.init(hours: fields[0], minutes: fields[1], seconds: fields[2])
        guard rule.value("BYSETPOS") == nil || fields.allSatisfy({ $0.count == 1 }) else {
            throw RuleMistake("BYSETPOS goes with one time of day only")
        }
    }

    /// The hours, minutes or seconds.
    private static func numbers(_ field: Int, of rule: RuleParts, _ start: Wall) throws -> Numbers {
        // The field the rule steps by, -1 when it steps by days.
        let own = rule.frequency.seconds.map { $0 == 3_600 ? 0 : $0 == 60 ? 1 : 2 } ?? -1
        let size = sizes[field]
        let shown = [start.secondOfDay / 3_600, start.secondOfDay / 60 % 60, start.secondOfDay % 60][field]
        // What is finer than the step stays as DTSTART shows it; what is coarser may be anything.
        var numbers =
            rule.value(parts[field]).map { _ in rule.numbers(parts[field]) }
            ?? (field > own ? [shown] : Array(0..<size))
        if field == own {
            guard size % rule.interval == 0 else {
                let frequency = rule.frequency.rawValue.uppercased()
                throw RuleMistake("beside BY parts the INTERVAL of FREQ=\(frequency) has to divide \(size)")
            }
            numbers = numbers.filter { ($0 - shown) % rule.interval == 0 }
        }
        guard !numbers.isEmpty else { throw RuleMistake("its INTERVAL steps over all of its BY parts") }
        return Numbers(numbers)
    }
}
