import Automation
import Core
import Logging
import Queue
import Redis
import Store
import Work

extension API {
    /// What the API answers from: the tables, Redis, the jobs that are known, and how it is set up.
    package struct House: Sendable {
        let store: Store
        /// What jobs have to work with.
        let tools: Tools
        let redis: Client
        let queueSettings: Queue.Settings
        let jobs: KnownJobs
        /// Brings jobs that the outbox holds to their queues. Whatever it cannot push, a later sweep does.
        let push: @Sendable ([Store.Outbox.Entry]) async -> Void
        /// Called when a request may have changed rows: what changed is told.
        let announce: @Sendable () -> Void
        let settings: API.Settings
        let log: Logger

        package init(
            tools: Tools, redis: Client, queueSettings: Queue.Settings = Queue.Settings(), jobs: KnownJobs,
            push: @escaping @Sendable ([Store.Outbox.Entry]) async -> Void,
            announce: @escaping @Sendable () -> Void = {}, settings: API.Settings, log: Logger
        ) {
            self.tools = tools
            store = tools.store
            self.redis = redis
            self.queueSettings = queueSettings
            var jobs = jobs
            jobs.takesCallbacks = settings.callbackSecret != nil
            self.jobs = jobs
            self.push = push
            self.announce = announce
            self.settings = settings
            self.log = log
        }
    }
}

/// The catalogue as the API needs it, whatever its jobs are given to work with.
package struct KnownJobs: Sendable {
    let names: [String]
    /// False where nothing signs callbacks, so that none may be asked for.
    fileprivate(set) var takesCallbacks = false
    let policy: @Sendable (String) -> Policy?
    /// What a job changes, as scopes call it; nil for a name that this program does not know.
    let area: @Sendable (String) -> String?
    /// The version of arguments that this program's job takes; 1 where it knows none of that name.
    let version: @Sendable (String) -> Int
    let check: @Sendable (String, JSON) throws -> Void

    package init<Tools: Sendable>(_ catalogue: Catalogue<Tools>) {
        names = catalogue.names
        policy = { catalogue.policy($0) }
        area = { catalogue.area($0) }
        version = { catalogue.version($0) ?? 1 }
        check = { try catalogue.check($0, arguments: $1) }
    }
}
