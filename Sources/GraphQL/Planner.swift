import Core

/// Makes a plan of an operation, and refuses what would cost too much before anything is run.
struct Planner {
    private let blueprint: Blueprint
    private let bounds: Bounds
    private let fragments: [String: Syntax.Fragment]
    private var coercion: Coercion
    private var (cost, steps, aliases, doors) = (0, 0, 0, 0)

    /// Where in the plan a selection stands.
    private struct Level {
        let type: String
        var depth = 1
        /// How often the fields here may be answered.
        var times = 1
        /// What the list below was told to have.
        var first: Int?
        /// Lists of types and fields around, where the types are asked about.
        var lists: Int?
    }

    private init(_ document: Syntax.Document, _ blueprint: Blueprint, _ bounds: Bounds) {
        self.blueprint = blueprint
        self.bounds = bounds
        fragments = Dictionary(document.fragments.map { ($0.name, $0) }) { first, _ in first }
        coercion = Coercion(blueprint: blueprint)
    }

    /// - Parameter document: holds to the blueprint.
    static func plan(
        _ operation: Syntax.Operation, of document: Syntax.Document, _ variables: JSON,
        in realm: (blueprint: Blueprint, bounds: Bounds)
    ) throws -> Plan {
        var planner = Planner(document, realm.blueprint, realm.bounds)
        try planner.take(variables, operation)
        let root = operation.kind == .mutation ? Blueprint.mutation : Blueprint.query
        let steps = try planner.plan([operation.selections], Level(type: root))
        return Plan(kind: operation.kind, steps: steps, cost: planner.cost)
    }

    private mutating func take(_ given: JSON, _ operation: Syntax.Operation) throws {
        for variable in operation.variables {
            let way = "$\(variable.name)"
            do {
                if let value = given[variable.name] {
                    coercion.variables[variable.name] = try coercion.json(value, as: variable.shape, way)
                } else if let fallback = variable.fallback {
                    coercion.variables[variable.name] =
                        try coercion.literal(fallback, as: variable.shape, way)
                } else if variable.shape.isRequired {
                    throw Complaint("\(way) is needed.")
                }
            } catch var complaint as Complaint {
                complaint.places = [variable.place]
                throw complaint
            }
        }
    }

    private mutating func plan(_ selections: [[Syntax.Selection]], _ level: Level) throws -> [Plan.Step] {
        var (order, groups) = ([String](), [String: [Syntax.Field]]())
        var spread: Set<String> = []
        for selection in selections {
            try collect(selection, level.type, &spread) { field in
                if groups[field.key] == nil { order.append(field.key) }
                groups[field.key, default: []].append(field)
            }
        }
        return try order.map { try step(groups[$0] ?? [], level) }
    }

    /// Hands over the fields of an object type, those of its fragments among them.
    private func collect(
        _ selections: [Syntax.Selection], _ type: String, _ spread: inout Set<String>,
        _ take: (Syntax.Field) -> Void
    ) throws {
        for selection in selections {
            switch selection {
            case .field(let field) where try isWanted(field.directives): take(field)
            case .inline(let inline) where try isWanted(inline.directives):
                guard inline.type ?? type == type else { continue }
                try collect(inline.selections, type, &spread, take)
            case .spread(let part) where try isWanted(part.directives):
                guard let fragment = fragments[part.name], fragment.type == type,
                    spread.insert(part.name).inserted
                else { continue }
                try collect(fragment.selections, type, &spread, take)
            default: continue
            }
        }
    }

    private func isWanted(_ directives: [Syntax.Directive]) throws -> Bool {
        for directive in directives {
            guard let argument = directive.arguments.first else { continue }
            let flag = try placed(argument.place) {
                try coercion.literal(argument.value, as: .required(.named("Boolean")), "if")
            }
            if flag?.bool == (directive.name == "skip") { return false }
        }
        return true
    }

    private func placed<Value>(_ place: Place, _ work: () throws -> Value) throws -> Value {
        do { return try work() } catch var complaint as Complaint {
            if complaint.places.isEmpty { complaint.places = [place] }
            throw complaint
        }
    }
}

extension Planner {
    /// One field of the answer, from all the places that ask for it.
    private mutating func step(_ fields: [Syntax.Field], _ level: Level) throws -> Plan.Step {
        let field = fields[0]
        guard let definition = blueprint.field(field.name, of: level.type) else {
            throw Complaint("\(level.type) has no field \"\(field.name)\".", at: field.place)
        }
        let arguments = try arguments(field, definition)
        for other in fields.dropFirst() {
            guard other.name == field.name, try self.arguments(other, definition) == arguments else {
                throw Complaint(
                    "Two different fields would be called \"\(field.key)\"; give one an alias.",
                    at: other.place)
            }
        }
        try spend(field, level)
        let selections = fields.map(\.selections).filter { !$0.isEmpty }
        let below = try descend(field, definition, level, first: arguments["first"]?.integer)
        return Plan.Step(
            key: field.key, field: definition, arguments: arguments,
            steps: selections.isEmpty ? [] : try plan(selections, below), place: field.place)
    }

    private func arguments(_ field: Syntax.Field, _ definition: Blueprint.Field) throws -> JSON {
        let given = Dictionary(field.arguments.map { ($0.name, $0) }) { first, _ in first }
        return try placed(field.place) {
            try coercion.gather(definition.arguments, "") { input, way in
                try given[input.name].flatMap { argument in
                    try placed(argument.place) {
                        try coercion.literal(argument.value, as: input.shape, way)
                    }
                }
            }
        }
    }

    private mutating func spend(_ field: Syntax.Field, _ level: Level) throws {
        steps += 1
        cost += level.lists == nil ? level.times : 0
        aliases += field.alias == nil ? 0 : 1
        let depth = level.lists == nil ? bounds.depth : bounds.introspection
        if level.depth > depth { throw excess("goes \(level.depth) deep", "\(depth)", field) }
        if cost > bounds.cost { throw excess("costs more than it may", "\(bounds.cost) fields", field) }
        if steps > bounds.steps { throw excess("has too many fields", "\(bounds.steps)", field) }
        if aliases > bounds.aliases { throw excess("has too many aliases", "\(bounds.aliases)", field) }
    }

    private func excess(_ what: String, _ most: String, _ field: Syntax.Field) -> Complaint {
        Complaint("The document \(what); \(most) is the most. Ask for less at once.", at: field.place)
    }

    /// What holds for the fields of a field.
    private mutating func descend(
        _ field: Syntax.Field, _ definition: Blueprint.Field, _ level: Level, first: Int64?
    ) throws -> Level {
        var below = Level(type: definition.shape.name, depth: level.depth + 1, times: level.times)
        below.lists = level.lists
        if Introspection.doors.contains(where: { $0.name == field.name }), level.type == Blueprint.query {
            doors += 1
            guard doors <= bounds.lists else {
                throw excess("asks about the types too often", "\(bounds.lists)", field)
            }
            below.lists = 0
        } else if let lists = level.lists {
            below.lists = lists + (["types", "fields", "inputFields"].contains(field.name) ? 1 : 0)
            if let lists = below.lists, lists > bounds.lists {
                throw excess("asks for types within types", "\(bounds.lists)", field)
            }
        } else if definition.shape.isList {
            // A page with none costs as much as one with one.
            below.times *= max(1, level.first ?? bounds.entries)
        } else {
            below.first = first.map { Int($0) }
        }
        return below
    }
}
