import API
import Accounts
import Automation
import Core
import HummingbirdCore
import Jobs
import Logging
import NIOCore
import NIOHTTP1
import NIOWebSocket
import Queue
import Relay
import ServiceLifecycle
import Store

/// The doors to the outside: the API, the relay, or both on one port.
extension House {
    /// The API alone.
    func apiServices() -> [any Service] { [announcer, sweep, api.service()] }

    /// The API and the relay on the API's port; `onRunning` hears which that is.
    func bothServices(onRunning: @escaping @Sendable (Int) async -> Void) -> [any Service] {
        let relay = relay(port: nil)
        return [relay, api.service(builder: SharedPort.builder(relay), onRunning: onRunning)]
    }

    /// The relay alone.
    func relayService() -> any Service { relay(port: settings.relayPort) }

    private var api: API {
        API(
            API.House(
                tools: tools, redis: redis, queueSettings: queueSettings,
                jobs: KnownJobs(catalogue),
                push: { [outbox] in await outbox.push($0) },
                announce: { [announcer, sweep] in
                    announcer.wake()
                    sweep.wake()
                },
                settings: settings.api, log: log))
    }

    private func relay(port: Int?) -> Relay {
        let doorkeeper = Doorkeeper(store, mint: Mint(store.secrets, keyring: settings.api.keyring))
        return Relay(
            settings.relay(port: port), redis: redis, prefix: queueSettings.prefix,
            authenticate: { [log] bearer in
                do { return Relay.Principal(try await doorkeeper.principal(bearer: bearer)) } catch {
                    guard (error as? Failure)?.kind != .unauthorized else { return nil }
                    log.warning("a key could not be checked", metadata: ["error": "\(error)"])
                    return nil
                }
            },
            revoked: { [store] moment in
                try await store.revocations.since(moment, limit: 10_000).map(Relay.Revocation.init)
            }, log: log)
    }
}

extension Relay.Principal {
    /// Nil for a key that may not listen.
    fileprivate init?(_ principal: Principal) {
        guard principal.scopes.admit("ws", writing: false) else { return nil }
        let session = principal.session.map { Relay.Credential.session($0.text) }
        self.init(
            workspace: principal.workspace.text, user: principal.user.text,
            credential: session ?? principal.key.map { .key($0.text) },
            // An access token is short-lived by design; its session may go on.
            until: session == nil ? principal.until : nil)
    }
}

extension Relay.Revocation {
    fileprivate init(_ entry: Store.Revocations.Entry) {
        let (id, workspace) = (entry.id.text, entry.workspace.text)
        switch entry.kind {
        case .session: self.init(.credential(.session(id)), at: entry.at)
        case .key: self.init(.credential(.key(id)), at: entry.at)
        case .user: self.init(.user(id, workspace: workspace), at: entry.at)
        }
    }
}
