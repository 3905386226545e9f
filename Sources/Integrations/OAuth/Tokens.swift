import Core
import Curl
import Foundation

extension OAuth {
    /// What a provider gives for a consent.
    package struct Tokens: Sendable, CustomReflectable {
        package let access: String
        /// Nil where the old one stays good, or there is none.
        package let refresh: String?
        /// How long the access token is good; nil where it does not end.
        package let life: Duration?
        /// What was granted; empty where the provider does not say.
        package let scopes: [String]

        package var customMirror: Mirror { Mirror(self, children: []) }
    }

    /// Codes with which providers say that a consent is over.
    private static let over: Set<String> = [
        "invalid_grant", "bad_refresh_token", "invalid_refresh_token", "token_revoked", "token_expired",
        "bad_verification_code", "invalid_code",
    ]
    /// The most of an answer that is read.
    private static let mostRead = 65_536

    /// The tokens for the code that the provider gave the person.
    ///
    /// Throws `unauthorized` for a code that is not good, `unavailable` and `limited` where it may be asked
    /// again.
    package func exchange(code: String, verifier: String, redirect: String) async throws -> Tokens {
        try await ask([
            ("grant_type", "authorization_code"), ("code", code), ("redirect_uri", redirect),
            ("code_verifier", verifier),
        ])
    }

    /// Fresh tokens. Throws as `exchange` does; `unauthorized` means that the person must consent anew.
    package func refresh(_ token: String) async throws -> Tokens {
        try await ask([("grant_type", "refresh_token"), ("refresh_token", token)])
    }

    /// Takes a token back where the provider has a place for that.
    package func revoke(_ token: String) async throws {
        guard let revoke else { return }
        let (status, _) = try await post([("token", token)], to: revoke)
        guard status < 500 else { throw Failure(.unavailable, "\(provider.title) answered with \(status).") }
    }

    private func ask(_ pairs: [(String, String)]) async throws -> Tokens {
        let (status, json) = try await post(pairs, to: token)
        // Slack keeps the token of a person beside that of the team.
        let grant = json["access_token"] == nil ? json["authed_user"] ?? json : json
        guard status < 400, let access = grant["access_token"]?.string, !access.isEmpty else {
            throw refusal(status, json, hiding: pairs.map(\.1))
        }
        let scopes = (grant["scope"] ?? json["scope"])?.string ?? ""
        return Tokens(
            access: access, refresh: grant["refresh_token"]?.string,
            life: (grant["expires_in"]?.double ?? grant["expires_in"]?.string.flatMap { Double($0) })
                .map { .seconds(min(max(0, $0), 315_360_000)) },
            scopes: scopes.split { $0 == " " || $0 == "," }.map(String.init))
    }

    private func refusal(_ status: Int, _ json: JSON, hiding shown: [String]) -> Failure {
        let code = json["error"]?.string ?? "\(status)"
        let words = json["error_description"]?.string ?? ""
        let hidden = Credentials(
            Dictionary((shown + [client.secret]).map { ($0, $0) }, uniquingKeysWith: { first, _ in first }))
        let text = hidden.redacted(
            "\(provider.title) gave no token (\(code)) \(words)".prefix(300).description)
        if status == 429 { return Failure(.limited, text) }
        if status >= 500 || status == 408 { return Failure(.unavailable, text) }
        return Failure(Self.over.contains(code) ? .unauthorized : .invalid, text)
    }

    private func post(_ pairs: [(String, String)], to place: Place) async throws -> (Int, JSON) {
        var pairs = pairs
        var request = Curl.Request("POST", try written(place))
        request.headers = [
            .init("Content-Type", "application/x-www-form-urlencoded"), .init("Accept", "application/json"),
            .init("User-Agent", "Atom"),
        ]
        if provider.entrance.consent?.isBasic == true {
            let pair = Data("\(client.id):\(client.secret)".utf8).base64EncodedString()
            request.headers.append(.init("Authorization", "Basic \(pair)"))
        } else {
            pairs += [("client_id", client.id), ("client_secret", client.secret)]
        }
        request.body = .bytes(Array(Self.form(pairs).utf8))
        request.addresses = place.addresses
        request.maxBytes = Self.mostRead
        do {
            let answer = Line.Answer(try await curl.send(request))
            return (answer.status, answer.json)
        } catch let fault as Curl.Fault { throw Failure(fault) }
    }
}
