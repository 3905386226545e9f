import Automation
import Core
import HTTPTypes
import Hummingbird
import Integrations
import Store
import Workspace

extension Routes {
    /// `/api/integrations/oauth/callback`: where people come back to from a service that was asked for
    /// consent.
    ///
    /// A browser shows the cookie that it was given when it began: nobody can be made to finish what another
    /// began, which would put their account into a stranger's workspace.
    enum IntegrationConsents {
        static let path = "\(Integrations.path)/oauth/callback"
        private static let cookie = "atom_consent_"

        static let routes = [
            Route(.get, path, "Come back from a service with its answer; a browser is sent here.", back)
                .open()
                .needed("state", "As it was given when the consent began.", Schema.text(1...200))
                .query("code", "What the service gives for tokens.", Schema.text(1...2_000))
                .query("error", "Why there is no consent.", Schema.text(1...200))
                .query("iss", "Which server answers (RFC 9207).", Schema.text(1...500))
                .ignoringOthers()
                .answering(.init(status: 200, about: "Connected.", schema: Schema.string, type: "text/html"))
                .answering(303, "Connected; the page that was asked for is next.")
                .refusing(401, "The code is not good.")
                .refusing(403, "No consent, or one that another browser began.")
                .refusing(404, "The connection is gone.")
                .refusing(409, "There is a connection of this name."),
            Route(.post, path, "Finish a consent as the user who began it, from no browser.", finish)
                .operating().taking("ConsentReply").answering(200, "The connection.", "Connection"),
        ]

        static let schemas: [JSON.Member] = [
            .init(
                "ConsentBegun",
                Schema.object(
                    ["authorize_url": Schema.string, "state": Schema.string, "expires_at": Schema.time],
                    required: ["authorize_url", "state", "expires_at"])),
            .init(
                "ConsentReply",
                Schema.request(
                    [
                        "state": Schema.text(1...200), "code": Schema.text(1...4_000),
                        "error": Schema.text(1...200), "iss": Schema.text(1...1_000),
                    ], required: ["state"])),
        ]
    }
}

extension Routes.IntegrationConsents {
    static func begin(
        _ request: ConnectRequest, _ subject: (provider: Provider, row: Item?), _ name: String, _ call: Call
    ) async throws -> Answer {
        let (provider, row) = subject
        guard let principal = call.principal else { throw Failure(.unauthorized, "This needs an API key.") }
        let fields = request.fields ?? row?.settings ?? [:]
        try judging {
            try provider.check(fields: fields, isForConsent: true)
            try check(redirect: request.redirect, call.office.settings)
        }
        let wish = Consents.Wish(
            provider: provider, connection: row?.id, name: name, fields: fields, user: principal.user,
            session: principal.session, callback: call.office.settings.address(path),
            redirect: request.redirect)
        let begun = try await judging {
            try await Consents(call.office.house.tools.connections).begin(wish, through: call.store)
        }
        return Answer([
            "authorize_url": .string(begun.address), "state": .string(begun.state),
            "expires_at": JSON(Moment.now + Store.Consents.life),
        ]).with(.setCookie, crumb(begun, call.office.settings)).with(.cacheControl, "no-store")
    }

    private static func back(_ call: Call) async throws -> Answer {
        guard let state = call.query("state") else {
            throw Failure(.invalid, "The query parameter state is missing.")
        }
        let reply = Consents.Reply(
            state: state, code: call.query("code"), error: call.query("error"), issuer: call.query("iss"))
        let kept = call.cookie(cookie + state.prefix(16))
        let ending = try await Consents(call.office.house.tools.connections).end(reply, .binding(kept))
        let gone = "\(cookie)\(state.prefix(16))=; Path=\(path); Max-Age=0; HttpOnly; SameSite=Lax"
        guard let redirect = ending.redirect else {
            return page("\(ending.provider.title) is connected. You can close this window.")
                .with(.setCookie, gone)
        }
        let mark = redirect.contains("?") ? "&" : "?"
        var answer = Answer.empty.with(.location, "\(redirect)\(mark)connection_id=\(ending.connection.id)")
        answer.status = .seeOther
        return answer.with(.setCookie, gone).with(.cacheControl, "no-store")
    }

    private static func finish(_ call: Call) async throws -> Answer {
        let request = try await call.json().decode(ConsentRequest.self)
        guard let principal = call.principal else { throw Failure(.unauthorized, "This needs an API key.") }
        let reply = Consents.Reply(
            state: request.state, code: request.code, error: request.error, issuer: request.iss)
        let ending = try await Consents(call.office.house.tools.connections).end(reply, .user(principal.user))
        return Routes.Integrations.resource.answer(ending.connection)
    }

    /// What the browser keeps until the person is back: for this path alone, and out of reach of scripts.
    private static func crumb(_ begun: Consents.Begun, _ settings: API.Settings) -> String {
        let isSafe = settings.address("").hasPrefix("https:")
        return "\(cookie)\(begun.state.prefix(16))=\(begun.binding); Path=\(path); "
            + "Max-Age=\(Store.Consents.life.milliseconds / 1_000); HttpOnly; SameSite=Lax"
            + (isSafe ? "; Secure" : "")
    }

    private static func page(_ text: String) -> Answer {
        Answer(
            text:
                "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Atom</title>"
                + "<p>\(text)</p></html>\n",
            type: "text/html; charset=utf-8"
        ).with(.contentSecurityPolicy, "default-src 'none'; frame-ancestors 'none'")
            .with(.cacheControl, "no-store")
    }

    /// Only pages of origins that may call us are places to go on.
    private static func check(redirect: String?, _ settings: API.Settings) throws(Failure) {
        guard let redirect else { return }
        let origins = settings.allowedOrigins.union([settings.address("")])
        let isPlain = redirect.unicodeScalars.allSatisfy { $0.value > 0x20 && $0.value < 0x7F }
        let isKnown = origins.contains { redirect == $0 || redirect.hasPrefix("\($0)/") }
        guard isPlain, isKnown, !redirect.contains("#"), redirect.utf8.count <= 2_000 else {
            throw Failure(
                .invalid, "redirect must be a page of an origin in ATOM_ALLOWED_ORIGINS.", at: "/redirect")
        }
    }
}

/// What a service answered, as somebody else than a browser brings it.
private struct ConsentRequest: Decodable, Sendable {
    let state: String
    let code: String?
    let error: String?
    let iss: String?
}

extension Item {
    /// The settings that are texts.
    fileprivate var settings: [String: String] {
        Dictionary(
            (self["settings"].members ?? []).compactMap { member in
                member.value.string.map { (member.name, $0) }
            }
        ) { $1 }
    }
}

extension Call {
    /// The value of a cookie, as far as one was sent.
    fileprivate func cookie(_ name: String) -> String? {
        let pairs = request.headers[values: .cookie].flatMap { $0.split(separator: ";") }
        return pairs.map { $0.drop { $0 == " " } }.first { $0.hasPrefix("\(name)=") }
            .map { String($0.dropFirst(name.count + 1)) }
    }
}

extension API.Settings {
    /// The address of a path as the outside sees it.
    func address(_ path: String) -> String {
        let base = publicURL ?? "http://\(host):\(port)"
        return (base.hasSuffix("/") ? String(base.dropLast()) : base) + path
    }
}
