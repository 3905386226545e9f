import Core
import Crypto
import Foundation

/// The secret that a session is prolonged with. It is good once; the table holds its hash only.
package struct RefreshToken: Sendable, Hashable, CustomStringConvertible {
    /// How long a session lives that nobody prolongs.
    package static let idleLife: Duration = .seconds(30 * 86_400)
    /// How long a session lives at all.
    package static let wholeLife: Duration = .seconds(90 * 86_400)
    /// How long a used token still gives the same child, for a caller whose answer was lost.
    package static let grace: Duration = .seconds(10)

    private static let prefix = "atom_r_"
    private static let length = prefix.utf8.count + 43

    package let text: String

    /// A new one of 256 random bits.
    package init() { text = Random.text(Self.prefix) }

    /// Nil for a text that cannot be one.
    package init?(_ text: String) {
        guard text.utf8.count == Self.length, text.hasPrefix(Self.prefix) else { return nil }
        self.text = text
    }

    /// A token is nothing to be read in a log.
    package var description: String { "RefreshToken" }

    /// What the table knows it by.
    package var digest: String { Random.digest(text) }

    /// `child` as only somebody with this token can read it, so that the table never holds a token that is
    /// good.
    package func seal(_ child: RefreshToken) throws -> [UInt8] {
        do {
            let box = try AES.GCM.seal(Array(child.text.utf8), using: key, authenticating: Array(digest.utf8))
            guard let bytes = box.combined else { throw CryptoKitError.incorrectParameterSize }
            return Array(bytes)
        } catch {
            throw Failure(.broken, "A token could not be sealed.", cause: error)
        }
    }

    /// The child that was sealed; nil where the bytes are of another token or damaged.
    package func open(_ sealed: [UInt8]) -> RefreshToken? {
        do {
            let box = try AES.GCM.SealedBox(combined: sealed)
            let bytes = try AES.GCM.open(box, using: key, authenticating: Array(digest.utf8))
            return RefreshToken(String(decoding: bytes, as: UTF8.self))
        } catch {
            return nil
        }
    }

    private var key: SymmetricKey {
        HKDF<SHA256>.deriveKey(
            inputKeyMaterial: SymmetricKey(data: Array(text.utf8)),
            info: Array("atom refresh token child".utf8), outputByteCount: 32)
    }
}
