import Crypto
import Foundation

/// The signature of Standard Webhooks (1.0.0): `v1` with a shared secret, `v1a` with a public key.
struct StandardSeal {
    /// Signatures of one call that are looked at.
    private static let most = 16

    private let content: (String) -> [UInt8]
    private let given: [Substring]

    init(_ arrival: Arrival) throws(Scheme.Flaw) {
        let id = try arrival.required("webhook-id")
        // A full stop in the id could be read as the end of it.
        guard !id.contains(".") else { throw .forged }
        given = try arrival.required("webhook-signature").split(separator: " ").prefix(Self.most).map { $0 }
        content = { time in Array("\(id).\(time).".utf8) + arrival.body }
    }

    func fits(_ time: String?, _ secret: String) -> Bool {
        let content = content(time ?? "")
        if secret.hasPrefix("whpk_") { return fits(content, publicKey: String(secret.dropFirst(5))) }
        let text = secret.hasPrefix("whsec_") ? String(secret.dropFirst(6)) : secret
        guard let key = Data(base64Encoded: text), (24...64).contains(key.count) else { return false }
        let code = "v1," + Scheme.Mac.code(content, Array(key), .sha256).base64
        return given.reduce(false) { Scheme.Seal.same(String($1), code) || $0 }
    }

    private func fits(_ content: [UInt8], publicKey text: String) -> Bool {
        guard let bytes = Data(base64Encoded: text),
            let key = try? Curve25519.Signing.PublicKey(rawRepresentation: bytes)
        else { return false }
        return given.filter { $0.hasPrefix("v1a,") }.contains { part in
            guard let code = Data(base64Encoded: String(part.dropFirst(4))) else { return false }
            return key.isValidSignature(code, for: Data(content))
        }
    }
}
