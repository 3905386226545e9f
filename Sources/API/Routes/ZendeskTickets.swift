import Automation
import Core
import HTTPTypes
import Hummingbird
import Store
import Work
import Workspace

extension Routes {
    /// `/integrations/zendesk/tickets`: the tickets as they were seen last, and jobs that change them.
    enum ZendeskTickets {
        static let path = "/integrations/zendesk/tickets"

        static let routes = [
            Route(.get, path, "List the tickets of Zendesk as they were synced last.", list)
                .paged()
                .query("connection_id", "Only those of this connection.", Schema.id)
                .query("status", "Only those in this state.", Schema.choice(TicketRequest.Seen.self))
                .answering(200, "A page.", "ZendeskTicketPage"),
            Route(.post, path, "Make a ticket at Zendesk, by a job.", create)
                .taking("ZendeskTicketDraft").idempotent()
                .answering(202, "Its job is accepted.", "ZendeskReceipt"),
            Route(.put, "\(path)/{id}", "Change a ticket at Zendesk, by a job; {id} is its number.", update)
                .taking("ZendeskTicketChange").idempotent()
                .answering(202, "Its job is accepted.", "ZendeskReceipt"),
            Route(.post, "\(path)/{id}/comments", "Say something on a ticket, by a job.", comment)
                .taking("ZendeskTicketComment").idempotent()
                .answering(202, "Its job is accepted.", "ZendeskReceipt"),
        ]

        static let schemas: [JSON.Member] = [
            .init("ZendeskTicket", ticket),
            .init("ZendeskTicketPage", Schema.page("tickets", of: "ZendeskTicket")),
            .init("ZendeskTicketDraft", TicketRequest.draft),
            .init("ZendeskTicketChange", TicketRequest.change),
            .init("ZendeskTicketComment", TicketRequest.comment),
            .init(
                "ZendeskReceipt",
                Schema.object(
                    ["job_id": Schema.id, "connection_id": Schema.id],
                    required: ["job_id", "connection_id"])),
        ]

        private static let ticket = Schema.object(
            [
                "id": Schema.count, "connection_id": Schema.id, "task_id": Schema.optional(Schema.id),
                "contact_id": Schema.optional(Schema.id), "subject": Schema.string,
                "status": Schema.choice(TicketRequest.Seen.self),
                "priority": Schema.optional(Schema.choice(TicketRequest.Priority.self)),
                "tags": Schema.list(Schema.string), "external_id": Schema.optional(Schema.string),
                "requester": Schema.optional(
                    Schema.object(
                        ["name": Schema.string, "email": Schema.optional(Schema.string)],
                        required: ["name", "email"])),
                "created_at": Schema.time, "updated_at": Schema.time,
                "sync": Schema.choice(Store.Zendesk.Pair.State.self),
                "sync_error": Schema.optional(Schema.string),
            ],
            required: [
                "id", "connection_id", "task_id", "contact_id", "subject", "status", "priority", "tags",
                "external_id", "requester", "created_at", "updated_at", "sync", "sync_error",
            ])
    }
}

extension Routes.ZendeskTickets {
    private static func list(_ call: Call) async throws -> Answer {
        let connection: ID? = try call.query("connection_id", "an id") { ID($0) }
        let status: TicketRequest.Seen? = try call.choice("status")
        let pairs = try await call.store.zendesk.page(call.rows, of: connection, status: status?.rawValue)
        return try call.page("tickets", pairs, id: \.id, show: show)
    }

    private static func show(_ pair: Store.Zendesk.Pair) -> JSON {
        let hidden = ["id"]
        return .object(
            [
                .init("id", JSON(pair.ticketID)), .init("connection_id", JSON(pair.connection)),
                .init("task_id", JSON(pair.task)), .init("contact_id", JSON(pair.contact)),
            ] + (pair.ticket.members ?? []).filter { !hidden.contains($0.name) }
                + [.init("sync", JSON(pair.state)), .init("sync_error", JSON(pair.error))])
    }

    private static func create(_ call: Call) async throws -> Answer {
        let request = try TicketRequest(try await call.json(), .draft)
        return try await accept("create_ticket", ["ticket": try request.ticket], request, call)
    }

    private static func update(_ call: Call) async throws -> Answer {
        let (id, request) = (try number(call), try TicketRequest(try await call.json(), .change))
        return try await accept(
            "update_ticket", ["ticket_id": JSON(id), "changes": request.changes], request, call)
    }

    private static func comment(_ call: Call) async throws -> Answer {
        let (id, request) = (try number(call), try TicketRequest(try await call.json(), .comment))
        return try await accept(
            "update_ticket", ["ticket_id": JSON(id), "comment": request.words], request, call)
    }

    private static func number(_ call: Call) throws -> Int {
        guard let id = call.parameters.get("id").flatMap({ Int($0) }), id > 0 else {
            throw Failure(.missing, "There is no such ticket.")
        }
        return id
    }

    private static func accept(
        _ job: String, _ arguments: JSON, _ request: TicketRequest, _ call: Call
    ) async throws -> Answer {
        let connection = try await connection(request.connection, call)
        let all = JSON.object(
            (arguments.members ?? []) + [.init("connection_id", JSON(connection))])
        let order = try JSON.object([
            .init("name", .string(job)), .init("arguments", all),
            .init("limits", [["key": .string(Connection.limit("zendesk", connection))]]),
        ]).decode(JobRequest.self).order(for: call)
        let answer = Answer(
            .accepted, ["job_id": JSON(order.envelope.id), "connection_id": JSON(connection)])
        return try await call.keep([order], try Repeatable(call, request.json.canonical.text), answer: answer)
    }

    /// The connection that is meant: the one named, or the oldest that works.
    private static func connection(_ named: ID?, _ call: Call) async throws -> ID {
        guard let named else {
            if let usual = try await call.store.connections.usual("zendesk") { return usual.id }
            throw Problem.senseless(
                Failure(.invalid, "There is no connection to Zendesk; make one first.", at: "/connection_id"))
        }
        let row = try await call.store.rows(.connections).find(named)
        guard row?["provider"] == "zendesk" else {
            throw Problem.senseless(
                Failure(.invalid, "connection_id names no connection to Zendesk.", at: "/connection_id"))
        }
        return named
    }
}
