import Core
import SQL
import Workspace

extension Field {
    /// Its column in a statement; in quotes, since a field may be called what SQL keeps for itself, such as
    /// `to`.
    var place: String { "\"\(name)\"" }

    /// How a value of this field stands in its column.
    func column(_ json: JSON) -> Value {
        switch (kind, json) {
        case (_, .null): .null
        case (.flag, .bool(let flag)): Value(flag)
        case (.time, .string(let text)): Value(Moment(text))
        case (.decimal, .string(let text)): Value(Decimal4(text)?.tenThousandths)
        case (.texts, _), (.rows, _), (.object, _), (.json, _): .text(json.text)
        case (_, .string(let text)): .text(text)
        case (_, .integer(let number)): .integer(number)
        case (_, .double(let number)): .real(number)
        default: .null
        }
    }

    /// The value that its column holds.
    func read(_ row: Row) throws -> JSON {
        let value = row[name] ?? .null
        if case .null = value { return .null }
        switch kind {
        case .flag: return .bool(try row.get(name))
        case .whole: return .integer(try row.get(name))
        case .number: return .double(try row.get(name))
        case .time: return .string(try row.get(name, as: Moment.self).text)
        case .decimal: return .string(Decimal4(tenThousandths: try row.get(name)).text)
        case .texts, .rows, .object, .json:
            let text: String = try row.get(name)
            return try JSONParser.parse(Array(text.utf8))
        case .text, .word, .date, .zone, .email, .url, .color, .user, .row: return .string(try row.get(name))
        }
    }
}

extension Noun {
    /// The columns of its table that are read.
    var columns: String {
        (["id"] + stored.map(\.place) + ["version", "created_at", "updated_at"]).joined(separator: ", ")
    }

    func item(_ row: Row) throws -> Item {
        var values = Values()
        for field in stored { values[field.name] = try field.read(row) }
        return Item(
            id: try row.get("id"), values: values, version: try row.get("version"),
            createdAt: try row.get("created_at"), updatedAt: try row.get("updated_at"))
    }
}
