import API
import Automation
import Core
import Foundation
import Integrations
import Logging
import Queue
import Relay
import Store

/// What the settings mean for the rooms.
extension Settings {
    /// ATOM_HOME from the root of the disk.
    var absoluteHome: String { URL(fileURLWithPath: home).standardizedFileURL.path }

    /// Where uploaded files lie.
    var uploads: String { "\(absoluteHome)/uploads" }

    /// Where `atom up` keeps the key that it made, for the commands of the same user.
    var keyFile: String { "\(absoluteHome)/admin.key" }

    /// Mail and webhooks as they are set up. Throws a `Failure` that names the setting which is wrong.
    func integrations(_ store: Store, log: Logger) throws -> Integrations {
        let mail = Mail.Settings(
            server: try smtpURL.map { try Mail.Server(url: $0) }, sender: try Self.address(mailFrom),
            isSandboxed: isSandboxed)
        let webhooks = try Webhooks.Settings(allowing: webhookAllow)
        return Integrations(
            .init(mail: mail, webhooks: webhooks, bases: bases, clients: oauthClients),
            outbox: SandboxKeeper(store), log: log)
    }

    /// Where providers are reached instead of their own address.
    private var bases: [String: String] {
        guard let transcriberURL else { return providerURLs }
        return providerURLs.merging([Provider.transcription.name: transcriberURL]) { $1 }
    }

    /// What seals the secrets of workspaces: as set, else a key of our own in a file that only this user
    /// reads.
    func masters() throws -> MasterKeys {
        if let masterKeys { return try MasterKeys(masterKeys) }
        let path = "\(absoluteHome)/master.key"
        if !FileManager.default.fileExists(atPath: path) { try Self.makeMaster(at: path) }
        let kept = try String(contentsOfFile: path, encoding: .utf8)
        return try MasterKeys(kept.trimmingCharacters(in: .whitespacesAndNewlines))
    }

    /// Writes a key beside its place and links it there whole, so that of processes that start at once all
    /// read the same one, and none reads half of it.
    private static func makeMaster(at path: String) throws {
        let draft = "\(path).\(ProcessInfo.processInfo.processIdentifier).\(UUID().uuidString.prefix(8))"
        let file = open(draft, O_WRONLY | O_CREAT | O_EXCL, 0o600)
        guard file >= 0 else { throw Failure(.unavailable, "\(path) cannot be written.") }
        let handle = FileHandle(fileDescriptor: file, closeOnDealloc: true)
        defer { unlink(draft) }
        try handle.write(contentsOf: Data(MasterKeys.made("home").utf8))
        try handle.synchronize()
        guard link(draft, path) == 0 || errno == EEXIST else {
            throw Failure(.unavailable, "\(path) cannot be written.")
        }
    }

    /// `Name <address>` or an address alone.
    private static func address(_ text: String) throws -> Mail.Address {
        guard let open = text.lastIndex(of: "<"), text.hasSuffix(">") else { return Mail.Address(text) }
        let name = text[..<open].trimmingCharacters(in: .whitespaces)
        return Mail.Address(
            String(text[text.index(after: open)...].dropLast()), name: name.isEmpty ? nil : name)
    }

    /// The API as it is set up.
    var api: API.Settings {
        var api = API.Settings(uploads: uploads, version: Atom.version)
        api.host = host
        api.port = port
        api.allowedOrigins = Set(origins)
        api.metricsAreOpen = isMetricsOpen
        api.callbackSecret = workspaceSecret
        api.proxies = proxies
        api.publicURL = publicURL
        api.thresholds.lag_s = Double(alertLag_s)
        api.thresholds.jobWait_s = Double(alertWait_s)
        api.keyring = keyring
        if let rate {
            api.quota = Quota("default", rate.requests, per: .seconds(rate.seconds))
            api.entryQuota = Quota("entry", 20, per: .seconds(60))
            api.hookQuota = Quota("hook", 100, per: .seconds(1))
        }
        return api
    }

    /// The secret that signs what a workspace is called back with; nil where there are no callbacks.
    var workspaceSecret: (@Sendable (_ workspace: String) -> String)? {
        guard let master = callbackSecret else { return nil }
        return { workspace in Webhooks.Secret.derived(from: master, for: workspace) }
    }

    /// The relay as it is set up; without a port of its own it takes the API's upgrades.
    func relay(port: Int?) -> Relay.Settings {
        var relay = Relay.Settings()
        relay.host = host
        relay.port = port
        relay.origins = Set(origins)
        return relay
    }

    /// A log to standard error: one line an event.
    func log(_ label: String) -> Logger {
        var log = Logger(label: label) { [logFormat] label -> any LogHandler in
            logFormat == "json" ? LogLines(label: label) : StreamLogHandler.standardError(label: label)
        }
        log.logLevel = Logger.Level(rawValue: logLevel) ?? .notice
        return log
    }
}
