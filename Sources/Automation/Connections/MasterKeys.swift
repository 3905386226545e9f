import Core
import Crypto
import Foundation

/// The operator's keys, each with a name. The first seals, all open, so that a new one is put before the old.
package struct MasterKeys: Sendable, CustomStringConvertible {
    /// Bytes of a key.
    static let length = 32

    let keys: [(name: String, key: SymmetricKey)]

    /// `name:base64,name:base64`, each of 32 random bytes. Throws `invalid` without showing them.
    package init(_ text: String) throws(Failure) {
        var keys: [(name: String, key: SymmetricKey)] = []
        for part in text.split(separator: ",") {
            let pieces = part.trimmingCharacters(in: .whitespaces).split(separator: ":", maxSplits: 1)
            guard pieces.count == 2, let bytes = Data(base64Encoded: String(pieces[1])),
                bytes.count == Self.length
            else {
                throw Failure(
                    .invalid,
                    "A master key is name:base64 of 32 bytes; make one with: openssl rand -base64 32")
            }
            keys.append((String(pieces[0]), SymmetricKey(data: bytes)))
        }
        guard !keys.isEmpty, Set(keys.map(\.name)).count == keys.count else {
            throw Failure(.invalid, "Name at least one master key, and none twice.")
        }
        self.keys = keys
    }

    /// A key as the settings want it.
    package static func made(_ name: String) -> String {
        "\(name):" + SymmetricKey(size: .bits256).withUnsafeBytes { Data($0).base64EncodedString() }
    }

    package var description: String { "MasterKeys(\(keys.map(\.name).joined(separator: ", ")))" }
}
