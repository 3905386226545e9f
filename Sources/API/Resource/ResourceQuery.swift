import Core
import Store
import Workspace

// What a list can be asked for.
extension Resource {
    /// The query parameters that the noun's fields give, and those of the resource's own.
    var parameters: [Route.Parameter] {
        var all = noun.fields.filter(\.isFiltered).map { field in
            Route.Parameter(
                name: field.name, about: "Only \(noun.plural.words) with this \(field.name.words).",
                schema: Schema.filter(field))
        }
        for field in noun.fields {
            guard let range = field.range else { continue }
            all += [
                Route.Parameter(
                    name: "\(range)_after", about: "Only those whose \(field.name) is this or later.",
                    schema: field.boundSchema),
                Route.Parameter(
                    name: "\(range)_before", about: "Only those whose \(field.name) is earlier.",
                    schema: field.boundSchema),
            ]
        }
        if noun.isSearched {
            all.append(
                Route.Parameter(
                    name: "q", about: "Only those with these words; the last may be a beginning.",
                    schema: Schema.text(1...200)))
        }
        if !sorts.isEmpty {
            all.append(
                Route.Parameter(
                    name: "sort", about: "What they are ordered by; a minus turns the order around.",
                    schema: ["type": "string", "enum": .array(sorts.map(JSON.string))]))
        }
        return all + narrowings.map(\.parameter)
    }

    private var sorts: [String] {
        let fields = ["created_at"] + noun.fields.filter(\.isSorted).map(\.name)
        return fields.flatMap { [$0, "-\($0)"] }
    }

    /// Reads the query parameters. Throws `Failure(.invalid)`.
    func query(of call: Call) throws -> Rows.Query {
        var query = Rows.Query()
        for field in noun.fields where field.isFiltered {
            guard let text = call.query(field.name) else { continue }
            query.equal.append((field, try field.parse(text, as: field.name)))
        }
        for field in noun.fields {
            guard let range = field.range else { continue }
            let bounds = try ["after", "before"].map { side in
                try call.query("\(range)_\(side)").map { try field.parse($0, as: "\(range)_\(side)") }
            }
            query.ranges.append((field, bounds[0], bounds[1]))
        }
        query.search = try call.query("q", "a text of at most 200 characters") {
            $0.unicodeScalars.count <= 200 ? $0 : nil
        }
        for narrowing in narrowings {
            if let text = call.query(narrowing.parameter.name) { try narrowing.apply(text, &query) }
        }
        try order(&query, call)
        return query
    }

    private func order(_ query: inout Rows.Query, _ call: Call) throws {
        if let sort = call.query("sort") {
            guard sorts.contains(sort) else {
                throw Failure(
                    .invalid,
                    "The query parameter sort is \"\(sort.prefix(40))\"; it must be one of "
                        + "\(sorts.joined(separator: ", ")).")
            }
            query.isAscending = !sort.hasPrefix("-")
            query.order = noun.field(String(sort.drop { $0 == "-" }))
        }
        let order = query.order
        query.after = try call.query("cursor", "a next_cursor of the same list") {
            Rows.Cursor($0, by: order)
        }
    }
}

extension Field {
    /// The schema of a bound of it.
    fileprivate var boundSchema: JSON { Schema.filter(self) }

    /// A query parameter as a value of this field.
    fileprivate func parse(_ text: String, as name: String) throws -> JSON {
        let json: JSON? =
            switch kind {
            case .flag: ["true": true, "false": false][text]
            case .whole: Int64(text).map(JSON.integer)
            case .number: Double(text).flatMap { $0.isFinite ? .double($0) : nil }
            default: .string(text)
            }
        guard let json else {
            throw Failure(
                .invalid, "The query parameter \(name) is \"\(text.prefix(40))\"; it cannot be read.")
        }
        do throws(Failure) {
            switch kind {
            case .texts, .rows, .text:
                try Rule.text(text, 0...200, at: "/\(name)")
                return json
            default: return try check(json)
            }
        } catch {
            throw Failure(.invalid, "The query parameter \(name) is wrong: \(error.message)")
        }
    }
}

extension Schema {
    /// The schema of a query parameter that names one value of a field.
    static func filter(_ field: Field) -> JSON {
        switch field.kind {
        case .texts, .text: text(0...200)
        case .rows: id
        case .word(let words): ["type": "string", "enum": .array(words.map(JSON.string))]
        case .flag: bool
        case .whole(let range): whole(range)
        case .number(let range, _): number(range)
        case .decimal: decimal
        case .time: time
        case .date: date
        case .user, .row: id
        default: text(0...200)
        }
    }
}
