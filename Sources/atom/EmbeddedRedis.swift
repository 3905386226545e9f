import Core
import Foundation
import Logging
import Redis

/// A Redis of our own, for `atom up` without a REDIS_URL: loopback only, with a password, and an append-only
/// file.
final class EmbeddedRedis: Sendable {
    let endpoint: Endpoint
    private let process: Process
    private let log: Logger

    /// How long it may take to load its file, and to end.
    private static let patience: Duration = .seconds(30)

    /// Starts it with its files in `folder` and waits until it answers.
    static func start(in folder: String, log: Logger) async throws -> EmbeddedRedis {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let redis = try EmbeddedRedis(folder: folder, log: log)
        try await redis.untilReady()
        return redis
    }

    private init(folder: String, log: Logger) throws {
        self.log = log
        guard let program = Self.program else {
            throw Failure(
                .unavailable,
                "redis-server is not installed. Install it (scripts/setup does), "
                    + "or set REDIS_URL to one that runs."
            )
        }
        let (port, password) = (try Self.freePort(), "\(ID().text)\(ID().text)")
        endpoint = try Endpoint("redis://:\(password)@127.0.0.1:\(port)/0")
        process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = ["-"]
        let input = Pipe()
        process.standardInput = input
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        // The settings go through a pipe, so that the password shows up in no list of processes.
        let settings = """
            bind 127.0.0.1
            port \(port)
            requirepass \(password)
            dir "\(folder)"
            appendonly yes
            appendfsync everysec
            save ""
            maxmemory-policy noeviction

            """
        try input.fileHandleForWriting.write(contentsOf: Data(settings.utf8))
        try input.fileHandleForWriting.close()
        try Data("\(process.processIdentifier)".utf8).write(to: URL(fileURLWithPath: "\(folder)/redis.pid"))
    }

    /// Asks it to write its file and end. A signal would not do: it inherits the signals that our threads
    /// block.
    func stop() async {
        guard process.isRunning else { return }
        do {
            let client = try Client(endpoint, name: "atom-stop", log: Logger.silent)
            // It closes the connection instead of answering.
            _ = try? await client.send(Command("SHUTDOWN"))
            await client.close()
        } catch { log.warning("redis-server not stopped", metadata: ["error": "\(error)"]) }
        let deadline = ContinuousClock.now + Self.patience
        while process.isRunning, ContinuousClock.now < deadline {
            do { try await Task.sleep(for: .milliseconds(20)) } catch { await Task.yield() }
        }
    }

    private func untilReady() async throws {
        let client = try Client(endpoint, name: "atom-start", log: Logger.silent)
        let deadline = ContinuousClock.now + Self.patience
        while true {
            do {
                _ = try await client.send(Command("PING"))
                return await client.close()
            } catch {
                guard process.isRunning, ContinuousClock.now < deadline else {
                    await client.close()
                    throw Failure(.unavailable, "The private redis-server does not start.", cause: error)
                }
                try await Task.sleep(for: .milliseconds(20))
            }
        }
    }

    /// Ends a Redis that an `atom up` before us left behind when it was killed: two must not write one file.
    /// It may be killed: what it has written is in the hands of the system.
    static func endStray(in folder: String) async throws {
        let file = "\(folder)/redis.pid"
        guard let text = try? String(contentsOfFile: file, encoding: .utf8), let pid = Int32(text),
            let name = try? String(contentsOfFile: "/proc/\(pid)/comm", encoding: .utf8),
            name.hasPrefix("redis-server")
        else { return }
        kill(pid, SIGKILL)
        let deadline = ContinuousClock.now + patience
        while kill(pid, 0) == 0, ContinuousClock.now < deadline {
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    private static var program: String? {
        ["/usr/bin", "/usr/local/bin", "/opt/homebrew/bin"].map { "\($0)/redis-server" }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    /// A port of the loopback interface that nobody listens on.
    private static func freePort() throws -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let port = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                bind(descriptor, generic, length) == 0 && getsockname(descriptor, generic, &length) == 0
                    ? Int(UInt16(bigEndian: pointer.pointee.sin_port)) : nil
            }
        }
        guard let port else { throw Failure(.unavailable, "There is no free port on 127.0.0.1.") }
        return port
    }
}

extension Logger {
    /// For connections whose failures are expected.
    fileprivate static let silent = Logger(label: "atom.silent", factory: { _ in SwiftLogNoOpLogHandler() })
}
