/// Where something stands in a document; lines and columns count from 1.
package struct Place: Sendable, Hashable {
    package let line: Int
    package let column: Int
}

/// One word or mark of a document.
struct Token: Sendable, Equatable {
    enum Kind: String, Sendable {
        case name, integer, float, string, mark
        case end = "the end"
    }

    let kind: Kind
    let text: String
    let place: Place

    func isMark(_ mark: String) -> Bool { kind == .mark && text == mark }

    func isName(_ name: String) -> Bool { kind == .name && text == name }

    /// How a complaint speaks of it.
    var shown: String { kind == .end ? "the end" : "\"\(text.prefix(40))\"" }
}
