import Core
import SQL
import Workspace

extension Shelf {
    /// The categories. One that something is filed under is not deleted.
    package static let categories: Shelf = {
        var shelf = Shelf(.category)
        shelf.prepare = { draft, store in
            if draft.before == nil {
                try await store.finances.requireRoom(
                    in: Noun.category.table, most: Store.Finances.Limits.categories)
            }
            try await store.finances.requireOwnName(draft)
            try await store.finances.requireNoCircle(draft)
        }
        shelf.settle = { change, store in
            guard change.after == nil, let category = change.before else { return }
            try await store.finances.requireUnused(category.id)
        }
        return shelf
    }()

    /// The rules that file transactions.
    package static let categoryRules: Shelf = {
        var shelf = Shelf(.categoryRule)
        shelf.prepare = { draft, store in
            guard draft.before == nil else { return }
            try await store.finances.requireRoom(in: "category_rules", most: Store.Finances.Limits.rules)
        }
        return shelf
    }()
}

extension Store.Finances {
    /// The category of this name, whatever the case of its letters.
    func category(named name: String) async throws -> ID? {
        try await access.query(
            "select id from finance_categories where workspace_id = $1 and lower(name) = lower($2)",
            [Value(try scope.workspace), .text(name)]
        ) { try $0.get("id", as: ID.self) }.first
    }

    /// The names of those categories that there are.
    package func names(of ids: Set<ID>) async throws -> [ID: String] {
        var names: [ID: String] = [:]
        for list in IDList.cut(Array(ids), after: 1) {
            let found = try await access.query(
                "select id, name from finance_categories where workspace_id = $1 and id in \(list.sql)",
                [Value(try scope.workspace)] + list.values
            ) { (try $0.get("id", as: ID.self), try $0.get("name", as: String.self)) }
            names.merge(found) { $1 }
        }
        return names
    }

    fileprivate func requireOwnName(_ draft: Shelf.Draft) async throws {
        guard let name = draft.given.text("name"), let holder = try await category(named: name),
            holder != draft.id
        else { return }
        throw Failure(.conflict, "There is a category of this name already.", at: "/name")
    }

    fileprivate func requireNoCircle(_ draft: Shelf.Draft) async throws {
        guard let parent = draft.given.id("parent_id") else { return }
        let tree = try await tree()
        guard parent != draft.id, !tree.ancestors(of: parent).contains(draft.id) else {
            throw Failure(
                .invalid, "A category cannot lie within itself or within one that lies in it.",
                at: "/parent_id")
        }
    }

    /// Throws `conflict` when a row needs the category.
    fileprivate func requireUnused(_ category: ID) async throws {
        let users = [
            ("transaction", "finance_transactions", "category_id"),
            ("category within it", "finance_categories", "parent_id"),
            ("rule", "category_rules", "category_id"), ("budget", "budgets", "category_id"),
        ]
        for (what, table, column) in users {
            let found = try await access.query(
                "select id from \(table) where workspace_id = $1 and \(column) = $2 limit 1",
                [Value(try scope.workspace), Value(category)], { _ in true })
            guard found.isEmpty else {
                throw Failure(
                    .conflict, "There is a \(what) with this category; give it another one first.")
            }
        }
    }
}

extension Store.Finances {
    /// Which categories lie within which.
    struct Tree: Sendable {
        /// By the id of the inner one.
        let parents: [ID: ID]

        /// The category itself and all it lies within.
        func ancestors(of category: ID) -> [ID] {
            var line = [category]
            while let parent = line.last.flatMap({ parents[$0] }), !line.contains(parent) {
                line.append(parent)
            }
            return line
        }

        /// The category itself and all that lie within it.
        func descendants(of category: ID) -> [ID] {
            [category]
                + parents.keys.filter { $0 != category && ancestors(of: $0).contains(category) }.sorted()
        }
    }

    func tree() async throws -> Tree {
        let links = try await access.query(
            "select id, parent_id from finance_categories where workspace_id = $1 and parent_id is not null",
            [Value(try scope.workspace)]
        ) { (try $0.get("id", as: ID.self), try $0.get("parent_id", as: ID.self)) }
        return Tree(parents: Dictionary(links) { $1 })
    }
}
