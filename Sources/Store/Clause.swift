import Core
import SQL

/// The changing part of a statement: pieces joined by a word, and the values they name.
struct Clause {
    private(set) var values: [Value]
    private var pieces: [String] = []

    /// - Parameter values: what the fixed part of the statement names already.
    init(_ values: [Value]) { self.values = values }

    /// Adds `text`, which ends where the parameter stands, such as `status =`; a nil value adds nothing.
    mutating func add(_ text: String, _ value: Value?) {
        guard let value else { return }
        values.append(value)
        pieces.append("\(text) $\(values.count)")
    }

    mutating func add(_ text: String) { pieces.append(text) }

    /// Adds `text`, in which each `?` stands for the next of `values`.
    mutating func add(_ text: String, _ values: [Value]) {
        var piece = ""
        var rest = values[...]
        for character in text {
            guard character == "?", let value = rest.popFirst() else {
                piece.append(character)
                continue
            }
            self.values.append(value)
            piece += "$\(self.values.count)"
        }
        pieces.append(piece)
    }

    /// The pieces, each with `word` before it.
    func text(_ word: String) -> String { pieces.map { " \(word) \($0)" }.joined() }
}

/// A list of ids within a statement, in a few fixed sizes, so that few statements have to stay prepared.
struct IDList {
    private static let sizes = [1, 8, 64, 512]

    /// `($3, $4, ...)`
    let sql: String
    let values: [Value]

    /// Fills up with the last id; `ids` holds between 1 and 512.
    private init(_ ids: ArraySlice<ID>, after count: Int) {
        let size = Self.sizes.first { $0 >= ids.count } ?? ids.count
        let last = ids.last.map { [ID](repeating: $0, count: size - ids.count) } ?? []
        values = (Array(ids) + last).map { Value($0) }
        sql = "(" + (1...size).map { "$\(count + $0)" }.joined(separator: ", ") + ")"
    }

    /// As many lists as `ids` need, whose parameters follow `count` others.
    static func cut(_ ids: [ID], after count: Int) -> [IDList] {
        let most = sizes[sizes.count - 1]
        return stride(from: 0, to: ids.count, by: most).map {
            IDList(ids[$0..<min($0 + most, ids.count)], after: count)
        }
    }
}
