import Core
import HTTPTypes

/// What a route may answer: what it was made for, and every way it can refuse.
struct Replies {
    private let document: Document

    init(_ document: Document) { self.document = document }

    func of(_ route: Route) -> [JSON.Member] {
        var replies = route.answers.map { reply in
            JSON.Member(String(reply.status), good(reply, route))
        }
        let tellsOfSame = route.answers.contains { $0.status == 304 }
        if route.method == .get, route.path.hasSuffix("}"), !tellsOfSame {
            replies.append(.init("304", ["description": "The row still has this ETag."]))
        }
        let known = Set(replies.map(\.name))
        return replies
            + Self.refusals(of: route).map { String($0) }.filter { !known.contains($0) }.map {
                .init($0, ["$ref": .string("#/components/responses/Refused\($0)")])
            }
    }

    private func good(_ reply: Route.Reply, _ route: Route) -> JSON {
        var members: [JSON.Member] = [.init("description", .string(reply.about))]
        members.append(.init("headers", .object(Headers.of(reply, route, document))))
        if let schema = reply.schema {
            var content: [JSON.Member] = [.init("schema", schema)]
            if reply.type == "application/json" {
                content.append(.init("example", Example(document.schemas).value(of: schema)))
            }
            members.append(.init("content", .object([.init(reply.type, .object(content))])))
        }
        let links = links(of: reply, route)
        if !links.isEmpty { members.append(.init("links", .object(links))) }
        return .object(members)
    }

    /// What can be done with a row that was just made: all that its path allows.
    private func links(of reply: Route.Reply, _ route: Route) -> [JSON.Member] {
        guard route.method == .post, reply.status == 201 || reply.status == 202,
            document.schema(reply.schema)?["properties"]?["id"] != nil
        else { return [] }
        return document.routes.filter { $0.path.hasPrefix("\(route.path)/{id}") }.map { next in
            let name = document.names[next]
            let title = name.prefix(1).uppercased() + name.dropFirst()
            return .init(
                title, ["operationId": .string(name), "parameters": ["id": "$response.body#/id"]])
        }
    }

    /// The statuses with which a route refuses.
    static func refusals(of route: Route) -> [Int] {
        let isReading = route.method == .get
        var statuses = [400, 414]
        // Roles do not keep anybody from reading, but the scopes of a key do.
        if !route.isOpen || route.access == .metrics { statuses += [401, 403] }
        if route.path.contains("{") || !route.isOpen || !isReading { statuses += [404] }
        if !isReading { statuses += [409] }
        // A query can be read and ask for what makes no sense, such as a page after no row.
        if !isReading || !route.queries.isEmpty { statuses += [422] }
        if route.path == "/graphql", isReading { statuses += [405] }
        if route.headers.contains(where: { $0.name == "If-Match" }) { statuses += [412] }
        if route.body != nil { statuses += [413, 415] }
        if route.body == nil, !isReading { statuses += [413] }
        return (statuses + [429, 503]).sorted()
    }
}
