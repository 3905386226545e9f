import Core
import HTTPTypes
import Hummingbird
import NIOCore
import Store
import Workspace

extension Routes {
    /// Many transactions at once: the import of a file, and the rules asked again.
    enum FinancesImport {
        /// Bytes of one file.
        static let bytesLimit = 10 << 20
        /// Rows of one file.
        static let rowsLimit = 20_000
        /// Wrong rows that are described; the count tells how many there are.
        static let errorsShown = 100

        private static let namesSchema: JSON = {
            let columns = TransactionImport.Column.allCases.map(\.rawValue).joined(separator: "|")
            let pair = "(\(columns)):[^,:\\u0000-\\u001F\\u007F-\\u009F]{1,100}"
            return ["type": "string", "pattern": .string("^\(pair)(,\(pair)){0,20}$")]
        }()

        static let routes = [
            Route(
                .post, "/api/finances/transactions/import",
                "Import a CSV of at most 20,000 transactions. Those that are there already stay as they are.",
                importFile
            )
            .query("date_format", "How days are written.", Schema.choice(CivilDay.Format.self))
            .query(
                "currency", "The currency of rows that name none.",
                ["type": "string", "enum": .array(Currency.codes.map(JSON.string))]
            )
            .query(
                "account", "The account of rows that name none.",
                Schema.text(1...Booking.Limits.account.upperBound)
            )
            .query(
                "columns",
                "Which column of the file holds which field, such as occurred_on:Valuta,amount:Betrag. The "
                    + "usual names are known.", namesSchema
            )
            .taking(Route.Body(type: "text/csv", schema: Schema.string))
            .answering(200, "What became of the rows.", "TransactionImport"),
            Route(
                .post, "/api/finances/rules/apply",
                "Ask the rules about up to \(Store.Finances.filingLimit) transactions without a category.",
                apply
            )
            .query("cursor", "Where the call before ended: its next_cursor.", Schema.id)
            .answering(200, "What became of them.", "RuleApplication"),
        ]

        static let schemas: [JSON.Member] = [
            .init(
                "TransactionImport",
                Schema.object(
                    [
                        "rows": Schema.count, "created": Schema.count, "duplicates": Schema.count,
                        "categorized": Schema.count, "rejected": Schema.count,
                        "errors": Schema.list(
                            Schema.object(
                                [
                                    "line": Schema.count, "column": Schema.optional(Schema.string),
                                    "reason": Schema.string,
                                ], required: ["line", "column", "reason"]), most: errorsShown),
                        "ignored_columns": Schema.list(Schema.string),
                    ],
                    required: [
                        "rows", "created", "duplicates", "categorized", "rejected", "errors",
                        "ignored_columns",
                    ])),
            .init(
                "RuleApplication",
                Schema.object(
                    [
                        "examined": Schema.count, "categorized": Schema.count,
                        "next_cursor": Schema.optional(Schema.id),
                    ], required: ["examined", "categorized", "next_cursor"])),
        ]
    }
}

extension Routes.FinancesImport {
    static func apply(_ call: Call) async throws -> Answer {
        let cursor = try call.query("cursor", "a next_cursor") { ID($0) }
        let filed = try await call.store.finances.fileAgain(after: cursor)
        return Answer([
            "examined": JSON(filed.examined), "categorized": JSON(filed.filed),
            "next_cursor": JSON(filed.next),
        ])
    }

    static func importFile(_ call: Call) async throws -> Answer {
        try call.require("text/csv")
        let layout = try layout(call)
        let records = try await records(call)
        var file = try judging { () throws in
            guard let header = records.first else {
                throw Failure(.invalid, "The file is empty; it needs a header and rows.")
            }
            return try TransactionImport(header: header, layout: layout)
        }
        var report = Report(rows: records.count - 1, ignored: file.ignored)
        var drafts: [TransactionImport.Draft] = []
        for record in records.dropFirst() {
            switch file.row(record) {
            case .bad(let row): report.bad.append(row)
            case .draft(let draft): drafts.append(draft)
            }
            if drafts.count == Store.Finances.intakeBatch {
                report.add(try await call.store.finances.take(drafts))
                drafts = []
            }
        }
        if !drafts.isEmpty { report.add(try await call.store.finances.take(drafts)) }
        return Answer(report.json)
    }

