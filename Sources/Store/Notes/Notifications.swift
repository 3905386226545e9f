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

            package init(kind: String, title: String, body: String = "", subject: ID? = nil) {
                self.kind = kind
                self.title = title
                self.body = body
                self.subject = subject
            }
        }

        /// Somebody who is told, and whether by e-mail too.
        package struct Reader: Sendable, Hashable {
            package let user: ID
            let email: String?
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
            select u.id, u.email, a.notification_channels as channels from users u
            left join accounts a on a.id = u.account_id
            where u.workspace_id = $1 and u.removed_at is null and \(condition)
            order by u.id limit \(Self.readersLimit)
            """, [Value(try scope.workspace)] + values, Reader.init)
    }

    /// Tells each of the readers, in the application and by e-mail where that is one of their channels;
    /// within the transaction of what it speaks of.
    package func add(_ news: News, to readers: [Reader], at now: Moment = .now) async throws {
        let scope = try scope
        // Whoever made the change is not the one who is told, so the rows are written by the house.
        let house = store.scoped(
            Scope(workspace: scope.workspace, actor: scope.actor, request: scope.request))
        try await house.transaction { store in
            for reader in readers {
                try await store.rows(.notifications).create(news.values(for: reader), at: now)
                if let email = reader.email {
                    try await store.outbox.add(news.mail(to: email, in: scope.workspace))
                }
            }
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
        let isMailed = channels.contains { $0.string == Profile.Channel.email.rawValue }
        email = isMailed ? try row.get("email") : nil
    }
}

extension Store.Notifications.News {
    fileprivate func values(for reader: Store.Notifications.Reader) -> Values {
        Values([
            "user_id": JSON(reader.user), "kind": .string(kind), "title": .string(String(title.prefix(200))),
            "body": .string(String(body.prefix(2_000))), "subject_id": JSON(subject),
        ])
    }

    /// The mail as a job, which is pushed after the commit.
    fileprivate func mail(to address: String, in workspace: ID) -> Store.Outbox.Entry {
        let arguments: JSON = [
            "to": [.string(address)], "subject": .string(title),
            "text": .string(body.isEmpty ? title : body),
        ]
        let envelope = Envelope(name: "send_email", arguments: arguments.bytes, workspace: workspace.text)
        return Store.Outbox.Entry(
            id: envelope.id, workspace: workspace, queue: "default", envelope: envelope.bytes)
    }
}
