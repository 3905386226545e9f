import Core

/// What a blueprint tells of itself: the types whose names begin with two underscores.
enum Introspection {
    static let typename = Blueprint.Field("__typename", .required(.named("String")), "What this is.")

    /// The ways in, beside the root's other fields.
    static let doors = [
        Blueprint.Field("__schema", .required(.named("__Schema")), "All that may be asked."),
        Blueprint.Field(
            "__type", .named("__Type"), "One type.",
            arguments: [Blueprint.Input("name", .required(.named("String")))]),
    ]

    private static func required(_ name: String) -> Blueprint.Shape { .required(.named(name)) }

    private static func list(_ name: String) -> Blueprint.Shape { .list(required(name)) }

    private static let deprecated = [
        Blueprint.Input("includeDeprecated", .named("Boolean"), fallback: false)
    ]

    private static let naming = [
        Blueprint.Field("name", required("String")), Blueprint.Field("description", .named("String")),
    ]

    private static let ageing = [
        Blueprint.Field("isDeprecated", required("Boolean")),
        Blueprint.Field("deprecationReason", .named("String")),
    ]

    static let types: [Blueprint.Named] = [
        .init(
            "__Schema",
            .object([
                .init("description", .named("String")), .init("types", .required(list("__Type"))),
                .init("queryType", required("__Type")), .init("mutationType", .named("__Type")),
                .init("subscriptionType", .named("__Type")),
                .init("directives", .required(list("__Directive"))),
            ])),
        .init(
            "__Type",
            .object([
                .init("kind", required("__TypeKind")), .init("name", .named("String")),
                .init("description", .named("String")), .init("specifiedByURL", .named("String")),
                .init("fields", list("__Field"), arguments: deprecated), .init("interfaces", list("__Type")),
                .init("possibleTypes", list("__Type")),
                .init("enumValues", list("__EnumValue"), arguments: deprecated),
                .init("inputFields", list("__InputValue"), arguments: deprecated),
                .init("ofType", .named("__Type")), .init("isOneOf", .named("Boolean")),
            ])),
        .init(
            "__Field",
            .object(
                naming + [
                    .init("args", .required(list("__InputValue")), arguments: deprecated),
                    .init("type", required("__Type")),
                ] + ageing)),
        .init(
            "__InputValue",
            .object(
                naming + [
                    .init("type", required("__Type")), .init("defaultValue", .named("String")),
                ] + ageing)),
        .init("__EnumValue", .object(naming + ageing)),
        .init(
            "__Directive",
            .object(
                naming + [
                    .init("locations", .required(list("__DirectiveLocation"))),
                    .init("args", .required(list("__InputValue")), arguments: deprecated),
                    .init("isRepeatable", required("Boolean")),
                ])),
        .init("__TypeKind", .choice(kinds)), .init("__DirectiveLocation", .choice(locations)),
    ]

    private static let kinds = [
        "SCALAR", "OBJECT", "INTERFACE", "UNION", "ENUM", "INPUT_OBJECT", "LIST", "NON_NULL",
    ]

    private static let locations = [
        "QUERY", "MUTATION", "SUBSCRIPTION", "FIELD", "FRAGMENT_DEFINITION", "FRAGMENT_SPREAD",
        "INLINE_FRAGMENT", "VARIABLE_DEFINITION", "SCHEMA", "SCALAR", "OBJECT", "FIELD_DEFINITION",
        "ARGUMENT_DEFINITION", "INTERFACE", "UNION", "ENUM", "ENUM_VALUE", "INPUT_OBJECT",
        "INPUT_FIELD_DEFINITION",
    ]

    /// True for a field that this file answers.
    static func owns(_ field: String, of type: String) -> Bool {
        type.hasPrefix("__") || field == "__schema" || field == "__type"
    }
}

extension Introspection {
    /// The value of one field; a type stands for itself as the text of its shape.
    static func value(_ field: String, of parent: JSON, _ arguments: JSON, in blueprint: Blueprint) -> JSON {
        switch field {
        case "__schema": return schema(blueprint)
        case "__type":
            guard let name = arguments["name"]?.string, blueprint[name] != nil else { return .null }
            return .string(name)
        default: break
        }
        guard let text = parent.string else { return parent[field] ?? .null }
        return value(field, ofType: Blueprint.Shape(Substring(text)), in: blueprint)
    }

    private static func schema(_ blueprint: Blueprint) -> JSON {
        [
            "description": nil, "types": .array(blueprint.types.map { .string($0.name) }),
            "queryType": .string(Blueprint.query),
            "mutationType": blueprint.hasMutations ? .string(Blueprint.mutation) : nil,
            "subscriptionType": nil, "directives": [directive("skip"), directive("include")],
        ]
    }

    private static func directive(_ name: String) -> JSON {
        [
            "name": .string(name),
            "description": .string(
                name == "skip"
                    ? "Leaves out what it stands behind when `if` is true."
                    : "Takes in what it stands behind only when `if` is true."),
            "locations": ["FIELD", "FRAGMENT_SPREAD", "INLINE_FRAGMENT"], "isRepeatable": false,
            "args": [input(Blueprint.Input("if", required("Boolean")))],
        ]
    }

    private static func value(_ field: String, ofType shape: Blueprint.Shape, in blueprint: Blueprint) -> JSON
    {
        switch shape {
        case .required(let inner): wrapper(field, "NON_NULL", inner)
        case .list(let inner): wrapper(field, "LIST", inner)
        case .named(let name): blueprint[name].map { value(field, of: $0) } ?? .null
        }
    }

    private static func wrapper(_ field: String, _ kind: String, _ inner: Blueprint.Shape) -> JSON {
        switch field {
        case "kind": .string(kind)
        case "ofType": .string(inner.text)
        default: .null
        }
    }

    private static func value(_ field: String, of type: Blueprint.Named) -> JSON {
        switch (field, type.kind) {
        case ("kind", .scalar): "SCALAR"
        case ("kind", .choice): "ENUM"
        case ("kind", .object): "OBJECT"
        case ("kind", .input): "INPUT_OBJECT"
        case ("name", _): .string(type.name)
        case ("description", _): JSON(type.about)
        case ("fields", .object(let fields)):
            .array(fields.filter { !$0.name.hasPrefix("__") }.map(show))
        case ("interfaces", .object): []
        case ("enumValues", .choice(let words)): .array(words.map(word))
        case ("inputFields", .input(let inputs)): .array(inputs.map(input))
        case ("isOneOf", .input): false
        default: .null
        }
    }

    private static func show(_ field: Blueprint.Field) -> JSON {
        [
            "name": .string(field.name), "description": JSON(field.about),
            "args": .array(field.arguments.map(input)), "type": .string(field.shape.text),
            "isDeprecated": false, "deprecationReason": nil,
        ]
    }

    private static func input(_ input: Blueprint.Input) -> JSON {
        [
            "name": .string(input.name), "description": JSON(input.about),
            "type": .string(input.shape.text), "defaultValue": JSON(input.fallback?.text),
            "isDeprecated": false, "deprecationReason": nil,
        ]
    }

    private static func word(_ word: String) -> JSON {
        ["name": .string(word), "description": nil, "isDeprecated": false, "deprecationReason": nil]
    }
}
