import Core

/// What may be asked: every type with its fields. It holds words only; who answers is the executor's matter.
package struct Blueprint: Sendable {
    /// What a value looks like: a type, a list of values, or a value that is never null.
    package indirect enum Shape: Sendable, Hashable {
        case named(String)
        case list(Shape)
        case required(Shape)
    }

    /// What is given: an argument, or a field of an input object.
    package struct Input: Sendable {
        package let name: String
        package let shape: Shape
        package var about: String?
        package var fallback: JSON?

        package init(_ name: String, _ shape: Shape, _ about: String? = nil, fallback: JSON? = nil) {
            self.name = name
            self.shape = shape
            self.about = about
            self.fallback = fallback
        }

        /// True when it cannot be left out.
        var isRequired: Bool { shape.isRequired && fallback == nil }
    }

    /// What is answered: one field of an object.
    package struct Field: Sendable {
        package let name: String
        package let shape: Shape
        package var about: String?
        package var arguments: [Input] = []

        package init(_ name: String, _ shape: Shape, _ about: String? = nil, arguments: [Input] = []) {
            self.name = name
            self.shape = shape
            self.about = about
            self.arguments = arguments
        }
    }

    /// A type that has a name.
    package struct Named: Sendable {
        package enum Kind: Sendable {
            /// Any JSON that the rule takes.
            case scalar(@Sendable (JSON) -> Bool)
            case choice([String])
            case object([Field])
            case input([Input])
        }

        package let name: String
        package let kind: Kind
        package var about: String?

        package init(_ name: String, _ kind: Kind, _ about: String? = nil) {
            self.name = name
            self.kind = kind
            self.about = about
        }
    }

    /// Types in the order in which they are shown.
    let types: [Named]
    private let byName: [String: Named]
    private let fields: [String: [String: Field]]
    let hasMutations: Bool

    /// - Parameters:
    ///   - types: every type but those that all documents know; the first of a name stands.
    ///   - query: the fields of the root of queries; `mutation` those of mutations.
    package init(_ types: [Named], query: [Field], mutation: [Field] = []) {
        let roots =
            [Named(Self.query, .object(query + Introspection.doors))]
            + (mutation.isEmpty ? [] : [Named(Self.mutation, .object(mutation))])
        self.types = roots + types + Self.scalars + Introspection.types
        byName = Dictionary(self.types.map { ($0.name, $0) }) { first, _ in first }
        fields = byName.compactMapValues { type in
            guard case .object(let fields) = type.kind else { return nil }
            return Dictionary(fields.map { ($0.name, $0) }) { first, _ in first }
        }
        hasMutations = !mutation.isEmpty
    }

    package static let query = "Query"
    package static let mutation = "Mutation"

    subscript(name: String) -> Named? { byName[name] }

    /// The field of an object type; every object has `__typename`.
    func field(_ name: String, of type: String) -> Field? {
        name == Introspection.typename.name ? Introspection.typename : fields[type]?[name]
    }

    func isObject(_ name: String) -> Bool { fields[name] != nil }

    func isInput(_ name: String) -> Bool {
        switch byName[name]?.kind {
        case .scalar, .choice, .input: true
        case .object, nil: false
        }
    }

    private static let scalars: [Named] = [
        Named("ID", .scalar { $0.string != nil || $0.integer != nil }, "The id of a row."),
        Named("String", .scalar { $0.string != nil }, "A text."),
        Named("Boolean", .scalar { $0.bool != nil }, "True or false."),
        Named("Int", .scalar { $0.whole.map { Int32(exactly: $0) != nil } ?? false }, "A 32-bit number."),
        Named("Float", .scalar { $0.double != nil }, "A number."),
    ]
}

extension Blueprint.Shape {
    /// The type in the middle.
    package var name: String {
        switch self {
        case .named(let name): name
        case .list(let inner), .required(let inner): inner.name
        }
    }

    /// Such as `[Task!]!`.
    package var text: String {
        switch self {
        case .named(let name): name
        case .list(let inner): "[\(inner.text)]"
        case .required(let inner): "\(inner.text)!"
        }
    }

    var isRequired: Bool { if case .required = self { true } else { false } }

    var isList: Bool {
        switch self {
        case .named: false
        case .list: true
        case .required(let inner): inner.isList
        }
    }

    /// The shape written as `text`, which is well formed.
    init(_ text: Substring) {
        if text.hasSuffix("!") {
            self = .required(Self(text.dropLast()))
        } else if text.hasPrefix("[") {
            self = .list(Self(text.dropFirst().dropLast()))
        } else {
            self = .named(String(text))
        }
    }
}

extension JSON {
    /// The whole number, also where it is written with a fraction of zero.
    var whole: Int64? { integer ?? double.flatMap { Int64(exactly: $0) } }
}
