import Core

/// One field of a cron expression: which numbers it allows, and how it reads them.
struct CronField: Sendable {
    let name: String
    let range: ClosedRange<Int>
    var words: [String] = []
    /// Whether `?` stands for any value, as it does for days.
    var allowsQuestion = false

    static let second = CronField(name: "second", range: 0...59)
    static let minute = CronField(name: "minute", range: 0...59)
    static let hour = CronField(name: "hour", range: 0...23)
    static let day = CronField(name: "day-of-month", range: 1...31, allowsQuestion: true)
    static let month = CronField(
        name: "month", range: 1...12,
        words: ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"])
    /// Sunday is 0 and also 7.
    static let weekday = CronField(
        name: "day-of-week", range: 0...7, words: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"],
        allowsQuestion: true)

    /// The numbers of one item of a list: `*`, `5`, `1-5`, `22-2`, each perhaps with `/step`.
    func numbers(_ item: Substring) throws(CronMistake) -> [Int] {
        let parts = item.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        let base = try span(parts[0], isOpen: parts.count == 2)
        guard parts.count == 2 else { return base }
        guard let step = Int(parts[1]), step >= 1, step <= range.count else {
            throw CronMistake(
                "the step \"\(parts[1])\" of the \(name) field is not a whole number from 1 to \(range.count)"
            )
        }
        return stride(from: 0, to: base.count, by: step).map { base[$0] }
    }

    /// The numbers before the step; with a step, a single number goes on to the end of the range.
    private func span(_ text: Substring, isOpen: Bool) throws(CronMistake) -> [Int] {
        let last = self == .weekday ? 6 : range.upperBound
        if text == "*" || text == "?" && allowsQuestion { return Array(range.lowerBound...last) }
        let ends = text.split(separator: "-", omittingEmptySubsequences: false)
        guard ends.count <= 2 else {
            throw CronMistake("\"\(text)\" in the \(name) field is no range such as 1-5")
        }
        var first = try number(ends[0])
        guard ends.count == 2 else { return isOpen ? Array(first...max(first, last)) : [first] }
        let end = try number(ends[1])
        // Sunday as 7 can only end a range; in front it is the first day of the week.
        if first > last, end < first { first = range.lowerBound }
        // A range such as FRI-MON or 22-2 runs over the end of the week or day.
        return first <= end ? Array(first...end) : Array(first...last) + Array(range.lowerBound...end)
    }

    func number(_ text: Substring) throws(CronMistake) -> Int {
        if let word = words.firstIndex(of: text.lowercased()) { return word + (self == .month ? 1 : 0) }
        guard let number = Int(text), text.allSatisfy(\.isNumber), range.contains(number) else {
            let names = (words.first ?? "", words.last ?? "")
            throw CronMistake(
                "\"\(text)\" in the \(name) field is not a number from \(range.lowerBound) to "
                    + "\(range.upperBound)"
                    + (words.isEmpty ? "" : " or \(names.0.uppercased()) to \(names.1.uppercased())"))
        }
        return number
    }
}

extension CronField: Equatable {
    static func == (left: CronField, right: CronField) -> Bool { left.name == right.name }
}

/// What is wrong with a cron expression, as the end of a sentence.
struct CronMistake: Error {
    let text: String
    init(_ text: String) { self.text = text }
}
