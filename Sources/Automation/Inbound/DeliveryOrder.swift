import Core
import Store

/// The jobs that deliveries lead to: who wants one makes it this way.
package enum DeliveryOrder {
    package static let taking = "take_delivery"
    static let answering = "answer_chat"

    /// The job that does what a delivery asks for.
    package static func take(_ delivery: ID, in workspace: ID) -> Envelope {
        envelope(taking, ["delivery_id": JSON(delivery)], in: workspace)
    }

    /// The job that sends a message of a bot, with buttons under it.
    static func answer(
        _ message: ID, by job: ID, _ buttons: [ChatButton], to inbox: Inbox
    ) -> Envelope {
        let arguments: JSON = [
            "message_id": JSON(message),
            "buttons": .array(
                buttons.map { ["title": .string($0.title), "data": .string($0.data)] }),
        ]
        var envelope = envelope(answering, arguments, id: job, in: inbox.workspace)
        envelope.flow.charges = [.init(Connection.limit("telegram", inbox.delivery.connection))]
        return envelope
    }

    private static func envelope(
        _ name: String, _ arguments: JSON, id: ID = ID(), in workspace: ID
    ) -> Envelope {
        var envelope = Envelope(id: id, name: name, arguments: arguments.bytes, workspace: workspace.text)
        envelope.flow.share = workspace.text
        return envelope
    }
}

extension Envelope {
    /// The job as the outbox keeps it.
    package func entry(in workspace: ID, queue: String = "default") -> Store.Outbox.Entry {
        Store.Outbox.Entry(id: id, workspace: workspace, queue: queue, envelope: bytes)
    }
}

/// A button under a message of a bot.
package struct ChatButton: Sendable, Hashable, Codable {
    package let title: String
    /// What comes back when it is pressed: 1 to 64 bytes.
    package let data: String

    package init(title: String, data: String) {
        self.title = title
        self.data = data
    }
}
