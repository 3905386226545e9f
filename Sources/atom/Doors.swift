import API
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
    func apiService() -> any Service { api.service() }

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
                store: store, redis: redis, queueSettings: queueSettings,
                jobs: KnownJobs(catalogue),
                push: { [outbox] in await outbox.push($0) }, settings: settings.api, log: log))
    }

    private func relay(port: Int?) -> Relay {
        Relay(
            settings.relay(port: port), redis: redis, prefix: queueSettings.prefix,
            authenticate: { [store, log] key in
                do {
                    return try await store.keys.find(key).map {
                        Relay.Principal(workspace: $0.workspace.text)
                    }
                } catch {
                    log.warning("a key could not be checked", metadata: ["error": "\(error)"])
                    return nil
                }
            }, log: log)
    }
}
