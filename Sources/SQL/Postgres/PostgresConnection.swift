import CPostgres
import Foundation
import Logging

/// One connection of libpq in pipeline mode, used by one thread only; it comes back by itself after the
/// server did.
final class PostgresConnection: Connection {
    private let url: String
    private let limits: Limits
    private let log: Logger
    private var handle: OpaquePointer?
    private var statements = Statements()
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
            if let fault = statements.makeRoom(for: batch, on: handle) {
                log.debug("prepared statements were not let go", metadata: ["fault": "\(fault)"])
            }
            let sent = batch.map { statements.send($0, to: handle) }
            for each in sent { statements.answer(each, from: handle) }
        } catch {
            for request in batch { request.answer(.failure(error)) }
        }
    }

    func close() {
        PQfinish(handle)
        handle = nil
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
        statements = Statements()
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
        // A process that hangs in a transaction would hold its locks for ever. What has no scope sees all.
        let result = PQexec(
            fresh,
            """
            set statement_timeout = \(limits.statement / .milliseconds(1));
            set idle_in_transaction_session_timeout = 60000;
            set \(Scoped.setting) = '\(Scoped.everything)'
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
