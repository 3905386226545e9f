/// A set of numbers from 0 to 63, as one field of a cron expression names them.
struct Numbers: Sendable, Hashable {
    private(set) var bits: UInt64 = 0

    init(_ numbers: [Int] = []) {
        for number in numbers { insert(number) }
    }

    mutating func insert(_ number: Int) { bits |= 1 << UInt64(number) }

    func contains(_ number: Int) -> Bool { bits >> UInt64(number) & 1 == 1 }

    /// The least number of the set that is at least `number`.
    func first(from number: Int = 0) -> Int? {
        guard number < 64 else { return nil }
        let rest = bits >> UInt64(number)
        return rest == 0 ? nil : number + rest.trailingZeroBitCount
    }

    var count: Int { bits.nonzeroBitCount }
}
