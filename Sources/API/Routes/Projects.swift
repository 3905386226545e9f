import Core
import HTTPTypes
import Hummingbird
import Store
import Workspace

extension Routes {
    /// `/api/projects`: the goals that tasks are gathered under.
    enum Projects {
        static let routes = [
            Route(.get, "/api/projects", "List projects, newest first.", list)
                .query("status", "Only projects in this status.", Schema.choice(Project.Status.self)).paged()
                .answering(200, "A page.", "ProjectPage"),
            Route(.post, "/api/projects", "Create a project.", create).taking("ProjectRequest").idempotent()
                .answering(201, "Created.", "Project"),
            Route(.get, "/api/projects/{id}", "Show a project.", show).answering(
                200, "The project.", "Project"),
            Route(.put, "/api/projects/{id}", "Change the fields sent; null empties one.", update)
                .header("If-Match", "The ETag that the project must still have.").taking("ProjectChange")
                .answering(200, "The project as it is now.", "Project"),
            Route(
                .delete, "/api/projects/{id}", "Delete a project; its tasks stay, without a project.", delete
            )
            .answering(204, "Deleted."),
        ]

        static let schemas: [JSON.Member] = [
            .init("Project", Project.schema), .init("ProjectPage", Schema.page("projects", of: "Project")),
            .init("ProjectRequest", Schema.object(.object(ProjectFields.properties), required: ["name"])),
            .init("ProjectChange", Schema.object(.object(ProjectFields.properties))),
        ]

        static func list(_ call: Call) async throws -> Answer {
            let projects = try await call.store.projects.list(
                call.workspace, status: call.choice("status"), call.rows)
            return try call.page("projects", projects, id: \.id, show: \.json)
        }

        static func create(_ call: Call) async throws -> Answer {
            let json = try await call.json()
            let fields = try json.decode(ProjectFields.self)
            let workspace = try call.workspace
            let project = try judging { try fields.project(in: workspace) }
            let answer = answer(project, .created).with(.location, "/api/projects/\(project.id)")
            return try await call.once(try Repeatable(call, json.canonical.text)) { store in
                try await store.projects.create(project)
                return answer
            }
        }

        static func show(_ call: Call) async throws -> Answer {
            guard let project = try await call.store.projects.find(call.workspace, call.id(of: "project"))
            else {
                throw Failure(.missing, "There is no such project.")
            }
            return answer(project)
        }

        static func update(_ call: Call) async throws -> Answer {
            let id = Store.Scoped(try call.workspace, try call.id(of: "project"))
            let fields = try await call.json().decode(ProjectFields.self)
            let patch = try judging { try fields.patch() }
            return answer(
                try await call.guarded { try await call.store.projects.update(id, patch, version: $0) })
        }

        static func delete(_ call: Call) async throws -> Answer {
            try await call.store.projects.delete(call.workspace, call.id(of: "project"))
            return .empty
        }

        private static func answer(_ project: Project, _ status: HTTPResponse.Status = .ok) -> Answer {
            Answer(status, project.json).with(.eTag, project.tag)
        }
    }
}
