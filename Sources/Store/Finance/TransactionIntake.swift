import Core
import Crypto
import SQL
import Workspace

extension Store.Finances {
    /// What became of some rows of a file.
    package struct Intake: Sendable {
        package fileprivate(set) var created = 0
        package fileprivate(set) var duplicates = 0
        /// Created ones that the rules found a category for.
        package fileprivate(set) var filed = 0
        package fileprivate(set) var bad: [TransactionImport.BadRow] = []

        package init() {}
    }

    /// Rows written in one transaction.
    package static let intakeBatch = 500

    /// Adds the transactions of a file, all or none, but for those that are there already: by their external
    /// id, else by what they say and which one of equal rows they are.
    package func take(_ drafts: [TransactionImport.Draft], at now: Moment = .now) async throws -> Intake {
        try await store.transaction { store in
            let finances = store.finances
            var intake = Intake()
            let rows = try await finances.rows(of: drafts, &intake, at: now)
            let created = try await finances.insert(rows)
            intake.created = created.count
            intake.duplicates = rows.count - created.count
            intake.filed = created.count(where: \.isFiled)
            try await finances.keepWords(of: created.map(\.item))
            try await finances.record(created.map(\.item), at: now)
            try await finances.watch(created.map(\.booking), at: now)
            return intake
        }
    }

    /// The rows to be, filed under their categories; a row that names an unknown one is bad.
    private func rows(
        of drafts: [TransactionImport.Draft], _ intake: inout Intake, at now: Moment
    ) async throws -> [Incoming] {
        let (rules, categories) = (try await rules(), try await categories())
        var rows: [Incoming] = []
        for draft in drafts {
            do throws(TransactionImport.BadRow) {
                rows.append(try Incoming(draft, rules, categories, at: now))
            } catch {
                intake.bad.append(error)
            }
        }
        return rows
    }

    private func categories() async throws -> Categories {
        let rows = try await access.query(
            "select id, name, lower(name) as small from finance_categories where workspace_id = $1",
            [Value(try scope.workspace)]
        ) { row in
            (
                try row.get("id", as: ID.self), try row.get("name", as: String.self),
                try row.get("small", as: String.self)
            )
        }
        return Categories(
            names: Dictionary(rows.map { ($0.0, $0.1) }) { $1 },
            ids: Dictionary(rows.flatMap { [($0.1, $0.0), ($0.2, $0.0)] }) { $1 })
    }

    /// Writes the rows that are new, and tells which they were.
    private func insert(_ rows: [Incoming]) async throws -> [Incoming] {
        let noun = Noun.transaction
        let columns =
            ["workspace_id", "id"] + noun.stored.map(\.name) + [
                "import_key", "version", "created_at", "updated_at",
            ]
        let workspace = try scope.workspace
        var created: Set<ID> = []
        for start in stride(from: 0, to: rows.count, by: Self.statementRows) {
            let some = rows[start..<min(start + Self.statementRows, rows.count)]
            let places = some.indices.map { index in
                let first = (index - start) * columns.count
                return "(" + (1...columns.count).map { "$\(first + $0)" }.joined(separator: ", ") + ")"
            }
            created.formUnion(
                try await access.query(
                    """
                    insert into finance_transactions (\(columns.joined(separator: ", ")))
                    values \(places.joined(separator: ", ")) on conflict do nothing returning id
                    """, some.flatMap { $0.columns(workspace) }
                ) { try $0.get("id", as: ID.self) })
        }
        return rows.filter { created.contains($0.item.id) }
    }

    /// Rows of one statement.
    private static let statementRows = 50

    private func keepWords(of items: [Item]) async throws {
        let workspace = try scope.workspace
        let fields = Noun.transaction.fields.filter(\.isSearched)
        let words = items.flatMap { item in
            let texts = fields.flatMap { field in
                item[field.name].string.map { [$0] } ?? item.values.texts(field.name)
            }
            return SearchWords.of(texts).map { word -> [Value] in
                [
                    Value(workspace), .text(Noun.transaction.name), Value(item.id), .blob(Array(word.utf8)),
                ]
            }
        }
        try await access.insert(into: "search_words", "workspace_id, noun, row_id, word", words)
    }

    private func record(_ items: [Item], at now: Moment) async throws {
        let (scope, noun) = (try scope, Noun.transaction)
        let entries = items.map { item in
            Store.Journal.Entry(
                workspace: scope.workspace, noun: noun.name, event: noun.event("created"), row: item.id,
                action: .created, version: item.version, actor: scope.actor, request: scope.request,
                changes: Store.Journal.Changes(
                    from: [:],
                    to: Dictionary(noun.fields.map { ($0.name, item[$0.name]) }) { $1 }), at: now)
        }
        try await store.journal.write(entries)
    }
}

/// The categories of a workspace, by id and by name in either case.
private struct Categories {
    let names: [ID: String]
    let ids: [String: ID]

    func id(of name: String) -> ID? { ids[name] ?? ids[name.lowercased()] }
}

/// A row of a file on its way into the table.
private struct Incoming {
    let item: Item
    let booking: Booking
    /// The rules found its category.
    let isFiled: Bool
    private let key: String?

    init(
        _ draft: TransactionImport.Draft, _ rules: [CategoryRule], _ categories: Categories, at now: Moment
    ) throws(TransactionImport.BadRow) {
        let id = ID()
        var values = draft.values
        var category: ID?
        if let name = draft.category {
            category = categories.id(of: name)
            guard category != nil else {
                throw TransactionImport.BadRow(
                    line: draft.line, column: "category",
                    reason: "There is no category \"\(name.prefix(40))\"; create it first.")
            }
        } else {
            category = rules.category(of: draft.booking(id, category: nil))
        }
        isFiled = draft.category == nil && category != nil
        values["category_id"] = JSON(category)
        values["category"] = JSON(category.flatMap { categories.names[$0] })
        item = Item(id: id, values: values, version: 1, createdAt: now, updatedAt: now)
        booking = draft.booking(id, category: category)
        key =
            draft.externalID == nil ? Hex.text(SHA256.hash(data: Array(draft.fingerprint.utf8))) : nil
    }

    func columns(_ workspace: ID) -> [Value] {
        [Value(workspace), Value(item.id)] + Noun.transaction.stored.map { $0.column(item[$0.name]) }
            + [Value(key), Value(item.version), Value(item.createdAt), Value(item.updatedAt)]
    }
}
