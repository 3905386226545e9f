import Core
import Crypto

/// Secrets that nobody can guess.
package enum Random {
    /// 256 random bits as 43 characters of base64url, behind `prefix`.
    package static func text(_ prefix: String = "") -> String {
        var random = SystemRandomNumberGenerator()
        return prefix + Base64.urlText((0..<32).map { _ in random.next() as UInt8 })
    }

    /// SHA-256 in hex: how a secret of so many bits is kept.
    package static func digest(_ secret: String) -> String {
        Hex.text(SHA256.hash(data: Array(secret.utf8)))
    }
}
