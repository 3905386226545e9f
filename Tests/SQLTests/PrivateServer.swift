import Foundation

/// A PostgreSQL server that one test starts, stops and starts again.
final class PrivateServer: Sendable {
    struct Refusal: Error, CustomStringConvertible {
        let description: String
    }

    let port: UInt16
    private let folder: URL
    private let programs: String

    init() async throws {
        let versions = try FileManager.default.contentsOfDirectory(atPath: "/usr/lib/postgresql").sorted()
        guard let newest = versions.last else {
            throw Refusal(description: "PostgreSQL's server is not installed")
        }
        programs = "/usr/lib/postgresql/\(newest)/bin"
        port = try Self.freePort()
        folder = FileManager.default.temporaryDirectory.appending(path: "atom-pg-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        if geteuid() == 0 { try await Self.run(["/bin/chown", "postgres", folder.path]) }
        try await run(
            "initdb", ["-D", folder.path, "-A", "trust", "-U", "atom", "-N", "--no-locale", "-E", "UTF8"])
    }

    var url: String { "postgres://atom@127.0.0.1:\(port)/postgres" }

    func start() async throws {
        let options =
            "-p \(port) -c listen_addresses=127.0.0.1 -c unix_socket_directories=\(folder.path) -c fsync=off"
        try await run(
            "pg_ctl", ["-D", folder.path, "-w", "-l", folder.path + "/log", "-o", options, "start"])
    }

    func stop() async throws {
        try await run("pg_ctl", ["-D", folder.path, "-w", "-m", "immediate", "stop"])
    }

    func remove() throws { try FileManager.default.removeItem(at: folder) }

    private func run(_ program: String, _ arguments: [String]) async throws {
        let path = "\(programs)/\(program)"
        // These programs refuse to run as root.
        let command = geteuid() == 0 ? ["/usr/sbin/runuser", "-u", "postgres", "--", path] : [path]
        try await Self.run(command + arguments)
    }

    /// Runs a command to its end on a thread of its own. Foundation's `Process` would wait for the server,
    /// too, which the command leaves behind.
    private static func run(_ command: [String]) async throws {
        let status = await withCheckedContinuation { continuation in
            Thread { continuation.resume(returning: spawn(command)) }.start()
        }
        guard status == 0 else { throw Refusal(description: "\(command) ended with \(status)") }
    }

    private static func spawn(_ command: [String]) -> Int32 {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for descriptor in 0...2 as ClosedRange<Int32> {
            posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_RDWR, 0)
        }
        let arguments = command.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        var child: pid_t = 0
        guard posix_spawn(&child, command[0], &actions, nil, arguments, environ) == 0 else { return -1 }
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0 && errno == EINTR {}
        return status
    }

    private static func freePort() throws -> UInt16 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, size) == 0 && getsockname(descriptor, $0, &size) == 0
            }
        }
        guard isBound else { throw Refusal(description: "no free port") }
        return UInt16(bigEndian: address.sin_port)
    }
}
