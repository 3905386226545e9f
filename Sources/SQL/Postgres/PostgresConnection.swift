import CPostgres
import Foundation
import Logging

/// One connection of libpq in pipeline mode, used by one thread only; it comes back by itself after the
/// server did.
final class PostgresConnection: Connection {
    /// Statements kept prepared; when there are more, all are let go.
    private static let cacheLimit = 256

    private let url: String
    private let limits: Limits
    private let log: Logger
    private var handle: OpaquePointer?
    private var names: [String: String] = [:]
    private var count = 0
    private var failures = 0
    private var nextTry = ContinuousClock.now

    init(_ url: String, limits: Limits, log: Logger) {
        self.url = url
        self.limits = limits
        self.log = log
    }

    func serve(_ batch: [Request]) {
        do {
            let handle = try ready(continues: batch[0].continues)
            if names.count + batch.count > Self.cacheLimit { forget(handle) }
            let sent = batch.map { Sent($0, isFresh: send($0, to: handle)) }
            var refused: [String: SQLFault] = [:]
            for each in sent { answer(each, from: handle, &refused) }
        } catch {
            for request in batch { request.answer(.failure(error)) }
        }
    }

    func close() {
        PQfinish(handle)
        handle = nil
    }
}

/// A request on the wire.
private struct Sent {
    let request: Request
    /// True when the statement is prepared by this very message.
    let isFresh: Bool

    init(_ request: Request, isFresh: Bool) {
        self.request = request
        self.isFresh = isFresh
    }
}

// The connection itself.
extension PostgresConnection {
    /// The live handle, connecting when there is none; but a transaction never continues on a new connection.
    private func ready(continues: Bool) throws -> OpaquePointer {
        if let handle, isAlive(handle), continues || PQtransactionStatus(handle) == PQTRANS_IDLE {
            return handle
        }
        if handle != nil { log.warning("the connection to PostgreSQL was lost") }
        close()
        if continues {
            throw SQLFault(.unreachable, "the connection to PostgreSQL was lost in a transaction")
        }
        return try connect()
    }

    /// False when the server has hung up: nothing is due, so what can be read now is its farewell.
    private func isAlive(_ handle: OpaquePointer) -> Bool {
        guard PQstatus(handle) == CONNECTION_OK else { return false }
        var socket = pollfd(fd: PQsocket(handle), events: Int16(POLLIN), revents: 0)
        guard poll(&socket, 1, 0) > 0 else { return true }
        guard PQconsumeInput(handle) == 1 else { return false }
        // A notice or a changed setting is swallowed by this; the end of the stream is seen by a second look.
        socket.revents = 0
        return poll(&socket, 1, 0) == 0 && PQstatus(handle) == CONNECTION_OK
    }

    private func connect() throws -> OpaquePointer {
        guard ContinuousClock.now >= nextTry else {
            throw SQLFault(.unreachable, "PostgreSQL does not answer; the next attempt comes in a moment")
        }
        guard let fresh = start(), PQstatus(fresh) == CONNECTION_OK, greet(fresh) else {
            failures += 1
            nextTry = .now + min(.milliseconds(50) * (1 << min(failures, 10)), limits.reconnect)
            throw refusal()
        }
        if failures > 0 { log.info("PostgreSQL answers again") }
        failures = 0
        names = [:]
        return fresh
    }

    private func start() -> OpaquePointer? {
        // What stands before dbname are defaults, which the URL may override.
        let options = [
            ("connect_timeout", "5"), ("application_name", "atom"), ("client_encoding", "UTF8"),
            ("keepalives_idle", "10"), ("keepalives_interval", "5"), ("keepalives_count", "3"),
            ("tcp_user_timeout", "15000"), ("dbname", url),
        ]
        let names = options.map { strdup($0.0) } + [nil]
        let values = options.map { strdup($0.1) } + [nil]
        defer { for text in names + values { free(text) } }
        handle = PQconnectdbParams(
            names.map { UnsafePointer($0) }, values.map { UnsafePointer($0) }, 1)
        return handle
    }

    private func greet(_ fresh: OpaquePointer) -> Bool {
        PQsetNoticeReceiver(fresh, { _, _ in }, nil)
        // A process that hangs in a transaction would hold its locks for ever.
        let result = PQexec(
            fresh,
            """
            set statement_timeout = \(limits.statement / .milliseconds(1));
            set idle_in_transaction_session_timeout = 60000
            """)
        defer { PQclear(result) }
        return PQresultStatus(result) == PGRES_COMMAND_OK && PQenterPipelineMode(fresh) == 1
    }

    private func refusal() -> SQLFault {
        let reason = String(cString: PQerrorMessage(handle)).trimmingCharacters(in: .whitespacesAndNewlines)
        close()
        return SQLFault(.unreachable, "\(Address.mask(url)) cannot be reached: \(reason)")
    }
}

// Statements.
extension PostgresConnection {
    /// Puts one statement on the wire and says whether it had to be prepared. A failure shows when reading.
    private func send(_ request: Request, to handle: OpaquePointer) -> Bool {
        let parameters = Parameters(request.values)
        var isFresh = false
        if !request.sql.isWorthPreparing {
            parameters.send { PQsendQueryParams(handle, request.sql, $0, nil, $1, $2, $3, 0) }
        } else if let name = names[request.sql] {
            parameters.send { PQsendQueryPrepared(handle, name, $0, $1, $2, $3, 0) }
        } else {
            count += 1
            let name = "s\(count)"
            names[request.sql] = name
            isFresh = true
            PQsendPrepare(handle, name, request.sql, 0, nil)
            parameters.send { PQsendQueryPrepared(handle, name, $0, $1, $2, $3, 0) }
        }
        // One sync a statement: each is a transaction of its own, and one that fails leaves the next alone.
        PQpipelineSync(handle)
        return isFresh
    }

    /// - Parameter refused: the statements of this batch that could not be prepared; the same statement again
    ///   in this batch was sent in the belief that it is prepared, and fails for the same reason.
    private func answer(_ sent: Sent, from handle: OpaquePointer, _ refused: inout [String: SQLFault]) {
        let reply = Reply.read(from: handle)
        let sql = sent.request.sql
        guard let fault = reply.fault else { return sent.request.answer(.success(reply.answer)) }
        if sent.isFresh && reply.results == 0 {
            names[sql] = nil
            refused[sql] = fault
        } else if reply.isStale {
            names[sql] = nil
        }
        sent.request.answer(.failure(refused[sql] ?? fault))
    }

    private func forget(_ handle: OpaquePointer) {
        names = [:]
        PQsendQueryParams(handle, "deallocate all", 0, nil, nil, nil, nil, 0)
        PQpipelineSync(handle)
        if let fault = Reply.read(from: handle).fault {
            log.debug("prepared statements were not let go", metadata: ["fault": "\(fault)"])
        }
    }
}

extension String {
    /// True for what is said again and again; the rest (begin, create, ...) need not stay prepared.
    fileprivate var isWorthPreparing: Bool {
        let word = utf8.drop { $0 == 0x20 || $0 == 0x0A }.prefix(4)
        return ["sele", "inse", "upda", "dele", "with"].contains { $0.utf8.elementsEqual(word) }
    }
}
