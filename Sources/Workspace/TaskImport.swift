import Core

/// Turns the records of a CSV file into tasks to be, row by row, so that a bad row costs only itself.
///
/// Dates are RFC 3339, or `YYYY-MM-DD` (midnight UTC), or days relative to the import such as `+3d` and
/// `-10d`. Numbers have a dot. Titles in `depends_on` are parted by `|`.
package struct TaskImport: Sendable {
    /// The columns understood; a header may write them in any case and with spaces or hyphens.
    package enum Column: String, Sendable, CaseIterable {
        case title, description, status, priority, project
        case assignedTo = "assigned_to"
        case timeEstimate = "time_estimate"
        case timeSpent = "time_spent"
        case dueDate = "due_date"
        case createdAt = "created_at"
        case updatedAt = "updated_at"
        case completedAt = "completed_at"
        case dependsOn = "depends_on"
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

        package var json: JSON {
            [
                "line": .integer(Int64(line)), "column": column.map(JSON.string) ?? .null,
                "reason": .string(reason),
            ]
        }
    }

    /// The columns of the header that mean nothing here, as written.
    package let ignored: [String]

    private let names: [String]
    private let places: [Column: Int]
    private let job: ID
    private let importedAt: Moment

    /// Reads the header. `importedAt` is what relative dates count from and the time of rows that name none;
    /// hand in the same one when an import is resumed.
    package init(header: CSV.Record, job: ID, importedAt: Moment) throws(Failure) {
        switch header.content {
        case .failure(let fault):
            throw Failure(.invalid, "The header line cannot be read. \(fault.message)")
        case .success(let names):
            self.names = names
            places = try Self.places(names)
        }
        ignored = names.filter { Self.column($0) == nil }
        self.job = job
        self.importedAt = importedAt
    }

    /// The task that `record` describes, or why it is none.
    package func row(_ record: CSV.Record) -> Row {
        switch record.content {
        case .failure(let fault):
            .bad(BadRow(line: record.line, column: name(fault.column), reason: fault.message))
        case .success(let fields): row(fields, record.line)
        }
    }

    /// Names a row of this import, the same on every run of the job, so that none is added twice.
    package static func key(job: ID, line: Int) -> String { "\(job.text):\(line)" }

    private func row(_ fields: [String], _ line: Int) -> Row {
        let cells = Cells(fields: fields, places: places, now: importedAt)
        do throws(Failure) {
            return .draft(try Draft(cells, line: line, key: Self.key(job: job, line: line)))
        } catch {
            let column = error.pointer.map { String($0.dropFirst()) }
            return .bad(BadRow(line: line, column: column, reason: error.message))
        }
    }

    private func name(_ column: Int?) -> String? {
        guard let column, column <= names.count else { return nil }
        return Self.column(names[column - 1])?.rawValue ?? names[column - 1]
    }

    private static func column(_ name: String) -> Column? {
        let plain = name.split { $0 == " " || $0 == "_" || $0 == "-" || $0 == "\t" }.joined(separator: "_")
        return Column(rawValue: plain.lowercased())
    }

    private static func places(_ names: [String]) throws(Failure) -> [Column: Int] {
        var places: [Column: Int] = [:]
        for (index, name) in names.enumerated() {
            guard let column = column(name) else { continue }
            guard places.updateValue(index, forKey: column) == nil else {
                throw Failure(.invalid, "The header names the column \(column.rawValue) twice; keep one.")
            }
        }
        guard places[.title] != nil else {
            let found = names.map { $0.prefix(40) }.joined(separator: ", ")
            throw Failure(.invalid, "The header has no column \"title\"; it has: \(found.prefix(400)).")
        }
        return places
    }
}
