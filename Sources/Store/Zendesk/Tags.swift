import Core
import SQL
import Workspace

// Labels are tags, and the people who ask are contacts.
extension Store.Zendesk {
    /// Labels of a workspace that are looked through.
    private static let mostLabels = 2_000
    /// Characters of a tag that can be a label.
    private static let tag = 1...60

    /// The tag that stands for a label: in lower case, with `_` for what a tag cannot hold.
    package static func tag(_ label: String) -> String {
        let words = label.lowercased().split(whereSeparator: \.isWhitespace).joined(separator: "_")
        return String(words.map { $0.isLetter || $0.isNumber || "_-./:".contains($0) ? $0 : "_" })
    }

    /// True for a tag that a label can be.
    package static func isLabel(_ tag: String) -> Bool {
        Self.tag.contains(tag.unicodeScalars.count) && Self.tag(tag) == tag
    }

    /// The tags of labels, by their ids.
    package func tags() async throws -> [ID: String] {
        var (tags, query) = ([ID: String](), Rows.Query())
        query.limit = Store.Page.most
        while tags.count < Self.mostLabels {
            let some = try await store.rows(.labels).list(query)
            for label in some { tags[label.id] = Self.tag(label["name"].string ?? "") }
            guard some.count == query.limit, let last = some.last else { break }
            query.after = Rows.Cursor(last, by: nil)
        }
        return tags
    }

    /// A label for each of these tags, made where there is none.
    package func labels(for wanted: Set<String>, among tags: [ID: String]) async throws -> [ID] {
        var labels = tags.filter { wanted.contains($0.value) }.keys.sorted()
        for tag in wanted.subtracting(tags.values).sorted() {
            labels.append(try await store.rows(.labels).create(Values(["name": .string(tag)])).id)
        }
        return labels
    }

    /// The contact with an e-mail address, made where there is none; nil for what is no address.
    package func contact(_ name: String, _ email: String) async throws -> ID? {
        guard Field.isEmail(email.lowercased()) else { return nil }
        if let known = try await store.rows(.contacts).contact(at: email, by: .email) { return known }
        let name = name.allSatisfy(\.isWhitespace) ? email : String(name.prefix(200))
        return try await store.rows(.contacts).create(
            Values(["name": .string(name), "emails": .array([.string(email)])])
        ).id
    }
}
