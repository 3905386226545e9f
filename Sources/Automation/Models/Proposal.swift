import Core
import Integrations
import Store
import Workspace

/// A change that a model may propose and only a person may have done.
package struct Proposal: Sendable {
    /// Where and how an approved change is made.
    package struct Execution: Sendable {
        package let store: Store
        package let parameters: JSON
        package let conversation: ID?
        /// The proposed action; what it makes outside is known by the same id.
        package let action: ID
        /// The job that does the part outside, for those that have one.
        package let job: ID
        /// The version that the row to be changed must have.
        package var version: Int?
    }

    package let tool: Prompt.Tool
    /// What a key must be allowed to change so that it may approve this: the path's word after `/api/`.
    package let area: String
    /// The name of the job that does the part outside; nil where there is none.
    package let job: String?
    /// What it would do now. Throws `invalid` for parameters with which it could not be done.
    let preview: @Sendable (Execution) async throws -> Preview
    /// Does it in the transaction of the store, by the rules that hold for the person of its scope.
    let execute: @Sendable (Execution) async throws -> JSON

    init(
        _ tool: Prompt.Tool, area: String, job: String? = nil,
        preview: @escaping @Sendable (Execution) async throws -> Preview,
        execute: @escaping @Sendable (Execution) async throws -> JSON
    ) {
        self.tool = tool
        self.area = area
        self.job = job
        self.preview = preview
        self.execute = execute
    }

    /// Everything that can be proposed. A tool that is not here does nothing.
    package static let all: [Proposal] = [
        create(
            "create_task", .tasks, "tasks", ["title", "description", "priority", "due_date", "project_id"]),
        change("update_task", .tasks, "tasks", ["title", "description", "status", "priority", "due_date"]),
        create("add_comment", .comments, "tasks", ["task_id", "content"]),
        create("create_note", .notes, "notes", ["title", "body"]),
        create(
            "create_event", .calendarEvents, "calendar",
            ["title", "description", "location", "starts_at", "ends_at", "time_zone"]),
        sendMessage,
    ]

    /// Throws `missing` for a tool that nobody has.
    package static func named(_ name: String) throws(Failure) -> Proposal {
        guard let proposal = all.first(where: { $0.tool.name == name }) else {
            throw Failure(.missing, "There is no tool \"\(name.prefix(60))\" that proposes something.")
        }
        return proposal
    }

    private static func create(
        _ name: String, _ shelf: Shelf, _ area: String, _ fields: [String]
    ) -> Proposal {
        let noun = shelf.noun
        let known = fields.compactMap { noun.field($0) }
        let tool = Prompt.Tool(
            name, "Proposes a new \(noun.title). A person decides.",
            schema: .closed(
                known.map { .init($0.name, $0.sketch) }, required: known.filter(\.isRequired).map(\.name)))
        return Proposal(tool, area: area) { execution in
            let given = try noun.read(execution.parameters)
            let values = try noun.fresh(given)
            var lines: [Preview.Line] = []
            for field in known where given.has(field.name) {
                let value = try await named(values[field.name], by: field, execution.store)
                lines.append(.init(field.name, to: value))
            }
            return Preview(deed: "Create a \(noun.title)", subject: nil, lines: lines)
        } execute: { execution in
            let item = try await execution.store.rows(shelf).create(try noun.read(execution.parameters))
            return ["noun": .string(noun.name), "id": JSON(item.id)]
        }
    }

    private static func change(
        _ name: String, _ shelf: Shelf, _ area: String, _ fields: [String]
    ) -> Proposal {
        let noun = shelf.noun
        let known = fields.compactMap { noun.field($0) }
        let tool = Prompt.Tool(
            name, "Proposes to change a \(noun.title). A person decides.",
            schema: .closed(
                [.init("id", ["type": "string"])] + known.map { .init($0.name, $0.sketch) }, required: ["id"])
        )
        return Proposal(tool, area: area) { execution in
            let (id, values) = try parts(of: execution, noun)
            let item = try await execution.store.rows(shelf).require(id)
            let after = try noun.changed(item.values, by: values)
            let changed = known.filter { item[$0.name] != after[$0.name] ?? .null }
            guard !changed.isEmpty else {
                throw Failure(.invalid, "The \(noun.title) is like that already.")
            }
            return Preview(
                deed: "Change the \(noun.title)", subject: item["title"].string,
                lines: changed.map { .init($0.name, from: item[$0.name], to: after[$0.name] ?? .null) },
                version: item.version)
        } execute: { execution in
            let (id, values) = try parts(of: execution, noun)
            let item = try await execution.store.rows(shelf).update(id, values, version: execution.version)
            return ["noun": .string(noun.name), "id": JSON(item.id), "version": JSON(item.version)]
        }
    }

    /// A value as people call it: of a row its title.
    private static func named(_ value: JSON?, by field: Field, _ store: Store) async throws -> JSON {
        let shelves = ["projects": Shelf.projects, "tasks": .tasks]
        guard case .row(let table) = field.kind, let id = value?.string.flatMap({ ID($0) }),
            let shelf = shelves[table]
        else { return value ?? .null }
        let row = try await store.rows(shelf).require(id)
        return row.values["title"] ?? row["name"]
    }

    private static func parts(of execution: Execution, _ noun: Noun) throws -> (ID, Values) {
        guard let id = execution.parameters["id"]?.string.flatMap({ ID($0) }) else {
            throw Failure(.invalid, "id must be an id.", at: "/id")
        }
        let rest = (execution.parameters.members ?? []).filter { $0.name != "id" }
        return (id, try noun.read(.object(rest)))
    }
}

extension Field {
    /// What a model is told that the field takes; what it then writes is checked by the field itself.
    fileprivate var sketch: JSON {
        switch kind {
        case .word(let words): ["type": "string", "enum": .array(words.map(JSON.string))]
        case .flag: ["type": "boolean"]
        case .whole, .number: ["type": "number"]
        case .texts, .rows: ["type": "array", "items": ["type": "string"]]
        case .object: ["type": "object"]
        case .time: ["type": "string", "description": "RFC 3339 with a zone, such as 2026-03-01T09:00:00Z"]
        default: ["type": "string"]
        }
    }
}
