import Core
import Testing

@testable import Calendar

/// A series as the tests write it: local times, a zone, a rule.
func series(
    _ start: String, _ end: String, _ zone: String = "Europe/Berlin", rule: String? = nil,
    _ change: (inout Series.Draft) throws -> Void = { _ in }
) throws -> Series {
    let zone = try Zone(zone)
    let walls = (try #require(Wall(start)), try #require(Wall(end)))
    var draft = Series.Draft(
        start: zone.moment(showing: walls.0), end: zone.moment(showing: walls.1), zone: zone, rule: rule)
    try change(&draft)
    return try Series(draft)
}

/// The time between two days in universal time.
func days(_ first: String, _ last: String) throws -> Range<Moment> {
    try moment("\(first)T00:00:00Z")..<moment("\(last)T00:00:00Z")
}

extension Series {
    /// The starts of the instances in a range, as short texts in universal time.
    func starts(_ range: Range<Moment>) throws -> [String] {
        try instances(in: range, most: 10_000).map { String($0.start.text.dropLast(8)) }
    }
}

/// Numbers that look random and are the same in every run with the same seed.
struct Chance: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        let mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
        let more = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return more ^ (more >> 31)
    }

    mutating func roll(_ range: Range<Int>) -> Int { Int.random(in: range, using: &self) }

    mutating func pick<Element>(_ list: [Element]) -> Element { list[roll(0..<list.count)] }

    mutating func happens(_ percent: Int) -> Bool { roll(0..<100) < percent }
}
