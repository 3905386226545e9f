import Core

/// Turns what a document or its variables give into the JSON that a type takes.
struct Coercion {
    let blueprint: Blueprint
    /// The variables that have a value, already coerced.
    var variables: [String: JSON] = [:]

    /// Throws a `Complaint` without a place; `way` says which value it speaks of.
    ///
    /// - Returns: nil where a variable stands that has no value.
    func literal(_ value: Syntax.Value, as shape: Blueprint.Shape, _ way: String) throws -> JSON? {
        if case .variable(let name) = value { return try variable(name, as: shape, way) }
        switch (shape, value) {
        case (.required, .null): throw Self.absent(way)
        case (.required(let inner), _): return try literal(value, as: inner, way)
        case (_, .null): return .null
        case (.list(let inner), .list(let items)):
            return .array(
                try items.enumerated().map { try literal($1, as: inner, "\(way)/\($0)") ?? .null })
        case (.list(let inner), _): return .array([try literal(value, as: inner, way) ?? .null])
        case (.named(let name), _): return try literal(value, named: name, way)
        }
    }

    private func variable(_ name: String, as shape: Blueprint.Shape, _ way: String) throws -> JSON? {
        let value = variables[name]
        guard shape.isRequired, value == nil || value == .null else { return value }
        throw Complaint("\(way): $\(name) has no value, and one is needed.")
    }

    private func literal(_ value: Syntax.Value, named name: String, _ way: String) throws -> JSON {
        switch (blueprint[name]?.kind, value) {
        case (.choice, .word(let word)): return try json(.string(word), named: name, way)
        case (.choice(let words), _):
            throw Complaint("\(way) must be one of \(words.joined(separator: ", ")), without quotes.")
        case (.input(let inputs), .object(let members)):
            let given = Dictionary(members.map { ($0.name, $0.value) }) { first, _ in first }
            try refuseUnknown(members.map(\.name), inputs, way)
            return try gather(inputs, way) { input, way in
                try given[input.name].flatMap { try literal($0, as: input.shape, way) }
            }
        case (.scalar, _): return try json(try plain(value, way), named: name, way)
        default: throw Complaint("\(way) must be an object.")
        }
    }

    /// A literal as it stands, for scalars that take any JSON.
    private func plain(_ value: Syntax.Value, _ way: String) throws -> JSON {
        switch value {
        case .variable(let name): return variables[name] ?? .null
        case .integer(let text): return Int64(text).map { .integer($0) } ?? .double(Double(text) ?? .infinity)
        case .float(let text): return .double(Double(text) ?? .infinity)
        case .string(let text): return .string(text)
        case .bool(let flag): return .bool(flag)
        case .null: return .null
        case .word(let word): throw Complaint("\(way): put \(word) in quotes.")
        case .list(let items): return .array(try items.map { try plain($0, way) })
        case .object(let members):
            return .object(try members.map { .init($0.name, try plain($0.value, way)) })
        }
    }

    func json(_ value: JSON, as shape: Blueprint.Shape, _ way: String) throws -> JSON {
        switch (shape, value) {
        case (.required, .null): throw Self.absent(way)
        case (.required(let inner), _): return try json(value, as: inner, way)
        case (_, .null): return .null
        case (.list(let inner), .array(let items)):
            return .array(try items.enumerated().map { try json($1, as: inner, "\(way)/\($0)") })
        case (.list(let inner), _): return .array([try json(value, as: inner, way)])
        case (.named(let name), _): return try json(value, named: name, way)
        }
    }

    private func json(_ value: JSON, named name: String, _ way: String) throws -> JSON {
        switch blueprint[name]?.kind {
        case .scalar(let takes):
            guard takes(value) else { throw Complaint("\(way) must be of type \(name).") }
            return name == "ID" && value.string == nil ? .string(value.text) : value
        case .choice(let words):
            guard let word = value.string, words.contains(word) else {
                throw Complaint("\(way) must be one of \(words.joined(separator: ", ")).")
            }
            return value
        case .input(let inputs):
            guard let members = value.members else { throw Complaint("\(way) must be an object.") }
            try refuseUnknown(members.map(\.name), inputs, way)
            return try gather(inputs, way) { input, way in
                try value[input.name].map { try json($0, as: input.shape, way) }
            }
        case .object, nil: throw Complaint("\(way) cannot be of type \(name).")
        }
    }

    private func refuseUnknown(_ names: [String], _ inputs: [Blueprint.Input], _ way: String) throws {
        let known = Set(inputs.map(\.name))
        guard let stray = names.first(where: { !known.contains($0) }) else { return }
        throw Complaint("\(way) has no field \"\(stray.prefix(40))\".")
    }

    /// The values of all inputs, with defaults for what is left out.
    func gather(
        _ inputs: [Blueprint.Input], _ way: String,
        _ read: (Blueprint.Input, String) throws -> JSON?
    ) throws -> JSON {
        .object(
            try inputs.compactMap { input in
                let way = way.isEmpty ? input.name : "\(way)/\(input.name)"
                if let value = try read(input, way) { return .init(input.name, value) }
                if let fallback = input.fallback { return .init(input.name, fallback) }
                guard !input.shape.isRequired else { throw Self.absent(way) }
                return nil
            })
    }

    private static func absent(_ way: String) -> Complaint { Complaint("\(way) is needed.") }
}
