import Accounts
import Core
import SQL
import Workspace

extension Store {
    /// What people are told; the store must have a scope.
    package struct Notifications: Sendable {
        let store: Store

        /// What there is to know.
        package struct News: Sendable, Hashable {
            /// Such as `budget_alert`.
            package let kind: String
            package let title: String
            package let body: String
            /// The row it speaks of.
            package let subject: ID?
            package let level: Urgency

            package init(
                kind: String, title: String, body: String = "", subject: ID? = nil, level: Urgency = .info
            ) {
                self.kind = kind
                self.title = title
                self.body = body
                self.subject = subject
                self.level = level
            }
        }

        /// Somebody who is told, and whether by e-mail too.
        package struct Reader: Sendable, Hashable {
            package let user: ID
            let isMailed: Bool
        }
    }

    package var notifications: Notifications { Notifications(store: self) }
}

extension Store.Notifications {
    /// The most people told at once.
    static let readersLimit = 200

    private var access: Access { store.access }

    private var scope: Scope {
        get throws {
            guard let scope = access.scope else { throw Failure(.broken, "Notifications need a scope.") }
            return scope
        }
    }

    /// The owners and admins of the workspace.
    package func keepers() async throws -> [Reader] {
        try await readers("u.role in ('owner', 'admin')", [])
    }

    /// Those of the users who belong to the workspace.
    package func readers(_ users: [ID]) async throws -> [Reader] {
        var readers: [Reader] = []
        for list in IDList.cut(users, after: 1) {
            readers += try await self.readers("u.id in \(list.sql)", list.values)
        }
        return readers
    }

    private func readers(_ condition: String, _ values: [Value]) async throws -> [Reader] {
        try await access.query(
            """
            select u.id, a.notification_channels as channels from users u
            left join accounts a on a.id = u.account_id
            where u.workspace_id = $1 and u.removed_at is null and \(condition)
            order by u.id limit \(Self.readersLimit)
            """, [Value(try scope.workspace)] + values, Reader.init)
    }

    /// Tells each of the readers, in the application at once, and by a job wherever else their notifications
    /// go; within the transaction of what it speaks of.
    package func add(_ news: News, to readers: [Reader], at now: Moment = .now) async throws {
        guard !readers.isEmpty else { return }
        // Whoever made the change is not the one who is told, so the rows are written by the house.
        try await house.transaction { store in
            let group = ID()
            var items: [Item] = []
            for reader in readers {
                items.append(
                    try await store.rows(.notifications).create(news.values(for: reader, group), at: now))
            }
            let channels = try await store.notifications.channels(of: readers.map(\.user))
            for (reader, item) in zip(readers, items) {
                let goesOut = channels.contains { $0.takes(item) && ($0.isShared || $0.owner == reader.user) }
                guard goesOut || reader.isMailed else { continue }
                try await store.notifications.planFanOut(of: item.id)
            }
            try await store.notifications.watch(items[0], at: now)
        }
    }
}

extension Shelf {
    /// What people are told; each row belongs to one of them.
    package static let notifications = Shelf(.notification)
}

extension Store.Notifications {
    /// Notes that the caller has read one of theirs. Throws `missing`.
    package func read(_ id: ID, at now: Moment = .now) async throws -> Item {
        try await store.transaction { store in
            let item = try await store.rows(.notifications).require(id)
            if item.values.time("read_at") != nil { return item }
            return try await store.rows(.notifications).update(id, Values(["read_at": JSON(now)]), at: now)
        }
    }

    /// How many one call reads.
    package static let readLimit = 1_000

    /// Notes that the caller has read all of theirs, or the oldest thousand; how many those were.
    package func readAll(at now: Moment = .now) async throws -> Int {
        guard let user = try scope.user else { return 0 }
        let ids = try await access.query(
            """
            select id from notifications where workspace_id = $1 and user_id = $2 and read_at is null
            order by id limit \(Self.readLimit)
            """, [Value(try scope.workspace), Value(user)]
        ) { try $0.get("id", as: ID.self) }
        try await store.transaction { store in
            for id in ids { _ = try await store.notifications.read(id, at: now) }
        }
        return ids.count
    }
}

extension Store.Notifications.Reader {
    init(_ row: Row) throws {
        user = try row.get("id")
        let text: String? = try row.get("channels")
        let channels = try text.map { try JSONParser.parse(Array($0.utf8)) }?.array ?? []
        isMailed = channels.contains { $0.string == Profile.Channel.email.rawValue }
    }
}

extension Store.Notifications.News {
    fileprivate func values(for reader: Store.Notifications.Reader, _ group: ID) -> Values {
        Values([
            "user_id": JSON(reader.user), "kind": .string(kind), "level": JSON(level),
            "title": .string(String(title.prefix(200))), "body": .string(String(body.prefix(2_000))),
            "subject_id": JSON(subject), "group_id": JSON(group),
        ])
    }
}

extension Store {
    /// Promises a job of the scope's workspace, which is pushed after the commit; its id.
    @discardableResult
    func promise(_ name: String, _ arguments: JSON, id: ID = ID(), at time: Moment? = nil) async throws -> ID
    {
        let workspace = scope?.workspace.text ?? ""
        try await promise(
            Envelope(id: id, name: name, arguments: arguments.bytes, workspace: workspace, due: time))
        return id
    }

    func promise(_ job: Envelope) async throws {
        guard let workspace = scope?.workspace else { throw Failure(.broken, "A job needs a workspace.") }
        try await outbox.add(
            Outbox.Entry(id: job.id, workspace: workspace, queue: "default", envelope: job.bytes))
    }
}
