import Core

extension ICalendar.Writer {
    /// Adds the rules of a zone, as far as they matter in `range`.
    mutating func add(_ zone: Zone, in range: Range<Moment>) {
        let first = zone.index(at: range.lowerBound.second)
        let last = zone.index(at: range.upperBound.second)
        add("BEGIN:VTIMEZONE")
        add("TZID:" + zone.name)
        add("BEGIN:STANDARD")
        add("DTSTART:19700101T000000")
        addOffsets(zone.periods[first].offset, zone.periods[first].offset)
        add("END:STANDARD")
        let changes = (first..<last).map { (zone.periods[$0].offset, zone.periods[$0 + 1]) }
        let kinds = Dictionary(grouping: changes) { Kind(from: $0.0, to: $0.1.offset) }
        for kind in kinds.keys.sorted(by: { ($0.from, $0.to) < ($1.from, $1.to) }) {
            add(kind, (kinds[kind] ?? []).map { Wall(seconds: $0.1.start + $0.0) })
        }
        add("END:VTIMEZONE")
    }

    /// A change from one offset to another.
    private struct Kind: Hashable {
        let from: Int64
        let to: Int64
    }

    private mutating func add(_ kind: Kind, _ walls: [Wall]) {
        let name = kind.to > kind.from ? "DAYLIGHT" : "STANDARD"
        add("BEGIN:" + name)
        add("DTSTART:" + (walls.first?.compact ?? ""))
        for wall in walls.dropFirst() { add("RDATE:" + wall.compact) }
        addOffsets(kind.from, kind.to)
        add("END:" + name)
    }

    private mutating func addOffsets(_ from: Int64, _ to: Int64) {
        add("TZOFFSETFROM:" + Self.text(from))
        add("TZOFFSETTO:" + Self.text(to))
    }

    /// Such as `+0530`, with seconds where there are some.
    private static func text(_ offset: Int64) -> String {
        let size = offset.magnitude
        let parts = [size / 3_600, size / 60 % 60] + (size % 60 == 0 ? [] : [size % 60])
        return (offset < 0 ? "-" : "+") + parts.map { $0 < 10 ? "0\($0)" : "\($0)" }.joined()
    }
}
