import Core

extension Provider.Consent {
    /// The consent of Google, for one of its services.
    static func google(_ scopes: [String]) -> Provider.Consent {
        var consent = Provider.Consent(
            authorize: "https://accounts.google.com/o/oauth2/v2/auth",
            token: "https://oauth2.googleapis.com/token",
            scopes: scopes.map { "https://www.googleapis.com/auth/\($0)" })
        // A refresh token is given with the first consent only, unless it is asked for again.
        consent.extras = [("access_type", "offline"), ("prompt", "consent")]
        consent.revoke = "https://oauth2.googleapis.com/revoke"
        return consent
    }
}

extension Provider.Rules {
    /// What Google's services share: some of their refusals with 403 pass by themselves.
    static let google = Provider.Rules(
        passing: ["rateLimitExceeded", "userRateLimitExceeded"],
        final: ["dailyLimitExceeded", "quotaExceeded"], pause: .seconds(10))
}

extension Line {
    /// Reads the errors of Google's services.
    static let googleReading: Reading = { answer in
        guard answer.status >= 400 else { return nil }
        let error = answer.json["error"]
        let reason = error?["errors"]?.array?.first?["reason"]?.string
        return answer.refusal(error?["message"]?.string ?? "", code: reason)
    }

    /// Asks a service of Google; nil for an answer with `gone`, the status of a cursor that is forgotten.
    func askGoogle(
        _ path: String, _ parameters: [(String, String?)], gone: Int? = nil
    ) async throws -> JSON? {
        let answer = try await ask(
            .page(path, parameters), reading: { $0.status == gone ? nil : Self.googleReading($0) })
        // A bare nil would be JSON's own null.
        return answer.status == gone ? JSON?.none : answer.json
    }
}
