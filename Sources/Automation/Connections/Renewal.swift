import Core
import Integrations
import Store
import Workspace

/// Keeps the access token of one connection fresh: of all that want a new one, in all processes, one asks.
///
/// A refresh token that the provider replaces is kept before the new access token is used, so that a crash
/// loses neither.
actor Renewal {
    /// What a line goes in with, and since when.
    struct Held: Sendable {
        let credentials: Credentials
        let turn: Int
        let expiresAt: Moment?

        init(_ credentials: Credentials, _ sealed: Store.Connections.Sealed) {
            self.credentials = credentials
            turn = sealed.turn
            expiresAt = sealed.expiresAt
        }

        func isGood(at now: Moment) -> Bool { expiresAt.map { now + Renewal.margin < $0 } ?? true }
    }

    /// A token with less life than this is renewed before it is used.
    static let margin: Duration = .seconds(60)
    /// How long one process may take to renew; then another tries. Longer than the provider may take to
    /// answer.
    private static let lease: Duration = .seconds(45)
    private static let patience: Duration = .seconds(60)
    private static let pause: Duration = .milliseconds(50)
    /// Changes of other secrets that may come between while tokens are kept.
    private static let mostChanges = 5

    private let connections: Connections
    private let row: Item
    private let workspace: ID
    private var held: Held

    init(_ connections: Connections, _ row: Item, in workspace: ID, _ held: Held) {
        self.connections = connections
        self.row = row
        self.workspace = workspace
        self.held = held
    }

    private var store: Store { connections.scoped(workspace) }

    /// What is good now; fresh ones where those shown were `refused`.
    func credentials(refused: Credentials?) async throws -> Credentials? {
        if let refused {
            if refused != held.credentials { return held.credentials }
        } else if held.isGood(at: .now) {
            return held.credentials
        }
        let seen = held.turn
        let fresh = try await renew(since: seen)
        if fresh.turn > held.turn { held = fresh }
        return held.credentials
    }

    func lockOut(_ failure: Failure) async {
        await connections.lockOut(row.id, in: workspace, turn: held.turn, failure)
    }

    /// Waits for whoever renews the secrets of `turn`, or does it.
    private func renew(since turn: Int) async throws -> Held {
        let deadline = Moment.now + Self.patience
        while true {
            guard let sealed = try await store.connections.sealed(row.id) else {
                throw Failure(.conflict, "The connection is gone.")
            }
            let held = Held(try await connections.credentials(row, sealed, workspace), sealed)
            if sealed.turn != turn { return held }
            let end = Moment.now + Self.lease
            if try await store.connections.claim(row.id, turn: turn, until: end) {
                // Once asked, the old token may be spent: what comes is kept, also when nobody waits for it.
                return try await Task { try await self.ask(held, until: end) }.value
            }
            guard Moment.now < deadline else {
                throw Failure(
                    .unavailable, "Another process renews this connection; try again.",
                    retryAfter: .seconds(1))
            }
            try await Task.sleep(for: Self.pause)
        }
    }

    private func ask(_ held: Held, until end: Moment) async throws -> Held {
        do {
            return try await exchange(held)
        } catch {
            try await store.connections.release(row.id, turn: held.turn, until: end)
            if let failure = error as? Failure, failure.kind == .unauthorized {
                await connections.lockOut(row.id, in: workspace, turn: held.turn, failure)
            }
            throw error
        }
    }

    private func exchange(_ held: Held) async throws -> Held {
        let provider = try Providers.named(row["provider"].string ?? "")
        let oauth = try connections.integrations.consent(of: provider, held.credentials)
        let tokens = try await oauth.refresh(held.credentials["refresh_token"] ?? "")
        return try await keep(tokens, after: held)
    }

    /// Keeps fresh tokens beside whatever else was changed meanwhile, such as the secret of calls to us: the
    /// refresh token before them may be spent.
    private func keep(_ tokens: OAuth.Tokens, after held: Held) async throws -> Held {
        var held = held
        let spent = held.credentials["refresh_token"]
        for _ in 0..<Self.mostChanges {
            let sealed = held.credentials.sealedPart(without: row["settings"].texts)
                .changed(by: tokens.fields)
            let isKept = try await connections.keep(
                sealed, of: row.id, (held.turn, tokens.expiresAt), through: store)
            guard let kept = try await store.connections.sealed(row.id) else { break }
            let now = Held(try await connections.credentials(row, kept, workspace), kept)
            if isKept { return now }
            guard now.credentials["refresh_token"] == spent else { break }
            held = now
        }
        throw Failure(.conflict, "The connection was connected anew meanwhile.")
    }
}

extension Credentials {
    /// Those that are no settings.
    fileprivate func sealedPart(without settings: [String: String]) -> Credentials {
        Credentials(fields.filter { settings[$0.key] == nil })
    }
}

extension OAuth.Tokens {
    /// As fields of a connection.
    var fields: [String: String] {
        var fields = ["access_token": access]
        if let refresh { fields["refresh_token"] = refresh }
        return fields
    }

    var expiresAt: Moment? { life.map { .now + $0 } }
}
