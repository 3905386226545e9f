import Core
import Store
import Workspace

/// The tasks of a workspace as a person sees them in a chat.
struct ChatTasks: Sendable {
    let person: ChatBot.Person

    /// Tasks that one answer shows.
    private static let most = 10
    /// Tasks looked through for a title.
    private static let mostSearched = 200

    private var rows: Rows { person.store.rows(.tasks) }

    /// The open tasks of the person, each with a button to end it; where they have none, those of all.
    func list() async throws -> ChatBot.Reply {
        let own = try await open(of: person.user)
        let tasks = own.isEmpty ? try await open(of: nil) : own
        guard !tasks.isEmpty else { return ChatBot.Reply(text: "Nothing is open.") }
        let lines = tasks.enumerated().map { number, task in "\(number + 1). \(Self.line(task))" }
        let buttons = tasks.enumerated().map { number, task in
            ChatButton(title: "Done: \(number + 1)", data: "done:\(task.id)")
        }
        let title = own.isEmpty ? "Open tasks:" : "Your open tasks:"
        return ChatBot.Reply(text: ([title] + lines).joined(separator: "\n"), buttons: buttons)
    }

    func add(_ title: String) async throws -> String {
        guard !title.isEmpty else { return "Say what is to be done: /new TITLE." }
        try requireWriter()
        let task = try await rows.create(Values(["title": .string(title.fitted(200))]))
        return "New: \(Self.line(task))"
    }

    /// Ends the open task whose title, or a part of it, this is.
    func finish(_ title: String) async throws -> String {
        guard !title.isEmpty else { return "Say which: /done TITLE, or a part of it." }
        if let id = ID(title) { return try await finish(id) }
        let open = try await open(of: nil, most: Self.mostSearched)
        let whole = open.filter { Self.title($0).lowercased() == title.lowercased() }
        let found =
            whole.isEmpty ? open.filter { Self.title($0).lowercased().contains(title.lowercased()) } : whole
        switch found.count {
        case 0: return "No open task is called that."
        case 1: return try await finish(found[0].id)
        default:
            let names = found.prefix(Self.most).map { "- \(Self.line($0))" }
            return (["Several are called that; say more of it:"] + names).joined(separator: "\n")
        }
    }

    func finish(_ id: ID) async throws -> String {
        try requireWriter()
        let task = try await rows.require(id)
        guard task["status"] != "done" else { return "It is done already: \(Self.title(task))" }
        return "Done: \(Self.title(try await rows.update(id, Values(["status": "done"]))))"
    }

    private func requireWriter() throws(Failure) {
        guard person.user.role != .viewer else { throw Failure(.forbidden, "A viewer may only read.") }
    }

    private func open(of user: Store.Users.Entry?, most: Int = most) async throws -> [Item] {
        var query = Rows.Query()
        query.conditions = [.init("status <> 'done'", [])]
        query.limit = most
        guard let user, let field = Noun.task.field("assigned_to") else { return try await rows.list(query) }
        // Tasks name people as their writers like to.
        for name in [user.id.text, user.email, user.name] {
            query.equal = [(field, .string(name))]
            let found = try await rows.list(query)
            if !found.isEmpty { return found }
        }
        return []
    }

    private static func title(_ task: Item) -> String { task.values.text("title") ?? "" }

    private static func line(_ task: Item) -> String {
        let due = task.values.text("due_date").map { " (due \($0.prefix(10)))" } ?? ""
        return title(task).fitted(200) + due
    }
}
