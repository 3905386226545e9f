/// One value on its way into a statement or out of a row: what both databases can hold.
package enum Value: Sendable, Hashable {
    case null
    case integer(Int64)
    case real(Double)
    case text(String)
    case blob([UInt8])

    package init(_ number: Int64?) { self = number.map(Value.integer) ?? .null }
    package init(_ number: Int?) { self = number.map { .integer(Int64($0)) } ?? .null }
    package init(_ number: Double?) { self = number.map(Value.real) ?? .null }
    package init(_ text: String?) { self = text.map(Value.text) ?? .null }
    /// Booleans are 0 and 1 in both databases.
    package init(_ flag: Bool?) { self = flag.map { .integer($0 ? 1 : 0) } ?? .null }

    /// The bytes it takes on the wire, roughly.
    var size: Int {
        switch self {
        case .null: 4
        case .integer, .real: 12
        case .text(let text): text.utf8.count + 4
        case .blob(let bytes): bytes.count + 4
        }
    }

    /// Refuses what one of the two databases would silently cut off or change.
    func check() throws {
        switch self {
        case .text(let text) where text.utf8.contains(0):
            throw SQLFault(.invalid, "a text holds a NUL character, which the database cannot store")
        case .real(let number) where !number.isFinite:
            throw SQLFault(.invalid, "a number is infinite or no number, which the database cannot store")
        default: break
        }
    }
}

extension Value: ExpressibleByNilLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
    ExpressibleByStringLiteral
{
    package init(nilLiteral: ()) { self = .null }
    package init(integerLiteral value: Int64) { self = .integer(value) }
    package init(floatLiteral value: Double) { self = .real(value) }
    package init(stringLiteral value: String) { self = .text(value) }
}
