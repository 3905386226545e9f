import Core
import HTTPTypes
import Hummingbird
import Store
import Workspace

extension Routes {
    /// `/api/tasks`: what people of the workspace have to do.
    enum Tasks {
        static let routes =
            [
                Route(.get, "/api/tasks", "List tasks, newest first.", list)
                    .query("project_id", "Only tasks of this project.", Schema.id)
                    .query("status", "Only tasks in this status.", Schema.choice(ProjectTask.Status.self))
                    .query("assigned_to", "Only tasks of this person.")
                    .query(
                        "priority", "Only tasks of this priority.", Schema.choice(ProjectTask.Priority.self)
                    )
                    .query("due_before", "Only tasks due before this time.", Schema.time).paged()
                    .answering(200, "A page.", "TaskPage"),
                Route(.post, "/api/tasks", "Create a task.", create).taking("TaskRequest").idempotent()
                    .answering(201, "Created.", "Task"),
                Route(.get, "/api/tasks/{id}", "Show a task.", show).answering(200, "The task.", "Task"),
            ] + changes

        private static let changes = [
            Route(.put, "/api/tasks/{id}", "Change the fields sent; null empties one.", update)
                .header("If-Match", "The ETag that the task must still have.").taking("TaskChange")
                .answering(200, "The task as it is now.", "Task"),
            Route(.patch, "/api/tasks/{id}/status", "Change the status alone.", setStatus)
                .header("If-Match", "The ETag that the task must still have.").taking("TaskStatus")
                .answering(200, "The task as it is now.", "Task"),
            Route(.delete, "/api/tasks/{id}", "Delete a task.", delete).answering(204, "Deleted."),
        ]

        static let schemas: [JSON.Member] = [
            .init("Task", ProjectTask.schema), .init("TaskPage", Schema.page("tasks", of: "Task")),
            .init("TaskRequest", Schema.object(.object(TaskFields.properties), required: ["title"])),
            .init("TaskChange", Schema.object(.object(TaskFields.properties))),
            .init(
                "TaskStatus",
                Schema.object(["status": Schema.choice(ProjectTask.Status.self)], required: ["status"])),
        ]

        static func list(_ call: Call) async throws -> Answer {
            var filter = Store.Tasks.Filter()
            filter.project = try call.query("project_id", "the id of a project") { ID($0) }
            filter.status = try call.choice("status")
            filter.assignedTo = call.query("assigned_to")
            filter.priority = try call.choice("priority")
            filter.dueBefore = try call.query("due_before", "an RFC 3339 time with a zone") { Moment($0) }
            let tasks = try await call.store.tasks.list(call.workspace, filter, call.rows)
            return try call.page("tasks", tasks, id: \.id, show: \.json)
        }

        static func create(_ call: Call) async throws -> Answer {
            let json = try await call.json()
            let fields = try json.decode(TaskFields.self)
            let workspace = try call.workspace
            let task = try judging { try fields.task(in: workspace) }
            let answer = answer(task, .created).with(.location, "/api/tasks/\(task.id)")
            return try await call.once(try Repeatable(call, json.canonical.text)) { store in
                try await fields.checkLinks(workspace, store)
                try await store.tasks.create(task)
                return answer
            }
        }

        static func show(_ call: Call) async throws -> Answer {
            guard let task = try await call.store.tasks.find(call.workspace, call.id(of: "task")) else {
                throw Failure(.missing, "There is no such task.")
            }
            return answer(task)
        }

        static func update(_ call: Call) async throws -> Answer {
            let id = Store.Scoped(try call.workspace, try call.id(of: "task"))
            let fields = try await call.json().decode(TaskFields.self)
            let patch = try judging { try fields.patch(of: id.id) }
            try await fields.checkLinks(id.workspace, call.store)
            return answer(
                try await call.guarded { try await call.store.tasks.update(id, patch, version: $0) })
        }

        private struct StatusRequest: Decodable {
            let status: String
        }

        static func setStatus(_ call: Call) async throws -> Answer {
            let id = Store.Scoped(try call.workspace, try call.id(of: "task"))
            let request = try await call.json().decode(StatusRequest.self)
            var patch = Store.Tasks.Patch()
            patch.status = try judging { try ProjectTask.status(request.status) }
            return answer(
                try await call.guarded { [patch] in try await call.store.tasks.update(id, patch, version: $0)
                })
        }

        static func delete(_ call: Call) async throws -> Answer {
            try await call.store.tasks.delete(call.workspace, call.id(of: "task"))
            return .empty
        }

        private static func answer(_ task: ProjectTask, _ status: HTTPResponse.Status = .ok) -> Answer {
            Answer(status, task.json).with(.eTag, task.tag)
        }
    }
}
