import Core
import HTTPTypes
import Store
import Workspace

extension Routes {
    /// `/api/tasks`: what people of the workspace have to do.
    enum Tasks {
        static let resource: Resource = {
            var resource = Resource(.tasks, at: "/api/tasks")
            resource.narrowings = [
                Resource.Narrowing(
                    parameter: Route.Parameter(
                        name: "label", about: "Only tasks with this label, by its id or its name.",
                        schema: Schema.text(1...60))
                ) { text, query in query.conditions.append(.label(text)) }
            ]
            return resource
        }()

        static let routes: [Route] =
            TaskFigures.routes + TaskExport.routes + TaskBulk.routes
            + [
                resource.listed, resource.created, resource.shown, resource.changed, deleted, resource.told,
                Route(.patch, "/api/tasks/{id}/status", "Change the status alone.", setStatus).guarded()
                    .taking("TaskStatus").answering(200, "The task as it is now.", "Task"),
            ]
            + Labels.routes + Comments.routes + TimeEntries.routes + Attachments.routes

        static let schemas: [JSON.Member] =
            resource.schemas + [
                .init(
                    "TaskStatus",
                    Schema.object(["status": Schema.choice(ProjectTask.Status.self)], required: ["status"]))
            ] + TaskFigures.schemas + TaskBulk.schemas + Labels.schemas + Comments.schemas
            + TimeEntries.schemas + Attachments.schemas

        private static let deleted = Route(
            .delete, "/api/tasks/{id}",
            "Delete a task with its comments, time entries and attachments; its parts are freed.", delete
        ).guarded().answering(204, "Deleted.")

        static func setStatus(_ call: Call) async throws -> Answer {
            let id = try call.id(of: "task")
            let given = try resource.noun.read(try await call.json())
            guard given.names == ["status"] else {
                throw Failure(.invalid, "Send the status, and nothing beside it.", at: "/status")
            }
            return resource.answer(try await call.change(.tasks, id, given))
        }

        static func delete(_ call: Call) async throws -> Answer {
            let files = try await Attachments.files(of: [try call.id(of: "task")], call)
            let answer = try await resource.delete(call)
            await Attachments.drop(files, call)
            return answer
        }
    }

    /// `/api/labels`: coloured words for tasks.
    enum Labels {
        static let resource = Resource(.labels, at: "/api/labels")
        static let routes = resource.routes
        static let schemas = resource.schemas
    }

    /// `/api/comments`: what people say about tasks.
    enum Comments {
        static let resource = Resource(.comments, at: "/api/comments")
        static let routes = resource.routes
        static let schemas = resource.schemas
    }
}
