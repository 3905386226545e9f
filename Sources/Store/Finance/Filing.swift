import Core
import SQL
import Workspace

extension Store.Finances {
    /// What became of transactions that the rules were asked about again.
    package struct Filed: Sendable, Hashable {
        package let examined: Int
        package let filed: Int
        /// Where to go on; nil when none is left.
        package let next: ID?
    }

    /// Transactions that one call looks at.
    package static let filingLimit = 500

    /// Asks the rules about transactions without a category, the oldest first, from after `cursor` on.
    package func fileAgain(after cursor: ID? = nil, limit: Int = filingLimit) async throws -> Filed {
        let rules = try await rules()
        let noun = Noun.transaction
        var clause = Clause([Value(try scope.workspace), Value(limit)])
        clause.add("id >", cursor.map { Value($0) })
        let items = try await access.query(
            """
            select \(noun.columns) from finance_transactions
            where workspace_id = $1 and category_id is null\(clause.text("and")) order by id limit $2
            """, clause.values, noun.item)
        var filed = 0
        for item in items {
            guard let category = Booking(item.id, item.values).flatMap({ rules.category(of: $0) }) else {
                continue
            }
            if try await file(item, under: category) { filed += 1 }
        }
        return Filed(examined: items.count, filed: filed, next: items.count == limit ? items.last?.id : nil)
    }

    /// False when somebody changed or deleted the transaction meanwhile; then it is left alone.
    private func file(_ item: Item, under category: ID) async throws -> Bool {
        do {
            try await store.rows(.transactions).update(
                item.id, Values(["category_id": JSON(category)]), version: item.version)
            return true
        } catch let failure as Failure where [.conflict, .missing].contains(failure.kind) {
            return false
        }
    }
}
