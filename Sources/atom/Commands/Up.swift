import ArgumentParser
import Core
import Foundation
import ServiceLifecycle

/// Everything in one process.
struct Up: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run everything in one process, with a Redis and a database of its own if none is named.")

    func run() async throws {
        let settings = try Settings.loaded()
        let log = settings.log("atom.up")
        try FileManager.default.createDirectory(
            atPath: settings.absoluteHome, withIntermediateDirectories: true)
        let lock = try HomeLock(settings.absoluteHome)
        defer { lock.release() }
        var embedded: EmbeddedRedis?
        if settings.redisURL == nil {
            let folder = "\(settings.absoluteHome)/redis"
            try await EmbeddedRedis.endStray(in: folder)
            embedded = try await EmbeddedRedis.start(in: folder, log: log)
        }
        do { try await serve(settings, embedded) } catch {
            await embedded?.stop()
            throw error
        }
        await embedded?.stop()
    }

    private func serve(_ settings: Settings, _ embedded: EmbeddedRedis?) async throws {
        let endpoint = try embedded?.endpoint ?? House.endpoint(settings)
        let house = try await House.open(settings, role: "up", redis: endpoint)
        try await house.checkRedis(patience: .seconds(30))
        let key = try await FirstStart(store: house.store, settings: settings).prepare()
        try await house.applySchedules()
        try await house.applyPaces()
        let doors = house.bothServices { port in
            Self.greet(settings, port: port, isPrivate: embedded != nil, key: key)
        }
        try await house.serve(house.workerServices() + doors)
    }

    private static func greet(_ settings: Settings, port: Int, isPrivate: Bool, key: String?) {
        let base = "http://\(settings.host):\(port)"
        say("Atom \(Atom.version) is up.")
        say("  API        \(base)/api   (OpenAPI: \(base)/openapi.json)")
        say("  WebSocket  ws://\(settings.host):\(port)/ws")
        say("  Metrics    \(base)/metrics   Health \(base)/api/health/status")
        say("  Data       \(settings.absoluteHome)\(isPrivate ? " (with a private Redis)" : "")")
        if let key { FirstStart.show(key) }
    }
}

/// Keeps two `atom up` from using one home.
struct HomeLock {
    private let descriptor: Int32

    init(_ home: String) throws {
        descriptor = open("\(home)/lock", O_CREAT | O_RDWR | O_CLOEXEC, 0o600)
        guard descriptor >= 0, flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            throw Failure(
                .conflict, "Another `atom up` uses \(home). Stop it, or choose another home with ATOM_HOME.")
        }
    }

    func release() { close(descriptor) }
}

extension FirstStart {
    /// Shows a key that was just made.
    static func show(_ key: String) {
        say("  Key        \(key)")
        say("             (of the first administrator; it is shown this once)")
    }
}
