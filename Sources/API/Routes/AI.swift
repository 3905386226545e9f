import Accounts
import Automation
import Core
import HTTPTypes
import Logging
import Store
import Work
import Workspace

extension Routes {
    /// `/ai`: talks with a language model, and prose about the workspace.
    enum AI {
        static let conversations = Resource(.conversations, at: "/ai/conversations")
        static let messages = Resource(.chatMessages, at: "/ai/messages")

        static let routes =
            [
                Route(
                    .post, "/ai/analyze", "Have the workspace analysed, with prose by a model.", analyze
                ).taking("AnalysisRequest").idempotent()
                    .answering(202, "Its job is accepted.", "AcceptedJob"),
                Route(.post, "/ai/chat", "Say something, to be answered by a job.", chat)
                    .taking("ChatRequest").idempotent()
                    .answering(202, "Written down, and the job that answers accepted.", "ChatReceipt"),
            ] + conversations.routes + [messages.listed, messages.shown] + AIActions.routes
            + AISuggestions.routes + AISettings.routes

        static let schemas: [JSON.Member] =
            conversations.schemas
            + messages.schemas.filter { !$0.name.hasSuffix("Request") }
            .filter { !$0.name.hasSuffix("Change") } + AIActions.schemas + AISuggestions.schemas
            + AISettings.schemas + [
                .init("AnalysisRequest", Schema.request(["project_id": Schema.id, "prose": Schema.bool])),
                .init("AcceptedJob", Schema.object(["job_id": Schema.id], required: ["job_id"])),
                .init(
                    "ChatRequest",
                    Schema.request(
                        [
                            "message": Schema.text(1...20_000), "conversation_id": Schema.id,
                            "contact_id": Schema.id,
                        ], required: ["message"])),
                .init(
                    "ChatReceipt",
                    Schema.object(
                        ["conversation_id": Schema.id, "message_id": Schema.id, "job_id": Schema.id],
                        required: ["conversation_id", "message_id", "job_id"])),
            ]

        /// What a request to analyse says.
        private struct Wish: Decodable {
            let project_id: ID?
            let prose: Bool?
        }

        /// What a request to chat says.
        private struct Saying: Decodable {
            let message: String
            let conversation_id: ID?
            let contact_id: ID?
        }
    }
}

extension Routes.AI {
    private static func analyze(_ call: Call) async throws -> Answer {
        let json = try await call.json()
        try requireKnown(json, ["project_id", "prose"])
        let wish = try json.decode(Wish.self)
        var arguments: [JSON.Member] = [.init("prose", .bool(wish.prose ?? true))]
        if let project = wish.project_id {
            _ = try await judged { _ = try await call.store.rows(.projects).require(project) }
            arguments.append(.init("project_id", JSON(project)))
        }
        let order = try await call.modelOrder("analyze_workspace", .object(arguments))
        return try await call.keep(
            [order], try Repeatable(call, json.canonical.text),
            answer: Answer(.accepted, ["job_id": JSON(order.envelope.id)])
                .with(.location, "/api/jobs/\(order.envelope.id)"))
    }

    private static func chat(_ call: Call) async throws -> Answer {
        let json = try await call.json()
        try requireKnown(json, ["message", "conversation_id", "contact_id"])
        let saying = try json.decode(Saying.self)
        try judging { try Rule.text(saying.message, 1...20_000, at: "/message") }
        for area in Chat.areas where call.principal?.scopes.admit(area, writing: false) != true {
            throw Failure(.forbidden, "A chat reads \(area), which the scopes of this key do not allow.")
        }
        let conversation = saying.conversation_id ?? ID()
        let order = try await call.modelOrder("chat_reply", ["conversation_id": JSON(conversation)])
        return try await call.keep([order], try Repeatable(call, json.canonical.text)) { store in
            if saying.conversation_id == nil {
                try await begin(conversation, saying, store)
            } else {
                _ = try await judged { _ = try await store.rows(.conversations).require(conversation) }
            }
            // The answer has the job's id, and messages are read in the order of theirs.
            let message = try await judging {
                try await store.rows(.chatMessages).create(
                    Values([
                        "conversation_id": JSON(conversation), "content": .string(saying.message),
                        "role": "user", "job_id": JSON(order.envelope.id),
                    ]), id: ID(milliseconds: order.envelope.id.milliseconds - 1))
            }
            return Answer(
                .accepted,
                [
                    "conversation_id": JSON(conversation), "message_id": JSON(message.id),
                    "job_id": JSON(order.envelope.id),
                ]
            ).with(.location, "/api/jobs/\(order.envelope.id)")
        }
    }

    private static func begin(_ id: ID, _ saying: Saying, _ store: Store) async throws {
        let line = saying.message.split(whereSeparator: \.isNewline).first ?? ""
        let title = line.filter { !$0.isNewline }.prefix(80)
        try await judging {
            _ = try await store.rows(.conversations).create(
                Values([
                    "title": .string(title.allSatisfy(\.isWhitespace) ? "Conversation" : String(title)),
                    "contact_id": JSON(saying.contact_id),
                ]), id: id)
        }
    }

    /// What a body refers to and is not there makes the body wrong, not the path.
    private static func judged(_ work: () async throws -> Void) async throws {
        do { try await work() } catch let failure as Failure where failure.kind == .missing {
            throw Problem.senseless(failure)
        }
    }

    static func requireKnown(_ json: JSON, _ names: [String]) throws(Failure) {
        guard let members = json.members else { throw Failure(.invalid, "The body must be a JSON object.") }
        if let stranger = members.first(where: { !names.contains($0.name) })?.name.prefix(60) {
            throw Failure(.invalid, "There is no field \"\(stranger)\" here.", at: "/\(stranger)")
        }
    }
}

extension Call {
    /// A job that asks a language model, counted against the limit of the connection it goes through first.
    fileprivate func modelOrder(_ name: String, _ arguments: JSON) async throws -> Order {
        var members: [JSON.Member] = [.init("name", .string(name)), .init("arguments", arguments)]
        if let limit = try await modelLimit() { members.append(.init("limits", [["key": .string(limit)]])) }
        return try JSON.object(members).decode(JobRequest.self).order(for: self)
    }

    private func modelLimit() async throws -> String? {
        do {
            return try await office.house.tools.models.candidates(in: workspace).first?.connection.limit
        } catch let failure as Failure where failure.kind != .unavailable {
            // The job says what is wrong with the connection.
            office.house.log.debug("no model to be limited", metadata: ["failure": "\(failure)"])
            return nil
        }
    }
}
