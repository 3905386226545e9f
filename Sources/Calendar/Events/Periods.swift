import Core

extension Zone {
    /// The time that a month such as `2026-03`, or a year such as `2026`, takes on a clock of this zone; nil
    /// for all else.
    package func period(_ text: String) -> Range<Moment>? {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.allSatisfy({ $0.allSatisfy(\.isNumber) }), parts[0].count == 4, let year = Int(parts[0]),
            (1970..<2200).contains(year)
        else { return nil }
        if parts.count == 1 { return span(Day(year, 1, 1), Day(year + 1, 1, 1)) }
        guard parts.count == 2, parts[1].count == 2, let month = Int(parts[1]) else { return nil }
        return span(Day(year, month, 1), Day(year, month, 1)?.firstOfNextMonth)
    }

    private func span(_ first: Day?, _ next: Day?) -> Range<Moment>? {
        guard let first, let next else { return nil }
        return moment(showing: Wall(first, second: 0))..<moment(showing: Wall(next, second: 0))
    }
}
