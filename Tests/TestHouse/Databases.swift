import Foundation
import Logging
import SQL
import Synchronization

/// The two kinds of database that every test of SQL runs on.
package enum Engine: String, CaseIterable, Sendable {
    case sqlite, postgres
}

/// What a test of databases cannot run without.
package struct MissingServer: Error, CustomStringConvertible {
    package let description: String
}

/// Makes databases that belong to one test, and takes them away again.
package enum FreshDatabase {
    /// Many tests run at once, and a PostgreSQL server takes about 100 connections.
    private static let turnstile = Turnstile(places: 8)

    /// Runs `body` with the URL of an empty database: a new SQLite file, or a new schema of the PostgreSQL
    /// server that `ATOM_TEST_DATABASE_URL` names.
    package static func withURL<T: Sendable>(
        _ engine: Engine, _ body: (String) async throws -> T
    ) async throws -> T {
        await turnstile.enter()
        defer { turnstile.leave() }
        switch engine {
        case .sqlite: return try await withFile(body)
        case .postgres: return try await withSchema(body)
        }
    }

    /// Runs `body` with an empty database.
    package static func with<T: Sendable>(
        _ engine: Engine, limits: Limits = Limits(), _ body: (any Database) async throws -> T
    ) async throws -> T {
        try await withURL(engine) { url in
            let database = try await Databases.open(url, connections: 3, log: .quiet, limits: limits)
            do {
                let value = try await body(database)
                await database.close()
                return value
            } catch {
                await database.close()
                throw error
            }
        }
    }

    /// The same server for a user whom its row-level security does not hold.
    package static var superuserURL: String {
        get throws { try server("ATOM_TEST_SUPERUSER_URL") }
    }

    private static func server(_ variable: String) throws -> String {
        guard let url = ProcessInfo.processInfo.environment[variable], !url.isEmpty else {
            throw MissingServer(
                description: "\(variable) is not set; run scripts/test, or set it to a PostgreSQL database "
                    + "whose schemas tests may make and drop, such as postgres://user@127.0.0.1:5432/test")
        }
        return url
    }

    private static func withFile<T: Sendable>(_ body: (String) async throws -> T) async throws -> T {
        let folder = FileManager.default.temporaryDirectory.appending(path: "atom-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        return try await body("sqlite://\(folder.path)/test.db")
    }

    private static func withSchema<T: Sendable>(_ body: (String) async throws -> T) async throws -> T {
        let server = try server("ATOM_TEST_DATABASE_URL")
        let schema = "t_" + UUID().uuidString.lowercased().replacing("-", with: "")
        let admin = try await Databases.open(server, connections: 2, log: .quiet)
        try await admin.execute("create schema \(schema)")
        let mark = server.contains("?") ? "&" : "?"
        let result: Result<T, any Error>
        do {
            result = .success(try await body("\(server)\(mark)options=-csearch_path%3D\(schema)"))
        } catch {
            result = .failure(error)
        }
        try await admin.execute("drop schema \(schema) cascade")
        await admin.close()
        return try result.get()
    }
}

extension Logger {
    /// Says nothing, so that the output of tests is the tests'.
    package static var quiet: Logger { Logger(label: "test") { _ in SwiftLogNoOpLogHandler() } }
}

/// Lets a number of tasks in at once; the others wait in line.
private final class Turnstile: Sendable {
    private struct State {
        var free: Int
        var line: [CheckedContinuation<Void, Never>] = []
    }

    private let state: Mutex<State>

    init(places: Int) { state = Mutex(State(free: places)) }

    func enter() async {
        await withCheckedContinuation { continuation in
            let enters = state.withLock { state in
                guard state.free == 0 else {
                    state.free -= 1
                    return true
                }
                state.line.append(continuation)
                return false
            }
            if enters { continuation.resume() }
        }
    }

    func leave() {
        let next = state.withLock { state -> CheckedContinuation<Void, Never>? in
            guard state.line.isEmpty else { return state.line.removeFirst() }
            state.free += 1
            return nil
        }
        next?.resume()
    }
}
