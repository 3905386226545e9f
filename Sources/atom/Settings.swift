import Accounts
import Configuration
import Core
import Foundation
import Integrations
import Queue

/// Everything that can be set from outside, read once and checked as a whole.
///
/// Values come from the environment, then from the file `.env` in the working directory.
struct Settings: Sendable {
    /// ATOM_HOME: where Atom keeps its files.
    var home = ".atom"
    /// ATOM_HOST: the address the doors listen on.
    var host = "127.0.0.1"
    /// ATOM_PORT: the port of the API, and of everything in `atom up`.
    var port = 8080
    /// ATOM_RELAY_PORT: the port of `atom relay`.
    var relayPort = 8081
    /// REDIS_URL: the shared Redis; without it `atom up` starts a private one.
    var redisURL: String?
    /// DATABASE_URL: PostgreSQL or SQLite; without it a SQLite file under ATOM_HOME.
    var databaseURL: String?
    /// ATOM_ADMIN_EMAIL: the first administrator's address.
    var adminEmail = "admin@localhost"
    /// ATOM_ADMIN_KEY: the first administrator's key; without it one is made and shown once.
    var adminKey: String?
    /// ATOM_ALLOWED_ORIGINS: the web pages that may call the API and the relay from a browser.
    var origins: [String] = []
    /// ATOM_QUEUES: the queues a worker serves, each with its weight.
    var queues: [(name: String, weight: Int)] = [("default", 1)]
    /// ATOM_CONCURRENCY: jobs a worker runs at the same time.
    var concurrency = 32
    /// ATOM_DRAIN_SECONDS: how long running jobs may take to end when a worker stops.
    var drain: Duration = .seconds(25)
    /// ATOM_LEASE_SECONDS: how long a job stays a silent worker's.
    var lease: Duration = .seconds(10)
    /// ATOM_RETENTION_SECONDS: how long the outcome of a job can be read.
    var retention: Duration = .seconds(86_400)
    /// ATOM_SMTP_URL: the mail server; without it mail goes to the sandbox.
    var smtpURL: String?
    /// ATOM_MAIL_FROM: the sender of mail.
    var mailFrom = "Atom <atom@localhost>"
    /// ATOM_SANDBOX: whether integrations without credentials deliver to the sandbox, or fail.
    var isSandboxed = true
    /// ATOM_LOG_LEVEL: trace, debug, info, notice, warning, error or critical.
    var logLevel = "notice"
    /// ATOM_WEBHOOK_ALLOW: private networks (CIDR) that webhooks may go to.
    var webhookAllow: [String] = []
    /// ATOM_CALLBACK_SECRET: what the secrets that sign callbacks are made from; without it there are none.
    var callbackSecret: String?
    /// ATOM_METRICS_OPEN: whether /metrics answers without a key.
    var isMetricsOpen = true

    /// ATOM_RATE_LIMIT: requests a caller may make in so many seconds; nil where they are not counted.
    var rate: (requests: Int, seconds: Int)? = (6_000, 60)
    /// ATOM_PROXIES: how many proxies before the API name their callers.
    var proxies = 0
    /// ATOM_JWT_SECRETS: what signs access tokens; without it a secret is made up and kept in the database.
    var keyring: Keyring?
    /// ATOM_ALERT_LAG_SECONDS: how late changes and durable jobs may be before an alert is raised.
    var alertLag_s = 30
    /// ATOM_ALERT_WAIT_SECONDS: how long the oldest job may wait before an alert is raised.
    var alertWait_s = 300
    /// ATOM_LOG_FORMAT: text, or json for one JSON object a line.
    var logFormat = "text"

    /// ATOM_MASTER_KEYS: what seals the secrets of workspaces; without it a key is made and kept under
    /// ATOM_HOME.
    var masterKeys: String?
    /// ATOM_PUBLIC_URL: where the outside reaches the API, for webhooks and consents.
    var publicURL: String?
    /// ATOM_PROVIDER_URLS: where providers are reached instead of their own address.
    var providerURLs: [String: String] = [:]
    /// ATOM_TRANSCRIBER_URL: what turns speech into text where a workspace has connected nothing of its own.
    var transcriberURL: String?
    /// ATOM_OAUTH_CLIENTS: as whom we are registered with providers that ask people for their consent.
    var oauthClients: [String: OAuth.Client] = [:]

    /// What is wrong, or at least doubtful, about the values.
    struct Findings: Sendable {
        var errors: [String] = []
        var warnings: [String] = []
    }

    /// The names understood, for finding misspelt ones.
    static let names: Set<String> = [
        "ATOM_HOME", "ATOM_HOST", "ATOM_PORT", "ATOM_RELAY_PORT", "REDIS_URL", "DATABASE_URL",
        "ATOM_ADMIN_EMAIL",
        "ATOM_ADMIN_KEY", "ATOM_ALLOWED_ORIGINS", "ATOM_QUEUES", "ATOM_CONCURRENCY", "ATOM_DRAIN_SECONDS",
        "ATOM_LEASE_SECONDS", "ATOM_RETENTION_SECONDS", "ATOM_SMTP_URL", "ATOM_MAIL_FROM", "ATOM_SANDBOX",
        "ATOM_LOG_LEVEL", "ATOM_WEBHOOK_ALLOW", "ATOM_METRICS_OPEN",
        "ATOM_CALLBACK_SECRET", "ATOM_RATE_LIMIT", "ATOM_PROXIES", "ATOM_LOG_FORMAT",
        "ATOM_JWT_SECRETS", "ATOM_ALERT_LAG_SECONDS", "ATOM_ALERT_WAIT_SECONDS",
        "ATOM_MASTER_KEYS", "ATOM_PUBLIC_URL", "ATOM_PROVIDER_URLS", "ATOM_TRANSCRIBER_URL",
        "ATOM_OAUTH_CLIENTS",
    ]

