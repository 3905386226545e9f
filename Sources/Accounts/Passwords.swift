import Core
import Synchronization

/// Hashes and checks passwords on threads of its own, a few at a time, so that a rush of logins cannot take
/// the machine.
package final class Passwords: Sendable {
    /// Passwords hashed at the same time.
    package static let width = 2
    /// Passwords that may wait for a thread.
    package static let queue = 64

    /// What a check found.
    package enum Check: Sendable, Hashable {
        case wrong
        case right
        /// Right, and hashed in a weaker way than passwords are today.
        case outdated
    }

    private let bench: Bench
    private let method: PasswordHash.Method
    private let decoy: Mutex<PasswordHash?> = Mutex(nil)

    /// - Parameter method: how new passwords are hashed.
    package init(method: PasswordHash.Method = .yescrypt, width: Int = width, queue: Int = queue) {
        self.method = method
        bench = Bench(width: width, queue: queue)
    }

    deinit { bench.close() }

    /// The hash to keep. Throws `.limited` when too many wait.
    package func hash(_ password: String) async throws -> PasswordHash {
        let method = self.method
        return try await bench.run { try PasswordHash.make(password, method: method) }
    }

    /// Whether `password` is the one that `hash` was made of. Without a hash the answer is `wrong`, and takes
    /// as long: nobody learns from the clock which addresses are known.
    package func check(_ password: String, against hash: PasswordHash?) async throws -> Check {
        let method = self.method
        return try await bench.run { [self] in
            guard let hash else {
                _ = try stand().matches(password)
                return .wrong
            }
            guard hash.matches(password) else { return .wrong }
            return hash.isWeaker(than: method) ? .outdated : .right
        }
    }

    /// The hash of nobody's password. It is made at the first need, before which no time can be compared.
    private func stand() throws -> PasswordHash {
        if let made = decoy.withLock({ $0 }) { return made }
        let made = try PasswordHash.make(ID().text, method: method)
        decoy.withLock { $0 = made }
        return made
    }
}
