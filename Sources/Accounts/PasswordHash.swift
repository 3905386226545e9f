import CCrypt
import Core
import Foundation

/// A password as it is kept: hashed by libxcrypt, the salt and the cost within the text.
package struct PasswordHash: Sendable, Hashable, CustomStringConvertible {
    /// How passwords are hashed.
    package enum Method: Sendable {
        /// yescrypt at its usual cost, 16 MiB each.
        case yescrypt
        /// bcrypt, which reads 72 bytes of a password.
        case bcrypt(cost: UInt)
    }

    /// What the table holds.
    package let text: String

    /// The hash that `text` is; nil where it is of no method that is accepted.
    package init?(_ text: String) {
        guard text.hasPrefix("$y$") || text.hasPrefix("$2b$") else { return nil }
        self.text = text
    }

    private init(made text: String) { self.text = text }

    /// A hash is nothing to be read in a log.
    package var description: String { "PasswordHash" }

    /// Hashes `password` with fresh salt. Takes some 20 ms of a thread.
    static func make(_ password: String, method: Method) throws -> PasswordHash {
        let setting =
            switch method {
            case .yescrypt: ccrypt_setting("$y$", 0)
            case .bcrypt(let cost): ccrypt_setting("$2b$", cost)
            }
        defer { free(setting) }
        guard let setting, let hash = run(password, setting: String(cString: setting)) else {
            throw Failure(.broken, "A password could not be hashed.")
        }
        return PasswordHash(made: hash)
    }

    /// Takes as long as making it, whatever the answer.
    func matches(_ password: String) -> Bool {
        guard let hash = Self.run(password, setting: text) else { return false }
        return hash.isSecretlyEqual(to: text)
    }

    /// True when `method` would make a stronger hash of the same password.
    func isWeaker(than method: Method) -> Bool {
        switch method {
        case .yescrypt: cost.map { $0 < Self.usualCost } ?? true
        case .bcrypt(let cost): text.hasPrefix("$2b$") && (Int(text.dropFirst(4).prefix(2)) ?? 0) < cost
        }
    }

    /// The cost letters of yescrypt; nil for another method. A text such as `j9T` names the memory by its
    /// second letter, and its third is smaller where blocks are.
    private var cost: String? {
        guard text.hasPrefix("$y$") else { return nil }
        let letters = text.dropFirst(3).prefix { $0 != "$" }
        guard letters.count == 3, let last = letters.last else { return "" }
        return String(last) + letters.dropFirst().prefix(1)
    }

    /// What libxcrypt's own cost of yescrypt reads as.
    private static let usualCost = "T9"

    /// Nil where the hash cannot be made, as of a password that a C string cannot hold.
    private static func run(_ password: String, setting: String) -> String? {
        // Its end would be cut off at the NUL, so that many passwords were the same.
        guard !password.utf8.contains(0) else { return nil }
        guard let hash = ccrypt_hash(password.precomposedStringWithCanonicalMapping, setting) else {
            return nil
        }
        defer { free(hash) }
        return String(cString: hash)
    }
}

extension String {
    /// Compares in a time that does not tell where the texts part.
    func isSecretlyEqual(to other: String) -> Bool {
        let (mine, theirs) = (Array(utf8), Array(other.utf8))
        guard mine.count == theirs.count else { return false }
        return zip(mine, theirs).reduce(0 as UInt8) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
