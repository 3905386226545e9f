import Core
import Integrations
import Store
import Workspace

/// Brings issues of GitHub as tasks, and what is said about them as comments.
///
/// Lists are read in the order of changes, each page from the time that the one before ended at: a page
/// number would skip what is changed while the list is read.
struct GitHubSync: Sync {
    func streams(of connection: Connection) async throws -> [String] {
        let names = (connection.settings["repositories"]?.string ?? "").listed
        for name in names where !Self.isRepository(name) {
            throw Failure(
                .invalid, "\"\(name.prefix(100))\" is no repository such as octo/hello.",
                at: "/settings/repositories")
        }
        return names.flatMap { ["issues:\($0)", "comments:\($0)"] }
    }

    func page(
        of stream: String, after cursor: JSON, over connection: Connection, at now: Moment
    ) async throws -> SyncPage {
        let place = GitHub.Place(
            since: cursor["since"]?.string, page: Int(cursor["page"]?.integer ?? 1),
            etag: cursor["etag"]?.string)
        let repository = String(stream.drop { $0 != ":" }.dropFirst())
        let (gitHub, isIssues) = (GitHub(connection.line), stream.hasPrefix("issues:"))
        let part =
            isIssues
            ? try await gitHub.issues(of: repository, place)
            : try await gitHub.comments(of: repository, place)
        if part.isUnchanged { return SyncPage(next: cursor, end: .now) }
        let round = cursor["whole"]?.bool ?? (cursor == .null)
        return SyncPage(next: Self.next(after: place, part, round), end: Self.end(part, round)) { desk in
            for item in part.items {
                if isIssues {
                    try await Self.put(issue: item, repository, &desk)
                } else {
                    try await Self.put(comment: item, repository, &desk)
                }
            }
        }
    }

    private static func end(_ part: GitHub.Part, _ isWhole: Bool) -> SyncPage.End {
        part.hasMore ? .more : isWhole ? .all : .now
    }

    private static func next(after place: GitHub.Place, _ part: GitHub.Part, _ isWhole: Bool) -> JSON {
        let last = part.items.last?["updated_at"]?.string ?? place.since
        let isOn = last != place.since
        var members: [JSON.Member] = [.init("since", JSON(last))]
        // Where all of a page was changed at one time, the next page is the only way on.
        members.append(.init("page", JSON(part.hasMore && !isOn ? place.page + 1 : 1)))
        if part.hasMore, isWhole { members.append(.init("whole", true)) }
        // The tag belongs to the question that was just asked.
        if !part.hasMore, !isOn, place.page == 1, let etag = part.etag {
            members.append(.init("etag", .string(etag)))
        }
        return .object(members)
    }

    /// Letters, digits, `.`, `_` and `-`, and one slash: it becomes a part of an address.
    private static func isRepository(_ name: String) -> Bool {
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        return parts.count == 2
            && parts.allSatisfy { part in
                (1...100).contains(part.utf8.count) && part != "." && part != ".."
                    && part.utf8.allSatisfy {
                        (48...57).contains($0) || (97...122).contains($0 | 32) || [45, 46, 95].contains($0)
                    }
            }
    }
}

extension GitHubSync {
    private static func put(
        issue: JSON, _ repository: String, _ desk: inout SyncDesk
    ) async throws {
        guard issue["pull_request"] == nil, let number = issue["number"]?.integer else { return }
        let title = issue["title"]?.string?.oneLine(500) ?? "Issue \(number)"
        let isDone = issue["state"]?.string == "closed"
        var values = Values([
            "title": .string(title), "description": .string((issue["body"]?.string ?? "").fitted(20_000)),
            "status": .string(isDone ? "done" : "todo"),
            "assigned_to": JSON(issue["assignee"]?["login"]?.string),
            "due_date": JSON(issue["milestone"]?["due_on"]?.string.flatMap { Moment($0) }),
        ])
        let id = "\(repository)#\(number)"
        if try await desk.link("issue", id) == nil,
            let project = desk.connection.settings["project_id"]?.string
        {
            values["project_id"] = .string(project)
        }
        try await desk.put(thing("issue", id, issue), on: .tasks, values)
    }

    private static func put(
        comment: JSON, _ repository: String, _ desk: inout SyncDesk
    ) async throws {
        let number = comment["issue_url"]?.string?.split(separator: "/").last ?? ""
        // What is said about pull requests has no task here.
        guard let id = comment["id"]?.integer,
            let task = try await desk.link("issue", "\(repository)#\(number)")
        else { return }
        let who = comment["user"]?["login"]?.string ?? "somebody"
        let text = "\(who) on GitHub:\n\n\(comment["body"]?.string ?? "")"
        let values = Values(["task_id": JSON(task.row), "content": .string(text.fitted(20_000))])
        try await desk.put(thing("comment", "\(repository)/\(id)", comment), on: .comments, values)
    }

    private static func thing(_ kind: String, _ id: String, _ item: JSON) -> SyncDesk.Thing {
        let updated = item["updated_at"]?.string ?? ""
        // Two changes within one second have the same time; the digest tells them apart.
        let state = [item["title"], item["body"], item["state"], item["assignee"], item["milestone"]]
        let version = Store.Messages.digest(state.map { $0?.text ?? "" })
        return SyncDesk.Thing(
            kind, id, version: version, at: Moment(updated) ?? Moment(microseconds: 0))
    }
}
