import Core
import SQL

extension Store.Journal {
    /// Entries read at one process's turn.
    package struct Turn: Sendable {
        /// How long it is that process's turn, if it does not say that it is done.
        package static let length: Duration = .seconds(3)

        /// In an order in which they may be told; all have their places in the chain.
        package let entries: [Entry]
        /// There may be more than these.
        package let isFull: Bool
    }

    /// True when something is not told yet. Across workspaces.
    package func isWaiting() async throws -> Bool {
        try await !access.query("select id from journal_waiting order by at, id limit 1", [], { _ in true })
            .isEmpty
    }

    /// Reads what is to be told next and gives each entry its place in the chain of its workspace; nil while
    /// it is another process's turn. Across workspaces.
    ///
    /// One row is written first, so that of all processes one at a time extends the chains. What a turn read
    /// stays until `finish`, and comes again when the process dies before.
    package func take(_ holder: String, limit: Int = 500, at now: Moment = .now) async throws -> Turn? {
        try await access.transaction { access in
            let count = try await access.execute(
                """
                update announcer set holder = $1, until = $2, turn = turn + 1
                where id = 1 and (until < $3 or until > $2 or holder = $1)
                """, [.text(holder), Value(now + Turn.length), Value(now)])
            guard count == 1 else { return nil }
            let journal = Store.Journal(access: access)
            let waiting = try await journal.waiting(limit: limit)
            try await journal.extend(by: waiting.filter { !$0.isChained }.map(\.entry))
            return Turn(entries: waiting.map(\.entry), isFull: waiting.count >= limit)
        }
    }

    /// The entries of a turn have been told, and it is anybody's turn.
    package func finish(_ told: [Entry], by holder: String) async throws {
        try await access.transaction { access in
            for list in IDList.cut(told.map(\.id), after: 2) {
                try await access.execute(
                    "delete from journal_waiting where at between $1 and $2 and id in \(list.sql)",
                    [Value(told.map(\.at).min()), Value(told.map(\.at).max())] + list.values)
            }
            try await access.execute(
                "update announcer set until = 0 where id = 1 and holder = $1", [.text(holder)])
        }
    }
}
