import Accounts
import Core
import HTTPTypes
import Store

extension Routes {
    /// `/api/workspace`: the workspace that the caller is in.
    enum WorkspaceHome {
        static let routes = [
            Route(.get, "/api/workspace", "Show this workspace.", show)
                .answering(200, "The workspace.", "Workspace"),
            Route(.put, "/api/workspace", "Give this workspace another name.", rename).operating()
                .guarded().taking("WorkspaceChange")
                .answering(200, "The workspace as it is now.", "Workspace"),
        ]

        static let schemas: [JSON.Member] = [
            .init("Workspace", Store.Workspaces.Entry.schema),
            .init(
                "WorkspaceChange",
                Schema.request(["name": Schema.text(Profile.nameLength)])),
        ]

        static func show(_ call: Call) async throws -> Answer {
            guard let workspace = try await call.store.workspaces.find(call.workspace) else {
                throw Failure(.missing, "There is no such workspace.")
            }
            return answer(workspace)
        }

        static func rename(_ call: Call) async throws -> Answer {
            let request = try await call.json().decode(WorkspaceRequest.self)
            guard let name = request.name else {
                _ = try call.wantedVersion
                return try await show(call)
            }
            try judging { try Profile.check(name: name, at: "/name") }
            let workspace = try call.workspace
            return answer(
                try await call.guarded {
                    try await call.store.workspaces.rename(workspace, to: name, version: $0)
                })
        }

        private static func answer(_ workspace: Store.Workspaces.Entry) -> Answer {
            Answer(workspace.json).with(.eTag, "\"\(workspace.version)\"")
        }
    }
}
