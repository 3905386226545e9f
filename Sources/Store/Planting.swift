import Core
import Workspace

extension Store {
    /// Fills workspaces with made-up rows, through the same rules as everything else.
    package struct Planting: Sendable {
        let store: Store
        let workspace: ID

        /// How many rows of one noun were made.
        package struct Count: Sendable, Hashable {
            /// Such as `time entries`.
            package let name: String
            package fileprivate(set) var count: Int
        }

        private static let shelves: [Shelf] = [
            .labels, .projects, .tasks, .comments, .timeEntries, .contacts, .templates, .messages,
            .categories, .budgets, .categoryRules, .transactions, .notes, .voiceCommands, .devProjects,
            .calendarEvents,
        ]

        private static let byNoun = Dictionary(uniqueKeysWithValues: shelves.map { ($0.noun.name, $0) })
    }

    package func planting(in workspace: ID) -> Planting { Planting(store: self, workspace: workspace) }
}

extension Store.Planting {
    /// What the workspace has rows of already, such as `tasks`; nil where it is empty.
    package func occupant() async throws -> String? {
        let here = store.scoped(Scope(workspace: workspace))
        for shelf in Self.shelves where try await here.rows(shelf).count(Rows.Query()) > 0 {
            return shelf.title
        }
        return nil
    }

    /// Makes what the number stands for. Throws `invalid` for a size that there is not.
    package func plant(number: UInt64, size: String) async throws -> [Count] {
        guard let size = Seed.Size(rawValue: size) else {
            let known = Seed.Size.allCases.map(\.rawValue).joined(separator: " or ")
            throw Failure(.invalid, "The size \(size) is none; it must be \(known).")
        }
        return try await plant(Seed(number, size))
    }

    /// Makes the people and the rows of `seed`; whoever is a user already stays as they are, and what bears a
    /// name that there is already stands for the row of that name.
    ///
    /// Each row is a transaction of its own. Throws the first failure, with what could not be made.
    package func plant(_ seed: Seed) async throws -> [Count] {
        let people = try await enrol(seed.people)
        var counts = [Count(name: "people", count: people.count)]
        var namesakes: [ID: ID] = [:]
        for row in seed.rows {
            guard let shelf = Self.byNoun[row.noun] else {
                throw Failure(.broken, "There is no shelf for a \(row.noun).")
            }
            if let namesake = try await namesake(of: row, on: shelf) {
                namesakes[row.id] = namesake
                continue
            }
            try await make(row.naming(namesakes), on: shelf, by: row.author.flatMap { people[$0] })
            if let place = counts.firstIndex(where: { $0.name == shelf.title }) {
                counts[place].count += 1
            } else {
                counts.append(Count(name: shelf.title, count: 1))
            }
        }
        return counts
    }

    /// By which field the rows of a noun are told apart, beside their ids.
    private static let names = [
        "label": "name", "category": "name", "template": "name", "voice_command": "phrase",
        "contact": "emails",
    ]

    private func namesake(of row: Seed.Row, on shelf: Shelf) async throws -> ID? {
        guard let field = Self.names[row.noun].flatMap({ shelf.noun.field($0) }),
            let value = row.values[field.name]
        else { return nil }
        var query = Rows.Query()
        query.equal = [(field, value.array?.first ?? value)]
        query.limit = 1
        return try await store.scoped(Scope(workspace: workspace)).rows(shelf).list(query).first?.id
    }

    /// The ids under which the people are users here.
    private func enrol(_ people: [Seed.Person]) async throws -> [ID: ID] {
        var ids: [ID: ID] = [:]
        for person in people {
            let known = try await store.users.find(workspace, email: person.email)
            ids[person.id] = known?.id ?? person.id
            guard known == nil else { continue }
            try await store.users.create(
                .init(
                    id: person.id, workspace: workspace, email: person.email, name: person.name,
                    role: Store.Role(rawValue: person.role) ?? .member))
        }
        return ids
    }

    private func make(_ row: Seed.Row, on shelf: Shelf, by author: ID?) async throws {
        let scope = Scope(workspace: workspace, user: author, actor: author.map { "user:\($0)" } ?? "system")
        let rows = store.scoped(scope).rows(shelf)
        do {
            try await rows.create(row.values, id: row.id, at: row.at)
            for change in row.changes { try await rows.update(row.id, change.values, at: change.at) }
        } catch let failure as Failure {
            throw Failure(
                failure.kind, "A \(shelf.noun.title) could not be made: \(failure.message)", cause: failure,
                at: failure.pointer)
        }
    }
}

extension Seed.Row {
    /// The row with other ids for those that it refers to.
    fileprivate func naming(_ others: [ID: ID]) -> Seed.Row {
        guard !others.isEmpty else { return self }
        let swap = { (json: JSON) -> JSON in
            json.string.flatMap { ID($0) }.flatMap { others[$0] }.map { JSON($0) } ?? json
        }
        var row = self
        for name in values.names {
            row.values[name] = values[name].map { $0.array.map { .array($0.map(swap)) } ?? swap($0) }
        }
        return row
    }
}

extension Shelf {
    fileprivate var title: String { noun.plural.replacing("_", with: " ") }
}
