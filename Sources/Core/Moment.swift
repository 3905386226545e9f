import Foundation

/// A point in time, in whole microseconds since 1970 UTC: what the tables hold and what the API shows as RFC
/// 3339.
public struct Moment: Sendable, Hashable, Comparable {
    public let microseconds: Int64

    public init(microseconds: Int64) { self.microseconds = microseconds }

    /// What is beyond 292,000 years from 1970 stays at that end.
    public init(milliseconds: Int64) { microseconds = milliseconds.times(1_000) }

    /// The moment an RFC 3339 text names, such as `2026-03-29T01:30:00.25Z`; nil when it has no zone or is no
    /// date.
    public init?(_ text: String) {
        guard let date = Self.parse(text) else { return nil }
        microseconds = date
    }

    /// The clock of this machine. What must agree between machines asks Redis for its time instead.
    public static var now: Moment {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Moment(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000)
    }

    public var milliseconds: Int64 { microseconds / 1_000 }

    /// As RFC 3339 in UTC with milliseconds, such as `2026-03-29T01:30:00.250Z`.
    public var text: String {
        let (seconds, fraction) = (microseconds.floored(by: 1_000_000), microseconds.remainder(by: 1_000_000))
        var time = time_t(seconds)
        var parts = tm()
        gmtime_r(&time, &parts)
        return Self.pad(Int(parts.tm_year) + 1900, 4) + "-" + Self.pad(Int(parts.tm_mon) + 1, 2) + "-"
            + Self.pad(Int(parts.tm_mday), 2) + "T" + Self.pad(Int(parts.tm_hour), 2) + ":"
            + Self.pad(Int(parts.tm_min), 2) + ":" + Self.pad(Int(parts.tm_sec), 2) + "."
            + Self.pad(Int(fraction / 1_000), 3) + "Z"
    }

    public static func < (left: Moment, right: Moment) -> Bool { left.microseconds < right.microseconds }

    public static func + (moment: Moment, duration: Duration) -> Moment {
        Moment(microseconds: moment.microseconds.plus(duration.microseconds))
    }

    public static func - (moment: Moment, duration: Duration) -> Moment { moment + (.zero - duration) }

    public static func - (left: Moment, right: Moment) -> Duration {
        .microseconds(left.microseconds) - .microseconds(right.microseconds)
    }

    private static func pad(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }

    /// The number the digits at `range` of `bytes` write, or nil.
    private static func number(_ bytes: ArraySlice<UInt8>) -> Int64? {
        guard !bytes.isEmpty, bytes.allSatisfy({ $0 >= 48 && $0 <= 57 }) else { return nil }
        return bytes.reduce(0) { $0 * 10 + Int64($1 - 48) }
    }

    private static func parse(_ text: String) -> Int64? {
        let bytes = Array(text.utf8)
        guard bytes.count >= 20, bytes.count <= 40, bytes[4] == 45, bytes[7] == 45, bytes[13] == 58,
            bytes[16] == 58,
            [84, 116, 32].contains(bytes[10]),
            let year = number(bytes[0..<4]), let month = number(bytes[5..<7]),
            let day = number(bytes[8..<10]),
            let hour = number(bytes[11..<13]), let minute = number(bytes[14..<16]),
            let second = number(bytes[17..<19]),
            (1...12).contains(month), day >= 1, day <= daysIn(month, of: year), hour < 24, minute < 60,
            second < 60
        else { return nil }
        guard let (fraction, zone) = fraction(bytes[19...]), let offset = offset(zone) else { return nil }
        let seconds = days(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second - offset
        return seconds * 1_000_000 + fraction
    }

    /// Splits `.25Z` into microseconds and what is left.
    private static func fraction(_ rest: ArraySlice<UInt8>) -> (Int64, ArraySlice<UInt8>)? {
        guard rest.first == 46 else { return (0, rest) }
        let digits = rest.dropFirst().prefix { $0 >= 48 && $0 <= 57 }
        guard !digits.isEmpty, digits.count <= 9 else { return nil }
        let micro = Array(digits.prefix(6)) + [UInt8](repeating: 48, count: max(0, 6 - digits.count))
        return number(micro[...]).map { ($0, rest.dropFirst(1 + digits.count)) }
    }

    /// The seconds east of UTC that `Z` or `+02:00` says.
    private static func offset(_ zone: ArraySlice<UInt8>) -> Int64? {
        let bytes = Array(zone)
        if bytes == [90] || bytes == [122] { return 0 }
        guard bytes.count == 6, bytes[0] == 43 || bytes[0] == 45, bytes[3] == 58,
            let hours = number(bytes[1..<3]), let minutes = number(bytes[4..<6]), hours < 24, minutes < 60
        else { return nil }
        return (hours * 3_600 + minutes * 60) * (bytes[0] == 45 ? -1 : 1)
    }

    private static func daysIn(_ month: Int64, of year: Int64) -> Int64 {
        if month == 2 { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28 }
        return [4, 6, 9, 11].contains(month) ? 30 : 31
    }

    /// Days since 1970-01-01 in the proleptic Gregorian calendar (Howard Hinnant's days_from_civil).
    private static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let era = shifted.floored(by: 400)
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }
}

extension Moment: Codable {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let moment = Moment(text) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "\"\(text)\" is not an RFC 3339 time with a zone")
        }
        self = moment
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}

extension Int64 {
    fileprivate func floored(by divisor: Int64) -> Int64 {
        self >= 0 || self % divisor == 0 ? self / divisor : self / divisor - 1
    }

    /// The product, or the end of the range it would leave.
    fileprivate func times(_ factor: Int64) -> Int64 {
        let (product, overflows) = multipliedReportingOverflow(by: factor)
        return overflows ? (self < 0 ? .min : .max) : product
    }

    /// The sum, or the end of the range it would leave.
    fileprivate func plus(_ other: Int64) -> Int64 {
        let (sum, overflows) = addingReportingOverflow(other)
        return overflows ? (other < 0 ? .min : .max) : sum
    }

    fileprivate func remainder(by divisor: Int64) -> Int64 { self - floored(by: divisor) * divisor }
}

extension Duration {
    /// Whole microseconds, rounded towards zero; what is beyond 292,000 years stays at that end.
    public var microseconds: Int64 {
        components.seconds.times(1_000_000).plus(components.attoseconds / 1_000_000_000_000)
    }

    /// Whole milliseconds, rounded towards zero.
    public var milliseconds: Int64 { microseconds / 1_000 }

    public var seconds: Double { Double(microseconds) / 1_000_000 }
}
