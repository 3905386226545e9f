import CSQLite

/// One prepared statement of one SQLite handle.
final class SQLiteStatement {
    private let database: OpaquePointer
    private let handle: OpaquePointer
    /// For each of SQLite's parameters, which value it takes: SQLite numbers `$2` by where it first stands in
    /// the text, so the number is read from the name.
    private let positions: [Int]
    private var columns: [String] = []
    private var reprepared: Int32 = 0

    init(_ sql: String, of database: OpaquePointer) throws {
        var fresh: OpaquePointer?
        let isOnly = try sql.withCString { text in
            var tail: UnsafePointer<CChar>?
            guard sqlite3_prepare_v2(database, text, -1, &fresh, &tail) == SQLITE_OK else {
                throw SQLFault(sqlite: database)
            }
            return tail.map { String(cString: $0).allSatisfy { $0.isWhitespace || $0 == ";" } } ?? true
        }
        guard let fresh else { throw SQLFault(.syntax, "the statement is empty") }
        handle = fresh
        self.database = database
        positions = Self.positions(fresh)
        columns = Self.columns(fresh)
        guard isOnly else { throw SQLFault(.syntax, "more than one statement in one text") }
        guard !positions.contains(-1) else {
            throw SQLFault(.syntax, "parameters are written $1, $2 and so on")
        }
    }

    deinit { sqlite3_finalize(handle) }

    private static func positions(_ handle: OpaquePointer) -> [Int] {
        (0..<sqlite3_bind_parameter_count(handle)).map { index in
            guard let name = sqlite3_bind_parameter_name(handle, index + 1) else { return -1 }
            let text = String(cString: name)
            guard text.hasPrefix("$"), let number = Int(text.dropFirst()), number > 0 else { return -1 }
            return number - 1
        }
    }

    private static func columns(_ handle: OpaquePointer) -> [String] {
        (0..<sqlite3_column_count(handle)).map { String(cString: sqlite3_column_name(handle, $0)) }
    }

    func run(_ values: [Value]) throws -> Answer {
        defer {
            sqlite3_reset(handle)
            sqlite3_clear_bindings(handle)
        }
        try bind(values)
        let before = sqlite3_total_changes(database)
        var answer = Answer()
        while true {
            switch sqlite3_step(handle) {
            case SQLITE_ROW: answer.rows.append(row())
            case SQLITE_DONE:
                // sqlite3_changes still counts the statement before, when this one is no insert, update or
                // delete.
                let wrote = sqlite3_total_changes(database) != before
                answer.affected = wrote ? Int(sqlite3_changes(database)) : 0
                return answer
            default: throw SQLFault(sqlite: database)
            }
        }
    }

    private func bind(_ values: [Value]) throws {
        let needed = (positions.max() ?? -1) + 1
        guard needed == values.count else {
            throw SQLFault(.invalid, "the statement takes \(needed) values and was given \(values.count)")
        }
        for (index, position) in positions.enumerated() {
            guard bind(values[position], at: Int32(index + 1)) == SQLITE_OK else {
                throw SQLFault(sqlite: database)
            }
        }
    }

    private func bind(_ value: Value, at index: Int32) -> Int32 {
        switch value {
        case .null: return sqlite3_bind_null(handle, index)
        case .integer(let number): return sqlite3_bind_int64(handle, index, number)
        case .real(let number): return sqlite3_bind_double(handle, index, number)
        case .text(var text):
            return text.withUTF8 { utf8 in
                utf8.withMemoryRebound(to: CChar.self) {
                    // An empty text has no address, and SQLite would take that for null.
                    csqlite_bind_text(handle, index, $0.baseAddress ?? Self.nothing, Int32($0.count))
                }
            }
        case .blob(let bytes):
            guard !bytes.isEmpty else { return sqlite3_bind_zeroblob(handle, index, 0) }
            return bytes.withUnsafeBytes { csqlite_bind_blob(handle, index, $0.baseAddress, Int32($0.count)) }
        }
    }

    nonisolated(unsafe) private static let nothing = UnsafePointer(
        UnsafeMutablePointer<CChar>.allocate(capacity: 1))

    private func row() -> Row {
        // SQLite prepares anew by itself when the schema changed; `select *` may then have other columns.
        let count = sqlite3_stmt_status(handle, SQLITE_STMTSTATUS_REPREPARE, 0)
        if count != reprepared {
            reprepared = count
            columns = Self.columns(handle)
        }
        return Row(columns: columns, values: (0..<Int32(columns.count)).map(value))
    }

    private func value(_ column: Int32) -> Value {
        switch sqlite3_column_type(handle, column) {
        case SQLITE_INTEGER: return .integer(sqlite3_column_int64(handle, column))
        case SQLITE_FLOAT: return .real(sqlite3_column_double(handle, column))
        case SQLITE_TEXT:
            let bytes = sqlite3_column_text(handle, column)
            let count = Int(sqlite3_column_bytes(handle, column))
            return .text(String(decoding: UnsafeBufferPointer(start: bytes, count: count), as: UTF8.self))
        case SQLITE_BLOB:
            let bytes = sqlite3_column_blob(handle, column)
            let count = Int(sqlite3_column_bytes(handle, column))
            return .blob(Array(UnsafeRawBufferPointer(start: bytes, count: count)))
        default: return .null
        }
    }
}
