/// The rule by which a zone goes on changing, as POSIX writes it: `CET-1CEST,M3.5.0,M10.5.0/3`.
struct ZoneRule {
    /// From `time` on (seconds since 1970 UTC) the zone is `offset` seconds east of UTC.
    struct Change: Sendable, Hashable {
        let time: Int64
        let offset: Int64
    }

    private let standard: Int64
    private let summer: Int64
    private let begin: YearDay
    private let end: YearDay

    /// The rule a footer writes; nil when it knows no summer time, or is none.
    init?(footer: String) {
        var scanner = Scanner(footer)
        guard scanner.name(), let standard = scanner.offset(), scanner.name() else { return nil }
        self.standard = -standard
        summer = scanner.peek == UInt8(ascii: ",") ? -standard + 3_600 : -(scanner.offset() ?? 0)
        guard scanner.take(","), let begin = YearDay(&scanner), scanner.take(","),
            let end = YearDay(&scanner)
        else { return nil }
        self.begin = begin
        self.end = end
    }

    /// The changes after `time` until the horizon.
    func changes(after time: Int64) -> [Change] {
        let years = Wall(seconds: max(0, time)).day.year...Wall.horizon.day.year
        let all = years.flatMap { year in
            [
                Change(time: begin.wall(in: year) - standard, offset: summer),
                Change(time: end.wall(in: year) - summer, offset: standard),
            ]
        }
        return all.filter { $0.time > time }.sorted { $0.time < $1.time }
    }

    /// A day of each year and a time on it, such as `M3.5.0/2`.
    private struct YearDay {
        private enum Kind { case nth(month: Int, week: Int, weekday: Int), julian(Int), zeroBased(Int) }
        private let kind: Kind
        private let time: Int64

        init?(_ scanner: inout Scanner) {
            if scanner.take("M") {
                guard let month = scanner.number(), scanner.take("."), let week = scanner.number(),
                    scanner.take("."), let weekday = scanner.number(), (1...12).contains(month)
                else { return nil }
                kind = .nth(month: month, week: week, weekday: weekday)
            } else if scanner.take("J") {
                guard let day = scanner.number() else { return nil }
                kind = .julian(day)
            } else {
                guard let day = scanner.number() else { return nil }
                kind = .zeroBased(day)
            }
            time = scanner.take("/") ? (scanner.offset() ?? 0) : 7_200
        }

        /// Seconds since 1970 on the wall clock of the zone.
        func wall(in year: Int) -> Int64 {
            guard let january = Day(year, 1, 1) else { return 0 }
            switch kind {
            case .zeroBased(let day): return (january.number + Int64(day)) * 86_400 + time
            case .julian(let day):
                let leap = Day.length(of: 2, in: year) == 29 && day > 59 ? 1 : 0
                return (january.number + Int64(day - 1 + leap)) * 86_400 + time
            case .nth(let month, let week, let weekday):
                guard let first = Day(year, month, 1) else { return 0 }
                var day = 1 + (weekday - first.weekday + 7) % 7 + (week - 1) * 7
                if day > Day.length(of: month, in: year) { day -= 7 }
                return (first.number + Int64(day - 1)) * 86_400 + time
            }
        }
    }

    /// Reads a footer from the left.
    private struct Scanner {
        private var rest: ArraySlice<UInt8>

        init(_ text: String) { rest = Array(text.utf8)[...] }

        var peek: UInt8? { rest.first }

        mutating func take(_ mark: Character) -> Bool {
            guard let byte = mark.asciiValue, rest.first == byte else { return false }
            rest.removeFirst()
            return true
        }

        /// Skips the name of a kind of time: letters, or anything in angle brackets.
        mutating func name() -> Bool {
            if take("<") {
                rest = rest.drop { $0 != UInt8(ascii: ">") }
                return take(">")
            }
            let before = rest.count
            rest = rest.drop { $0 | 0x20 >= 97 && $0 | 0x20 <= 122 }
            return rest.count < before
        }

        mutating func number() -> Int? {
            let digits = rest.prefix { $0 >= 48 && $0 <= 57 }.prefix(4)
            rest = rest.dropFirst(digits.count)
            return digits.isEmpty ? nil : digits.reduce(0) { $0 * 10 + Int($1 - 48) }
        }

        /// `-3:30` and the like, in seconds.
        mutating func offset() -> Int64? {
            let sign: Int64 = take("-") ? -1 : 1
            _ = take("+")
            guard let hours = number() else { return nil }
            let minutes = take(":") ? number() ?? 0 : 0
            let seconds = take(":") ? number() ?? 0 : 0
            return sign * Int64(hours * 3_600 + minutes * 60 + seconds)
        }
    }
}
