import Core

/// The hours of somebody's own clock in which nothing rings; they may go past midnight.
package struct QuietHours: Sendable, Hashable {
    /// Seconds after midnight.
    package let from: Int
    package let to: Int

    /// The hours between two times of day such as `22:00`; nil for what is none.
    package init?(from: String, to: String) {
        guard let from = Self.second(from), let to = Self.second(to), from != to else { return nil }
        (self.from, self.to) = (from, to)
    }

    private static func second(_ text: String) -> Int? {
        let digits = text.utf8.map { Int($0) - 48 }
        guard digits.count == 5, text.utf8.dropFirst(2).first == UInt8(ascii: ":"),
            [0, 1, 3, 4].allSatisfy({ (0...9).contains(digits[$0]) })
        else { return nil }
        let (hour, minute) = (digits[0] * 10 + digits[1], digits[3] * 10 + digits[4])
        return hour < 24 && minute < 60 ? hour * 3_600 + minute * 60 : nil
    }

    private static let day = 86_400

    private func contains(_ second: Int) -> Bool {
        from < to ? (from..<to).contains(second) : second >= from || second < to
    }

    /// The first moment from `now` on that lies outside these hours: `now` itself, or when they end.
    ///
    /// - Parameter offset: how many seconds the clock is ahead of UTC at a moment.
    package func next(from now: Moment, offset: (Moment) -> Int) -> Moment {
        var moment = now
        // Each turn either ends or passes one change of the clock; no zone has three within a day.
        for _ in 0..<4 {
            let shift = offset(moment)
            let second = Self.clock(moment, shift)
            guard contains(second) else { return moment }
            let wait = (to - second + Self.day) % Self.day
            let end = moment.wholeSecond + .seconds(wait)
            guard offset(end) != shift else { return end }
            moment = Self.change(after: moment, upTo: end, offset)
        }
        return moment
    }

    /// What a clock so far ahead of UTC shows, in seconds after midnight.
    private static func clock(_ moment: Moment, _ shift: Int) -> Int {
        let second = Int(moment.wholeSecond.microseconds / 1_000_000) + shift
        return (second % day + day) % day
    }

    /// The first second at which the clock has another offset than at `start`.
    private static func change(after start: Moment, upTo end: Moment, _ offset: (Moment) -> Int) -> Moment {
        let shift = offset(start)
        var (low, high) = (start.wholeSecond, end)
        while high - low > .seconds(1) {
            let middle = (low + .seconds(Int((high - low).seconds / 2))).wholeSecond
            if offset(middle) == shift { low = middle } else { high = middle }
        }
        return high
    }
}

extension QuietHours {
    package static let schema: JSON = {
        let time: JSON = ["type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$"]
        return [
            "type": "object", "required": ["from", "to"], "additionalProperties": false,
            "properties": ["from": time, "to": time],
        ]
    }()

    /// The hours that a field holds; nil for none. Throws `Failure(.invalid)` for what says none.
    package init?(_ json: JSON?, at pointer: String) throws(Failure) {
        guard let json, json != .null else { return nil }
        guard let members = json.members, members.map(\.name).sorted() == ["from", "to"],
            let from = json["from"]?.string, let to = json["to"]?.string,
            let hours = Self(from: from, to: to)
        else {
            throw Failure(
                .invalid,
                "Quiet hours are an object with from and to, two different times of day such as 22:00.",
                at: pointer)
        }
        self = hours
    }
}

extension Moment {
    /// The second it lies in.
    fileprivate var wholeSecond: Moment {
        let rest = ((microseconds % 1_000_000) + 1_000_000) % 1_000_000
        return Moment(microseconds: microseconds - rest)
    }
}
