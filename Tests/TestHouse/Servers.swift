import Foundation
import Redis
import Synchronization

/// A private Redis of one test: a child process on a free loopback port, with a directory of its own.
package final class RedisServer: Sendable {
    package let port: Int
    package let directory: URL
    private let options: [String]
    private let child = Mutex<Child?>(nil)

    /// Starts a server; `options` are those of the redis-server command, such as `--appendonly yes`.
    package init(_ options: String...) async throws {
        self.options = options
        directory = FileManager.default.temporaryDirectory.appending(path: "redis-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        port = try Self.freePort()
        try await launch()
    }

    deinit {
        kill()
        do {
            try FileManager.default.removeItem(at: directory)
        } catch {
            print("The directory of a test server stays behind: \(error)")
        }
    }

    package var url: String { "redis://127.0.0.1:\(port)/0" }

    package var endpoint: Endpoint { Endpoint(.tcp(host: "127.0.0.1", port: port)) }

    /// Nil while the server is down.
    package var pid: Int32? { child.withLock { $0?.pid } }

    /// Asks the server to end and waits until it has.
    package func stop() { end(with: SIGTERM) }

    /// Ends the server at once, as a crash does.
    package func kill() { end(with: SIGKILL) }

    /// Freezes the server without closing its sockets, as a machine that hangs does.
    package func freeze() { signal(SIGSTOP) }

    package func thaw() { signal(SIGCONT) }

    /// Ends the server, if it runs, and starts it again on the same port and directory.
    package func restart() async throws {
        kill()
        try await launch()
    }

    private func signal(_ number: Int32) {
        child.withLock { $0?.signal(number) }
    }

    private func end(with number: Int32) {
        child.withLock { child in
            child?.signal(number)
            child?.wait()
            child = nil
        }
    }

    private func launch() async throws {
        let log = directory.appending(path: "redis.log")
        // Where there is a log of commands, what was answered is on the disk: with less, a busy disk
        // would have a server that is killed forget its last seconds.
        let fixed = [
            "--port", "\(port)", "--bind", "127.0.0.1", "--dir", directory.path(), "--save", "",
            "--appendfsync", "always",
        ]
        let child = try Child(["redis-server"] + fixed + options, output: log.path())
        self.child.withLock { $0 = child }
        let deadline = ContinuousClock.now + .seconds(10)
        while !isReady(log, child.pid) {
            guard child.isRunning, ContinuousClock.now < deadline else {
                throw Child.Trouble(description: "redis-server did not start; its log: \(text(of: log))")
            }
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    /// The log says so once the data is loaded; the process id tells this start from an earlier one.
    private func isReady(_ log: URL, _ pid: pid_t) -> Bool {
        text(of: log).split(separator: "\n").contains {
            $0.hasPrefix("\(pid):") && $0.contains("Ready to accept connections")
        }
    }

    private func text(of log: URL) -> String {
        guard let data = FileManager.default.contents(atPath: log.path()) else { return "" }
        return String(decoding: data, as: UTF8.self)
    }

    /// A port nobody listens on now, below those the kernel gives to clients: a client that tries again
    /// and again to reach a stopped server must never be given the server's own port.
    package static func freePort() throws -> Int {
        for _ in 0..<100 {
            let port = Int.random(in: 12_000..<32_000)
            if canBind(port) { return port }
        }
        throw Child.Trouble(description: "no port is free on 127.0.0.1")
    }

    private static func canBind(_ port: Int) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        return withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }
}

extension Limits {
    /// For tests, which share a busy machine: a command waits longer for its first connection.
    package static var patient: Limits {
        var limits = Limits()
        limits.connectPatience = .seconds(20)
        return limits
    }
}

/// The Redis that all tests share; each keeps to keys with a prefix of its own.
package enum TestRedis {
    package static var url: String {
        get throws {
            guard let url = ProcessInfo.processInfo.environment["ATOM_TEST_REDIS_URL"], !url.isEmpty else {
                throw Child.Trouble(
                    description: "ATOM_TEST_REDIS_URL is not set; run scripts/test, which starts the servers."
                )
            }
            return url
        }
    }

    /// A connection of the test's own; close it at the end, or release it.
    package static func client(name: String = "test", limits: Limits = .patient) throws -> Client {
        try Client(Endpoint(url), name: name, limits: limits)
    }

    /// A beginning for keys and channels that no other test uses.
    package static func freshPrefix() -> String {
        "test:\(UUID().uuidString.prefix(13)):"
    }
}
