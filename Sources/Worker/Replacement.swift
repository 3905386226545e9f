import Foundation

/// Puts a fresh copy of the running program in its own place: same process id, same arguments, same
/// environment, so that whoever supervises the process notices nothing.
public enum Replacement {
    /// Starts the program anew. Threads that hang end with the old one; files and sockets close.
    ///
    /// If the system refuses, the process ends with 70 (`EX_SOFTWARE`), for its supervisor to start it again.
    /// - Parameters:
    ///   - path: the program; this one, or what a deploy has put in its place.
    ///   - arguments: its own name first.
    public static func run(
        _ path: String = Bundle.main.executablePath ?? CommandLine.arguments[0],
        _ arguments: [String] = CommandLine.arguments
    ) -> Never {
        closeOnExec()
        unblockSignals()
        execv(path, arguments.map { strdup($0) } + [nil])
        _exit(70)
    }

    /// A file that stayed open would keep its other end waiting for the old program.
    private static func closeOnExec() {
        let limit = min(sysconf(Int32(_SC_OPEN_MAX)), Int(descriptorLimit))
        for descriptor in 3..<Int32(limit) { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
    }

    /// The most descriptors that are looked at; a process has far fewer.
    private static let descriptorLimit: Int32 = 65_536

    /// A program inherits what its predecessor ignored and blocked.
    private static func unblockSignals() {
        var none = sigset_t()
        sigemptyset(&none)
        pthread_sigmask(SIG_SETMASK, &none, nil)
        // SIGKILL and SIGSTOP refuse, and have nothing to reset.
        for number in 1..<Int32(32) { _ = signal(number, SIG_DFL) }
    }
}
