import Core
import SQL
import Workspace

extension Store.Messages {
    /// How much is written, to and fro.
    package struct Stats: Sendable {
        /// Messages of one channel, direction and status.
        package struct Count: Sendable, Hashable {
            package let channel: String
            package let direction: String
            package let status: String
            package let count: Int
        }

        /// What came in and went out on one day of UTC.
        package struct Day: Sendable, Hashable {
            package let start: Moment
            package let received: Int
            package let sent: Int
        }

        package let counts: [Count]
        package let unread: Int
        package let days: [Day]
        /// How long the first message after an answer, or of a thread, waited for the next one; of the last
        /// 90 days, nil without any.
        package let averageAnswer: Duration?
    }

    /// Days told one by one, and days whose answers are averaged.
    package static let daysTold = 30
    package static let daysAveraged = 90

    package func stats(at now: Moment = .now) async throws -> Stats {
        try await store.transaction { store in
            let messages = store.messages
            return Stats(
                counts: try await messages.counts(), unread: try await messages.unread(),
                days: try await messages.days(until: now),
                averageAnswer: try await messages.answer(until: now))
        }
    }

    private var access: Access { store.access }
    private var workspace: Value { get throws { Value(try store.rows(.messages).scope.workspace) } }

    private func counts() async throws -> [Stats.Count] {
        try await access.query(
            """
            select channel, direction, status, count(*) as n from messages where workspace_id = $1
            group by channel, direction, status order by channel, direction, status
            """, [workspace]
        ) { row in
            Stats.Count(
                channel: try row.get("channel"), direction: try row.get("direction"),
                status: try row.get("status"), count: try row.get("n"))
        }
    }

    private func unread() async throws -> Int {
        try await access.query(
            """
            select count(*) as n from messages
            where workspace_id = $1 and direction = 'in' and read_at is null
            """, [workspace]
        ) { try $0.get("n", as: Int.self) }[0]
    }

    /// Every day, also one without messages, oldest first.
    private func days(until now: Moment) async throws -> [Stats.Day] {
        let today = now.day
        let rows = try await access.query(
            """
            select occurred_at / \(Moment.dayLength) as day, direction, count(*) as n from messages
            where workspace_id = $1 and occurred_at >= $2 and occurred_at < $3
            and status in ('received', 'read', 'sent', 'delivered')
            group by occurred_at / \(Moment.dayLength), direction
            """,
            [
                workspace, .integer((today - Int64(Self.daysTold) + 1) * Moment.dayLength),
                .integer((today + 1) * Moment.dayLength),
            ]
        ) {
            (
                try $0.get("day", as: Int64.self), try $0.get("direction", as: String.self),
                try $0.get("n", as: Int.self)
            )
        }
        return (0..<Int64(Self.daysTold)).reversed().map { back in
            let day = rows.filter { $0.0 == today - back }
            return Stats.Day(
                start: Moment(microseconds: (today - back) * Moment.dayLength),
                received: day.first { $0.1 == "in" }?.2 ?? 0, sent: day.first { $0.1 == "out" }?.2 ?? 0)
        }
    }

    private func answer(until now: Moment) async throws -> Duration? {
        let microseconds = try await access.query(
            """
            select cast(avg(answered - occurred_at) as bigint) as wait from (
                select occurred_at, direction,
                    lag(direction) over (partition by thread_id order by occurred_at, id) as before,
                    min(case when direction = 'out' then occurred_at end) over (
                        partition by thread_id order by occurred_at, id
                        rows between 1 following and unbounded following) as answered
                from messages where workspace_id = $1 and occurred_at >= $2
                and status in ('received', 'read', 'sent', 'delivered')
            ) m where direction = 'in' and coalesce(before, 'out') = 'out' and answered is not null
            """,
            [workspace, .integer((now.day - Int64(Self.daysAveraged)) * Moment.dayLength)]
        ) { try $0.get("wait", as: Int64?.self) }
        return (microseconds.first ?? nil).map { .microseconds($0) }
    }
}

extension Moment {
    /// Microseconds of a day of UTC.
    fileprivate static let dayLength: Int64 = 86_400_000_000

    /// Days since 1970.
    fileprivate var day: Int64 { microseconds / Self.dayLength }
}
