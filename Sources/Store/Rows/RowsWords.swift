import Core
import SQL
import Workspace

// The words by which a row is found.
extension Rows {
    func keepWords(of item: Item) async throws {
        try await access.keepWords([(item.id, noun.words(of: item.values))], noun, try scope.workspace)
    }

    func forgetWords(of id: ID) async throws {
        guard noun.isSearched else { return }
        try await access.execute(
            "delete from search_words where workspace_id = $1 and noun = $2 and row_id = $3",
            [Value(try scope.workspace), .text(noun.name), Value(id)])
    }
}

extension Noun {
    /// The words of its searched fields.
    func words(of values: Values) -> [String] {
        SearchWords.of(
            fields.filter(\.isSearched).flatMap { field in
                values.text(field.name).map { [$0] } ?? values.texts(field.name)
            })
    }
}

extension Access {
    /// Rows of one insert, in a few fixed sizes, so that few statements have to stay prepared.
    private static let sizes = [1, 8, 32, 128]

    /// Makes rows of a noun found by their words.
    func keepWords(_ rows: [(id: ID, words: [String])], _ noun: Noun, _ workspace: ID) async throws {
        var rest = rows.flatMap { row in row.words.map { (row: row.id, word: $0) } }[...]
        while let last = rest.last {
            let size = Self.sizes.first { $0 >= rest.count } ?? Self.sizes[Self.sizes.count - 1]
            let some = Array(rest.prefix(size))
            rest = rest.dropFirst(size)
            // Filled up with a word that is there already, which is not kept twice.
            let filled = some + [(row: ID, word: String)](repeating: last, count: size - some.count)
            let places = filled.indices.map { "($1, $2, $\(2 * $0 + 3), $\(2 * $0 + 4))" }
            try await execute(
                """
                insert into search_words (workspace_id, noun, row_id, word)
                values \(places.joined(separator: ", "))
                on conflict (workspace_id, noun, word, row_id) do nothing
                """,
                [Value(workspace), .text(noun.name)]
                    + filled.flatMap { [Value($0.row), .blob(Array($0.word.utf8))] })
        }
    }
}
