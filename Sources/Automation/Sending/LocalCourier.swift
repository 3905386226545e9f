import Core
import Integrations
import Store
import Workspace

/// Messages that go no further than Atom: to its users, and what the sandbox keeps instead of a provider.
struct LocalCourier: Courier {
    let parcel: Parcel
    let tools: Tools

    var provider: String { parcel.channel == .inApp ? "atom" : "sandbox" }

    func parts() -> [Parcel.Part] { parcel.whole }

    func digest(of part: Parcel.Part) -> String { parcel.digest(of: part) }

    func send(_ part: Parcel.Part) async throws -> Ledger.Call {
        guard parcel.channel != .inApp else {
            return .made(receipt: receipt(isSandbox: false, "kept for its readers"))
        }
        guard tools.integrations.mail.isSandboxed else {
            throw Failure(
                .invalid,
                "The workspace has no connection for the channel \(parcel.channel.title), and "
                    + "ATOM_SANDBOX=0 closes the sandbox.")
        }
        try await tools.store.sandbox.add(
            .init(
                workspace: parcel.workspace, channel: parcel.channel.rawValue,
                recipient: parcel.values.texts("to").joined(separator: ", "),
                subject: parcel.values.text("subject"), body: parcel.text, raw: rendered))
        return .made(receipt: receipt(isSandbox: true, "kept in the sandbox"))
    }

    /// What a provider of the channel would be told.
    private var rendered: String {
        let names = ["to", "subject", "format", "content", "media"]
        return JSON.object(
            [.init("channel", JSON(parcel.channel)), .init("text", parcel.message["body"])]
                + names.map { .init($0, parcel.message[$0]) }
        ).text
    }

    private func receipt(isSandbox: Bool, _ reply: String) -> JSON {
        [
            "provider": .string(provider), "sandbox": .bool(isSandbox), "reply": .string(reply),
            "id": .string(parcel.message.id.text),
        ]
    }
}
