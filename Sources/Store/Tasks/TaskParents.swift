import Core
import SQL
import Workspace

// Tasks that are parts of others.
extension Rows {
    /// Levels of tasks within tasks.
    package static let mostLevels = 5

    /// Throws `invalid` when the parent is the task itself or a part of it, or lies too deep.
    func checkParent(of draft: Shelf.Draft) async throws {
        guard let parent = draft.values.id("parent_id"), draft.before?["parent_id"] != JSON(parent) else {
            return
        }
        let place = "/parent_id"
        try await lockTies()
        let above = try await ancestors(parent)
        guard !above.isEmpty else {
            throw Failure(.invalid, "parent_id names no row of this workspace.", at: place)
        }
        guard !above.contains(draft.id) else {
            throw Failure(.invalid, "A task cannot be a part of itself or of its own parts.", at: place)
        }
        let levels = try await above.count + (draft.before == nil ? 1 : height(draft.id))
        guard levels <= Self.mostLevels else {
            throw Failure(
                .invalid, "Tasks can lie \(Self.mostLevels) levels deep; this would be \(levels).", at: place)
        }
    }

    /// The task and those above it.
    private func ancestors(_ task: ID) async throws -> [ID] {
        try await access.query(
            """
            with recursive above (id, parent_id, level) as (
                select id, parent_id, 1 from tasks where workspace_id = $1 and id = $2
                union all
                select t.id, t.parent_id, a.level + 1 from tasks t join above a on t.id = a.parent_id
                where t.workspace_id = $1 and a.level <= \(Self.mostLevels)
            )
            select id from above
            """, [Value(try scope.workspace), Value(task)]
        ) { try $0.get("id") }
    }

    /// The levels from the task down to its deepest part.
    private func height(_ task: ID) async throws -> Int {
        try await access.query(
            """
            with recursive below (id, level) as (
                select id, 1 from tasks where workspace_id = $1 and id = $2
                union all
                select t.id, b.level + 1 from tasks t join below b on t.parent_id = b.id
                where t.workspace_id = $1 and b.level <= \(Self.mostLevels)
            )
            select max(level) as height from below
            """, [Value(try scope.workspace), Value(task)]
        ) { try $0.get("height") }[0]
    }
}
