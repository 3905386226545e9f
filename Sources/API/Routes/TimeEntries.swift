import Core
import HTTPTypes
import Store
import Workspace

extension Routes {
    /// `/api/time-entries`, and those of one task under it: what was worked on, and how long.
    enum TimeEntries {
        static let resource = Resource(.timeEntries, at: "/api/time-entries")
        private static let path = "/api/tasks/{id}/time-entries"

        static let routes: [Route] =
            resource.routes + [
                Route(.get, path, "List the time entries of a task, newest first.", list).paged()
                    .answering(200, "A page.", "TimeEntryPage"),
                Route(.post, path, "Add a time entry to a task.", create).taking("TaskTimeEntry").idempotent()
                    .answering(201, "Created.", "TimeEntry"),
            ]

        static let schemas: [JSON.Member] =
            resource.schemas + [
                .init(
                    "TaskTimeEntry",
                    Schema.object(
                        .object(
                            resource.noun.taken.filter { $0.name != "task_id" }.map {
                                .init($0.name, $0.schema)
                            }), required: ["minutes"]))
            ]

        static func list(_ call: Call) async throws -> Answer {
            try await resource.listOfTask(call)
        }

        static func create(_ call: Call) async throws -> Answer {
            let id = try call.id(of: "task")
            let json = try await call.json()
            var given = try resource.noun.read(json)
            guard !given.has("task_id") else {
                throw Failure(.invalid, "task_id is said by the path; leave it out.", at: "/task_id")
            }
            given["task_id"] = JSON(id)
            _ = try await call.store.rows(.tasks).require(id)
            return try await call.once(try Repeatable(call, json.canonical.text)) { [given] store in
                let item = try await judging { try await store.rows(.timeEntries).create(given) }
                return resource.answer(item, .created).with(.location, "\(resource.path)/\(item.id)")
            }
        }
    }
}

extension Resource {
    /// The rows that belong to the task in the path.
    @Sendable func listOfTask(_ call: Call) async throws -> Answer {
        let id = try call.id(of: "task")
        guard let field = noun.field("task_id") else {
            throw Failure(.broken, "A \(noun.title) has no task.")
        }
        _ = try await call.store.rows(.tasks).require(id)
        var query = Rows.Query()
        query.equal = [(field: field, value: JSON(id))]
        query.limit = try call.limit
        query.after = try call.query("cursor", "a next_cursor of the same list") { Rows.Cursor($0, by: nil) }
        let items = try await call.store.rows(shelf).list(query)
        let next = items.count == query.limit ? items.last?.id.text : nil
        return call.page(noun.plural, items.map(noun.json), next: next)
    }
}
