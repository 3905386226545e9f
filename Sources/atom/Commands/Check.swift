import ArgumentParser
import Core
import Foundation
import Redis
import SQL
import Store

/// Tells what would be used and what is wrong with it.
struct Check: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print the settings that would be used, with errors and warnings; exits 0 or 1.")

    func run() async throws {
        var (settings, findings) = Settings.read()
        for (name, value) in settings.shown {
            say("\(name.padding(toLength: 24, withPad: " ", startingAt: 0)) \(value)")
        }
        await Self.tryDatabase(settings, &findings)
        await Self.tryRedis(settings, &findings)
        for warning in findings.warnings { say("warning: \(warning)") }
        for error in findings.errors { say("error: \(error)") }
        say(findings.errors.isEmpty ? "The settings are usable." : "The settings cannot be used.")
        if !findings.errors.isEmpty { throw ExitCode(1) }
    }

    /// Really opens the database, unless it is the one that the first start makes.
    private static func tryDatabase(_ settings: Settings, _ findings: inout Settings.Findings) async {
        let isThere = FileManager.default.fileExists(atPath: settings.absoluteHome)
        guard isThere || settings.databaseURL != nil else {
            return findings.warnings.append(
                "\(settings.absoluteHome) is not there yet: the first start makes it and its database.")
        }
        do {
            let database = try await House.database(settings, log: settings.log("atom.check"))
            if let weakness = try await Store.weakness(of: database) { findings.warnings.append(weakness) }
            await database.close()
        } catch { findings.errors.append((error as? Failure)?.message ?? "\(error)") }
    }

    /// Asks Redis for a sign of life.
    private static func tryRedis(_ settings: Settings, _ findings: inout Settings.Findings) async {
        guard settings.redisURL != nil else {
            return findings.warnings.append(
                "REDIS_URL is not set: only `atom up` can run, with a Redis of its own.")
        }
        do {
            let endpoint = try House.endpoint(settings)
            let client = try Client(endpoint, name: "atom-check", log: settings.log("atom.check"))
            let answer = try? await client.send(Command("PING"))
            await client.close()
            if answer == nil { findings.errors.append("Redis at \(endpoint) does not answer.") }
        } catch { findings.errors.append((error as? Failure)?.message ?? "\(error)") }
    }
}

extension Settings {
    /// Names and values as they may be shown: secrets masked.
    var shown: [(name: String, value: String)] {
        [
            ("ATOM_HOME", absoluteHome), ("ATOM_HOST", host), ("ATOM_PORT", "\(port)"),
            ("ATOM_RELAY_PORT", "\(relayPort)"),
            (
                "REDIS_URL",
                redisURL.map { (try? Endpoint($0).description) ?? "(not a URL)" } ?? "(private, by atom up)"
            ),
            ("DATABASE_URL", databaseURL.map(Databases.masked) ?? "(SQLite under ATOM_HOME)"),
            ("ATOM_ADMIN_EMAIL", adminEmail),
            ("ATOM_CALLBACK_SECRET", callbackSecret == nil ? "(no callbacks)" : "***"),
            ("ATOM_MASTER_KEYS", masterKeys == nil ? "(one under ATOM_HOME)" : "***"),
            ("ATOM_PUBLIC_URL", publicURL ?? "(host and port)"),
            ("ATOM_PROVIDER_URLS", providerURLs.keys.sorted().joined(separator: ",")),
            ("ATOM_TRANSCRIBER_URL", transcriberURL ?? "(none)"),
            ("ATOM_OAUTH_CLIENTS", oauthClients.keys.sorted().joined(separator: ",")),
            ("ATOM_JWT_SECRETS", keyring == nil ? "(one in the database)" : "***"),
            ("ATOM_ADMIN_KEY", adminKey == nil ? "(made at the first start)" : "***"),
            ("ATOM_ALLOWED_ORIGINS", origins.joined(separator: ",")),
            ("ATOM_QUEUES", queues.map { "\($0.name):\($0.weight)" }.joined(separator: ",")),
            ("ATOM_CONCURRENCY", "\(concurrency)"), ("ATOM_DRAIN_SECONDS", "\(drain.milliseconds / 1_000)"),
            ("ATOM_LEASE_SECONDS", "\(lease.milliseconds / 1_000)"),
            ("ATOM_RETENTION_SECONDS", "\(retention.milliseconds / 1_000)"),
            ("ATOM_SMTP_URL", smtpURL.map(Databases.masked) ?? "(sandbox)"), ("ATOM_MAIL_FROM", mailFrom),
            ("ATOM_SANDBOX", isSandboxed ? "1" : "0"), ("ATOM_LOG_LEVEL", logLevel),
            ("ATOM_LOG_FORMAT", logFormat), ("ATOM_PROXIES", "\(proxies)"),
            ("ATOM_RATE_LIMIT", rate.map { "\($0.requests)/\($0.seconds)" } ?? "off"),
            ("ATOM_WEBHOOK_ALLOW", webhookAllow.joined(separator: ",")),
            ("ATOM_METRICS_OPEN", isMetricsOpen ? "1" : "0"),
            ("ATOM_ALERT_LAG_SECONDS", "\(alertLag_s)"), ("ATOM_ALERT_WAIT_SECONDS", "\(alertWait_s)"),
        ]
    }
}
