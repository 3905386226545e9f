import Core
import Crypto
import Foundation

/// SHA-256 in hex: what stands for a request or a key without repeating it.
enum Fingerprint {
    static func of(_ parts: String...) -> String {
        var hash = SHA256()
        for part in parts {
            hash.update(data: Array(part.utf8))
            // Keeps the end of one part from passing for the beginning of the next.
            hash.update(data: [0])
        }
        return Hex.text(hash.finalize())
    }
}
