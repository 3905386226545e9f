/// What a wall clock and the calendar beside it show, without a zone, to the second.
public struct Wall: Sendable, Hashable, Comparable {
    /// The seconds since 1970-01-01T00:00:00 on the same wall.
    public let seconds: Int64

    public init(seconds: Int64) { self.seconds = seconds }

    /// The reading that `2026-03-29T02:30:00`, `2026-03-29T02:30` or `20260329T023000` names; nil for all
    /// else.
    public init?(_ text: String) {
        let digits = text.utf8.filter { $0 >= 48 && $0 <= 57 }.map { Int($0 - 48) }
        let shape = String(decoding: text.utf8.map { $0 >= 48 && $0 <= 57 ? 48 : $0 }, as: UTF8.self)
        guard Self.shapes.contains(shape) else { return nil }
        func number(_ range: Range<Int>) -> Int {
            digits[range].reduce(0) { $0 * 10 + $1 }
        }
        let second = digits.count == 14 ? number(12..<14) : 0
        let (hour, minute) = (number(8..<10), number(10..<12))
        guard let day = Day(number(0..<4), number(4..<6), number(6..<8)), hour < 24, minute < 60, second < 60
        else { return nil }
        self.init(day, second: hour * 3_600 + minute * 60 + second)
    }

    private static let shapes: Set = ["0000-00-00T00:00:00", "0000-00-00T00:00", "00000000T000000"]

    init(_ day: Day, second: Int) { seconds = day.number * 86_400 + Int64(second) }

    /// The date shown.
    var day: Day { Day(number: (seconds - Int64(secondOfDay)) / 86_400) }

    /// The seconds since midnight.
    var secondOfDay: Int { Int(((seconds % 86_400) + 86_400) % 86_400) }

    /// As `2026-03-29T02:30:00`.
    public var text: String {
        let (day, second) = (day, secondOfDay)
        return Self.pad(day.year, 4) + "-" + Self.pad(day.month, 2) + "-" + Self.pad(day.day, 2) + "T"
            + Self.pad(second / 3_600, 2) + ":" + Self.pad(second / 60 % 60, 2) + ":"
            + Self.pad(second % 60, 2)
    }

    public static func < (left: Wall, right: Wall) -> Bool { left.seconds < right.seconds }

    private static func pad(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }

    /// Nothing fires at or after this reading: it bounds every search for what may never come.
    static let horizon = Wall(seconds: 7_258_118_400)
}

extension Wall: CustomStringConvertible {
    public var description: String { text }
}
