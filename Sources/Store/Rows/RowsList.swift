import Core
import SQL
import Workspace

extension Rows {
    /// The rows that the query asks for, newest first unless it says otherwise.
    ///
    /// Where the field that they are ordered by can be empty, the rows without a value come last in either
    /// direction; they are read by a statement of their own, so that an index serves both.
    package func list(_ query: Query = Query()) async throws -> [Item] {
        let limit = min(max(query.limit, 1), Store.Page.most)
        guard let order = query.order, order.isOptional else {
            return try await whole(page(query, limit))
        }
        var items: [Item] = []
        if query.after?.key != .null { items = try await page(query, limit, isEmpty: false) }
        if items.count < limit {
            var rest = query
            if rest.after?.key != .null { rest.after = nil }
            items += try await page(rest, limit - items.count, isEmpty: true)
        }
        return try await whole(items)
    }

    /// How many rows the query asks for, whatever its limit.
    package func count(_ query: Query) async throws -> Int {
        var clause = Clause([Value(try scope.workspace)])
        try narrow(&clause, query)
        let counts = try await access.query(
            "select count(*) as n from \(noun.table) where workspace_id = $1\(clause.text("and"))",
            clause.values
        ) { try $0.get("n", as: Int.self) }
        return counts[0]
    }

    /// The next rows in order; with `isEmpty`, of those alone whose field is empty or is not.
    private func page(_ query: Query, _ limit: Int, isEmpty: Bool? = nil) async throws -> [Item] {
        var clause = Clause([Value(try scope.workspace), Value(limit)])
        try narrow(&clause, query)
        let order = isEmpty == true ? nil : query.order
        if let isEmpty, let name = query.order?.place {
            clause.add("\(name) is \(isEmpty ? "" : "not ")null")
        }
        add(query.after, by: order, isAscending: query.isAscending, to: &clause)
        let direction = query.isAscending ? "asc" : "desc"
        let first = order.map { "\($0.rank) \(direction), " } ?? ""
        return try await access.query(
            """
            select \(noun.columns) from \(noun.table) where workspace_id = $1\(clause.text("and"))
            order by \(first)id \(direction) limit $2
            """, clause.values, noun.item)
    }

    private func add(_ cursor: Cursor?, by order: Field?, isAscending: Bool, to clause: inout Clause) {
        guard let cursor else { return }
        let (sign, id) = (isAscending ? ">" : "<", Value(cursor.id))
        guard let order, let key = cursor.key else { return clause.add("id \(sign)", id) }
        clause.add("(\(order.rank), id) \(sign) (?, ?)", [order.rank(of: key), id])
    }

    private func narrow(_ clause: inout Clause, _ query: Query) throws {
        try addPrivacy(to: &clause)
        for (field, value) in query.equal { add(field, value, to: &clause) }
        for (field, from, before) in query.ranges {
            clause.add("\(field.place) >=", from.map { field.column($0) })
            clause.add("\(field.place) <", before.map { field.column($0) })
        }
        for condition in query.conditions { clause.add(condition.sql, condition.values) }
        if let search = query.search { find(search, &clause) }
    }

    private func add(_ field: Field, _ value: JSON, to clause: inout Clause) {
        guard value != .null else { return clause.add("\(field.place) is null") }
        switch field.kind {
        case .texts, .rows:
            let wanted = JSON.string(value.string ?? "").text.escapedForLike
            clause.add("\(field.place) like ? escape '\\'", [.text("%\(wanted)%")])
        default: clause.add("\(field.place) =", field.column(value))
        }
    }

    /// Words are kept in a table of their own, the same in both databases.
    private func find(_ search: String, _ clause: inout Clause) {
        let words = SearchWords.of([search])
        if words.isEmpty { return clause.add("1 = 0") }
        for (index, word) in words.enumerated() {
            let isLast = index == words.count - 1
            let match = isLast ? "word >= ? and word < ?" : "word = ?"
            let bytes = Array(word.utf8)
            // Beyond every UTF-8 byte, so that what begins with the word lies between the two.
            let bounds: [Value] = isLast ? [.blob(bytes), .blob(bytes + [0xFF])] : [.blob(bytes)]
            clause.add(
                """
                id in (select row_id from search_words where workspace_id = $1 and noun = ? and \(match))
                """, [.text(noun.name)] + bounds)
        }
    }
}

extension Field {
    /// What rows are ordered by: the column, or for words their place in the declaration. An index on the
    /// same text serves it.
    fileprivate var rank: String {
        guard case .word(let words) = kind else { return place }
        let cases = words.enumerated().map { "when '\($1)' then \($0)" }
        return "(case \(place) \(cases.joined(separator: " ")) end)"
    }

    /// The rank of a value.
    fileprivate func rank(of json: JSON) -> Value {
        guard case .word(let words) = kind else { return column(json) }
        return Value(words.firstIndex(of: json.string ?? ""))
    }
}

extension String {
    /// The text with what `like` takes for a wildcard escaped.
    fileprivate var escapedForLike: String {
        replacing("\\", with: "\\\\").replacing("%", with: "\\%").replacing("_", with: "\\_")
    }
}
