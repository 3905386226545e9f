import Core

extension TaskImport {
    /// For rows that are JSON objects with the columns as their members.
    package init(ofJSON job: ID, importedAt: Moment) throws(Failure) {
        let names = Column.allCases.map(\.rawValue)
        let place = CSV.Position(offset: 0, line: 1)
        try self.init(
            header: CSV.Record(line: 0, content: .success(names), next: place), job: job,
            importedAt: importedAt)
    }

    /// The objects of a document: a list of them, or an object that holds one under `tasks`.
    package static func rows(of document: JSON) throws(Failure) -> [JSON] {
        guard let rows = document.array ?? document["tasks"]?.array else {
            throw Failure(
                .invalid, "The file must hold a JSON list of tasks, or an object with one as \"tasks\".")
        }
        return rows
    }

    /// The object as the record of a file, on a line that is its place in the list, from 1.
    package static func record(_ json: JSON, line: Int) -> CSV.Record {
        let next = CSV.Position(offset: line, line: line + 1)
        guard json.members != nil else {
            return CSV.Record(
                line: line, content: .failure(CSV.Fault(nil, .noObject)), next: next)
        }
        let cells = Column.allCases.map { cell(json[$0.rawValue] ?? .null) }
        return CSV.Record(line: line, content: .success(cells), next: next)
    }

    private static func cell(_ json: JSON) -> String {
        switch json {
        case .null: ""
        case .string(let text): text
        case .array(let items): items.map(cell).joined(separator: "|")
        default: json.text
        }
    }
}
