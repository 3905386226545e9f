import Core
import SQL
import Workspace

extension Store.Tasks {
    /// Counts over the tasks of a workspace.
    package struct Figures: Sendable {
        /// People who are shown, those with the most open tasks first.
        package static let mostPeople = 100

        package var total = 0
        package var byStatus: [String: Int] = [:]
        package var byPriority: [String: Int] = [:]
        package var overdue = 0
        package var dueIn7Days = 0
        /// From the first beginning to the end of what is done.
        package var cycleTime_h: Double?
        package var people: [Person] = []

        /// The tasks of one person; of nobody where the name is nil.
        package struct Person: Sendable {
            package let name: String?
            package let open: Int
            package let done: Int
            package let overdue: Int
        }
    }

    /// Counts the tasks, of one project if it is named.
    package func figures(
        _ workspace: ID, project: ID? = nil, at now: Moment = .now
    ) async throws -> Figures {
        var clause = Clause([Value(workspace), Value(now), Value(now + .seconds(7 * 86_400))])
        clause.add("project_id =", project.map { Value($0) })
        var figures = Figures()
        let groups = try await access.query(
            """
            select status, priority, count(*) as n, \(Self.count("due_date < $2")) as overdue,
                \(Self.count("due_date >= $2 and due_date < $3")) as soon
            from tasks where workspace_id = $1\(clause.text("and")) group by status, priority
            """, clause.values
        ) { try Group($0) }
        for group in groups {
            figures.total += group.count
            figures.byStatus[group.status, default: 0] += group.count
            figures.byPriority[group.priority, default: 0] += group.count
            figures.overdue += group.overdue
            figures.dueIn7Days += group.soon
        }
        figures.cycleTime_h = try await cycleTime(workspace, project)
        figures.people = try await people(workspace, project, at: now)
        return figures
    }

    /// Counts the open tasks of a group for which `condition` holds.
    private static func count(_ condition: String) -> String {
        "cast(sum(case when status <> 'done' and \(condition) then 1 else 0 end) as bigint)"
    }

    private struct Group {
        let (status, priority): (String, String)
        let (count, overdue, soon): (Int, Int, Int)

        init(_ row: Row) throws {
            (status, priority) = (try row.get("status"), try row.get("priority"))
            (count, overdue, soon) = (try row.get("n"), try row.get("overdue"), try row.get("soon"))
        }
    }

    private func cycleTime(_ workspace: ID, _ project: ID?) async throws -> Double? {
        var clause = Clause([Value(workspace)])
        clause.add("project_id =", project.map { Value($0) })
        let microseconds: Double? = try await access.query(
            """
            select cast(avg(completed_at - started_at) as double precision) as time from tasks
            where workspace_id = $1 and status = 'done' and started_at is not null\(clause.text("and"))
            """, clause.values
        ) { try $0.get("time", as: Double?.self) }[0]
        return microseconds.map { ($0 / 36_000_000).rounded() / 100 }
    }

    private func people(
        _ workspace: ID, _ project: ID?, at now: Moment
    ) async throws -> [Figures.Person] {
        var clause = Clause([Value(workspace), Value(now), Value(Figures.mostPeople)])
        clause.add("project_id =", project.map { Value($0) })
        return try await access.query(
            """
            select assigned_to, \(Self.count("1 = 1")) as open_tasks, count(*) as n,
                \(Self.count("due_date < $2")) as overdue
            from tasks where workspace_id = $1\(clause.text("and")) group by assigned_to
            order by open_tasks desc, assigned_to limit $3
            """, clause.values
        ) { row in
            let open: Int = try row.get("open_tasks")
            return Figures.Person(
                name: try row.get("assigned_to"), open: open, done: try row.get("n", as: Int.self) - open,
                overdue: try row.get("overdue"))
        }
    }
}
