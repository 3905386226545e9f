import Core

extension Store.Journal {
    /// The fields that a change made different, each with what it held before and after; long values are cut.
    package struct Changes: Sendable, Hashable {
        /// Unicode scalars that are kept of a text.
        private static let textLimit = 500
        /// The same where there are many of them.
        private static let shortLimit = 40
        /// Bytes that all of them together may have.
        private static let bytesLimit = 32_768

        /// field -> [before, after]
        let json: JSON

        /// Nothing is different.
        package init() { json = .object([]) }

        /// - Parameters:
        ///   - before: the fields as they were; empty for a new row.
        ///   - after: the fields as they are; empty for a deleted row.
        package init(from before: [String: JSON], to after: [String: JSON]) {
            let names = Set(before.keys).union(after.keys).sorted()
            let changed = names.compactMap { name -> Field? in
                let field = Field(
                    name: name, before: before[name] ?? .null, after: after[name] ?? .null)
                return field.before == field.after ? nil : field
            }
            let full = JSON.object(changed.map { $0.member(cut: Self.textLimit) })
            json =
                full.bytes.count <= Self.bytesLimit
                ? full : .object(changed.map { $0.member(cut: Self.shortLimit) })
        }

        private struct Field {
            let name: String
            let before: JSON
            let after: JSON

            func member(cut limit: Int) -> JSON.Member {
                JSON.Member(name, .array([before.cut(to: limit), after.cut(to: limit)]))
            }
        }
    }
}

extension JSON {
    /// The value with its text shortened; of a long list or object only the beginning of its text is kept.
    fileprivate func cut(to limit: Int) -> JSON {
        let whole: String
        switch self {
        case .null, .bool, .integer, .double: return self
        case .string(let string): whole = string
        case .array, .object: whole = text
        }
        let scalars = whole.unicodeScalars
        guard let end = scalars.index(scalars.startIndex, offsetBy: limit, limitedBy: scalars.endIndex),
            end < scalars.endIndex
        else { return self }
        return .string(String(scalars[..<end]) + "…")
    }
}
