/// A document as it is written: what the parser makes of it.
package enum Syntax {
    package struct Document: Sendable {
        package var operations: [Operation] = []
        package var fragments: [Fragment] = []
    }

    package struct Operation: Sendable {
        package enum Kind: String, Sendable, CaseIterable {
            case query, mutation, subscription
        }

        package let kind: Kind
        package let name: String?
        let variables: [Variable]
        let directives: [Directive]
        let selections: [Selection]
        let place: Place
    }

    struct Variable: Sendable {
        let name: String
        let shape: Blueprint.Shape
        let fallback: Value?
        let place: Place
    }

    package struct Fragment: Sendable {
        package let name: String
        let type: String
        let directives: [Directive]
        let selections: [Selection]
        let place: Place
    }

    indirect enum Selection: Sendable {
        case field(Field)
        case spread(Spread)
        case inline(Inline)
    }

    struct Field: Sendable {
        let alias: String?
        let name: String
        let arguments: [Argument]
        let directives: [Directive]
        let selections: [Selection]
        let place: Place

        /// What the answer calls it.
        var key: String { alias ?? name }
    }

    struct Spread: Sendable {
        let name: String
        let directives: [Directive]
        let place: Place
    }

    struct Inline: Sendable {
        let type: String?
        let directives: [Directive]
        let selections: [Selection]
        let place: Place
    }

    struct Argument: Sendable {
        let name: String
        let value: Value
        let place: Place
    }

    struct Directive: Sendable {
        let name: String
        let arguments: [Argument]
        let place: Place
    }

    indirect enum Value: Sendable, Equatable {
        case variable(String)
        case integer(String)
        case float(String)
        case string(String)
        case bool(Bool)
        case null
        /// One of an enumeration's words.
        case word(String)
        case list([Value])
        case object([Member])

        struct Member: Sendable, Equatable {
            let name: String
            let value: Value
        }
    }
}
