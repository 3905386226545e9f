import Foundation
import Synchronization

/// A process that a test starts and ends.
///
/// Foundation's `Process` hands its children the blocked signals of the calling thread, so that they never
/// see a SIGTERM, and its waiting needs a run loop.
package final class Child: Sendable {
    /// What keeps a child from running, in words a reader of a test report can act on.
    package struct Trouble: Error, CustomStringConvertible {
        package let description: String

        package init(description: String) { self.description = description }
    }

    package let pid: pid_t
    /// Up to here the child gives up what it inherits.
    private static let descriptors: Int32 = 1_024
    /// Nil while the child runs.
    private let status = Mutex<Int32?>(nil)

    /// Starts a command of the PATH; what it prints goes to the end of the file `output`.
    package init(_ command: [String], output: String) throws {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        // A child that kept the test's sockets would keep their other ends waiting.
        for descriptor in 3..<Self.descriptors { posix_spawn_file_actions_addclose(&actions, descriptor) }
        var attributes = Self.attributes()
        defer { posix_spawnattr_destroy(&attributes) }
        let arguments = command.map { strdup($0) }
        defer { for argument in arguments { free(argument) } }
        var pid = pid_t()
        let error = posix_spawnp(&pid, command[0], &actions, &attributes, arguments + [nil], environ)
        guard error == 0 else {
            throw Trouble(description: "\(command[0]) cannot be started: \(String(cString: strerror(error)))")
        }
        self.pid = pid
    }

    private static func attributes() -> posix_spawnattr_t {
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        return attributes
    }

    package var isRunning: Bool { reap(WNOHANG) == nil }

    /// Waits for the end and returns the exit code, or 128 plus the signal, as a shell does.
    @discardableResult package func wait() -> Int32 { reap(0) ?? -1 }

    package func signal(_ number: Int32) {
        status.withLock { status in
            // Once it is reaped, its number may belong to another process.
            if status == nil { _ = kill(pid, number) }
        }
    }

    private func reap(_ options: Int32) -> Int32? {
        status.withLock { status in
            if status != nil { return status }
            var raw: Int32 = 0
            guard waitpid(pid, &raw, options) == pid else { return nil }
            let signal = raw & 0x7F
            status = signal == 0 ? raw >> 8 & 0xFF : 128 + signal
            return status
        }
    }
}
