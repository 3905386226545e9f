import Core
import HTTPTypes
import Store

extension Routes {
    /// `/api/auth/workspaces`: the workspaces of one account, and the way from one to another.
    enum AuthWorkspaces {
        static let routes = [
            Route(.get, "/api/auth/workspaces", "List the workspaces you are a member of.", list)
                .personal().answering(200, "The workspaces, oldest membership first.", "Memberships"),
            Route(.post, "/api/auth/switch", "Get tokens for another of your workspaces.", move)
                .personal().taking("Switch").answering(200, "Tokens of a new session.", "Grant"),
        ]

        static let schemas: [JSON.Member] = [
            .init(
                "Memberships",
                Schema.object(
                    [
                        "workspaces": Schema.list(
                            Schema.object(
                                [
                                    "id": Schema.id, "name": Schema.string,
                                    "role": Schema.choice(Store.Role.self), "is_current": Schema.bool,
                                ], required: ["id", "name", "role", "is_current"]))
                    ], required: ["workspaces"])),
            .init("Switch", Schema.object(["workspace_id": Schema.id], required: ["workspace_id"])),
        ]

        static func list(_ call: Call) async throws -> Answer {
            let store = call.office.store
            let places = try await store.users.memberships(of: call.account)
            let known = try await store.workspaces.find(places.map(\.workspace))
            let names = Dictionary(known.map { ($0.id, $0.name) }) { first, _ in first }
            let current = try call.workspace
            return Answer([
                "workspaces": .array(
                    places.map { place in
                        [
                            "id": JSON(place.workspace), "name": JSON(names[place.workspace]),
                            "role": JSON(place.role), "is_current": .bool(place.workspace == current),
                        ]
                    })
            ])
        }

        static func move(_ call: Call) async throws -> Answer {
            let request = try await call.json().decode(SwitchRequest.self)
            let (account, store) = (try call.account, call.office.store)
            // A key that could log in would give more than it has.
            _ = try call.session
            let places = try await store.users.memberships(of: account)
            guard let user = places.first(where: { $0.workspace == request.workspace }) else {
                throw Failure(.missing, "There is no such workspace.", at: "/workspace_id")
            }
            return try await store.transaction { try await call.begin(account, as: user, $0) }
                .answer(call.office)
        }
    }
}
