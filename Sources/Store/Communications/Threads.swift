import Core
import SQL
import Workspace

extension Store {
    /// The conversations that messages belong to; the store must have a scope.
    package struct Threads: Sendable {
        let store: Store

        private var access: Access { store.access }

        /// One conversation.
        package struct Entry: Sendable {
            package let id: ID
            package let channel: String
            package let lastAt: Moment
            package fileprivate(set) var messages = 0
            /// Those that came in and were not read.
            package fileprivate(set) var unread = 0
            /// Nil only when it was deleted at this moment.
            package fileprivate(set) var latest: Item?

            init(_ row: Row) throws {
                id = try row.get("id")
                channel = try row.get("channel")
                lastAt = try row.get("last_at")
            }
        }

        /// Which threads to list; nil means any.
        package struct Filter: Sendable {
            package var channel: Channel?
            package var contact: ID?
            package var isUnread: Bool?
            /// Where the page before ended.
            package var after: Cursor?
            package var limit = 50

            package init() {}
        }

        /// The last thread of a page, from which the next goes on.
        package struct Cursor: Sendable, Hashable {
            let lastAt: Moment
            let id: ID

            package init(_ entry: Entry) { (lastAt, id) = (entry.lastAt, entry.id) }

            package init?(_ text: String) {
                let parts = text.split(separator: "-", omittingEmptySubsequences: false)
                guard parts.count == 2, let microseconds = Int64(parts[0]), let id = ID(String(parts[1]))
                else {
                    return nil
                }
                (lastAt, self.id) = (Moment(microseconds: microseconds), id)
            }

            package var text: String { "\(lastAt.microseconds)-\(id)" }
        }
    }

    package var threads: Threads { Threads(store: self) }
}

extension Store.Threads {
    private static let unread = "direction = 'in' and read_at is null"

    /// The threads, the one with the newest message first.
    package func list(_ filter: Filter = Filter()) async throws -> [Entry] {
        let workspace = try store.rows(.messages).scope.workspace
        var clause = Clause([Value(workspace), Value(min(max(filter.limit, 1), Store.Page.most))])
        clause.add("channel =", filter.channel.map { Value($0) })
        let some = "id in (select thread_id from messages where workspace_id = $1 and"
        if let contact = filter.contact { clause.add("\(some) contact_id = ?)", [Value(contact)]) }
        if let isUnread = filter.isUnread { clause.add("\(isUnread ? "" : "not ")\(some) \(Self.unread))") }
        if let cursor = filter.after {
            clause.add("(last_at, id) < (?, ?)", [Value(cursor.lastAt), Value(cursor.id)])
        }
        let entries = try await access.query(
            """
            select id, channel, last_at from message_threads where workspace_id = $1\(clause.text("and"))
            order by last_at desc, id desc limit $2
            """, clause.values, Entry.init)
        return try await withLatest(counted(entries, workspace), workspace)
    }

    private func counted(_ entries: [Entry], _ workspace: ID) async throws -> [Entry] {
        var counts: [ID: (Int, Int)] = [:]
        for list in IDList.cut(entries.map(\.id), after: 1) {
            let rows = try await access.query(
                """
                select thread_id, count(*) as n, count(case when \(Self.unread) then 1 end) as unread
                from messages where workspace_id = $1 and thread_id in \(list.sql) group by thread_id
                """, [Value(workspace)] + list.values
            ) {
                (
                    try $0.get("thread_id", as: ID.self),
                    (try $0.get("n", as: Int.self), try $0.get("unread", as: Int.self))
                )
            }
            counts.merge(rows) { $1 }
        }
        return entries.map { entry in
            var entry = entry
            (entry.messages, entry.unread) = counts[entry.id] ?? (0, 0)
            return entry
        }
    }

    private func withLatest(_ entries: [Entry], _ workspace: ID) async throws -> [Entry] {
        var ids: [ID] = []
        for list in IDList.cut(entries.map(\.id), after: 1) {
            ids += try await access.query(
                """
                select id from (
                    select id, row_number() over (
                        partition by thread_id order by occurred_at desc, id desc) as place
                    from messages where workspace_id = $1 and thread_id in \(list.sql)
                ) ranked where place = 1
                """, [Value(workspace)] + list.values
            ) { try $0.get("id", as: ID.self) }
        }
        let messages = try await store.rows(.messages).find(ids)
        let byThread = Dictionary(messages.map { ($0.values.id("thread_id"), $0) }) { $1 }
        return entries.map { entry in
            var entry = entry
            entry.latest = byThread[entry.id]
            return entry
        }
    }
}

extension Store.Threads {
    /// The thread with this key, begun by the message `id` where there is none.
    func join(_ key: String, _ id: ID, _ channel: Channel, at now: Moment) async throws -> ID {
        let workspace = Value(try store.rows(.messages).scope.workspace)
        try await access.execute(
            """
            insert into message_threads (workspace_id, id, channel, key, last_at) values ($1, $2, $3, $4, $5)
            on conflict (workspace_id, key) do nothing
            """, [workspace, Value(id), Value(channel), .text(key), Value(now)])
        let ids = try await access.query(
            "select id from message_threads where workspace_id = $1 and key = $2", [workspace, .text(key)]
        ) { try $0.get("id", as: ID.self) }
        return ids.first ?? id
    }

    /// Keeps the time of a thread's newest message, and ends it with its last one.
    func follow(_ change: Shelf.Change) async throws {
        let workspace = Value(try store.rows(.messages).scope.workspace)
        guard let message = change.after ?? change.before, let thread = message.values.id("thread_id") else {
            return
        }
        guard change.after == nil else {
            if change.before?["occurred_at"] == message["occurred_at"] { return }
            try await access.execute(
                """
                update message_threads set last_at = $3 where workspace_id = $1 and id = $2 and last_at < $3
                """,
                [workspace, Value(thread), Value(message.values.time("occurred_at"))])
            return
        }
        let rest = "from messages where workspace_id = $1 and thread_id = $2 and id <> $3"
        let values = [workspace, Value(thread), Value(message.id)]
        try await access.execute(
            """
            update message_threads set last_at = coalesce((select max(occurred_at) \(rest)), last_at)
            where workspace_id = $1 and id = $2
            """, values)
        try await access.execute(
            """
            delete from message_threads where workspace_id = $1 and id = $2 and not exists (select 1 \(rest))
            """,
            values)
    }
}
