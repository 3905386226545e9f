import Core
import Crypto
import Foundation

extension Webhooks {
    /// A secret that a sender and a receiver of webhooks share. It never shows itself in a log.
    package struct Secret: Sendable, CustomStringConvertible {
        fileprivate let key: SymmetricKey

        /// `whsec_` and the base64 of 24 to 64 bytes; nil for anything else.
        package init?(_ text: String) {
            let base64 = text.hasPrefix("whsec_") ? String(text.dropFirst(6)) : text
            guard let bytes = Data(base64Encoded: base64), (24...64).contains(bytes.count) else { return nil }
            key = SymmetricKey(data: bytes)
        }

        package var description: String { "whsec_…" }
    }

    /// The signature of a message, as the receiver finds it in the headers.
    package struct Signature: Sendable {
        /// `webhook-timestamp`: seconds since 1970.
        package let timestamp: String
        /// `webhook-signature`: one signature for each secret, parted by spaces.
        package let text: String

        /// A message may carry that many signatures.
        private static let most = 16
    }
}

extension Webhooks.Signature {
    /// Signs `body`, sent as `id` at `now`. Throws a `Failure` `invalid` for an id that cannot be
    /// signed, and without a secret.
    package static func sign(
        id: String, at now: Moment, body: [UInt8], secrets: [Webhooks.Secret]
    ) throws -> Self {
        guard (1...256).contains(id.utf8.count),
            id.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != 0x2E })
        else {
            throw Failure(.invalid, "The webhook's id must be plain characters without a full stop.")
        }
        guard (1...most).contains(secrets.count) else {
            throw Failure(.invalid, "The webhook has no secret to sign with, or more than \(most).")
        }
        let timestamp = String(now.milliseconds / 1_000)
        let content = content(id, timestamp, body)
        let signatures = secrets.map { secret in
            "v1,"
                + Data(HMAC<SHA256>.authenticationCode(for: content, using: secret.key)).base64EncodedString()
        }
        return Self(timestamp: timestamp, text: signatures.joined(separator: " "))
    }

    private static func content(_ id: String, _ timestamp: String, _ body: [UInt8]) -> [UInt8] {
        Array("\(id).\(timestamp).".utf8) + body
    }
}