    /// The records of the body, as it comes in.
    private static func records(_ call: Call) async throws -> [CSV.Record] {
        try call.refuseLonger(than: bytesLimit, "The file")
        var (reader, records, bytes) = (CSV(), [CSV.Record](), 0)
        var chunks = call.request.body.makeAsyncIterator()
        while let chunk = try await chunks.arrival() {
            bytes += chunk.readableBytes
            guard bytes <= bytesLimit else { throw Problem.tooLarge("The file", limit: bytesLimit) }
            records += reader.feed(chunk.readableBytesView)
            try requireFew(records)
        }
        records += reader.finish()
        try requireFew(records)
        return records
    }

    private static func requireFew(_ records: [CSV.Record]) throws {
        guard records.count > rowsLimit + 1 else { return }
        try judging { () throws in
            throw Failure(.limited, "A file may have \(rowsLimit) rows at most; send it in parts.", at: "")
        }
    }

    private static func layout(_ call: Call) throws -> TransactionImport.Layout {
        var layout = TransactionImport.Layout()
        if let format: CivilDay.Format = try call.choice("date_format") { layout.format = format }
        layout.currency = try call.query("currency", "a currency of ISO 4217 such as EUR") {
            Currency($0)?.code
        }
        layout.account = try call.bookedAccount()
        let pairs = try call.query("columns", "a list such as occurred_on:Valuta,amount:Betrag", pairs) ?? []
        for (column, name) in pairs where layout.names.updateValue(name, forKey: column) != nil {
            throw Problem.senseless(
                Failure(.invalid, "The query parameter columns names \(column.rawValue) twice."))
        }
        return layout
    }

    /// Pairs of a field and the name of its column; nil where the text is something else.
    private static func pairs(_ text: String) -> [(TransactionImport.Column, String)]? {
        // By scalars: a sign that joins with the colon before it would hide the colon.
        let pairs = text.unicodeScalars.split(separator: ",", omittingEmptySubsequences: false).map { pair in
            let parts = pair.split(separator: ":", omittingEmptySubsequences: false)
            let column = parts.first.flatMap { TransactionImport.Column(rawValue: String($0)) }
            return parts.count == 2 && (1...100).contains(parts[1].count)
                ? column.map { ($0, String(parts[1])) } : nil
        }
        return pairs.count <= 21 && !pairs.contains { $0 == nil } ? pairs.compactMap { $0 } : nil
    }
}

extension Call {
    /// The query parameter that names an account.
    func bookedAccount() throws -> String? {
        try query("account", "1 to 100 characters") { text in
            do { try Rule.text(text, Booking.Limits.account, at: "") } catch { return nil }
            return text
        }
    }
}

/// What became of the rows of a file.
private struct Report {
    let rows: Int
    let ignored: [String]
    var bad: [TransactionImport.BadRow] = []
    private var created = 0
    private var duplicates = 0
    private var filed = 0

    init(rows: Int, ignored: [String]) {
        self.rows = rows
        self.ignored = ignored
    }

    mutating func add(_ intake: Store.Finances.Intake) {
        created += intake.created
        duplicates += intake.duplicates
        filed += intake.filed
        bad += intake.bad
    }

    var json: JSON {
        let shown = bad.sorted { $0.line < $1.line }.prefix(Routes.FinancesImport.errorsShown)
        return [
            "rows": JSON(rows), "created": JSON(created), "duplicates": JSON(duplicates),
            "categorized": JSON(filed), "rejected": JSON(bad.count), "errors": .array(shown.map(\.json)),
            "ignored_columns": .array(ignored.map(JSON.string)),
        ]
    }
}
