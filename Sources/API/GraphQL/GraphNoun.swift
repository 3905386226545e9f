import Core
import GraphQL
import HTTPTypes
import Workspace

/// A noun in the words of GraphQL: its types, and what they are called.
struct GraphNoun: Sendable {
    let resource: Resource
    /// Such as `TimeEntry`.
    let type: String
    /// The fields that refer to rows, each with its name as an object.
    let links: [Link]
    /// The routes that do the same.
    let routes: [Graph.Deed: Route]

    /// A field that holds ids of rows which are nouns too.
    struct Link: Sendable {
        let field: Field
        let name: String
        let table: String
        /// The type of the rows.
        let type: String
        let isList: Bool
    }

    /// - Parameters:
    ///   - types: the types of all nouns, by table.
    ///   - routes: all that there are.
    init(_ resource: Resource, types: [String: String], routes: [Route]) {
        self.resource = resource
        self.routes = Self.routes(of: resource, among: routes)
        type = resource.noun.schemaName
        let taken = Set(resource.noun.fields.map(\.name))
        links = resource.noun.fields.compactMap { Link($0, types, taken) }
    }

    var noun: Noun { resource.noun }

    /// Such as `timeEntry`.
    var one: String { Self.camel(noun.name) }
    /// Such as `timeEntries`.
    var many: String { Self.camel(noun.plural) }

    func does(_ deed: Graph.Deed) -> Bool { routes[deed] != nil }

    /// The routes whose bodies and answers are those of the noun; what takes anything else is no deed here.
    private static func routes(of resource: Resource, among routes: [Route]) -> [Graph.Deed: Route] {
        let (path, type) = (resource.path, resource.noun.schemaName)
        let places: [(Graph.Deed, HTTPRequest.Method, String, body: String?, answer: String?)] = [
            (.show, .get, "\(path)/{id}", nil, type), (.list, .get, path, nil, "\(type)Page"),
            (.create, .post, path, "\(type)Request", type),
            (.change, .put, "\(path)/{id}", "\(type)Change", type),
            (.delete, .delete, "\(path)/{id}", nil, nil),
        ]
        var found: [Graph.Deed: Route] = [:]
        for (deed, method, path, body, answer) in places {
            found[deed] = routes.first { route in
                route.method == method && route.path == path
                    && route.body?.schema == body.map(Schema.named)
                    && route.answers.first?.schema == answer.map(Schema.named)
            }
        }
        return found
    }

    private static func camel(_ name: String) -> String {
        let words = name.split(separator: "_")
        return words.prefix(1).joined()
            + words.dropFirst().map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
    }
}

extension GraphNoun.Link {
    /// Nil for a field that refers to nothing GraphQL knows.
    fileprivate init?(_ field: Field, _ types: [String: String], _ taken: Set<String>) {
        switch field.kind {
        case .row(let table): (self.table, isList) = (table, false)
        case .rows(let table, _): (self.table, isList) = (table, true)
        case .user: (table, isList) = ("users", false)
        default: return nil
        }
        guard let type = types[table] else { return nil }
        self.type = type
        self.field = field
        let ending = isList ? "_ids" : "_id"
        let short = field.name.hasSuffix(ending) ? String(field.name.dropLast(ending.count)) : field.name
        let plain = isList && short != field.name ? short + "s" : short
        name = taken.contains(plain) ? "\(plain)_\(isList ? "rows" : "row")" : plain
    }
}

extension GraphNoun {
    typealias Shape = Blueprint.Shape

    /// The types that only this noun has.
    var types: [Blueprint.Named] {
        let page = Blueprint.Named(
            "\(type)Page",
            .object([
                .init("nodes", .required(.list(.required(.named(type))))),
                .init("next_cursor", .named("String"), "Where the next page begins: the argument `after`."),
            ]))
        let inputs: [Blueprint.Named] = [
            .init("\(type)Input", .input(noun.taken.map { input($0, isNew: true) })),
            .init(
                "\(type)Change", .input(noun.taken.filter { !$0.isFixed }.map { input($0, isNew: false) }),
                "What is left out stays as it is; null empties."),
        ]
        let used = [does(.create), does(.change)]
        return [.init(type, .object(shown))] + (does(.list) ? [page] : []) + words
            + zip(inputs, used).filter(\.1).map(\.0)
    }

    private var shown: [Blueprint.Field] {
        let fields = noun.fields.map { field in
            Blueprint.Field(
                field.name, field.isOptional ? shape(field) : .required(shape(field)), field.about)
        }
        let objects = links.map { link in
            let row = Shape.named(link.type)
            return Blueprint.Field(
                link.name, link.isList ? .required(.list(.required(row))) : row,
                "What \(link.field.name) refers to.")
        }
        return [.init("id", .required(.named("ID")))] + fields + objects + [
            .init("version", .required(.named("Int"))), .init("created_at", .required(.named("Time"))),
            .init("updated_at", .required(.named("Time"))),
        ]
    }

    private func input(_ field: Field, isNew: Bool) -> Blueprint.Input {
        let shape = shape(field)
        return .init(field.name, isNew && field.isRequired ? .required(shape) : shape, field.about)
    }

    /// The enumerations of its fields.
    private var words: [Blueprint.Named] {
        noun.fields.compactMap { field in
            guard case .word(let words) = field.kind, Self.areNames(words) else { return nil }
            return .init(enumeration(field), .choice(words))
        }
    }

    private func enumeration(_ field: Field) -> String {
        type + field.name.split(separator: "_").map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
    }

    /// True when an enumeration may have these words.
    private static func areNames(_ words: [String]) -> Bool {
        words.allSatisfy { word in
            !["true", "false", "null", ""].contains(word) && !word.hasPrefix("__")
                && word.utf8.first.map { !(48...57).contains($0) } == true
                && word.utf8.allSatisfy {
                    (97...122).contains($0) || (65...90).contains($0) || (48...57).contains($0) || $0 == 95
                }
        }
    }

    /// What a value of the field looks like, null or not.
    func shape(_ field: Field) -> Shape {
        switch field.kind {
        case .word(let words) where Self.areNames(words): .named(enumeration(field))
        case .text, .word, .zone, .email, .url, .color: .named("String")
        case .flag: .named("Boolean")
        case .whole(let range):
            .named(
                Int32(exactly: range.lowerBound) != nil && Int32(exactly: range.upperBound) != nil
                    ? "Int" : "Long")
        case .number: .named("Float")
        case .decimal: .named("Decimal")
        case .time: .named("Time")
        case .date: .named("Date")
        case .user, .row: .named("ID")
        case .texts: .list(.required(.named("String")))
        case .rows: .list(.required(.named("ID")))
        case .object, .json: .named("JSON")
        }
    }
}
