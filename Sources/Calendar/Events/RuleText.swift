import Core

/// A recurrence rule as text, to write a rule that goes on or ends elsewhere.
struct RuleText: Sendable, Hashable {
    private var parts: [Part]

    private struct Part: Sendable, Hashable {
        let name: String
        let value: String
    }

    /// - Parameter text: a rule that was read before, so that its parts are known to be good.
    init(_ text: String) {
        let plain = text.uppercased().hasPrefix("RRULE:") ? text.dropFirst(6) : text[...]
        parts = plain.uppercased().split(separator: ";").map { part in
            let sides = part.split(separator: "=", maxSplits: 1).map(String.init)
            return Part(name: sides.first ?? "", value: sides.last ?? "")
        }
    }

    var text: String { parts.map { "\($0.name)=\($0.value)" }.joined(separator: ";") }

    private func value(_ name: String) -> String? { parts.first { $0.name == name }?.value }

    private func without(_ names: Set<String>) -> RuleText {
        var rule = self
        rule.parts.removeAll { names.contains($0.name) }
        return rule
    }

    /// The rule with no date after `moment`.
    func until(_ moment: Moment) throws -> String {
        without(["COUNT", "UNTIL"]).text + ";UNTIL=" + Wall(seconds: moment.second).compact + "Z"
    }

    /// The rule with a COUNT less `count`.
    func less(_ count: Int) -> RuleText {
        var rule = self
        rule.parts = parts.map { part in
            guard part.name == "COUNT", let all = Int(part.value) else { return part }
            return Part(name: part.name, value: String(max(1, all - count)))
        }
        return rule
    }

    /// The rule with the time of day that `wall` has, where the clock showed another one because it jumped.
    func keeping(_ wall: Wall, shown: Wall) -> RuleText {
        guard wall != shown, ["DAILY", "WEEKLY", "MONTHLY", "YEARLY"].contains(value("FREQ")) else {
            return self
        }
        let time = wall.secondOfDay
        let numbers = [("BYHOUR", time / 3_600), ("BYMINUTE", time / 60 % 60), ("BYSECOND", time % 60)]
        var rule = self
        rule.parts += numbers.filter { value($0.0) == nil }.map { Part(name: $0.0, value: String($0.1)) }
        return rule
    }
}

extension Wall {
    /// As iCalendar writes it: `20260329T023000`.
    var compact: String { text.filter { $0 != "-" && $0 != ":" } }

    /// The date alone, as `20260329`.
    var compactDate: String { String(compact.prefix(8)) }
}
