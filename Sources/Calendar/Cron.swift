import Core

/// A cron expression: five fields, or six with the seconds first.
///
/// Each field is a list of `*`, numbers, names, ranges and steps. `L` is the last day of the month, `L5` the
/// last Friday, `5#2` the second. Where day of month and day of week both name days, either is enough.
public struct Cron: Sendable, Hashable {
    /// The expression as it was written.
    public let text: String
    private let times: Times
    private let months: Numbers
    private let days: CronDays

    /// Reads an expression or one of `@yearly`, `@monthly`, `@weekly`, `@daily` and `@hourly`.
    ///
    /// - Throws: `Failure(.invalid)` at `pointer` that says what is wrong, also when no date ever matches.
    public init(_ text: String, at pointer: String? = nil) throws {
        do {
            try self.init(reading: text)
        } catch let mistake as CronMistake {
            let message = "The cron expression \"\(text.prefix(100))\" is wrong: \(mistake.text)."
            throw Failure(.invalid, message, at: pointer)
        }
    }

    private init(reading text: String) throws {
        self.text = text
        let fields = try Self.fields(of: text)
        let seconds = fields.count == 6 ? try Self.numbers(fields[0], .second) : Numbers([0])
        let rest = Array(fields.suffix(5))
        let minutes = try Self.numbers(rest[0], .minute)
        times = Times(hours: try Self.numbers(rest[1], .hour), minutes: minutes, seconds: seconds)
        days = try CronDays(dayOfMonth: rest[2], dayOfWeek: rest[4])
        months = try Self.numbers(rest[3], .month)
        guard next(from: Wall(seconds: 0)) != nil else {
            throw CronMistake("no date ever matches it; compare its days with its months")
        }
    }

    private static let words = [
        "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *", "@monthly": "0 0 1 * *", "@weekly": "0 0 * * 0",
        "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@hourly": "0 * * * *",
    ]

    private static func fields(of text: String) throws -> [Substring] {
        guard text.utf8.count <= 1_000 else { throw CronMistake("it has more than 1000 characters") }
        let trimmed = text.split { $0 == " " || $0 == "\t" }
        if trimmed.count == 1, trimmed[0].hasPrefix("@") {
            guard let meaning = words[trimmed[0].lowercased()] else {
                throw CronMistake("the words are @yearly, @monthly, @weekly, @daily and @hourly")
            }
            return meaning.split(separator: " ")
        }
        guard trimmed.count == 5 || trimmed.count == 6 else {
            throw CronMistake(
                "it has \(trimmed.count) fields; write minute hour day month weekday, perhaps a second first")
        }
        return trimmed
    }

    private static func numbers(_ text: Substring, _ field: CronField) throws -> Numbers {
        let items = text.split(separator: ",", omittingEmptySubsequences: false)
        return Numbers(try items.flatMap { try field.numbers($0) })
    }

    /// True when every hour is named, so that a clock set forward or back should not hold it up.
    var namesEveryHour: Bool { times.hours.count == 24 }

    /// The first matching reading at or after `wall`, nil when there is none before the horizon.
    func next(from wall: Wall) -> Wall? {
        var (day, second) = (wall.day, wall.secondOfDay)
        while day.year < Wall.horizon.day.year {
            if !months.contains(day.month) {
                (day, second) = (day.firstOfNextMonth, 0)
                continue
            }
            if days.contains(day), let found = times.first(from: second) { return Wall(day, second: found) }
            (day, second) = (day.next, 0)
        }
        return nil
    }
}
