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
        return hex(hash.finalize())
    }

    static func hex(_ digest: SHA256Digest) -> String {
        digest.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}

extension JSON {
    /// The same value with the members of each object sorted, so that their order makes no difference.
    var canonical: JSON {
        switch self {
        case .object(let members):
            .object(members.map { .init($0.name, $0.value.canonical) }.sorted { $0.name < $1.name })
        case .array(let items): .array(items.map(\.canonical))
        default: self
        }
    }
}
