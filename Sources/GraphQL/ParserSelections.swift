extension Parser {
    mutating func selections() throws -> [Syntax.Selection] { try many("{", "}") { try $0.selection() } }

    private mutating func selection() throws -> Syntax.Selection {
        token.isMark("...") ? try spread() : .field(try field())
    }

    private mutating func field() throws -> Syntax.Field {
        let place = token.place
        let first = try name()
        let second = try skip(":") ? try name() : nil
        return Syntax.Field(
            alias: second == nil ? nil : first, name: second ?? first, arguments: try arguments(),
            directives: try directives(), selections: token.isMark("{") ? try selections() : [], place: place)
    }

    private mutating func spread() throws -> Syntax.Selection {
        let place = token.place
        try advance()
        if token.kind == .name, !token.isName("on") {
            return .spread(Syntax.Spread(name: try name(), directives: try directives(), place: place))
        }
        var type: String?
        if token.isName("on") {
            try advance()
            type = try name()
        }
        return .inline(
            Syntax.Inline(
                type: type, directives: try directives(), selections: try selections(), place: place))
    }

    private mutating func arguments(isConstant: Bool = false) throws -> [Syntax.Argument] {
        guard token.isMark("(") else { return [] }
        return try many("(", ")") { parser in
            let place = parser.token.place
            let name = try parser.name()
            try parser.expect(":")
            return Syntax.Argument(name: name, value: try parser.value(isConstant: isConstant), place: place)
        }
    }

    mutating func directives() throws -> [Syntax.Directive] {
        var directives: [Syntax.Directive] = []
        while token.isMark("@") {
            let place = token.place
            try advance()
            directives.append(
                Syntax.Directive(name: try name(), arguments: try arguments(), place: place))
        }
        return directives
    }

    /// - Parameter isConstant: true where no variable may stand.
    mutating func value(isConstant: Bool = false) throws -> Syntax.Value {
        switch token.kind {
        case .integer: return .integer(try passed())
        case .float: return .float(try passed())
        case .string: return .string(try passed())
        case .name: return Self.word(try passed())
        case .end: throw unexpected("a value")
        case .mark: break
        }
        if token.isMark("[") { return .list(try list(isConstant)) }
        if token.isMark("{") { return .object(try object(isConstant)) }
        guard token.isMark("$"), !isConstant else { throw unexpected("a value") }
        try advance()
        return .variable(try name())
    }

    private mutating func passed() throws -> String {
        let text = token.text
        try advance()
        return text
    }

    private static func word(_ text: String) -> Syntax.Value {
        switch text {
        case "true": .bool(true)
        case "false": .bool(false)
        case "null": .null
        default: .word(text)
        }
    }

    private mutating func list(_ isConstant: Bool) throws -> [Syntax.Value] {
        try nested { parser in
            try parser.expect("[")
            var values: [Syntax.Value] = []
            while try !parser.skip("]") { values.append(try parser.value(isConstant: isConstant)) }
            return values
        }
    }

    private mutating func object(_ isConstant: Bool) throws -> [Syntax.Value.Member] {
        try nested { parser in
            try parser.expect("{")
            var members: [Syntax.Value.Member] = []
            var names: Set<String> = []
            while try !parser.skip("}") {
                let place = parser.token.place
                let name = try parser.name()
                try parser.expect(":")
                guard names.insert(name).inserted else {
                    throw Complaint("\"\(name)\" stands twice in one object.", at: place)
                }
                members.append(.init(name: name, value: try parser.value(isConstant: isConstant)))
            }
            return members
        }
    }
}
