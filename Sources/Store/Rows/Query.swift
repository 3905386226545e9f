import Core
import SQL
import Workspace

extension Rows {
    /// Which rows of a noun are asked for.
    package struct Query: Sendable {
        /// A further condition of the shelf's own, whose `$?` stand for its values in order.
        package struct Condition: Sendable {
            package let sql: String
            package let values: [Value]

            package init(_ sql: String, _ values: [Value]) {
                self.sql = sql
                self.values = values
            }
        }

        /// Fields that must hold this value; for a list, that must contain it. Null asks for an empty one.
        package var equal: [(field: Field, value: JSON)] = []
        /// The bounds of fields: from the first on, and before the second.
        package var ranges: [(field: Field, from: JSON?, before: JSON?)] = []
        /// Words that must stand in the searched fields; the last may be the beginning of one.
        package var search: String?
        package var conditions: [Condition] = []
        /// What they are ordered by, then by id; by id alone where nil.
        package var order: Field?
        package var isAscending = false
        package var limit = 50
        /// Where the page before ended.
        package var after: Cursor?

        package init() {}
    }

    /// The last row of a page, from which the next goes on.
    package struct Cursor: Sendable, Hashable {
        /// What the row holds in the field that the list is ordered by.
        let key: JSON?
        let id: ID

        package init(_ item: Item, by order: Field?) {
            key = order.map { item[$0.name] }
            id = item.id
        }

        /// The cursor that `text` writes, for a list in the same order.
        package init?(_ text: String, by order: Field?) {
            guard let order else {
                guard let id = ID(text) else { return nil }
                (key, self.id) = (nil, id)
                return
            }
            guard let bytes = Base64.bytes(urlText: text), let json = try? JSONParser.parse(bytes),
                let parts = json.array, parts.count == 3, parts[0].string == order.name,
                let id = parts[2].string.flatMap({ ID($0) })
            else { return nil }
            guard let key = try? parts[1] == .null ? .null : order.check(order.read(parts[1])) else {
                return nil
            }
            (self.key, self.id) = (key, id)
        }

        package func text(by order: Field?) -> String {
            guard let order, let key else { return id.text }
            let json: JSON = .array([.string(order.name), key, JSON(id)])
            return Base64.urlText(json.bytes)
        }
    }
}
