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

        /// How far the sender's clock may be from ours.
        package static let tolerance = Duration.seconds(300)
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

    /// Throws a `Failure` `unauthorized` unless one of the signatures in `headers` is right for `body` under
    /// one of `secrets`, and not older or newer than the tolerance. It does not say what was wrong.
    ///
    /// - Parameter headers: the value of the header with a given name, nil when it is missing.
    package static func verify(
        _ body: [UInt8], headers: (String) -> String?, secrets: [Webhooks.Secret], now: Moment = .now
    ) throws {
        let refusal = Failure(.unauthorized, "The webhook's signature is missing or wrong.")
        guard let id = headers("webhook-id"), !id.isEmpty, let timestamp = headers("webhook-timestamp"),
            let text = headers("webhook-signature"), isFresh(timestamp, now)
        else { throw refusal }
        let content = content(id, timestamp, body)
        var isRight = false
        for signature in text.split(separator: " ").prefix(most) where signature.hasPrefix("v1,") {
            guard let code = Data(base64Encoded: String(signature.dropFirst(3))) else { continue }
            // Compares in constant time, and goes on after a match.
            for secret in secrets {
                let fits = HMAC<SHA256>.isValidAuthenticationCode(
                    code, authenticating: content, using: secret.key)
                isRight = fits || isRight
            }
        }
        guard isRight else { throw refusal }
    }

    private static func isFresh(_ timestamp: String, _ now: Moment) -> Bool {
        guard (1...15).contains(timestamp.utf8.count),
            timestamp.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let seconds = Int64(timestamp)
        else { return false }
        return abs(now.milliseconds / 1_000 - seconds) <= Int64(tolerance.seconds)
    }

    private static func content(_ id: String, _ timestamp: String, _ body: [UInt8]) -> [UInt8] {
        Array("\(id).\(timestamp).".utf8) + body
    }
}
