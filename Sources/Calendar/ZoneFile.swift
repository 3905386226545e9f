/// Reads a compiled zoneinfo file (RFC 8536) into the periods of a zone.
struct ZoneFile {
    private let bytes: [UInt8]
    private var at = 0

    /// The periods of the file, or nil when the bytes are no zoneinfo file of version 2 or later without leap
    /// seconds.
    static func periods(in bytes: [UInt8]) -> [Zone.Period]? {
        var file = ZoneFile(bytes: bytes)
        return file.read()
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    /// The counts of a header, in the order of the file.
    private struct Counts {
        let utc, standard, leaps, times, types, letters: Int

        /// The size of the block behind the header, whose times have `width` bytes.
        func size(_ width: Int) -> Int {
            times * (width + 1) + types * 6 + letters + leaps * (width + 4) + standard + utc
        }
    }

    private mutating func read() -> [Zone.Period]? {
        guard let old = header(), old.version >= UInt8(ascii: "2") else { return nil }
        at += old.counts.size(4)
        guard let new = header(), new.counts.leaps == 0, new.counts.types > 0,
            at + new.counts.size(8) <= bytes.count
        else { return nil }
        let counts = new.counts
        let times = (0..<counts.times).map { Int64(number(at + $0 * 8, 8)) }
        let kinds = (0..<counts.times).map { Int(bytes[at + counts.times * 8 + $0]) }
        let offsets = (0..<counts.types).map { type in
            Int64(Int32(truncatingIfNeeded: number(at + counts.times * 9 + type * 6, 4)))
        }
        guard kinds.allSatisfy({ $0 < offsets.count }) else { return nil }
        var changes = zip(times, kinds).map { ZoneRule.Change(time: $0, offset: offsets[$1]) }
        at += counts.size(8)
        changes += ZoneRule(footer: footer)?.changes(after: changes.last?.time ?? 0) ?? []
        return Self.periods(offsets[0], changes)
    }

    /// Reads one header and stands behind it.
    private mutating func header() -> (version: UInt8, counts: Counts)? {
        guard at + 44 <= bytes.count, Array(bytes[at..<(at + 4)]) == Array("TZif".utf8) else { return nil }
        let n = (0..<6).map { number(at + 20 + $0 * 4, 4) }
        guard n.allSatisfy({ $0 >= 0 && $0 <= bytes.count }) else { return nil }
        defer { at += 44 }
        return (
            bytes[at + 4],
            Counts(utc: n[0], standard: n[1], leaps: n[2], times: n[3], types: n[4], letters: n[5])
        )
    }

    /// The big-endian number of `width` bytes at `offset`.
    private func number(_ offset: Int, _ width: Int) -> Int {
        let value = bytes[offset..<(offset + width)].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        return Int(truncatingIfNeeded: value)
    }

    /// What goes on after the last time of the table: a POSIX rule between two line ends.
    private var footer: String {
        let rest = bytes[min(at + 1, bytes.count)...].prefix { $0 != UInt8(ascii: "\n") }
        return String(decoding: rest, as: UTF8.self)
    }

    /// Many tables list changes of a name or of a flag; only those of the offset make a period.
    private static func periods(_ first: Int64, _ changes: [ZoneRule.Change]) -> [Zone.Period] {
        var kept = [ZoneRule.Change(time: .min, offset: first)]
        for change in changes where change.offset != kept[kept.count - 1].offset {
            kept.append(change)
        }
        return kept.indices.map { index in
            let end = index + 1 < kept.count ? kept[index + 1].time : .max
            return Zone.Period(start: kept[index].time, end: end, offset: kept[index].offset)
        }
    }
}
