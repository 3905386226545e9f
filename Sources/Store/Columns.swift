import Core
import SQL

// How the words of Core stand in columns.

extension ID: Readable {
    package static func read(_ value: Value) -> ID? { String.read(value).flatMap { ID($0) } }
}

extension Moment: Readable {
    package static func read(_ value: Value) -> Moment? { Int64.read(value).map { Moment(microseconds: $0) } }
}

extension Value {
    init(_ id: ID?) { self.init(id?.text) }
    init(_ moment: Moment?) { self.init(moment?.microseconds) }
    init(_ word: some RawRepresentable<String>) { self = .text(word.rawValue) }
}

extension Row {
    /// The column as one of an enumeration's words.
    func word<T: RawRepresentable<String>>(_ name: String) throws -> T {
        let text: String = try get(name)
        guard let word = T(rawValue: text) else {
            throw SQLFault(.other, "the column \(name) holds a word that \(T.self) does not have")
        }
        return word
    }
}
