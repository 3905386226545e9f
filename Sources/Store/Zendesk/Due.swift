import Core
import SQL
import Workspace

// Which pairs have something to be done, and the jobs that do it.
extension Store.Zendesk {
    /// What a workspace wants of a connection.
    package struct Plan: Sendable, Hashable {
        /// The project whose tasks are tickets; without one, tasks that came from tickets alone are.
        package let project: ID?
        /// Changes there come here.
        package let takes: Bool
        /// Changes here go there.
        package let gives: Bool
        /// What is said here is shown to the customer there.
        package let isPublic: Bool

        package init(project: ID?, takes: Bool, gives: Bool, isPublic: Bool) {
            (self.project, self.takes, self.gives, self.isPublic) = (project, takes, gives, isPublic)
        }

        /// Reads the settings of a connection.
        package init(_ settings: JSON) {
            project = settings["project_id"]?.string.flatMap { ID($0) }
            let direction = settings["direction"]?.string ?? "both"
            (takes, gives) = (direction != "out", direction != "in")
            isPublic = settings["comments"]?.string == "public"
        }
    }

    /// Pairs that one look enqueues.
    static let most = 2_000

    /// Enqueues a job for every pair that differs from what is known of the other side; within a
    /// transaction. Returns how many.
    package func enqueueDue(of connection: ID, _ plan: Plan) async throws -> Int {
        if plan.gives { try await adopt(connection, plan) }
        let given = """
            or p.pending <> 'null' or t.version <> p.local_version or p.ticket_id is null
            or exists (select 1 from comments c where c.workspace_id = p.workspace_id
                and c.task_id = p.task_id and not exists (select 1 from zendesk_comments z
                    where z.workspace_id = c.workspace_id and z.pair_id = p.id and z.comment_id = c.id))
            """
        let ids = try await access.query(
            """
            select p.id from zendesk_tickets p
            left join tasks t on t.workspace_id = p.workspace_id and t.id = p.task_id
            where p.workspace_id = $1 and p.connection_id = $2
            and (\(plan.gives ? "p.state = 'closed' and p.pending <> 'null' or " : "")p.state = 'open'
            and not (p.error is not null and t.version = p.local_version
                and (p.changed_at < p.read_at or p.ticket_id is null))
            and (p.changed_at >= p.read_at and p.ticket_id is not null \(plan.gives ? given : "")))
            order by p.id limit $3
            """, [Value(try workspace()), Value(connection), Value(Self.most)]
        ) { try $0.get("id", as: ID.self) }
        for id in ids { try await enqueue(id, of: connection) }
        return ids.count
    }

    /// Makes pairs for tasks of the project that have none.
    private func adopt(_ connection: ID, _ plan: Plan) async throws {
        guard let project = plan.project else { return }
        let tasks = try await access.query(
            """
            select t.id from tasks t where t.workspace_id = $1 and t.project_id = $3
            and not exists (select 1 from zendesk_tickets p where p.workspace_id = t.workspace_id
                and p.connection_id = $2 and p.task_id = t.id)
            order by t.id limit $4
            """, [Value(try workspace()), Value(connection), Value(project), Value(Self.most)]
        ) { try $0.get("id", as: ID.self) }
        for task in tasks { try await insert(Pair(connection, task: task)) }
    }

    /// Has a pair synced by a job, unless one waits already.
    package func enqueue(_ pair: ID, of connection: ID) async throws {
        let arguments: JSON = ["pair_id": JSON(pair), "connection_id": JSON(connection)]
        let workspace = try workspace()
        var job = Envelope(name: "sync_ticket", arguments: arguments.bytes, workspace: workspace.text)
        job.flow = Flow(
            share: workspace.text, charges: [.init("provider:zendesk:\(connection)")],
            exclusive: "zendesk:\(pair)")
        job.unique = Unique(
            "zendesk:\(pair)", until: .start, lifetime: .seconds(3_600), conflict: .returnExisting)
        try await store.outbox.add(
            Store.Outbox.Entry(id: job.id, workspace: workspace, queue: "default", envelope: job.bytes))
    }
}

extension Store.Zendesk {
    /// A task was changed: its ticket is to hear of it.
    func hear(ofTask change: Shelf.Change) async throws {
        guard let id = change.id else { return }
        try await hear(of: id, in: change.after?.values.id("project_id"))
    }

    /// A comment was written, or changed.
    func hear(ofComment comment: Item) async throws {
        guard let task = comment.values.id("task_id") else { return }
        try await hear(of: task, in: nil)
    }

    private func hear(of task: ID, in project: ID?) async throws {
        if Self.isBringing { return }
        for (connection, plan) in try await plans() where plan.gives {
            if let pair = try await find(connection, task: task) {
                if pair.state != .ended { try await enqueue(pair.id, of: connection) }
            } else if let project, plan.project == project {
                try await insert(Pair(connection, task: task))
                guard let pair = try await find(connection, task: task) else { continue }
                try await enqueue(pair.id, of: connection)
            }
        }
    }

    /// The connections of the workspace that are in use.
    private func plans() async throws -> [(ID, Plan)] {
        try await access.query(
            """
            select id, settings from connections
            where workspace_id = $1 and provider = 'zendesk' and status = 'active'
            """, [Value(try workspace())]
        ) { row in
            let settings = try JSONParser.parse(Array(row.get("settings", as: String.self).utf8))
            return (try row.get("id", as: ID.self), Plan(settings))
        }
    }
}
