import Core

/// Turns the records of a bank's CSV file into transactions to be, row by row, so that a bad row costs only
/// itself.
///
/// The header's names say which column is which; the caller may name others, the way days are written, and
/// what holds where a row says nothing. Amounts have a point and no other signs.
package struct TransactionImport: Sendable {
    /// The columns understood; a header may write them in any case, with spaces or hyphens.
    package enum Column: String, Sendable, CaseIterable {
        case day = "occurred_on"
        case amount, currency, kind, category, description, merchant, account, tags, notes
        case externalID = "external_id"

        /// Other names that banks use for it.
        var synonyms: [String] {
            switch self {
            case .day: ["date", "day", "booking_date", "booked_on", "transaction_date", "value_date"]
            case .amount: ["value", "sum"]
            case .currency: ["ccy", "currency_code"]
            case .kind: ["type"]
            case .category: []
            case .description: ["text", "memo", "details", "purpose", "narrative"]
            case .merchant: ["payee", "counterparty", "name", "vendor"]
            case .account: ["account_name", "account_label", "iban"]
            case .tags: ["labels"]
            case .notes: ["note", "comment"]
            case .externalID: ["id", "transaction_id", "reference"]
            }
        }
    }

    /// What the caller says about the file.
    package struct Layout: Sendable, Hashable {
        package var format = CivilDay.Format.iso
        /// For rows that name none.
        package var currency: String?
        package var account: String?
        /// Names in the header of this file, for columns it calls by none of the names known.
        package var names: [Column: String] = [:]

        package init() {}
    }

    /// What a row turned out to be.
    package enum Row: Sendable, Hashable {
        case draft(Draft)
        case bad(BadRow)
    }

    /// A row that was left out, and why.
    package struct BadRow: Error, Sendable, Hashable {
        package let line: Int
        package let column: String?
        package let reason: String

        package init(line: Int, column: String?, reason: String) {
            self.line = line
            self.column = column
            self.reason = reason
        }

        package var json: JSON {
            ["line": .integer(Int64(line)), "column": JSON(column), "reason": .string(reason)]
        }
    }

    /// The columns of the header that mean nothing here, as written.
    package let ignored: [String]

    private let names: [String]
    private let places: [Column: Int]
    private let layout: Layout
    /// How many rows of this file said the same, so that two equal purchases on a day stay two.
    private var seen: [String: Int] = [:]

    /// Reads the header. Throws `invalid` when a column that is needed is missing.
    package init(header: CSV.Record, layout: Layout = Layout()) throws(Failure) {
        switch header.content {
        case .failure(let fault):
            throw Failure(.invalid, "The header line cannot be read. \(fault.message)")
        case .success(let names): self.names = names
        }
        let columns = try Self.columns(names, layout)
        places = try Self.places(columns)
        ignored = zip(names, columns).filter { $1 == nil }.map(\.0)
        self.layout = layout
    }

    /// The transaction that `record` describes, or why it is none. Rows must come in the order of the file.
    package mutating func row(_ record: CSV.Record) -> Row {
        switch record.content {
        case .failure(let fault):
            .bad(BadRow(line: record.line, column: name(fault.column), reason: fault.message))
        case .success(let fields): row(fields, record.line)
        }
    }

    private mutating func row(_ fields: [String], _ line: Int) -> Row {
        let cells = Cells(fields: fields, places: places, layout: layout)
        do throws(Failure) {
            var draft = try Draft(cells, line: line)
            let ordinal = seen[draft.looks, default: 0]
            seen[draft.looks] = ordinal + 1
            draft.ordinal = ordinal
            return .draft(draft)
        } catch {
            let column = error.pointer.map { String($0.dropFirst()) }
            return .bad(BadRow(line: line, column: column, reason: error.message))
        }
    }

    private func name(_ column: Int?) -> String? {
        guard let column, column <= names.count else { return nil }
        return places.first { $0.value == column - 1 }?.key.rawValue ?? names[column - 1]
    }
}

extension TransactionImport {
    /// Which column each name of the header is.
    private static func columns(_ names: [String], _ layout: Layout) throws(Failure) -> [Column?] {
        let plain = names.map(plain)
        for (column, name) in layout.names where !plain.contains(Self.plain(name)) {
            throw Failure(
                .invalid, "The header has no column \"\(name.prefix(40))\" to take \(column.rawValue) from.",
                at: "/columns")
        }
        let own = Dictionary(layout.names.map { (Self.plain($1), $0) }) { first, _ in first }
        return plain.map { name in
            if let column = own[name] { return column }
            let column = Column.allCases.first { $0.rawValue == name || $0.synonyms.contains(name) }
            return column.flatMap { layout.names[$0] == nil ? $0 : nil }
        }
    }

    private static func places(_ columns: [Column?]) throws(Failure) -> [Column: Int] {
        var places: [Column: Int] = [:]
        for (index, column) in columns.enumerated() {
            guard let column else { continue }
            guard places.updateValue(index, forKey: column) == nil else {
                throw Failure(
                    .invalid, "The header names the column \(column.rawValue) twice; say which one is meant.")
            }
        }
        for needed in [Column.day, .amount] where places[needed] == nil {
            throw Failure(
                .invalid, "The header has no column \(needed.rawValue); name it so, or say which one it is.")
        }
        return places
    }

    private static func plain(_ name: String) -> String {
        name.lowercased().split { $0 == " " || $0 == "_" || $0 == "-" || $0 == "\t" }.joined(separator: "_")
    }
}
