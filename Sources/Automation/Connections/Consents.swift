import Core
import Crypto
import Foundation
import Integrations
import Store
import Workspace

/// Brings people to a provider for their consent, and back with a connection.
package struct Consents: Sendable {
    private let connections: Connections

    package init(_ connections: Connections) { self.connections = connections }

    /// Who wants what connected.
    package struct Wish: Sendable {
        package let provider: Provider
        /// The connection that is connected anew; nil for a new one.
        package let connection: ID?
        package let name: String
        package let fields: [String: String]
        package let user: ID
        package let session: ID?
        /// Where the provider sends the person back to.
        package let callback: String
        /// Where they go from there; nil for a page of ours.
        package let redirect: String?

        package init(
            provider: Provider, connection: ID?, name: String, fields: [String: String], user: ID,
            session: ID?, callback: String, redirect: String?
        ) {
            self.provider = provider
            self.connection = connection
            self.name = name
            self.fields = fields
            self.user = user
            self.session = session
            self.callback = callback
            self.redirect = redirect
        }
    }

    /// A consent that was begun.
    package struct Begun: Sendable {
        /// Where the person goes.
        package let address: String
        package let state: String
        /// What only their browser keeps meanwhile.
        package let binding: String
    }

    /// What a person comes back with.
    package struct Reply: Sendable {
        package let state: String
        package let code: String?
        package let error: String?
        package let issuer: String?

        package init(state: String, code: String?, error: String?, issuer: String?) {
            self.state = state
            self.code = code
            self.error = error
            self.issuer = issuer
        }
    }

    /// How it is shown that the one who comes back is the one who went.
    package enum Proof: Sendable {
        /// What their browser kept.
        case binding(String?)
        /// They show who they are.
        case user(ID)
    }

    /// What came of it.
    package struct Ending: Sendable {
        package let connection: Item
        package let provider: Provider
        package let redirect: String?
    }

    /// The use that marks states.
    private static let use = "consent"

    private static func fresh() -> String {
        SymmetricKey(size: .bits256).withUnsafeBytes { Base64.urlText(Array($0)) }
    }

    private static func digest(_ text: String) -> String {
        Hex.text(SHA256.hash(data: Array(text.utf8)))
    }
}

extension Consents {
    /// Begins one. Throws `conflict` where we are not registered with the provider.
    package func begin(_ wish: Wish, through store: Store) async throws -> Begun {
        let vault = connections.vault
        let credentials = Credentials(wish.fields)
        let oauth = try connections.integrations.consent(of: wish.provider, credentials)
        let (random, binding, verifier, id) = (Self.fresh(), Self.fresh(), OAuth.verifier(), ID())
        let state = "\(random).\(vault.mark(random, for: Self.use))"
        let address = try oauth.address(state: state, verifier: verifier, redirect: wish.callback)
        let workspace = try store.workspaceInScope
        let (open, secret) = wish.provider.parted(wish.fields)
        let hidden = secret.merging(["code_verifier": verifier, "redirect_uri": wish.callback]) { $1 }
        try await store.transaction { store in
            let (key, text) = try await Vault(vault, over: store).seal(
                JSON.object(of: hidden).bytes, for: Self.place(id), in: workspace)
            try await store.consents.add(
                .init(
                    workspace: workspace, id: id, digest: Self.digest(random), binding: Self.digest(binding),
                    user: wish.user, session: wish.session, provider: wish.provider.name,
                    connection: wish.connection, name: wish.name, settings: JSON.object(of: open).text,
                    redirect: wish.redirect, key: key, sealed: text))
        }
        return Begun(address: address, state: state, binding: binding)
    }

    /// Ends one with what the provider sent the person back with.
    ///
    /// Throws `forbidden` for a state that is forged, used, over or another's, and for an answer of another
    /// server; the refusals of the provider as `OAuth.exchange` does.
    package func end(_ reply: Reply, _ proof: Proof) async throws -> Ending {
        let entry = try await used(reply.state, proof)
        let provider = try Providers.named(entry.provider)
        let plain = try await connections.vault.open(
            entry.sealed, key: entry.key, for: Self.place(entry.id), in: entry.workspace)
        let hidden = try JSONParser.parse(plain).texts
        let fields = try JSONParser.parse(Array(entry.settings.utf8)).texts.merging(hidden) { $1 }
        let oauth = try connections.integrations.consent(of: provider, Credentials(fields))
        try oauth.check(issuer: reply.issuer)
        guard let code = reply.code, reply.error == nil else {
            throw Failure(
                .forbidden, "\(provider.title) did not give its consent (\(Self.word(reply.error))).")
        }
        let tokens = try await oauth.exchange(
            code: code, verifier: hidden["code_verifier"] ?? "", redirect: hidden["redirect_uri"] ?? "")
        let item = try await keep(tokens, fields, entry, provider)
        return Ending(connection: item, provider: provider, redirect: entry.redirect)
    }

    /// The consent of a state, which is good no more from now on.
    private func used(_ state: String, _ proof: Proof) async throws -> Store.Consents.Entry {
        let refusal = Failure(.forbidden, "This answer belongs to no consent that is open here; begin anew.")
        let parts = state.split(separator: ".").map(String.init)
        let store = connections.store
        guard parts.count == 2, connections.vault.isMarked(parts[0], parts[1], for: Self.use),
            let entry = try await store.consents.find(Self.digest(parts[0]))
        else { throw refusal }
        guard Self.holds(proof, for: entry) else {
            throw Failure(
                .forbidden,
                "Another browser began this. Finish it there, or show its code and state as the "
                    + "user who began it.")
        }
        guard try await store.consents.use(entry) else { throw refusal }
        let user = try await store.users.find(entry.workspace, entry.user)
        guard let user, user.isMember, [.owner, .admin].contains(user.role) else { throw refusal }
        if let session = entry.session, try await store.sessions.find(session) == nil { throw refusal }
        return entry
    }

    private static func holds(_ proof: Proof, for entry: Store.Consents.Entry) -> Bool {
        switch proof {
        case .binding(let text): text.map { digest($0) == entry.binding } ?? false
        case .user(let user): user == entry.user
        }
    }

    private func keep(
        _ tokens: OAuth.Tokens, _ fields: [String: String], _ entry: Store.Consents.Entry,
        _ provider: Provider
    ) async throws -> Item {
        let scope = Scope(workspace: entry.workspace, actor: "user:\(entry.user)")
        let kept = fields.filter { !["code_verifier", "redirect_uri"].contains($0.key) }
        let grant = Connections.Grant(
            fields: kept, tokens: tokens, scopes: provider.entrance.consent?.scopes ?? [])
        let store = connections.store.scoped(scope)
        guard let id = entry.connection else {
            return try await connections.add(provider, entry.name, grant, through: store)
        }
        return try await connections.connect(id, grant, through: store)
    }

    private static func place(_ id: ID) -> String { "consents/\(id)/hidden" }

    /// The provider's word for a refusal, which came through a browser: nothing but letters.
    private static func word(_ error: String?) -> String {
        let word = (error ?? "no code").prefix(60).filter { $0.isASCII && ($0.isLetter || " _".contains($0)) }
        return word.isEmpty ? "no reason" : String(word)
    }
}
