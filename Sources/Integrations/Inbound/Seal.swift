import Core
import Crypto
import Foundation

extension Scheme {
    /// How a call proves who made it.
    enum Seal: Sendable {
        case mac(Mac)
        /// The secret itself, in a header.
        case token(header: String)
        /// The secret itself, in the address.
        case parameter(String)
        /// The secret itself, in each notice of the body.
        case notices
        case signature(Signature)
        case twilio
        case stripe
        case standard
        case mailgun
        case hubspot

        /// True when the secret is right for the call.
        func fits(_ arrival: Arrival, _ time: String?, _ secret: String) throws(Flaw) -> Bool {
            switch self {
            case .mac(let mac): try mac.fits(arrival, time, secret)
            case .token(let name): Self.same(try arrival.required(name), secret)
            case .parameter(let name): Self.same(arrival.query(name) ?? "", secret)
            case .notices: Self.notices(arrival, secret)
            case .signature(let signature): try signature.fits(arrival, time, secret)
            case .twilio: try TwilioSeal(arrival).fits(secret)
            case .stripe: try StripeSeal(arrival).fits(time, secret)
            case .standard: try StandardSeal(arrival).fits(time, secret)
            case .mailgun: try Self.mailgun(arrival, secret)
            case .hubspot: try HubSpotSeal(arrival).fits(secret)
            }
        }

        /// Compares in a time that tells nothing of where two texts differ.
        static func same(_ one: String, _ other: String) -> Bool {
            let (one, other) = (Array(one.utf8), Array(other.utf8))
            guard one.count == other.count, !one.isEmpty else { return false }
            return zip(one, other).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
        }

        private static func notices(_ arrival: Arrival, _ secret: String) -> Bool {
            let notices = arrival.json["value"]?.array ?? []
            return !notices.isEmpty && notices.allSatisfy { same($0["clientState"]?.string ?? "", secret) }
        }

        /// The signature is over the time and a token that is used once; the rest of the body is believed.
        private static func mailgun(_ arrival: Arrival, _ secret: String) throws(Flaw) -> Bool {
            let part = arrival.json["signature"]
            guard let token = part?["token"]?.string, let given = part?["signature"]?.string,
                let time = part?["timestamp"]?.string
            else { throw .unsigned }
            return same(given, Hex.text(Mac.code(Array((time + token).utf8), Array(secret.utf8), .sha256)))
        }
    }

    /// A code over parts of the call that only those make who know the secret.
    struct Mac: Sendable {
        enum Algorithm: Sendable { case sha1, sha256 }
        enum Style: Sendable { case hex, base64 }
        enum Part: Sendable {
            case text(String)
            case time, body, url, method
        }

        let header: String
        var algorithm = Algorithm.sha256
        var style = Style.hex
        /// What stands before the code.
        var prefix = ""
        var parts: [Part] = [.body]

        func fits(_ arrival: Arrival, _ time: String?, _ secret: String) throws(Flaw) -> Bool {
            let given = try arrival.required(header)
            let code = Self.code(Self.content(parts, arrival, time), Array(secret.utf8), algorithm)
            return Seal.same(given, prefix + (style == .hex ? Hex.text(code) : code.base64))
        }

        static func content(_ parts: [Part], _ arrival: Arrival, _ time: String?) -> [UInt8] {
            parts.flatMap { part -> [UInt8] in
                switch part {
                case .text(let text): Array(text.utf8)
                case .time: Array((time ?? "").utf8)
                case .body: arrival.body
                case .url: Array(arrival.url.utf8)
                case .method: Array(arrival.method.utf8)
                }
            }
        }

        static func code(_ content: [UInt8], _ key: [UInt8], _ algorithm: Algorithm) -> [UInt8] {
            let key = SymmetricKey(data: key)
            return switch algorithm {
            case .sha1: Array(HMAC<Insecure.SHA1>.authenticationCode(for: content, using: key))
            case .sha256: Array(HMAC<SHA256>.authenticationCode(for: content, using: key))
            }
        }
    }

    /// A signature that anybody can check and only the provider can make; the secret is its public key.
    struct Signature: Sendable {
        enum Curve: Sendable {
            /// The key as base64 of DER, the signature too.
            case p256
            /// Both in hex.
            case ed25519
        }

        let header: String
        let curve: Curve

        func fits(_ arrival: Arrival, _ time: String?, _ key: String) throws(Flaw) -> Bool {
            let given = try arrival.required(header)
            let content = Data(Array((time ?? "").utf8) + arrival.body)
            switch curve {
            case .p256:
                guard let key = Data(base64Encoded: key), let code = Data(base64Encoded: given),
                    let key = try? P256.Signing.PublicKey(derRepresentation: key),
                    let signature = try? P256.Signing.ECDSASignature(derRepresentation: code)
                else { return false }
                return key.isValidSignature(signature, for: SHA256.hash(data: content))
            case .ed25519:
                guard let key = [UInt8](hex: key), let code = [UInt8](hex: given),
                    let key = try? Curve25519.Signing.PublicKey(rawRepresentation: key)
                else { return false }
                return key.isValidSignature(Data(code), for: content)
            }
        }
    }
}

extension Arrival {
    /// Throws `unsigned` unless the header is there once and not empty.
    func required(_ name: String) throws(Scheme.Flaw) -> String {
        guard let value = header(name) else { throw .unsigned }
        return value
    }
}

extension [UInt8] {
    var base64: String { Data(self).base64EncodedString() }

    /// The bytes that lower-case hex stands for; nil for anything else.
    init?(hex: String) {
        guard !hex.contains(where: \.isUppercase), let bytes = Hex.bytes(hex.utf8) else { return nil }
        self = bytes
    }
}
