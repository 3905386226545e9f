import Core
import HTTPTypes
import Logging
import Queue
import Store
import Work
import Workspace

extension Routes {
    /// `/api/communications/messages`: the messages of all channels, in and out.
    enum Messages {
        static let path = "/api/communications/messages"

        static let resource: Resource = {
            var resource = Resource(.messages, at: path)
            resource.narrowings = [unread, bound("from", ">=", "this or later"), bound("to", "<", "earlier")]
            return resource
        }()

        static let routes =
            resource.routes + [
                Route(.post, "\(path)/send", "Send a message by a job, at once or at a time.", send)
                    .taking("MessageSending").idempotent()
                    .answering(202, "Written down, and its job accepted.", "MessageReceipt"),
                Route(
                    .post, "\(path)/{id}/send", "Send a draft, or try a failed message again.", sendAgain
                ).taking(later).idempotent()
                    .answering(202, "Its job is accepted.", "MessageReceipt"),
                Route(.post, "\(path)/{id}/cancel", "Make a scheduled message a draft again.", cancel)
                    .answering(200, "The message as it is now.", "Message"),
                Route(.put, "\(path)/{id}/read", "Mark a message that came in as read.", read)
                    .answering(200, "The message as it is now.", "Message"),
            ]

        static let schemas =
            resource.schemas + [
                .init("MessageSending", SendRequest.schema), .init("MessageLater", SendRequest.laterSchema),
                .init(
                    "MessageReceipt",
                    Schema.object(
                        ["message": Schema.named("Message"), "job_id": Schema.id],
                        required: ["message", "job_id"])),
            ]

        private static let later = Route.Body(
            type: "application/json", schema: Schema.named("MessageLater"), isRequired: false)

        private static let unread = Resource.Narrowing(
            parameter: .init(
                name: "unread", about: "Only those that came in and are read, or not yet.",
                schema: Schema.bool)
        ) { text, query in
            guard let isUnread = ["true": true, "false": false][text] else {
                throw Failure(
                    .invalid,
                    "The query parameter unread is \"\(text.prefix(40))\"; it must be true or false.")
            }
            query.conditions.append(
                .init("direction = 'in' and read_at is \(isUnread ? "" : "not ")null", []))
        }

        private static func bound(_ name: String, _ sign: String, _ when: String) -> Resource.Narrowing {
            Resource.Narrowing(
                parameter: .init(
                    name: name, about: "Only those whose occurred_at is \(when).", schema: Schema.time)
            ) { text, query in
                guard let field = Noun.message.field("occurred_at"), let moment = Moment(text) else {
                    throw Failure(
                        .invalid,
                        "The query parameter \(name) is \"\(text.prefix(40))\"; it must be a time such as "
                            + "2026-03-29T01:30:00Z.")
                }
                // A bare nil would be a JSON null here, and nothing is before that.
                let (time, none) = (JSON(moment), JSON?.none)
                query.ranges.append(sign == "<" ? (field, none, time) : (field, time, none))
            }
        }
    }
}

extension Routes.Messages {
    private static func send(_ call: Call) async throws -> Answer {
        let json = try await call.json()
        return try await send(try SendRequest(json), try Repeatable(call, json.canonical.text), call, receipt)
    }

    /// Writes down a message and the job that sends it; `answer` says what the caller is told of them.
    static func send(
        _ request: SendRequest, _ repeatable: Repeatable?, _ call: Call,
        _ answer: @escaping @Sendable (Item, Order) -> Answer
    ) async throws -> Answer {
        let id = ID()
        let limit = try await ProviderLimit.key(for: request.writing, call)
        let order = try order(of: id, at: request.time, limit: limit, call)
        return try await call.keep([order], repeatable) { store in
            let message = try await judging {
                let values = try await store.messages.write(request.writing)
                return try await store.messages.promise(
                    values, id: id, to: order.envelope.id, at: request.time)
            }
            return answer(message, order)
        }
    }

    private static func sendAgain(_ call: Call) async throws -> Answer {
        let id = try call.id(of: "message")
        let json = try await call.optionalJSON()
        if let stranger = json.members?.first(where: { $0.name != "send_at" })?.name.prefix(60) {
            throw Failure(.invalid, "There is no field \"\(stranger)\" here.", at: "/\(stranger)")
        }
        let time = try SendRequest.time(json)
        let limit = try await ProviderLimit.key(for: id, call)
        let order = try order(of: id, at: time, limit: limit, call)
        return try await call.keep([order], try Repeatable(call, json.canonical.text)) { store in
            receipt(
                try await judging {
                    try await store.messages.promise(id, to: order.envelope.id, at: time)
                }, order)
        }
    }

    private static func order(
        of message: ID, at time: Moment?, limit: String?, _ call: Call
    ) throws -> Order {
        var members: [JSON.Member] = [
            .init("name", "send_message"), .init("arguments", ["message_id": JSON(message)]),
        ]
        if let time { members.append(.init("run_at", JSON(time))) }
        if let limit { members.append(.init("limits", [["key": .string(limit)]])) }
        return try JSON.object(members).decode(JobRequest.self).order(for: call)
    }

    @Sendable private static func receipt(_ message: Item, _ order: Order) -> Answer {
        Answer(
            .accepted, ["message": resource.noun.json(message), "job_id": JSON(order.envelope.id)]
        ).with(.location, "\(path)/\(message.id)")
    }

    private static func cancel(_ call: Call) async throws -> Answer {
        let (message, job) = try await call.store.messages.cancel(call.id(of: "message"))
        // The job would find that the message is not its own any more; without it the queue is tidier.
        if let job { await forget(job, call) }
        return resource.answer(message)
    }

    private static func forget(_ job: ID, _ call: Call) async {
        do {
            _ = try await call.office.queues[JobRequest.defaultQueue].cancel(
                job, reason: "The message was cancelled.")
        } catch { call.office.house.log.debug("job not cancelled", metadata: ["error": "\(error)"]) }
    }

    private static func read(_ call: Call) async throws -> Answer {
        resource.answer(try await call.store.messages.read(call.id(of: "message")))
    }
}
