import Core
import Integrations
import Store
import Workspace

/// Something about the workspace that a model may look at; it sees what the person sees who asks.
package struct Reading: Sendable {
    let tool: Prompt.Tool
    let read: @Sendable (JSON, Store) async throws -> JSON

    /// The most rows that one look shows.
    static let most = 20
    /// The most characters shown of one text of a row.
    static let longest = 2_000

    static let all: [Reading] = [
        list(
            "list_tasks", "Lists tasks, newest first.", .tasks,
            by: ["status", "priority", "project_id", "assigned_to"]),
        list("list_projects", "Lists projects, newest first.", .projects, by: ["status"]),
        list(
            "list_messages", "Lists messages of all channels, newest first.", .messages,
            by: ["channel", "direction", "contact_id", "thread_id"]),
        list(
            "list_events", "Lists calendar events by search, newest first.", .calendarEvents, by: ["status"]),
        list("list_comments", "Lists the comments of a task.", .comments, by: ["task_id"]),
        show("show_task", "Shows one task.", .tasks),
        show("show_message", "Shows one message.", .messages),
    ]

    private static func list(_ name: String, _ about: String, _ shelf: Shelf, by names: [String]) -> Reading {
        let fields = names.compactMap { shelf.noun.field($0) }
        var properties = fields.map { JSON.Member($0.name, ["type": "string"]) }
        if shelf.noun.isSearched { properties.append(.init("search", ["type": "string", "maxLength": 200])) }
        return Reading(tool: tool(name, about, properties)) { arguments, store in
            var query = Rows.Query()
            query.limit = most
            query.search = arguments["search"]?.string
            query.equal = try fields.compactMap { field in
                guard let given = arguments[field.name] else { return nil }
                return (field, try field.check(try field.read(given)))
            }
            let items = try await store.rows(shelf).list(query)
            return .object([.init(shelf.noun.plural, .array(items.map { shown($0, shelf.noun) }))])
        }
    }

    private static func show(_ name: String, _ about: String, _ shelf: Shelf) -> Reading {
        Reading(tool: tool(name, about, [.init("id", ["type": "string"])], required: ["id"])) {
            arguments, store in
            guard let id = arguments["id"]?.string.flatMap({ ID($0) }) else {
                throw Failure(.invalid, "id must be an id.")
            }
            return shown(try await store.rows(shelf).require(id), shelf.noun)
        }
    }

    private static func tool(
        _ name: String, _ about: String, _ properties: [JSON.Member], required: [String] = []
    ) -> Prompt.Tool {
        Prompt.Tool(name, about, schema: .closed(properties, required: required))
    }

    /// A row with what it holds, without what is empty and with long texts cut.
    static func shown(_ item: Item, _ noun: Noun) -> JSON {
        let members = noun.fields.compactMap { field -> JSON.Member? in
            let value = item[field.name]
            if value == .null || value == "" || value == [] { return nil }
            guard let text = value.string, text.count > longest else { return .init(field.name, value) }
            return .init(field.name, .string(text.prefix(longest) + "…"))
        }
        return .object([.init("id", JSON(item.id))] + members)
    }
}

extension JSON {
    /// The schema of an object with these members and no others.
    static func closed(_ properties: [JSON.Member], required: [String]) -> JSON {
        [
            "type": "object", "properties": .object(properties),
            "required": .array(required.map(JSON.string)), "additionalProperties": false,
        ]
    }
}
