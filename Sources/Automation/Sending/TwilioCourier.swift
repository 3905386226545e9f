import Core
import Foundation
import Integrations
import Store
import Workspace

/// WhatsApp and SMS, through Twilio.
struct TwilioCourier: Courier {
    let parcel: Parcel
    let connection: Connection
    let store: Store

    /// How long after somebody's last message WhatsApp takes free text.
    static let window: Duration = .seconds(24 * 3_600)

    let provider = Provider.twilio.name
    private var twilio: Twilio { Twilio(connection.line) }
    private var isWhatsApp: Bool { parcel.channel == .whatsapp }

    func parts() -> [Parcel.Part] { parcel.whole }

    func digest(of part: Parcel.Part) -> String { parcel.digest(of: part) }

    func send(_ part: Parcel.Part) async throws -> Ledger.Call {
        var message = try message(part)
        if isWhatsApp, message.content == nil { try await keepWindow(&message) }
        return Ledger.Call(await twilio.send(message), by: provider)
    }

    func question(about part: Parcel.Part) -> Ledger.Question? {
        asking { since in
            let message = try message(part)
            let entries = try await twilio.list(to: message.to, since: since).filter { entry in
                (entry.createdAt.map { $0 >= since } ?? true)
                    && (message.sender == nil || message.service != nil || entry.sender == message.sender)
            }
            // What a template became is not known here: with any message it is a person's turn.
            let isText = message.content == nil && (!isWhatsApp || template == nil)
            guard isText || entries.isEmpty else {
                throw Failure(.invalid, "Twilio lists messages that may be this one.")
            }
            return entries.filter { $0.body == message.body }.map(\.id).reversed()
        }
    }

    private func message(_ part: Parcel.Part) throws -> Twilio.Message {
        var message = Twilio.Message(to: address(parcel.to), body: part.text)
        message.service = connection.settings["messaging_service"]?.string
        message.sender = connection.settings[isWhatsApp ? "whatsapp_from" : "sms_from"]?.string.map(address)
        guard message.sender != nil || message.service != nil else {
            throw Failure(
                .invalid,
                "The connection \"\(connection.name)\" does not say which number messages of "
                    + "\(parcel.channel.title) come from: set \(isWhatsApp ? "whatsapp_from" : "sms_from").")
        }
        message.media = parcel.values.texts("media")
        message.content = parcel.values.content?["sid"]?.string
        message.variables = parcel.values.content?["variables"]?.text
        message.callback = connection.settings["status_callback"]?.string
        return message
    }

    /// Outside of the 24 hours only a template may be sent: the one that is set for that, else nothing.
    private func keepWindow(_ message: inout Twilio.Message) async throws {
        let sender = message.sender?.replacing("whatsapp:", with: "")
        let last = try await store.messages.lastWord(from: parcel.to, on: .whatsapp, to: sender)
        if let last, Moment.now < last + Self.window { return }
        guard let template else {
            throw Failure(
                .invalid,
                "WhatsApp takes free text only within 24 hours of the last message from \(parcel.to), "
                    + (last.map { "which came at \($0.text)" } ?? "and none has come")
                    + ". Send a template (content), or set whatsapp_template at the connection.")
        }
        message.content = template
        message.variables = JSON.object([.init("1", .string(message.body))]).text
    }

    private var template: String? { connection.settings["whatsapp_template"]?.string }

    private func address(_ number: String) -> String {
        isWhatsApp && !number.hasPrefix("whatsapp:") ? "whatsapp:\(number)" : number
    }
}
