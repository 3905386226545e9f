import Core

/// Numbers, texts and values that look random and are the same in every run with the same seed.
struct Dice: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func roll(_ range: Range<Int>) -> Int { Int.random(in: range, using: &self) }

    mutating func flip() -> Bool { next() & 1 == 0 }

    /// Up to `most` characters, many of which JSON must escape.
    mutating func text(_ most: Int = 12) -> String {
        let odd: [Character] = [
            "\"", "\\", "\n", "\t", "\u{0}", "\u{1F}", "/", "ä", "€", "😀", "{", "}", "|", " ",
        ]
        return String((0..<roll(0..<most + 1)).map { _ in flip() ? odd[roll(0..<odd.count)] : letter() })
    }

    private mutating func letter() -> Character { Array("abcxyz0189_-")[roll(0..<12)] }

    /// A value at most `depth` levels deep.
    mutating func json(_ depth: Int = 4) -> JSON {
        switch roll(0..<(depth > 0 ? 8 : 6)) {
        case 0: return .null
        case 1: return .bool(flip())
        case 2: return .integer(Int64(bitPattern: next()))
        case 3: return .integer(Int64(roll(-9..<10)))
        case 4: return .double(Double.random(in: -1e300...1e300, using: &self))
        case 5: return .string(text())
        case 6: return .array((0..<roll(0..<4)).map { _ in json(depth - 1) })
        default: return .object((0..<roll(0..<4)).map { JSON.Member("\($0)\(text())", json(depth - 1)) })
        }
    }
}
