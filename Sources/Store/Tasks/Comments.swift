import Core
import SQL
import Workspace

extension Shelf {
    /// The comments. Their author changes them, and so may owners and admins.
    package static let comments: Shelf = {
        var shelf = Shelf(.comment)
        shelf.prepare = { draft, store in
            let comments = store.rows(.comments)
            if let before = draft.before {
                try await comments.requireAuthor(before)
            } else {
                draft.values["author_id"] = JSON(try comments.scope.user)
            }
            if draft.given.has("content") {
                let text = draft.values.text("content") ?? ""
                draft.values["mentions"] = .array(try await comments.mentioned(in: text).map { JSON($0) })
            }
        }
        shelf.settle = { change, store in
            let comments = store.rows(.comments)
            guard let comment = change.after else {
                return try await comments.requireAuthor(change.before)
            }
            try await comments.tellMentioned(comment, before: change.before)
            try await store.zendesk.hear(ofComment: comment)
        }
        shelf.complete = { items, store in try await store.rows(.comments).withAuthors(items) }
        return shelf
    }()
}

extension Rows {
    /// The members of a workspace that are looked through for a mention.
    private static let mostPeople = 2_000

    /// Throws `forbidden` unless the caller wrote it, or looks after the workspace.
    fileprivate func requireAuthor(_ comment: Item?) async throws {
        guard let user = try scope.user, comment?["author_id"] != JSON(user) else { return }
        let role = try await store.users.find(scope.workspace, user)?.role
        guard role != .owner && role != .admin else { return }
        throw Failure(.forbidden, "Only its author, an owner or an admin may change a comment.")
    }

    fileprivate func mentioned(in text: String) async throws -> [ID] {
        guard text.contains("@") else { return [] }
        var people: [Mentions.Person] = []
        var page = Store.Page(limit: Store.Page.most)
        while people.count < Self.mostPeople {
            let some = try await store.users.list(scope.workspace, page)
            people += some.map { Mentions.Person(id: $0.id, email: $0.email, name: $0.name) }
            guard some.count == page.limit, let last = some.last else { break }
            page = Store.Page(limit: page.limit, after: last.id)
        }
        return Mentions.find(in: text, among: people)
    }

    /// Tells the people that a comment mentions for the first time.
    fileprivate func tellMentioned(_ comment: Item, before: Item?) async throws {
        let known = before?.values.ids("mentions") ?? []
        let user = try scope.user
        let ids = comment.values.ids("mentions").filter { !known.contains($0) && $0 != user }
        guard !ids.isEmpty else { return }
        let author = try await withAuthors([comment])[0]["author"].string ?? "Somebody"
        let news = Store.Notifications.News(
            kind: "mention", title: "\(author) mentioned you in a comment.",
            body: comment["content"].string ?? "", subject: comment.values.id("task_id"))
        try await store.notifications.add(news, to: store.notifications.readers(ids))
    }

    fileprivate func withAuthors(_ items: [Item]) async throws -> [Item] {
        let ids = Set(items.compactMap { $0.values.id("author_id") })
        var names: [ID: String] = [:]
        for list in IDList.cut(ids.sorted(), after: 1) {
            let found = try await access.query(
                "select id, name, email from users where workspace_id = $1 and id in \(list.sql)",
                [Value(try scope.workspace)] + list.values
            ) { row in
                let name: String = try row.get("name")
                return (try row.get("id", as: ID.self), try name.isEmpty ? row.get("email") : name)
            }
            names.merge(found) { $1 }
        }
        return items.map { item in
            var item = item
            item.values["author"] = JSON(item.values.id("author_id").flatMap { names[$0] })
            return item
        }
    }
}
