import Core
import Crypto
import Foundation

/// The secrets that sign access tokens: the first signs, all verify, so that one can take over from another.
package struct Keyring: Sendable, CustomStringConvertible {
    /// The bytes of the shortest secret: as many as the hash has.
    package static let shortest = 32
    /// Secrets that may be good at once.
    private static let most = 8

    private let first: String
    private let keys: [String: SymmetricKey]

    /// Reads `kid:secret,kid:secret`. Throws `Failure(.invalid)` whose message holds no secret.
    package init(_ text: String) throws(Failure) {
        let pairs = text.split(separator: ",").map { $0.split(separator: ":", maxSplits: 1) }
        var keys: [String: SymmetricKey] = [:]
        for pair in pairs {
            guard pair.count == 2, Self.isName(pair[0]) else {
                throw Failure(
                    .invalid, "Write kid:secret,kid:secret, each kid of 1 to 64 letters, digits, - and _.")
            }
            guard pair[1].utf8.count >= Self.shortest else {
                throw Failure(
                    .invalid, "The secret \(pair[0]) has fewer than \(Self.shortest) bytes.")
            }
            keys[String(pair[0])] = SymmetricKey(data: Array(pair[1].utf8))
        }
        guard let first = pairs.first?.first, keys.count == pairs.count, keys.count <= Self.most else {
            throw Failure(.invalid, "Name 1 to \(Self.most) secrets, and none twice.")
        }
        self.first = String(first)
        self.keys = keys
    }

    /// The text of a keyring with one new secret of 256 random bits, to be kept.
    package static func fresh() -> String { "\(ID().text.lowercased()):\(Random.text())" }

    package var description: String { "Keyring(\(keys.keys.sorted().joined(separator: ", ")))" }

    private static func isName(_ text: Substring) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                byte | 0x20 >= 97 && byte | 0x20 <= 122 || byte >= 48 && byte <= 57 || byte == 45
                    || byte == 95
            }
    }
}

extension Keyring {
    /// The token as a JSON Web Token (RFC 7519) signed with HMAC-SHA256.
    package func sign(_ token: AccessToken) -> String {
        let header: JSON = ["alg": "HS256", "typ": "JWT", "kid": .string(first)]
        return sign(header.bytes, token.claims.bytes, with: first)
    }

    /// Signs any two texts; nothing where there is no such key.
    func sign(_ header: [UInt8], _ claims: [UInt8], with kid: String) -> String {
        guard let key = keys[kid] else { return "" }
        let content = "\(Base64.urlText(header)).\(Base64.urlText(claims))"
        return "\(content).\(Base64.urlText(Array(Self.code(of: Array(content.utf8), key))))"
    }

    static func code(of content: [UInt8], _ key: SymmetricKey) -> HMAC<SHA256>.MAC {
        HMAC<SHA256>.authenticationCode(for: content, using: key)
    }

    /// The token that `text` is; nil unless it is one of ours, unchanged and good at `now`. Why not is
    /// nobody's business.
    ///
    /// The header must be ours to the last member: no token chooses its algorithm, and none brings a key.
    package func read(_ text: some StringProtocol, at now: Moment = .now) -> AccessToken? {
        guard text.utf8.count <= AccessToken.longest else { return nil }
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let header = Self.object(parts[0]), let key = key(for: header),
            let code = Base64.bytes(urlText: parts[2]),
            HMAC<SHA256>.isValidAuthenticationCode(
                code, authenticating: Array("\(parts[0]).\(parts[1])".utf8), using: key),
            let claims = Self.object(parts[1])
        else { return nil }
        return AccessToken(claims, at: now)
    }

    private func key(for header: JSON) -> SymmetricKey? {
        guard let members = header.members, members.count == 3, header["alg"] == "HS256",
            header["typ"] == "JWT"
        else { return nil }
        return header["kid"]?.string.flatMap { keys[$0] }
    }

    /// The object that a part writes; the parser refuses a name that stands twice.
    private static func object(_ part: some StringProtocol) -> JSON? {
        guard let bytes = Base64.bytes(urlText: part) else { return nil }
        do { return try JSONParser.parse(bytes) } catch { return nil }
    }
}
