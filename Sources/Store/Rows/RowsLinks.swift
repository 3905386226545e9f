import Core
import SQL
import Workspace

// What rows refer to.
extension Rows {
    /// Throws `invalid` at the field that names a row which is not in the workspace.
    func checkLinks(_ given: Values) async throws {
        for field in noun.fields {
            switch field.kind {
            case .user: try await check(field, given, in: "users")
            case .row(let table): try await check(field, given, in: table)
            case .rows(let table, _): try await checkAll(field, given.ids(field.name), in: table)
            default: break
            }
        }
    }

    private func check(_ field: Field, _ given: Values, in table: String) async throws {
        guard let id = given.id(field.name), try await missing([id], from: table) != nil else { return }
        throw Failure(.invalid, "\(field.name) names no row of this workspace.", at: field.pointer)
    }

    private func checkAll(_ field: Field, _ ids: [ID], in table: String) async throws {
        guard let index = try await missing(ids, from: table) else { return }
        throw Failure(
            .invalid, "\(field.name) names \(ids[index]), which is no row of this workspace.",
            at: "\(field.pointer)/\(index)")
    }

    /// The place of the first id that the table does not have.
    private func missing(_ ids: [ID], from table: String) async throws -> Int? {
        var known: Set<ID> = []
        for list in IDList.cut(ids, after: 1) {
            // Who left the workspace keeps the row, for what they did there.
            let here = table == "users" ? " and removed_at is null" : ""
            known.formUnion(
                try await access.query(
                    "select id from \(table) where workspace_id = $1 and id in \(list.sql)\(here)",
                    [Value(try scope.workspace)] + list.values
                ) { try $0.get("id", as: ID.self) })
        }
        return ids.firstIndex { !known.contains($0) }
    }
}
