import Core
import HTTPTypes
import Store

extension Routes {
    /// `/api/workspace/members`: who is in this workspace, and as what.
    enum Members {
        static let routes = [
            Route(.get, "/api/workspace/members", "List the members, newest first.", list).paged()
                .answering(200, "A page.", "MemberPage"),
            Route(
                .put, "/api/workspace/members/{id}",
                "Give a member another role: owners any, admins those below them.", update
            ).operating().taking("MemberChange").answering(200, "The member as it is now.", "Member"),
            Route(
                .delete, "/api/workspace/members/{id}",
                "Remove a member, or leave; sessions and keys here end with it.", remove
            ).personal().answering(204, "Removed: within a second in every process."),
        ]

        static let schemas: [JSON.Member] = [
            .init("Member", Store.Users.Entry.schema),
            .init("MemberPage", Schema.page("members", of: "Member")),
            .init(
                "MemberChange",
                Schema.object(["role": Schema.choice(Store.Role.self)], required: ["role"])),
        ]

        static func list(_ call: Call) async throws -> Answer {
            let members = try await call.store.users.list(call.workspace, call.rows)
            return try call.page("members", members, id: \.id, show: \.json)
        }

        static func update(_ call: Call) async throws -> Answer {
            let request = try await call.json().decode(MemberRequest.self)
            let role: Store.Role = try judging { try Rule.choice(request.role, at: "/role") }
            let (workspace, id) = (try call.workspace, try call.id(of: "member"))
            let member = try await call.store.transaction { store in
                try await require(call, over: [current(workspace, id, store).role, role])
                return try await store.users.change(workspace, id, to: role)
            }
            call.office.doorkeeper.forget()
            return Answer(member.json)
        }

        static func remove(_ call: Call) async throws -> Answer {
            let (workspace, id) = (try call.workspace, try call.id(of: "member"))
            let principal = try call.caller
            try await call.store.transaction { store in
                let role = try await current(workspace, id, store).role
                if principal.user != id { try require(call, over: [role]) }
                try await store.users.remove(workspace, id)
            }
            call.office.doorkeeper.forget()
            return .empty
        }

        private static func current(
            _ workspace: ID, _ id: ID, _ store: Store
        ) async throws -> Store.Users.Entry {
            guard let member = try await store.users.find(workspace, id), member.isMember else {
                throw Failure(.missing, "There is no such member.")
            }
            return member
        }

        /// Throws unless the caller may give and take all of these roles.
        static func require(_ call: Call, over roles: [Store.Role]) throws {
            let own = try call.caller.role
            guard roles.allSatisfy(own.mayManage) else {
                throw Failure(
                    .forbidden, "Owners give and take every role, admins those of members and viewers.")
            }
        }
    }
}
