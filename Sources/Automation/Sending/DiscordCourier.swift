import Core
import Integrations
import Store
import Workspace

/// Messages of a Discord bot, or through the webhook of a channel; long ones in parts.
struct DiscordCourier: Courier {
    let parcel: Parcel
    let connection: Connection

    let provider = Provider.discord.name
    private var discord: Discord { Discord(connection.line) }

    func parts() -> [Parcel.Part] { parcel.parts(of: Discord.longest) }

    func digest(of part: Parcel.Part) -> String { parcel.digest(of: part) }

    func send(_ part: Parcel.Part) async throws -> Ledger.Call {
        Ledger.Call(await discord.post(part.text, to: parcel.to, nonce: nonce(part)), by: provider)
    }

    /// A webhook cannot be asked what it posted.
    func question(about part: Parcel.Part) -> Ledger.Question? {
        guard discord.isBot else { return nil }
        return asking { since in
            try await discord.find(part.text, nonce: nonce(part), in: parcel.to, since: since)
        }
    }

    /// 25 characters are what Discord takes.
    private func nonce(_ part: Parcel.Part) -> String {
        String(Store.Messages.digest([part.key]).prefix(25))
    }
}
