import Foundation
import Logging

/// A database as its lanes: some take single statements of everybody, the others are leased to one user at a
/// time.
final class Pooled: Database, Runner {
    let dialect: Dialect
    private let shared: [Lane]
    private let leased: Pool
    private let limits: Limits
    private let log: Logger

    init(_ address: Address, connections: Int, limits: Limits, log: Logger) {
        self.limits = limits
        self.log = log
        let lanes: [Lane]
        switch address {
        case .server(let url):
            dialect = .postgres
            let open: @Sendable () -> any Connection = { PostgresConnection(url, limits: limits, log: log) }
            shared = (0..<connections / 2).map {
                Lane("sql shared \($0)", limit: limits.mailbox, opening: open)
            }
            lanes = (connections / 2..<connections).map {
                Lane("sql leased \($0)", limit: limits.mailbox, opening: open)
            }
        case .file(let path):
            dialect = .sqlite
            shared = (1..<connections).map {
                Lane("sql reader \($0)", limit: limits.mailbox) {
                    SQLiteConnection(path, reads: true, limits: limits)
                }
            }
            lanes = [
                Lane("sql writer", limit: limits.mailbox) {
                    SQLiteConnection(path, reads: false, limits: limits)
                }
            ]
        case .memory:
            dialect = .sqlite
            // Each connection to :memory: would be a database of its own.
            shared = []
            lanes = [
                Lane("sql memory", limit: limits.mailbox) {
                    SQLiteConnection(":memory:", reads: false, limits: limits)
                }
            ]
        }
        leased = Pool(lanes, limits: limits)
    }

    /// Proves that the database is there: a SQLite file is made, a server is asked.
    func greet() async throws {
        _ = try await leased.withLane { try await $0.send("select 1") }
    }

    func scoped(to scope: String) -> any Database { Scoped(whole: self, scope: scope) }

    func run(_ sql: String, _ values: [Value], scope: String?) async throws -> Answer {
        try await retrying {
            if dialect == .postgres || sql.isSelect, let lane = shared.min(by: { $0.waiting < $1.waiting }) {
                return try await lane.send(sql, values, scope: scope)
            }
            return try await leased.withLane { try await $0.send(sql, values, scope: scope) }
        }
    }

    func transaction<T: Sendable>(_ body: @Sendable (any Session) async throws -> T) async throws -> T {
        try await transaction(scope: nil, body)
    }

    func transaction<T: Sendable>(
        scope: String?, _ body: @Sendable (any Session) async throws -> T
    ) async throws -> T {
        try await retrying {
            try await leased.withLane { lane in
                _ = try await lane.send(dialect == .sqlite ? "begin immediate" : "begin")
                return try await carryOut(body, on: Lease(lane, scope: scope))
            }
        }
    }

    private func carryOut<T: Sendable>(
        _ body: @Sendable (any Session) async throws -> T, on lease: Lease
    ) async throws -> T {
        do {
            let value = try await body(lease)
            try await lease.commit()
            return value
        } catch {
            await lease.rollback(log)
            // The body may have put the fault into other words; whether to run again depends on the fault.
            if let fault = lease.fault, fault.isRetryable { throw fault }
            throw error
        }
    }

    /// Runs `work` again while others were in the way, `limits.tries` times at most.
    private func retrying<T>(_ work: () async throws -> T) async throws -> T {
        for round in 0..<limits.tries - 1 {
            do {
                return try await work()
            } catch let fault as SQLFault where fault.isRetryable {
                log.debug("the database was busy, trying again", metadata: ["fault": "\(fault)"])
                try await Task.sleep(for: limits.pause * Double(1 << round) * Double.random(in: 0.5...1))
            }
        }
        return try await work()
    }

    func close() async {
        await leased.close()
        for lane in shared { await lane.close() }
    }
}

extension String {
    /// True for what a connection that only reads can run.
    fileprivate var isSelect: Bool {
        let word = utf8.drop { $0 == 0x20 || $0 == 0x0A || $0 == 0x0D || $0 == 0x09 }.prefix(6)
        return word.elementsEqual("select".utf8) { $0 | 0x20 == $1 }
    }
}
