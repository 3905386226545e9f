/// Holds a document to the blueprint, whatever its variables are: all that is wrong, with its places.
struct Checker {
    /// Complaints of one answer; a document that is wrong in more ways is wrong enough.
    private static let most = 20

    let blueprint: Blueprint
    let document: Syntax.Document
    private(set) var complaints: [Complaint] = []
    /// What the operation or fragment at hand uses.
    var uses: [Use] = []
    var spreads: [Syntax.Spread] = []

    /// A variable where it stands.
    struct Use {
        let variable: String
        /// Nil inside a value that takes any JSON.
        let shape: Blueprint.Shape?
        let hasFallback: Bool
        let place: Place
    }

    struct Part {
        let uses: [Use]
        let spreads: [Syntax.Spread]
    }

    private init(_ blueprint: Blueprint, _ document: Syntax.Document) {
        self.blueprint = blueprint
        self.document = document
    }

    static func complaints(_ document: Syntax.Document, _ blueprint: Blueprint) -> [Complaint] {
        var checker = Checker(blueprint, document)
        checker.check()
        return Array(checker.complaints.prefix(most))
    }

    mutating func complain(_ message: String, _ place: Place) {
        complaints.append(Complaint(message, at: place))
    }

    private mutating func check() {
        names()
        var parts: [String: Part] = [:]
        for fragment in document.fragments {
            parts[fragment.name] = part { checker in
                checker.check(fragment.directives)
                checker.check(condition: fragment.type, fragment.place)
                checker.check(fragment.selections, on: fragment.type)
            }
        }
        circles(parts)
        var reached: Set<String> = []
        for operation in document.operations { check(operation, parts, &reached) }
        for fragment in document.fragments where !reached.contains(fragment.name) {
            complain("Nothing uses the fragment \(fragment.name).", fragment.place)
        }
    }

    private mutating func names() {
        var known: Set<String> = []
        for operation in document.operations {
            if operation.name == nil, document.operations.count > 1 {
                complain("An operation beside others needs a name.", operation.place)
            }
            if let name = operation.name, !known.insert(name).inserted {
                complain("Two operations are called \(name).", operation.place)
            }
        }
        known = []
        for fragment in document.fragments where !known.insert(fragment.name).inserted {
            complain("Two fragments are called \(fragment.name).", fragment.place)
        }
    }

    private mutating func part(_ check: (inout Checker) -> Void) -> Part {
        (uses, spreads) = ([], [])
        check(&self)
        return Part(uses: uses, spreads: spreads)
    }

    private mutating func circles(_ parts: [String: Part]) {
        for fragment in document.fragments {
            let within = Self.reach(parts[fragment.name]?.spreads ?? [], parts)
            if within.contains(fragment.name) {
                complain("The fragment \(fragment.name) contains itself.", fragment.place)
            }
        }
    }

    /// All fragments that are spread, directly or within others.
    private static func reach(_ spreads: [Syntax.Spread], _ parts: [String: Part]) -> Set<String> {
        var (reached, open) = (Set<String>(), spreads.map(\.name))
        while let name = open.popLast() {
            if reached.insert(name).inserted { open += parts[name]?.spreads.map(\.name) ?? [] }
        }
        return reached
    }
}

extension Checker {
    private mutating func check(
        _ operation: Syntax.Operation, _ parts: [String: Part], _ reached: inout Set<String>
    ) {
        let own = part { checker in
            checker.check(operation.directives)
            checker.check(operation.selections, on: checker.root(of: operation))
        }
        let within = Self.reach(own.spreads, parts)
        reached.formUnion(within)
        let variables = declare(operation)
        let uses = own.uses + within.sorted().flatMap { parts[$0]?.uses ?? [] }
        for use in uses { check(use, variables) }
        let used = Set(uses.map(\.variable))
        for variable in operation.variables where !used.contains(variable.name) {
            complain("Nothing uses the variable $\(variable.name).", variable.place)
        }
    }

    private mutating func root(of operation: Syntax.Operation) -> String {
        switch operation.kind {
        case .query: return Blueprint.query
        case .mutation where blueprint.hasMutations: return Blueprint.mutation
        case .mutation: complain("There are no mutations here.", operation.place)
        case .subscription:
            complain("There are no subscriptions here; the WebSocket tells of changes.", operation.place)
        }
        return ""
    }

    private mutating func declare(_ operation: Syntax.Operation) -> [String: Syntax.Variable] {
        var variables: [String: Syntax.Variable] = [:]
        for variable in operation.variables {
            if variables.updateValue(variable, forKey: variable.name) != nil {
                complain("Two variables are called $\(variable.name).", variable.place)
            }
            guard blueprint.isInput(variable.shape.name) else {
                complain(
                    "$\(variable.name) has the type \(variable.shape.name), which is not given.",
                    variable.place)
                continue
            }
            if let fallback = variable.fallback {
                check(fallback, variable.shape, "$\(variable.name)", variable.place)
            }
        }
        return variables
    }

    private mutating func check(_ use: Use, _ variables: [String: Syntax.Variable]) {
        guard let variable = variables[use.variable] else {
            return complain("The variable $\(use.variable) is not declared.", use.place)
        }
        guard let wanted = use.shape else { return }
        var has = variable.shape
        let isFilled = variable.fallback.map { $0 != .null } ?? false
        if wanted.isRequired, !has.isRequired, isFilled || use.hasFallback { has = .required(has) }
        guard !Self.fits(has, wanted) else { return }
        complain(
            "$\(use.variable) is of type \(variable.shape.text), and \(wanted.text) is needed here.",
            use.place)
    }

    private static func fits(_ has: Blueprint.Shape, _ wanted: Blueprint.Shape) -> Bool {
        switch (has, wanted) {
        case (.required(let has), .required(let wanted)): fits(has, wanted)
        case (_, .required): false
        case (.required(let has), _): fits(has, wanted)
        case (.list(let has), .list(let wanted)): fits(has, wanted)
        case (.named(let has), .named(let wanted)): has == wanted
        default: false
        }
    }
}
