import Core
import Crypto
import Curl
import Foundation

/// The way to a person's consent and to the tokens that follow from it, with one provider: OAuth 2 (RFC 6749)
/// with PKCE (RFC 7636).
package struct OAuth: Sendable {
    let provider: Provider
    let client: Client
    let curl: Curl
    let credentials: Credentials
    let authorize: Place
    let token: Place
    let revoke: Place?

    /// A fresh code verifier: 256 random bits.
    package static func verifier() -> String {
        SymmetricKey(size: .bits256).withUnsafeBytes { Base64.urlText(Array($0)) }
    }

    /// What the provider is shown of a verifier (S256).
    static func challenge(_ verifier: String) -> String {
        Base64.urlText(Array(SHA256.hash(data: Array(verifier.utf8))))
    }

    /// Where the person is sent. Throws `invalid` where a field of the address is missing.
    package func address(state: String, verifier: String, redirect: String) throws(Failure) -> String {
        guard let consent = provider.entrance.consent else { throw Failure(.broken, "There is no consent.") }
        let base = try written(authorize)
        let scopes = consent.scopes.joined(separator: " ")
        let standard = [
            ("response_type", "code"), ("client_id", client.id), ("redirect_uri", redirect),
            ("scope", scopes), ("state", state), ("code_challenge", Self.challenge(verifier)),
            ("code_challenge_method", "S256"),
        ].filter { !$0.1.isEmpty }
        return base + (base.contains("?") ? "&" : "?") + Self.form(standard + consent.extras)
    }

    /// Throws `forbidden` where `issuer`, as the answer names it, is not this provider (RFC 9207): the answer
    /// was meant for another.
    package func check(issuer: String?) throws(Failure) {
        guard let issuer else { return }
        let own = try written(authorize)
        let usual = own.split(separator: "/", maxSplits: 3).prefix(2).joined(separator: "//")
        let isChosen = authorize.template != provider.entrance.consent?.authorize
        let expected = isChosen ? usual : provider.entrance.consent?.issuer ?? usual
        guard issuer == expected else {
            throw Failure(.forbidden, "The answer comes from another server than \(provider.title)'s.")
        }
    }

    func written(_ place: Place) throws(Failure) -> String {
        guard let address = Provider.address(place.template, with: credentials) else {
            throw Failure(.invalid, "A field of \(provider.title)'s address is missing.", at: "/fields")
        }
        return address
    }

    static func form(_ pairs: [(String, String)]) -> String {
        Form(pairs.map { (name: $0, value: $1) }).text
    }
}
