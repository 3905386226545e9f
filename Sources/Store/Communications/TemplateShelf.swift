import Core
import SQL
import Workspace

extension Shelf {
    /// The templates of messages.
    package static let templates: Shelf = {
        var shelf = Shelf(.template)
        shelf.prepare = { draft, store in
            let variables = try MessageTemplate(draft.values).variables
            draft.values["variables"] = .array(variables.map(JSON.string))
            try await store.rows(.templates).requireFree(name: draft.values.text("name") ?? "", for: draft.id)
        }
        return shelf
    }()
}

extension Rows {
    fileprivate func requireFree(name: String, for template: ID) async throws {
        let ids = try await access.query(
            "select id from message_templates where workspace_id = $1 and name = $2 and id <> $3",
            [Value(try scope.workspace), .text(name), Value(template)]
        ) { try $0.get("id", as: ID.self) }
        guard !ids.isEmpty else { return }
        throw Failure(.conflict, "Another template is called \"\(name)\".", at: "/name")
    }
}

extension Store.Messages {
    /// The template of this name; nil where there is none.
    package func template(named name: String) async throws -> ID? {
        try await store.access.query(
            "select id from message_templates where workspace_id = $1 and name = $2",
            [Value(try store.rows(.templates).scope.workspace), .text(name)]
        ) { try $0.get("id", as: ID.self) }.first
    }
}
