import Core
import Crypto
import Integrations
import Store
import Workspace

/// What an action will do, in plain words: as the rows of the workspace say, not as who proposes it says.
struct Preview: Sendable {
    /// One field, what it holds and what it will hold.
    struct Line: Sendable {
        let field: String
        /// Nil where nothing is changed but something made.
        let from: JSON?
        let to: JSON

        init(_ field: String, from: JSON? = nil, to: JSON) {
            self.field = field
            self.from = from
            self.to = to
        }
    }

    /// The most that is shown of one value, and of one in the line of all, in characters.
    private static let (longest, longestInLine) = (300, 60)

    /// Such as `Change the task`.
    let deed: String
    /// The name of the row or the person that it concerns; nil for a new row.
    let subject: String?
    let lines: [Line]
    /// The version of the row that it changes.
    var version: Int?

    /// The whole in a line.
    var text: String {
        let about = subject.map { " " + Self.quoted($0, Self.longestInLine) } ?? ""
        let words = lines.map { line in
            let to = Self.shown(line.to, Self.longestInLine)
            let from = line.from.map { " from \(Self.shown($0, Self.longestInLine)) to" }
            return "\(line.name)\(from ?? "") \(to)"
        }
        let list = words.isEmpty ? "" : ": \(words.joined(separator: "; "))"
        return (deed + about + list).fitted(499) + "."
    }

    /// As an action shows it; `seen` stands for all of it, also where a value is cut.
    var json: JSON {
        let changes = lines.map { line in
            JSON.object(
                [.init("field", .string(line.field))]
                    + (line.from.map { [.init("from", .string(Self.shown($0, Self.longest)))] } ?? [])
                    + [.init("to", .string(Self.shown(line.to, Self.longest)))])
        }
        return [
            "subject": subject.map { .string(Self.clean($0, Self.longest)) } ?? .null,
            "changes": .array(changes), "seen": .string(seen),
        ]
    }

    private var seen: String {
        let all = lines.map { JSON.array([.string($0.field), $0.from ?? .null, $0.to]) }
        let whole = JSON.array([.string(deed), JSON(subject), .array(all)])
        return Hex.text(SHA256.hash(data: whole.canonical.bytes))
    }

    /// What is not as it was when `old` was shown; nil where all is.
    func difference(from old: JSON) -> String? {
        let new = json
        guard new != old else { return nil }
        if new["subject"] != old["subject"] {
            return "“\(old["subject"]?.string ?? "")” is “\(new["subject"]?.string ?? "")” now"
        }
        let before = old["changes"]?.array ?? []
        for (line, was) in zip(new["changes"]?.array ?? [], before) where line != was {
            let (name, part) = (line["field"]?.string ?? "", line["from"] == was["from"] ? "to" : "from")
            let words = (was[part]?.string ?? "", line[part]?.string ?? "")
            return "\(name.replacing("_", with: " ")) was \(words.0) and is \(words.1) now"
        }
        return "what it rests on was changed"
    }
}

extension Preview {
    /// What a field holds, in words.
    private static func shown(_ value: JSON, _ most: Int) -> String {
        switch value {
        case .null, "", []: "nothing"
        case .string(let text): Moment(text).map(words) ?? quoted(text, most)
        default: clean(value.text, most)
        }
    }

    private static func words(_ time: Moment) -> String {
        let text = time.text
        return "\(text.prefix(10)) \(text.dropFirst(11).prefix(5)) UTC"
    }

    private static func quoted(_ text: String, _ most: Int) -> String { "“\(clean(text, most))”" }

    /// On one line, with nothing that leads elsewhere or ends the quotation.
    private static func clean(_ text: String, _ most: Int) -> String {
        let line = SafeProse.of(
            text.prefix(most + 1).split(whereSeparator: \.isWhitespace).joined(separator: " "))
        let plain = String(line.map { $0 == "“" || $0 == "”" ? "\"" : $0 })
        return plain.count > most || text.count > most ? "\(plain.prefix(most - 1))…" : plain
    }
}

extension Preview.Line {
    /// Such as `due date`.
    fileprivate var name: String {
        (field.hasSuffix("_id") ? String(field.dropLast(3)) : field).replacing("_", with: " ")
    }
}
