import Core
import Integrations
import Store

/// What a person is told to do about a call of which nobody knows whether it was made.
package enum Advice {
    /// Nil for a call that needs nobody.
    package static func of(_ entry: Store.Effects.Entry) -> String? {
        guard entry.state == .unknown else { return nil }
        return "\(look(entry)) Then resolve this entry as sent or not_sent, and retry the job \(entry.job)."
    }

    /// What a job says at its end of its call with this key in the ledger.
    package static func lastWord(_ key: String) -> String {
        "unknown: it may have been sent, and its receipt was lost. Find out whether it arrived, resolve the "
            + "ledger entry \(key), then retry this job."
    }

    private static func look(_ entry: Store.Effects.Entry) -> String {
        let when = "at about \(entry.begunAt.text)"
        switch entry.provider {
        case "smtp":
            return "Look in the mail server's log \(when) for the Message-ID that begins with "
                + "\(name(entry)): with its \"queued\" line it was sent."
        case "telegram": return "Open the chat and see whether the bot's message is there, \(when)."
        case "teams", "discord", "slack":
            return "Open the channel and see whether the message is there, \(when)."
        case "twilio": return "Look in Twilio's message log for the number \(when)."
        case "sandbox", "atom": return "Look at /api/outbox/messages \(when)."
        default: return "Find out from \(title(entry)) whether it was done \(when)."
        }
    }

    private static func name(_ entry: Store.Effects.Entry) -> String {
        let parts = entry.key.split(separator: ":")
        return parts.count > 1 ? String(parts[1]) : entry.key
    }

    private static func title(_ entry: Store.Effects.Entry) -> String {
        do { return try Providers.named(entry.provider).title } catch { return entry.provider }
    }
}
