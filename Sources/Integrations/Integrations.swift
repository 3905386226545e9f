import Core
import Curl
import Logging

/// The services outside, each behind words of our own.
package struct Integrations: Sendable {
    /// What the operator chose for all of them.
    package struct Settings: Sendable {
        package var mail: Mail.Settings
        package var webhooks: Webhooks.Settings
        /// Where providers are reached instead of their own address, by name: servers that the operator
        /// chose.
        package var bases: [String: String]
        /// As whom we are registered with providers that ask people for their consent, by name.
        package var clients: [String: OAuth.Client]

        package init(
            mail: Mail.Settings, webhooks: Webhooks.Settings = Webhooks.Settings(),
            bases: [String: String] = [:], clients: [String: OAuth.Client] = [:]
        ) {
            self.mail = mail
            self.webhooks = webhooks
            self.bases = bases
            self.clients = clients
        }
    }

    package let mail: Mail
    package let webhooks: Webhooks
    private let curl: Curl
    private let settings: Settings

    /// `outbox` keeps what the sandbox would have sent.
    package init(_ settings: Settings, outbox: any SandboxOutbox, log: Logger = Logger(label: "integrations"))
    {
        let curl = Curl()
        self.curl = curl
        self.settings = settings
        mail = Mail(settings.mail, curl: curl, outbox: outbox, log: log)
        webhooks = Webhooks(settings.webhooks, curl: curl, log: log)
    }

    /// The line to `provider` for a connection that gets in with `credentials`.
    ///
    /// - Parameter base: the connection's own address, for providers without one of their own; only what may
    ///   be called by webhooks too is reached there.
    /// - Throws: `invalid` when there is no address.
    package func line(
        to provider: Provider, _ credentials: Credentials, base own: String? = nil
    ) throws(Failure) -> Line {
        let chosen = settings.bases[provider.name]
        // Whoever only calls us is not called.
        let none = provider.abilities == [.receive] ? "" : nil
        let base = provider.base.isEmpty ? own ?? chosen ?? none : chosen ?? provider.base(with: credentials)
        guard let base, !base.isEmpty || none != nil else {
            throw Failure(.invalid, "\(provider.title) needs the address of its server.", at: "/base_url")
        }
        let isChosen = chosen != nil && base == chosen
        return Line(
            provider: provider, credentials: credentials,
            base: base.hasSuffix("/") ? String(base.dropLast()) : base, curl: curl,
            addresses: isChosen ? .open : settings.webhooks.addresses,
            strangers: settings.webhooks.addresses)
    }

    /// The way to a person's consent for `provider`.
    ///
    /// - Parameter credentials: the fields that stand in its addresses.
    /// - Throws: `conflict` where the operator has not registered us there, `invalid` where there is no such
    /// way.
    package func consent(of provider: Provider, _ credentials: Credentials) throws(Failure) -> OAuth {
        guard let consent = provider.entrance.consent else {
            throw Failure(.invalid, "\(provider.title) is connected by its fields, not by consent.")
        }
        guard let client = settings.clients[provider.name] else {
            throw Failure(
                .conflict, "We are not registered with \(provider.title); add it to ATOM_OAUTH_CLIENTS.")
        }
        let chosen = { (part: String) in settings.bases["\(provider.name).\(part)"] }
        return OAuth(
            provider: provider, client: client, curl: curl, credentials: credentials,
            authorize: .init(consent.authorize, chosen: chosen("authorize"), settings.webhooks.addresses),
            token: .init(consent.token, chosen: chosen("token"), settings.webhooks.addresses),
            revoke: (consent.revoke ?? chosen("revoke")).map {
                .init($0, chosen: chosen("revoke"), settings.webhooks.addresses)
            })
    }

    /// True where `provider` can be connected by consent here.
    package func takesConsent(_ provider: Provider) -> Bool {
        provider.entrance.consent != nil && settings.clients[provider.name] != nil
    }

    /// Ends what is on its way and lets the threads go.
    package func close() { curl.close() }
}
