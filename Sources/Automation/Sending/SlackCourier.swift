import Core
import Integrations
import Workspace

/// Messages of a Slack bot. Each carries its key as metadata, by which it is found again.
struct SlackCourier: Courier {
    let parcel: Parcel
    let connection: Connection

    let provider = Provider.slack.name
    private var slack: Slack { Slack(connection.line) }

    func parts() -> [Parcel.Part] { parcel.whole }

    func digest(of part: Parcel.Part) -> String { parcel.digest(of: part) }

    func send(_ part: Parcel.Part) async throws -> Ledger.Call {
        // A plain text must not call people or make links.
        let text = parcel.isMarkdown ? part.text : part.text.slackEscaped
        return Ledger.Call(await slack.post(text, to: parcel.to, key: part.key), by: provider)
    }

    func question(about part: Parcel.Part) -> Ledger.Question? {
        asking { since in try await slack.find(part.key, in: parcel.to, since: since) }
    }
}
