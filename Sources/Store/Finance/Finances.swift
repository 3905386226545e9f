import Core
import SQL
import Workspace

extension Store {
    /// What is known of the money of a workspace beyond its single rows; the store must have a scope.
    package struct Finances: Sendable {
        let store: Store

        var access: Access { store.access }

        var scope: Scope {
            get throws {
                guard let scope = access.scope else { throw Failure(.broken, "Finances need a scope.") }
                return scope
            }
        }
    }

    package var finances: Finances { Finances(store: self) }
}

extension Store.Finances {
    /// How many a workspace may have.
    enum Limits {
        static let categories = 2_000
        static let rules = 1_000
        static let budgets = 500
    }

    /// Throws `conflict` when the table has as many rows as it may.
    func requireRoom(in table: String, most: Int) async throws {
        let counts = try await access.query(
            "select count(*) as n from \(table) where workspace_id = $1", [Value(try scope.workspace)]
        ) { try $0.get("n", as: Int.self) }
        guard counts.allSatisfy({ $0 < most }) else {
            throw Failure(.conflict, "The workspace has \(most) of these, which is the most; delete one.")
        }
    }

    /// The rules that are switched on, in the order in which they are asked.
    func rules() async throws -> [CategoryRule] {
        let noun = Noun.categoryRule
        let items = try await access.query(
            "select \(noun.columns) from category_rules where workspace_id = $1 and enabled = 1",
            [Value(try scope.workspace)], noun.item)
        return items.compactMap { CategoryRule($0) }.ranked
    }

    /// The bookings of some days, the newest first, at most so many.
    package func bookings(in days: ClosedRange<CivilDay>, limit: Int) async throws -> [Booking] {
        let noun = Noun.transaction
        return try await access.query(
            """
            select \(noun.columns) from finance_transactions
            where workspace_id = $1 and occurred_on between $2 and $3
            order by occurred_on desc, id desc limit $4
            """,
            [
                Value(try scope.workspace), .text(days.lowerBound.text), .text(days.upperBound.text),
                Value(limit),
            ], noun.item
        ).compactMap { Booking($0.id, $0.values) }
    }
}
