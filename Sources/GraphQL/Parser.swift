/// Reads a document: operations and fragments, as the specification of October 2021 writes them.
package struct Parser {
    /// How deep selections and values may stand in each other, whatever they mean.
    static let nesting = 64
    /// Tokens of one document.
    static let tokens = 20_000

    private var lexer: Lexer
    private(set) var token: Token
    private var depth = 0
    private var count = 0

    private init(_ text: String) throws {
        lexer = Lexer(text)
        token = try lexer.next()
    }

    /// Throws a `Complaint` that says where the document is wrong.
    package static func parse(_ text: String) throws -> Syntax.Document {
        var parser = try Parser(text)
        return try parser.document()
    }

    private mutating func document() throws -> Syntax.Document {
        var document = Syntax.Document()
        repeat {
            if token.isName("fragment") {
                document.fragments.append(try fragment())
            } else {
                document.operations.append(try operation())
            }
        } while token.kind != .end
        return document
    }

    private mutating func operation() throws -> Syntax.Operation {
        let place = token.place
        var (kind, name, variables): (Syntax.Operation.Kind, String?, [Syntax.Variable]) = (.query, nil, [])
        var directives: [Syntax.Directive] = []
        if !token.isMark("{") {
            guard token.kind == .name, let found = Syntax.Operation.Kind(rawValue: token.text) else {
                throw unexpected("query, mutation, fragment or {")
            }
            kind = found
            try advance()
            if token.kind == .name { name = try self.name() }
            if token.isMark("(") { variables = try many("(", ")") { try $0.variable() } }
            directives = try self.directives()
        }
        return Syntax.Operation(
            kind: kind, name: name, variables: variables, directives: directives,
            selections: try selections(), place: place)
    }

    private mutating func variable() throws -> Syntax.Variable {
        let place = token.place
        try expect("$")
        let name = try name()
        try expect(":")
        let shape = try shape()
        var fallback: Syntax.Value?
        if try skip("=") { fallback = try value(isConstant: true) }
        return Syntax.Variable(name: name, shape: shape, fallback: fallback, place: place)
    }

    private mutating func shape() throws -> Blueprint.Shape {
        try nested { parser in
            var shape: Blueprint.Shape
            if try parser.skip("[") {
                shape = .list(try parser.shape())
                try parser.expect("]")
            } else {
                shape = .named(try parser.name())
            }
            return try parser.skip("!") ? .required(shape) : shape
        }
    }

    private mutating func fragment() throws -> Syntax.Fragment {
        let place = token.place
        try advance()
        guard !token.isName("on") else { throw unexpected("a name, and \"on\" is none for a fragment") }
        let name = try name()
        guard token.isName("on") else { throw unexpected("on") }
        try advance()
        return Syntax.Fragment(
            name: name, type: try self.name(), directives: try directives(), selections: try selections(),
            place: place)
    }
}

extension Parser {
    mutating func advance() throws {
        count += 1
        guard count < Self.tokens else {
            throw Complaint("A document may have \(Self.tokens) words and marks at most.", at: token.place)
        }
        token = try lexer.next()
    }

    mutating func expect(_ mark: String) throws {
        guard token.isMark(mark) else { throw unexpected("\"\(mark)\"") }
        try advance()
    }

    /// True when the mark stood here and was passed.
    mutating func skip(_ mark: String) throws -> Bool {
        guard token.isMark(mark) else { return false }
        try advance()
        return true
    }

    mutating func name() throws -> String {
        guard token.kind == .name else { throw unexpected("a name") }
        let text = token.text
        try advance()
        return text
    }

    func unexpected(_ wanted: String) -> Complaint {
        Complaint("Here must stand \(wanted), not \(token.shown).", at: token.place)
    }

    /// One or more between two marks.
    mutating func many<Part>(
        _ open: String, _ close: String, _ read: (inout Parser) throws -> Part
    ) throws -> [Part] {
        try nested { parser in
            try parser.expect(open)
            var parts: [Part] = []
            repeat { parts.append(try read(&parser)) } while try !parser.skip(close)
            return parts
        }
    }

    mutating func nested<Part>(_ read: (inout Parser) throws -> Part) throws -> Part {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.nesting else {
            throw Complaint("Things stand more than \(Self.nesting) deep in each other.", at: token.place)
        }
        return try read(&self)
    }
}
