/// A place in a trace: which trace, which span of it, and whether it is recorded. Its text is a W3C
/// `traceparent`, such as `00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01`.
public struct TraceContext: Sendable, Hashable {
    /// The two halves of the trace's id; never both zero.
    private let high: UInt64
    private let low: UInt64
    /// The span's id; never zero.
    private let span: UInt64
    /// True when whoever began the trace records it.
    public let isSampled: Bool
    /// True when the last 56 bits of the trace's id are random.
    private let isRandom: Bool

    /// A trace of its own for a job that came without one: the job's id is the trace's, so that each attempt
    /// finds it again.
    public init(root id: ID) {
        // Zero is the one id that is none; a job's id holds the time and is never that.
        self.init(id.high, id.low | (id.high == 0 ? 1 : 0), span: id.seed, isSampled: false, isRandom: true)
    }

    private init(_ high: UInt64, _ low: UInt64, span: UInt64, isSampled: Bool, isRandom: Bool) {
        self.high = high
        self.low = low
        self.span = span == 0 ? 1 : span
        self.isSampled = isSampled
        self.isRandom = isRandom
    }

    /// A span below this one.
    ///
    /// - Parameter seed: which of its children; the same seed gives the same id.
    public func child(_ seed: UInt64) -> TraceContext {
        let span = Chance.mix(span ^ Chance.mix(seed &+ 0x9E37_79B9_7F4A_7C15))
        return TraceContext(high, low, span: span, isSampled: isSampled, isRandom: isRandom)
    }

    /// A span below this one with an id by chance.
    public func child() -> TraceContext { child(.random(in: 0...(.max))) }

    /// The 32 hexadecimal digits of the trace.
    public var trace: String { Hex.text(high) + Hex.text(low) }
    /// The 16 hexadecimal digits of the span.
    public var parent: String { Hex.text(span) }

    /// The `traceparent`, in version 00.
    public var text: String { "00-\(trace)-\(parent)-0\((isSampled ? 1 : 0) + (isRandom ? 2 : 0))" }
}

extension TraceContext {
    /// The place that a `traceparent` names; nil when it is none: other digits than 0-9 and a-f, ids of
    /// zeros only, version ff, or text behind its end, which only versions after 00 may have.
    public init?(_ text: some StringProtocol) {
        let bytes = Array(text.utf8.prefix(Self.length + 2))
        guard bytes.count >= Self.length, [2, 35, 52].allSatisfy({ bytes[$0] == UInt8(ascii: "-") }),
            let version = Self.number(bytes[0..<2]), version != 0xFF,
            let high = Self.number(bytes[3..<19]), let low = Self.number(bytes[19..<35]), high | low != 0,
            let span = Self.number(bytes[36..<52]), span != 0, let flags = Self.number(bytes[53..<55])
        else { return nil }
        if bytes.count > Self.length, version == 0 || bytes[Self.length] != UInt8(ascii: "-") { return nil }
        self.init(high, low, span: span, isSampled: flags & 1 == 1, isRandom: flags & 2 == 2)
    }

    /// The bytes of a `traceparent` of version 00.
    private static let length = 55

    /// The number that lower-case hexadecimal digits write.
    private static func number(_ digits: ArraySlice<UInt8>) -> UInt64? {
        var number: UInt64 = 0
        for digit in digits {
            switch digit {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): number = number << 4 | UInt64(digit - 48)
            case UInt8(ascii: "a")...UInt8(ascii: "f"): number = number << 4 | UInt64(digit - 87)
            default: return nil
            }
        }
        return number
    }
}
