import Accounts
import Core
import SQL

extension Store.Role {
    /// True when a user of this role may give, change and take that one: owners all, admins what is below
    /// them.
    package func mayManage(_ other: Store.Role) -> Bool {
        switch self {
        case .owner: true
        case .admin: other == .member || other == .viewer
        case .member, .viewer: false
        }
    }
}

// Who comes, changes and goes.
extension Store.Users {
    /// Makes an account a member of a workspace, also one that was removed from it. Throws `conflict` when
    /// it is one already.
    package func enroll(
        _ account: Store.Accounts.Entry, in workspace: ID, as role: Store.Role, at now: Moment = .now
    ) async throws -> Entry {
        guard let known = try await find(workspace, email: account.email) else {
            let user = Entry(
                id: account.id, workspace: workspace, email: account.email, name: account.profile.name,
                role: role, createdAt: now, account: account.id)
            try await create(user)
            return user
        }
        guard !known.isMember else { throw Failure(.conflict, "This is a member already.") }
        return try await write(
            "account_id = $4, role = $5, removed_at = null", [Value(account.id), Value(role)], known, now)
    }

    /// Gives a member who had only keys an account. Throws `conflict` when they have one.
    package func attach(_ account: ID, to user: Entry, at now: Moment = .now) async throws -> Entry {
        guard user.account == nil else { throw Failure(.conflict, "This member has an account already.") }
        return try await write("account_id = $4", [Value(account)], user, now)
    }

    /// Gives a member another role. Throws `conflict` when no owner were left.
    package func change(
        _ workspace: ID, _ id: ID, to role: Store.Role, at now: Moment = .now
    ) async throws -> Entry {
        try await access.transaction { access in
            let users = Store.Users(access: access)
            let user = try await users.member(workspace, id)
            if user.role == .owner, role != .owner { try await users.requireOwner(beside: user) }
            return try await users.write("role = $4", [Value(role)], user, now)
        }
    }

    /// Ends a membership; the keys of the user and its sessions here end with it. Throws `conflict` when no
    /// owner were left, unless nobody were.
    package func remove(
        _ workspace: ID, _ id: ID, leavingEmpty: Bool = false, at now: Moment = .now
    ) async throws {
        try await access.transaction { access in
            let users = Store.Users(access: access)
            let user = try await users.member(workspace, id)
            if user.role == .owner {
                let isAlone = try await users.list(workspace, Store.Page(limit: 2)).count == 1
                if !(leavingEmpty && isAlone) { try await users.requireOwner(beside: user) }
            }
            _ = try await users.write("removed_at = $3", [], user, now)
        }
    }

    /// The member, behind the lock of its workspace: of two changes that each leave one owner, the second
    /// sees what the first did.
    private func member(_ workspace: ID, _ id: ID) async throws -> Entry {
        try await access.execute(
            "update workspaces set version = version where id = $1", [Value(workspace)])
        guard let user = try await find(workspace, id), user.isMember else {
            throw Failure(.missing, "There is no such member.")
        }
        return user
    }

    private func requireOwner(beside user: Entry) async throws {
        let owners = try await access.query(
            """
            select id from users
            where workspace_id = $1 and role = 'owner' and removed_at is null and id <> $2 limit 1
            """, [Value(user.workspace), Value(user.id)]
        ) { try $0.get("id", as: ID.self) }
        guard owners.isEmpty else { return }
        throw Failure(
            .conflict, "This is the last owner of the workspace. Make somebody else an owner first.")
    }

    /// Writes what a user is from now on; `$4` is the first of `values`.
    private func write(
        _ change: String, _ values: [Value], _ user: Entry, _ now: Moment
    ) async throws -> Entry {
        let found = try await access.query(
            """
            update users set changed_at = $3, version = version + 1, \(change)
            where workspace_id = $1 and id = $2 returning \(Self.columns)
            """, [Value(user.workspace), Value(user.id), Value(now)] + values, Entry.init)
        guard let after = found.first else { throw Failure(.missing, "There is no such member.") }
        try await note(user.id, before: user, after: after)
        return after
    }

    /// Tells the journal what became of a member.
    func note(_ id: ID, before: Entry?, after: Entry) async throws {
        let isHere = { (entry: Entry?) in entry.map(\.isMember) ?? false }
        let action: Store.Journal.Action =
            !isHere(before) ? .created : isHere(after) ? .updated : .deleted
        try await access.write([
            Store.Journal.Entry(
                workspace: after.workspace, noun: "member", event: "member:\(action.rawValue)", row: id,
                action: action, version: after.version, actor: access.scope?.actor ?? "system",
                request: access.scope?.request,
                changes: Store.Journal.Changes(
                    from: isHere(before) ? before?.facts ?? [:] : [:], to: isHere(after) ? after.facts : [:]))
        ])
    }
}

extension Store.Users.Entry {
    fileprivate var facts: [String: JSON] {
        ["email": .string(email), "name": .string(name), "role": JSON(role)]
    }
}
