import ArgumentParser
import Core
import Logging
import ServiceLifecycle
import UnixSignals

/// The API process.
struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "api", abstract: "Serve the HTTP API.")

    func run() async throws {
        let settings = try Settings.loaded()
        let house = try await House.open(settings, role: "api", redis: House.endpoint(settings))
        // Without Redis the API still takes what is asked to be durable, so it starts all the same.
        try await house.checkRedis(patience: nil)
        if let key = try await FirstStart(store: house.store, settings: settings).prepare() {
            FirstStart.show(key)
        }
        try await house.serve(house.apiServices())
    }
}

/// A worker process.
struct Work: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "worker", abstract: "Run jobs.",
        discussion: "SIGTSTP: take no more jobs. SIGTERM: end what runs, give back the rest, and stop.")

    @Option(help: "Queues with weights, such as high:5,default:1 (else ATOM_QUEUES).") var queues: String?
    @Option(help: "Jobs at the same time (else ATOM_CONCURRENCY).") var concurrency: Int?

    func run() async throws {
        var settings = try Settings.loaded()
        if let queues { settings.queues = try SettingsSheet.queues(queues) }
        if let concurrency {
            guard (1...1_000).contains(concurrency) else {
                throw Failure(.invalid, "--concurrency must be from 1 to 1000.")
            }
            settings.concurrency = concurrency
        }
        let house = try await House.open(settings, role: "worker", redis: House.endpoint(settings))
        try await house.checkRedis(patience: .seconds(30))
        try await house.applySchedules()
        try await house.applyPaces()
        let successor = Successor()
        try await house.serve(house.workerServices(replace: successor.takeOver))
    }
}

/// The relay process.
struct Relaying: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "relay", abstract: "Tell browsers over WebSocket what happens to jobs.")

    func run() async throws {
        let settings = try Settings.loaded()
        let house = try await House.open(settings, role: "relay", redis: House.endpoint(settings))
        try await house.checkRedis(patience: .seconds(30))
        try await house.serve([house.relayService()])
    }
}

extension House {
    /// Runs services until a signal asks to stop, then closes what was opened.
    func serve(_ services: [any Service]) async throws {
        let group = ServiceGroup(
            services: services, gracefulShutdownSignals: [.sigterm, .sigint], logger: log)
        do { try await group.run() } catch {
            await close()
            throw error
        }
        await close()
    }
}
