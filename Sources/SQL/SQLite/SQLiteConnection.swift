import CSQLite
import Foundation

/// One handle of libsqlite3, used by one thread only.
///
/// `synchronous=full`: every commit reaches the disk before it is confirmed. With `normal`, a power cut in
/// WAL mode could take back the last commits, and the outbox promises that what it confirmed stays.
final class SQLiteConnection: Connection {
    /// Statements kept prepared; when there are more, all are let go.
    private static let cacheLimit = 256
    /// Attempts to switch a new file to WAL while other processes do the same; SQLite does not wait there
    /// itself.
    private static let walTries = 100

    private let path: String
    private let reads: Bool
    private let limits: Limits
    private var handle: OpaquePointer?
    private var statements: [String: SQLiteStatement] = [:]

    init(_ path: String, reads: Bool, limits: Limits) {
        self.path = path
        self.reads = reads
        self.limits = limits
    }

    func serve(_ batch: [Request]) {
        for request in batch { request.answer(Result { try run(request) }) }
    }

    private func run(_ request: Request) throws -> Answer {
        let handle = try opened()
        if !request.continues, sqlite3_get_autocommit(handle) == 0 {
            // A user before left a transaction open because its rollback failed.
            sqlite3_exec(handle, "rollback", nil, nil, nil)
        }
        return try statement(request.sql, of: handle).run(request.values)
    }

    private func statement(_ sql: String, of handle: OpaquePointer) throws -> SQLiteStatement {
        if let known = statements[sql] { return known }
        if statements.count >= Self.cacheLimit { statements = [:] }
        let statement = try SQLiteStatement(sql, of: handle)
        statements[sql] = statement
        return statement
    }

    private func opened() throws -> OpaquePointer {
        if let handle { return handle }
        var fresh: OpaquePointer?
        let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX
        guard sqlite3_open_v2(path, &fresh, flags, nil) == SQLITE_OK, let fresh else {
            let reason = String(cString: sqlite3_errmsg(fresh))
            sqlite3_close_v2(fresh)
            throw SQLFault(
                .unreachable,
                "the SQLite file \(path) cannot be opened (\(reason)); its folder must exist and be writable")
        }
        do {
            try prepare(fresh)
        } catch {
            sqlite3_close_v2(fresh)
            throw error
        }
        handle = fresh
        return fresh
    }

    private func prepare(_ fresh: OpaquePointer) throws {
        sqlite3_busy_timeout(fresh, Int32(limits.busyWait / .milliseconds(1)))
        if !reads { try switchToWAL(fresh) }
        try exec("pragma synchronous = full", fresh)
        try exec("pragma foreign_keys = on", fresh)
        if reads { try exec("pragma query_only = on", fresh) }
    }

    private func switchToWAL(_ fresh: OpaquePointer) throws {
        for _ in 1..<Self.walTries {
            let code = sqlite3_exec(fresh, "pragma journal_mode = wal", nil, nil, nil)
            guard code & 0xFF == SQLITE_BUSY else { break }
            usleep(20_000)
        }
        try exec("pragma journal_mode = wal", fresh)
    }

    private func exec(_ sql: String, _ fresh: OpaquePointer) throws {
        guard sqlite3_exec(fresh, sql, nil, nil, nil) == SQLITE_OK else { throw SQLFault(sqlite: fresh) }
    }

    func close() {
        statements = [:]
        sqlite3_close_v2(handle)
        handle = nil
    }
}

extension SQLFault {
    /// The last error of a SQLite handle.
    init(sqlite handle: OpaquePointer?) {
        let code = sqlite3_extended_errcode(handle)
        self.init(Self.kind(code), String(cString: sqlite3_errmsg(handle)), code: String(code))
    }

    private static func kind(_ code: Int32) -> Kind {
        // Extended codes are macros of macros that Swift does not import: UNIQUE, PRIMARYKEY, ROWID,
        // FOREIGNKEY.
        switch code {
        case 2_067, 1_555, 2_579: return .unique
        case 787: return .foreignKey
        default: break
        }
        switch code & 0xFF {
        case SQLITE_CONSTRAINT: return .constraint
        case SQLITE_BUSY, SQLITE_LOCKED: return .busy
        case SQLITE_CANTOPEN, SQLITE_IOERR, SQLITE_FULL: return .unreachable
        case SQLITE_TOOBIG, SQLITE_MISMATCH, SQLITE_RANGE: return .invalid
        case SQLITE_ERROR: return .syntax
        default: return .other
        }
    }
}
