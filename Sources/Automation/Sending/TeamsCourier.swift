import Core
import Integrations
import Workspace

/// Messages to a channel of Microsoft Teams, long ones in parts.
struct TeamsCourier: Courier {
    let parcel: Parcel
    let connection: Connection

    let provider = Provider.teams.name

    func parts() -> [Parcel.Part] { parcel.parts(of: Teams.longest) }

    func digest(of part: Parcel.Part) -> String { parcel.digest(of: part) }

    func send(_ part: Parcel.Part) async throws -> Ledger.Call {
        let title = part.number == 1 ? parcel.values.text("subject") : nil
        return Ledger.Call(await Teams(connection.line).post(part.text, title: title), by: provider)
    }
}
