extension Checker {
    mutating func check(_ selections: [Syntax.Selection], on type: String) {
        for selection in selections {
            switch selection {
            case .field(let field): check(field, on: type)
            case .spread(let spread):
                check(spread.directives)
                spreads.append(spread)
                if !document.fragments.contains(where: { $0.name == spread.name }) {
                    complain("There is no fragment called \(spread.name).", spread.place)
                }
            case .inline(let inline):
                check(inline.directives)
                if let type = inline.type { check(condition: type, inline.place) }
                check(inline.selections, on: inline.type ?? type)
            }
        }
    }

    mutating func check(condition type: String, _ place: Place) {
        guard !blueprint.isObject(type) else { return }
        complain("\(type) is no type with fields.", place)
    }

    private mutating func check(_ field: Syntax.Field, on type: String) {
        check(field.directives)
        // What is wrong with the type was said where it is named.
        guard blueprint.isObject(type) else { return }
        guard let definition = blueprint.field(field.name, of: type) else {
            return complain("\(type) has no field \"\(field.name)\".", field.place)
        }
        check(field.arguments, definition.arguments, "\"\(field.name)\"", field.place)
        let isObject = blueprint.isObject(definition.shape.name)
        if isObject, field.selections.isEmpty {
            complain("Say which fields of \"\(field.name)\" are wanted: \(field.name) { ... }.", field.place)
        } else if !isObject, !field.selections.isEmpty {
            complain("\"\(field.name)\" has no fields of its own.", field.place)
        } else {
            check(field.selections, on: definition.shape.name)
        }
    }

    mutating func check(_ directives: [Syntax.Directive]) {
        let condition = [Blueprint.Input("if", .required(.named("Boolean")))]
        var known: Set<String> = []
        for directive in directives {
            if !["skip", "include"].contains(directive.name) {
                complain("There is no directive @\(directive.name).", directive.place)
            } else if !known.insert(directive.name).inserted {
                complain("@\(directive.name) stands twice.", directive.place)
            } else {
                check(directive.arguments, condition, "@\(directive.name)", directive.place)
            }
        }
    }

    private mutating func check(
        _ arguments: [Syntax.Argument], _ inputs: [Blueprint.Input], _ what: String, _ place: Place
    ) {
        var known: Set<String> = []
        for argument in arguments {
            if !known.insert(argument.name).inserted {
                complain("\(what) is given \"\(argument.name)\" twice.", argument.place)
            }
            guard let input = inputs.first(where: { $0.name == argument.name }) else {
                complain("\(what) takes no argument \"\(argument.name)\".", argument.place)
                continue
            }
            gather(argument.value, input.shape, input.fallback != nil, argument.place)
            check(argument.value, input.shape, argument.name, argument.place)
        }
        for input in inputs where input.isRequired && !known.contains(input.name) {
            complain("\(what) needs the argument \"\(input.name)\".", place)
        }
    }

    /// Tries a value that holds no variables; others are tried when their variables are known.
    mutating func check(
        _ value: Syntax.Value, _ shape: Blueprint.Shape, _ way: String, _ place: Place
    ) {
        guard !value.holdsVariables else { return }
        do { _ = try Coercion(blueprint: blueprint).literal(value, as: shape, way) } catch {
            complain((error as? Complaint)?.message ?? "\(way) cannot be read.", place)
        }
    }

    /// Notes which variables a value holds.
    private mutating func gather(
        _ value: Syntax.Value, _ shape: Blueprint.Shape?, _ hasFallback: Bool, _ place: Place
    ) {
        switch value {
        case .variable(let name):
            uses.append(Use(variable: name, shape: shape, hasFallback: hasFallback, place: place))
        case .list(let items):
            for item in items { gather(item, shape?.element, false, place) }
        case .object(let members):
            for member in members {
                let input = shape.flatMap { blueprint.input(member.name, of: $0.name) }
                gather(member.value, input?.shape, input?.fallback != nil, place)
            }
        default: break
        }
    }
}

extension Blueprint {
    /// One field of an input object.
    func input(_ name: String, of type: String) -> Input? {
        guard case .input(let inputs) = self[type]?.kind else { return nil }
        return inputs.first { $0.name == name }
    }
}

extension Blueprint.Shape {
    /// What a list holds; the shape itself where one value stands for a list of one.
    fileprivate var element: Blueprint.Shape {
        switch self {
        case .list(let inner): inner
        case .required(let inner): inner.element
        case .named: self
        }
    }
}

extension Syntax.Value {
    fileprivate var holdsVariables: Bool {
        switch self {
        case .variable: true
        case .list(let items): items.contains(where: \.holdsVariables)
        case .object(let members): members.contains { $0.value.holdsVariables }
        default: false
        }
    }
}
