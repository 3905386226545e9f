import Core
import GraphQL
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import Store
import Workspace

/// Answers the fields of a document for one caller, as the routes of the same nouns would.
struct GraphAnswers: Sendable {
    let graph: Graph
    let call: Call

    /// Runs a plan that was found good.
    func run(_ plan: Plan) async -> JSON {
        let executor = Executor(graph.engine.blueprint, answer: { try await answer($0) }, explain: explain)
        let (data, complaints) = await executor.run(plan)
        return Engine.json(
            data: data, complaints, extensions: [.init("cost", .integer(Int64(plan.cost)))])
    }

    private func answer(_ ask: Ask) async throws -> [Executor.Outcome]? {
        if let (deed, noun) = graph.deed(ask) { return [.success(try await answer(ask, deed, noun))] }
        guard let (link, noun) = graph.link(ask) else { return nil }
        return try await follow(link, to: noun, from: ask.parents)
    }

    /// What the route that does the same answers.
    private func answer(_ ask: Ask, _ deed: Graph.Deed, _ noun: GraphNoun) async throws -> JSON {
        let route = try permitted(deed, noun)
        let id = ask.arguments["id"]?.string
        do {
            let answer = try await route.answer(call.asking(route, id, ask.arguments))
            guard deed != .delete else { return JSON(id) }
            let json = try JSONParser.parse(Array(answer.text.utf8))
            guard deed == .list else { return json }
            return ["nodes": json[noun.noun.plural] ?? [], "next_cursor": json["next_cursor"] ?? .null]
        } catch let failure as Failure where deed == .show && failure.kind == .missing {
            return .null
        }
    }

    /// The route of a deed. Throws where the caller may not use it.
    private func permitted(_ deed: Graph.Deed, _ noun: GraphNoun) throws -> Route {
        guard let principal = call.principal else { throw Failure(.unauthorized, "This needs an API key.") }
        guard let route = noun.routes[deed] else {
            throw Failure(.missing, "No \(noun.noun.title) is answered alone.")
        }
        try route.authorize(principal)
        return route
    }

    private func explain(_ error: any Error) -> Complaint {
        let problem = Problem(error)
        if problem.status.code >= 500 {
            call.office.house.log.warning(
                "a request failed", metadata: ["request": "\(call.requestID)", "error": "\(error)"])
        }
        var extensions: [JSON.Member] = [
            .init("status", .integer(Int64(problem.status.code))),
            .init("type", .string("urn:atom:problem:\(problem.slug)")),
            .init("request_id", .string(call.requestID)),
        ]
        if let pointer = problem.pointer { extensions.append(.init("pointer", .string(pointer))) }
        return Complaint(problem.detail, extensions: extensions)
    }
}

extension GraphAnswers {
    /// The rows that many rows refer to, read together.
    private func follow(
        _ link: GraphNoun.Link, to noun: GraphNoun, from parents: [JSON]
    ) async throws -> [Executor.Outcome] {
        _ = try permitted(.show, noun)
        let named = parents.map { parent -> [ID] in
            let value = parent[link.field.name] ?? .null
            return (value.array ?? [value]).compactMap { $0.string.flatMap { ID($0) } }
        }
        let wanted = Set(named.joined())
        let found = try await call.store.rows(noun.resource.shelf).find(Array(wanted))
        let shown = Dictionary(found.map { ($0.id, noun.noun.json($0)) }) { first, _ in first }
        return named.map { ids in
            let rows = ids.compactMap { shown[$0] }
            return .success(link.isList ? .array(rows) : rows.first ?? .null)
        }
    }
}

extension Call {
    /// The call of a route, with arguments of GraphQL in the places of its parameters and its body.
    fileprivate func asking(_ route: Route, _ id: String?, _ arguments: JSON) -> Call {
        var (head, body) = (request.head, ByteBuffer())
        head.method = route.method
        head.headerFields[.contentLength] = nil
        // The key of the whole document is not the key of each of its parts.
        head.headerFields[.idempotencyKey] = nil
        head.headerFields[.ifMatch] = arguments["version"]?.integer.map { "\"\($0)\"" }
        head.path = route.path
        if route.body != nil {
            head.headerFields[.contentType] = "application/json"
            body = ByteBuffer(bytes: (arguments["input"] ?? [:]).bytes)
        } else {
            head.path = "\(route.path)?\(Self.query(arguments, route))"
        }
        return Call(
            request: Request(head: head, body: RequestBody(buffer: body)),
            parameters: id.map { ["id": $0[...]] } ?? [:], requestID: requestID, office: office,
            principal: principal, peer: peer, memo: memo)
    }

    private static func query(_ arguments: JSON, _ route: Route) -> String {
        let names = ["first": "limit", "after": "cursor"]
        let known = Set(route.queries.map(\.name))
        return (arguments.members ?? []).compactMap { member -> String? in
            let name = names[member.name] ?? member.name
            guard known.contains(name), member.value != .null else { return nil }
            return "\(name)=\(escaped(member.value.string ?? member.value.text))"
        }.joined(separator: "&")
    }

    private static func escaped(_ text: String) -> String {
        text.utf8.map { byte in
            switch byte {
            case 48...57, 65...90, 97...122, 45, 46, 95, 126: String(UnicodeScalar(byte))
            default: "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }.joined()
    }
}
