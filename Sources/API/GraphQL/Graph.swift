import Core
import GraphQL
import HTTPTypes
import Workspace

/// All nouns as one GraphQL: the blueprint, and who answers each field of its roots.
struct Graph: Sendable {
    /// What a field of a root does.
    enum Deed: Sendable {
        case show, list, create, change, delete
    }

    let engine: Engine
    private let nouns: [String: GraphNoun]
    private let deeds: [String: (deed: Deed, noun: GraphNoun)]

    static let ours = Graph(Routes.resources, routes: Routes.all)

    init(_ resources: [Resource], routes: [Route]) {
        // What has no route of its own is not followed to.
        let shown = resources.filter { resource in
            routes.contains { $0.method == .get && $0.path == "\(resource.path)/{id}" }
        }
        let types = Dictionary(shown.map { ($0.noun.table, $0.noun.schemaName) }) { first, _ in first }
        let nouns = resources.map { GraphNoun($0, types: types, routes: routes) }
        let (queries, mutations) = (nouns.flatMap(Self.queries), nouns.flatMap(Self.mutations))
        let all = Self.scalars + nouns.flatMap(\.types)
        engine = Engine(
            Blueprint(all, query: queries.map(\.field), mutation: mutations.map(\.field)))
        self.nouns = Dictionary(nouns.map { ($0.type, $0) }) { first, _ in first }
        deeds = Dictionary(
            queries.map { ("\(Blueprint.query).\($0.field.name)", ($0.deed, $0.noun)) }
                + mutations.map { ("\(Blueprint.mutation).\($0.field.name)", ($0.deed, $0.noun)) }
        ) { first, _ in first }
    }

    /// What a field of a root does, and to what.
    func deed(_ ask: Ask) -> (deed: Deed, noun: GraphNoun)? { deeds["\(ask.type).\(ask.field)"] }

    /// The rows that a field refers to; nil for any other field.
    func link(_ ask: Ask) -> (link: GraphNoun.Link, noun: GraphNoun)? {
        guard let link = nouns[ask.type]?.links.first(where: { $0.name == ask.field }),
            let noun = nouns[link.type]
        else { return nil }
        return (link, noun)
    }
}

extension Graph {
    private typealias Door = (field: Blueprint.Field, deed: Deed, noun: GraphNoun)

    private static func queries(_ noun: GraphNoun) -> [Door] {
        var doors: [Door] = []
        if noun.does(.show) {
            let about = "The \(noun.noun.title) with this id; null where there is none."
            doors.append(
                (.init(noun.one, .named(noun.type), about, arguments: [id]), .show, noun))
        }
        if noun.does(.list) {
            let field = Blueprint.Field(
                noun.many, .required(.named("\(noun.type)Page")),
                "A page of \(noun.noun.plural.words), newest first unless `sort` says otherwise.",
                arguments: arguments(of: noun))
            doors.append((field, .list, noun))
        }
        return doors
    }

    private static func mutations(_ noun: GraphNoun) -> [Door] {
        let (type, title) = (noun.type, noun.noun.title)
        let version = Blueprint.Input(
            "version", .named("Int"), "The version that the row must still have.")
        let input = { (name: String) in Blueprint.Input("input", .required(.named(name))) }
        var doors: [Door] = []
        if noun.does(.create) {
            doors.append(
                (
                    .init(
                        "create\(type)", .required(.named(type)), "Create a \(title).",
                        arguments: [input("\(type)Input")]), .create, noun
                ))
        }
        if noun.does(.change) {
            doors.append(
                (
                    .init(
                        "update\(type)", .required(.named(type)), "Change the fields given.",
                        arguments: [id, input("\(type)Change"), version]), .change, noun
                ))
        }
        if noun.does(.delete) {
            doors.append(
                (
                    .init(
                        "delete\(type)", .required(.named("ID")), "Delete a \(title); its id.",
                        arguments: [id, version]), .delete, noun
                ))
        }
        return doors
    }

    private static let id = Blueprint.Input("id", .required(.named("ID")))

    /// What a list can be narrowed and ordered by: the query parameters of its route.
    private static func arguments(of noun: GraphNoun) -> [Blueprint.Input] {
        let queries = noun.routes[.list]?.queries.filter { !["limit", "cursor"].contains($0.name) } ?? []
        let own = queries.map { parameter in
            let field = noun.noun.fields.first { $0.name == parameter.name && $0.isFiltered }
            return Blueprint.Input(
                parameter.name, field.map { single(noun, $0) } ?? .named("String"), parameter.about)
        }
        return own + [
            .init("first", .named("Int"), "How many, at most \(Limits.page).", fallback: 50),
            .init("after", .named("String"), "The next_cursor of the page before."),
        ]
    }

    /// The type of a query parameter, which names one value also where the field holds many.
    private static func single(_ noun: GraphNoun, _ field: Field) -> Blueprint.Shape {
        .named(noun.shape(field).name)
    }

    private static let scalars: [Blueprint.Named] = [
        .init("Time", .scalar { $0.string != nil }, "RFC 3339 with a zone: 2026-03-01T09:00:00Z."),
        .init("Date", .scalar { $0.string != nil }, "A day: 2026-03-01."),
        .init("Decimal", .scalar { $0.string != nil }, "An exact number in a text: \"12.34\"."),
        .init("Long", .scalar { $0.integer != nil }, "A 64-bit number."),
        .init("JSON", .scalar { _ in true }, "Any JSON."),
    ]
}
