import Core
import HTTPTypes
import Store
import Work
import Workspace

extension Routes {
    /// `/integrations/<channel>/send` and `/integrations/history`: messages by the short paths.
    enum Outbound {
        private static let channels: [Channel] = [
            .whatsapp, .telegram, .email, .sms, .slack, .discord, .teams,
        ]

        static let routes: [Route] = channels.map(sending) + [history]

        static let schemas: [JSON.Member] =
            channels.map { .init(schemaName($0), OutboundRequest.schema($0)) } + [
                .init(
                    "OutboundReceipt",
                    Schema.object(
                        ["job_id": Schema.id, "message_id": Schema.id, "message": Schema.named("Message")],
                        required: ["job_id", "message_id", "message"]))
            ]

        private static func schemaName(_ channel: Channel) -> String {
            "Outbound" + channel.rawValue.prefix(1).uppercased() + channel.rawValue.dropFirst()
        }

        private static func sending(_ channel: Channel) -> Route {
            Route(
                .post, "/integrations/\(channel.rawValue)/send",
                "Send a message by \(channel.title), by a job.",
                { try await send(channel, $0) }
            ).taking(schemaName(channel)).idempotent()
                .answering(202, "Written down, and its job accepted.", "OutboundReceipt")
        }

        private static let history: Route = {
            let resource = Messages.resource
            let route = Route(
                .get, "/integrations/history", "List the messages of all channels, newest first.",
                resource.list
            ).paged().answering(200, "A page.", "MessagePage")
            return resource.parameters.reduce(route) { $0.query($1.name, $1.about, $1.schema) }
        }()

        private static func send(_ channel: Channel, _ call: Call) async throws -> Answer {
            let request = try await OutboundRequest(try await call.json(), on: channel, through: call.store)
            return try await Messages.send(
                request.writing, try Repeatable(call, "\(channel.rawValue) \(request.canonical)"), call
            ) { message, order in
                Answer(
                    .accepted,
                    [
                        "job_id": JSON(order.envelope.id), "message_id": JSON(message.id),
                        "message": Noun.message.json(message),
                    ]
                ).with(.location, "\(Messages.path)/\(message.id)")
            }
        }
    }
}
