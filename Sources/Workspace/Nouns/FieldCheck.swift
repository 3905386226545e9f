import Core
import Foundation

extension Field {
    /// The value, written in its one way. Throws `Failure(.invalid)` when it breaks the field's rule.
    package func check(_ json: JSON) throws(Failure) -> JSON {
        if json == .null { return json }
        switch kind {
        case .whole(let range): try checkWhole(json, range)
        case .number(let range, let unit):
            try Rule.number(json.double ?? .nan, range, at: pointer, unit: unit)
            return JSON(json.double)
        case .texts(let length, let most):
            try checkList(json, most) { (text, place) throws(Failure) in
                try Rule.text(text, length, at: place)
            }
        case .rows(_, let most): try checkList(json, most, Self.checkID)
        case .object(let bytes):
            guard json.bytes.count <= bytes else { throw broken("may have \(bytes) bytes at most") }
        case .flag, .json: break
        default: return try .string(checkText(json.string ?? ""))
        }
        return json
    }

    private func checkText(_ text: String) throws(Failure) -> String {
        switch kind {
        case .text(let length): try Rule.text(text, length, at: pointer)
        case .word(let words):
            guard words.contains(text) else {
                throw broken("is \"\(text.prefix(40))\"; it must be one of \(words.joined(separator: ", "))")
            }
        case .decimal:
            guard let number = Decimal4(text) else {
                throw broken("is no decimal number of at most 15 digits and 4 places, such as 12.34")
            }
            return number.text
        case .time:
            guard let moment = Moment(text) else { throw broken("is no RFC 3339 time with a zone") }
            return moment.text
        case .user, .row: try Self.checkID(text, pointer)
        case .date: try require(Self.isDate(text), "is no day such as 2026-03-01")
        case .zone: try require(Self.isZone(text), "is no zone of the IANA database, such as Europe/Berlin")
        case .email: try require(Self.isEmail(text), "is no e-mail address")
        case .url: try require(Self.isURL(text), "is no http or https URL of at most 2,000 characters")
        case .color: try require(Self.isColor(text), "is no colour such as #1f6feb")
        default: break
        }
        return text
    }

    private func checkWhole(_ json: JSON, _ range: ClosedRange<Int>) throws(Failure) {
        guard let number = json.integer, range.contains(Int(number)) else {
            throw broken("must be from \(range.lowerBound) to \(range.upperBound)")
        }
    }

    private func checkList(
        _ json: JSON, _ most: Int, _ check: (String, String) throws(Failure) -> Void
    ) throws(Failure) {
        let items = json.array?.compactMap(\.string) ?? []
        guard items.count <= most else { throw broken("has \(items.count) entries; \(most) are allowed") }
        for (index, item) in items.enumerated() {
            try check(item, "\(pointer)/\(index)")
            guard !items[..<index].contains(item) else {
                throw Failure(
                    .invalid, "\(name) names \"\(item.prefix(40))\" twice.", at: "\(pointer)/\(index)")
            }
        }
    }

    private func require(_ isGood: Bool, _ complaint: String) throws(Failure) {
        guard isGood else { throw broken(complaint) }
    }

    private func broken(_ what: String) -> Failure { Failure(.invalid, "\(name) \(what).", at: pointer) }

    private static func checkID(_ text: String, _ pointer: String) throws(Failure) {
        guard ID(text) != nil else {
            throw Failure(.invalid, "\(pointer.dropFirst()) is no id.", at: pointer)
        }
    }
}

extension Field {
    private static func isDate(_ text: String) -> Bool {
        text.utf8.count == 10 && Moment("\(text)T00:00:00Z") != nil
    }

    private static let zones = Set(TimeZone.knownTimeZoneIdentifiers).union(["UTC", "Etc/UTC"])

    private static func isZone(_ text: String) -> Bool { zones.contains(text) }

    /// One `@` between a name and a domain with a dot, no space or control character, and the lengths of RFC
    /// 5321.
    package static func isEmail(_ text: String) -> Bool {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, (1...64).contains(parts[0].utf8.count), text.utf8.count <= 254,
            text.unicodeScalars.allSatisfy({ $0.value > 0x20 && !(0x7F..<0xA0).contains($0.value) }),
            !text.contains(where: { "<>()[],;:\"\\".contains($0) })
        else { return false }
        let labels = parts[1].split(separator: ".", omittingEmptySubsequences: false)
        return labels.count >= 2
            && labels.allSatisfy { (1...63).contains($0.utf8.count) && $0.first != "-" && $0.last != "-" }
    }

    private static func isURL(_ text: String) -> Bool {
        guard text.utf8.count <= 2_000, let url = URLComponents(string: text) else { return false }
        return ["http", "https"].contains(url.scheme?.lowercased()) && url.host?.isEmpty == false
    }

    private static func isColor(_ text: String) -> Bool {
        text.utf8.count == 7 && text.hasPrefix("#") && text.dropFirst().allSatisfy(\.isHexDigit)
    }
}
