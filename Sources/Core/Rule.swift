/// The checks that fields of requests share; each throws `Failure(.invalid)` naming the field.
package enum Rule {
    /// A text of so many Unicode scalars, without control characters other than newline and tab.
    ///
    /// A text that must not be empty must not be blank either.
    package static func text(_ text: String, _ length: ClosedRange<Int>, at pointer: String) throws(Failure) {
        if length.lowerBound > 0, text.allSatisfy(\.isWhitespace) {
            throw Failure(.invalid, "\(name(pointer)) must not be empty.", at: pointer)
        }
        let count = text.unicodeScalars.count
        guard length.contains(count) else {
            throw Failure(
                .invalid, "\(name(pointer)) has \(count) characters; \(length.upperBound) are allowed.",
                at: pointer)
        }
        if let control = text.unicodeScalars.first(where: isForbidden) {
            let code = String(control.value, radix: 16, uppercase: true)
            throw Failure(
                .invalid, "\(name(pointer)) holds the control character U+\(pad(code)); remove it.",
                at: pointer)
        }
    }

    /// A finite number within `range`.
    package static func number(
        _ value: Double, _ range: ClosedRange<Double>, at pointer: String, unit: String
    ) throws(Failure) {
        guard range.contains(value) else {
            let bounds = "\(Int(range.lowerBound)) to \(Int(range.upperBound)) \(unit)"
            throw Failure(.invalid, "\(name(pointer)) is \(value); it must be \(bounds).", at: pointer)
        }
    }

    /// The case of `Choice` whose raw value is `text`.
    package static func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ text: String, at pointer: String
    ) throws(Failure) -> Choice {
        if let choice = Choice(rawValue: text) { return choice }
        let known = Choice.allCases.map(\.rawValue).joined(separator: ", ")
        throw Failure(
            .invalid, "\(name(pointer)) is \"\(text.prefix(40))\"; it must be one of \(known).", at: pointer)
    }

    private static func isForbidden(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x09, 0x0A: false
        case 0..<0x20, 0x7F..<0xA0: true
        default: false
        }
    }

    private static func name(_ pointer: String) -> String {
        String(pointer.drop { $0 == "/" })
    }

    private static func pad(_ code: String) -> String {
        String(repeating: "0", count: max(0, 4 - code.count)) + code
    }
}