    /// Reads and checks everything; an error leaves the default in place.
    static func read(
        environment: [String: String] = ProcessInfo.processInfo.environment, file: String = ".env"
    ) -> (settings: Settings, findings: Findings) {
        var findings = Findings()
        let written = EnvironmentFile.read(file, &findings)
        var all = written
        for (name, value) in environment where !value.isEmpty || all[name] == nil { all[name] = value }
        var sheet = SettingsSheet(all)
        var settings = Settings()
        settings.take(&sheet)
        findings.errors += sheet.errors
        let ours = all.keys.filter { $0.split(separator: "_").first == "ATOM" }
        for name in ours.sorted() where !names.contains(name) {
            findings.warnings.append("\(name) is not a setting; see .env.example for those there are.")
        }
        settings.judge(&findings)
        return (settings, findings)
    }

    /// The values, or an exit with all that is wrong.
    static func loaded() throws -> Settings {
        let (settings, findings) = read()
        guard findings.errors.isEmpty else {
            throw Failure(.invalid, findings.errors.joined(separator: "\n"))
        }
        return settings
    }

    private mutating func take(_ sheet: inout SettingsSheet) {
        home = sheet.text("atom.home") ?? home
        host = sheet.text("atom.host") ?? host
        port = sheet.number("atom.port", in: 0...65_535) ?? port
        relayPort = sheet.number("atom.relay.port", in: 0...65_535) ?? relayPort
        redisURL = sheet.url("redis.url", schemes: ["redis", "rediss", "redis+unix"])
        databaseURL = sheet.url("database.url", schemes: ["postgres", "postgresql", "sqlite"])
        adminEmail = sheet.text("atom.admin.email") ?? adminEmail
        adminKey = sheet.text("atom.admin.key")
        origins = sheet.list("atom.allowed.origins")
        queues = sheet.queues("atom.queues") ?? queues
        concurrency = sheet.number("atom.concurrency", in: 1...1_000) ?? concurrency
        drain = sheet.seconds("atom.drain.seconds", in: 0...3_600) ?? drain
        lease = sheet.seconds("atom.lease.seconds", in: 2...600) ?? lease
        retention = sheet.seconds("atom.retention.seconds", in: 1...31_536_000) ?? retention
        smtpURL = sheet.url("atom.smtp.url", schemes: ["smtp", "smtps"])
        mailFrom = sheet.text("atom.mail.from") ?? mailFrom
        isSandboxed = sheet.flag("atom.sandbox") ?? isSandboxed
        logLevel = sheet.choice("atom.log.level", of: Self.logLevels) ?? logLevel
        webhookAllow = sheet.list("atom.webhook.allow")
        callbackSecret = sheet.text("atom.callback.secret")
        isMetricsOpen = sheet.flag("atom.metrics.open") ?? isMetricsOpen
        rate = sheet.rate("atom.rate.limit", else: rate)
        proxies = sheet.number("atom.proxies", in: 0...8) ?? proxies
        alertLag_s = sheet.number("atom.alert.lag.seconds", in: 1...86_400) ?? alertLag_s
        alertWait_s = sheet.number("atom.alert.wait.seconds", in: 1...604_800) ?? alertWait_s
        keyring = sheet.keyring("atom.jwt.secrets")
        masterKeys = sheet.text("atom.master.keys")
        publicURL = sheet.url("atom.public.url", schemes: ["http", "https"])
        providerURLs = sheet.pairs("atom.provider.urls")
        transcriberURL = sheet.url("atom.transcriber.url", schemes: ["http", "https"])
        oauthClients = sheet.clients("atom.oauth.clients")
        logFormat = sheet.choice("atom.log.format", of: ["text", "json"]) ?? logFormat
    }

    private static let logLevels = ["trace", "debug", "info", "notice", "warning", "error", "critical"]

    private func judge(_ findings: inout Findings) {
        if let adminKey, adminKey.utf8.count < 20 {
            findings.errors.append(
                "ATOM_ADMIN_KEY has fewer than 20 characters; take a random one that is longer.")
        }
        if let callbackSecret, callbackSecret.utf8.count < 32 {
            findings.errors.append(
                "ATOM_CALLBACK_SECRET has fewer than 32 characters; take a random one that is longer.")
        }
        if !isSandboxed, smtpURL == nil {
            findings.warnings.append(
                "ATOM_SANDBOX is 0 and ATOM_SMTP_URL is missing: sending mail will fail.")
        }
        if databaseURL?.hasPrefix("postgres") == true, masterKeys == nil {
            findings.warnings.append(
                "ATOM_MASTER_KEYS is missing: secrets are sealed with a key under ATOM_HOME, so that "
                    + "processes on other machines, and a restored database, cannot open them.")
        }
        if drain > .seconds(110) {
            findings.warnings.append(
                "ATOM_DRAIN_SECONDS is long; most supervisors kill a process much sooner.")
        }
        if host != "127.0.0.1", host != "localhost", isMetricsOpen {
            findings.warnings.append(
                "/metrics answers without a key on \(host); set ATOM_METRICS_OPEN=0 to close it.")
        }
    }

    /// What the benchmark's processes are told, by the names other queues' benchmarks use.
    static var bench: (port: Int, body: Int, out: String) {
        var sheet = SettingsSheet(ProcessInfo.processInfo.environment)
        return (
            sheet.number("bench.port", in: 1...65_535) ?? 6_400,
            sheet.number("bench.body", in: 0...100_000) ?? 300,
            sheet.text("bench.out") ?? "/dev/null"
        )
    }
}
