import Core
import Integrations
import Store
import Workspace

/// What a bot does when somebody calls it by a command, or presses one of its buttons.
///
/// It acts as the person whose chat it is, with their rights and no others; a chat is a person's once they
/// sent the code that the API gave them. A group is nobody's: whoever reads along could act for another.
struct ChatBot: Sendable {
    let inbox: Inbox
    /// The doors within the transaction of the delivery.
    let store: Store

    /// What a bot says.
    struct Reply: Sendable, Hashable {
        var text: String
        var buttons: [ChatButton] = []
    }

    /// A command as somebody wrote it: `/done@AtomBot Pay the rent`.
    struct Call: Sendable, Hashable {
        let name: String
        let text: String

        /// Nil for what is no command.
        init?(_ line: String) {
            guard line.hasPrefix("/") else { return nil }
            let parts = line.dropFirst().split(maxSplits: 1, whereSeparator: \.isWhitespace)
            let name = (parts.first ?? "").prefix { $0 != "@" }
            guard !name.isEmpty else { return nil }
            self.init(String(name), parts.count > 1 ? String(parts[1]) : "")
        }

        init(_ name: String, _ text: String) {
            self.name = name.lowercased()
            self.text = text.oneLine(1_000) ?? ""
        }
    }

    /// The jobs that answer a message, where it is a command.
    func answer(_ message: News.Message, _ item: Item) async throws -> [Envelope] {
        guard let call = Call(message.text) else { return [] }
        let reply = try await reply(to: call, in: message.from)
        let (id, job) = (ID(), ID())
        let connection = inbox.delivery.connection
        _ = try await store.messages.promise(
            Values([
                "channel": "telegram", "to": [.string(message.from)], "body": .string(reply.text),
                "in_reply_to": JSON(item.id), "connection_id": JSON(connection),
            ]), id: id, to: job)
        return [DeliveryOrder.answer(id, by: job, reply.buttons, to: inbox)]
    }

    func reply(to command: News.Command) async throws -> Reply {
        try await reply(to: Call(command.name, command.text), in: command.user)
    }

    /// What comes of pressing a button: at most 200 characters.
    func press(_ press: News.Press) async throws -> String {
        guard press.data.hasPrefix("done:"), let id = ID(press.data.dropFirst(5)) else {
            return "This button does nothing any more."
        }
        return try await speaking(press.chat) { person in
            Reply(text: try await ChatTasks(person: person).finish(id))
        }.text.fitted(200)
    }

    private func reply(to call: Call, in chat: String) async throws -> Reply {
        switch call.name {
        case "start" where call.text.isEmpty: return Reply(text: "Hello. \(Self.help)")
        case "help": return Reply(text: Self.help)
        case "start", "link": return Reply(text: try await link(call.text, chat))
        case "tasks": return try await speaking(chat) { try await ChatTasks(person: $0).list() }
        case "new":
            return try await speaking(chat) { Reply(text: try await ChatTasks(person: $0).add(call.text)) }
        case "done":
            return try await speaking(chat) { Reply(text: try await ChatTasks(person: $0).finish(call.text)) }
        default: return Reply(text: "There is no command /\(call.name.fitted(32)). \(Self.help)")
        }
    }

    static let help = """
        /tasks shows what is open, /new TITLE makes a task, /done TITLE ends one, /link CODE makes this chat \
        yours.
        """
}

extension ChatBot {
    /// A person as a chat speaks for them.
    struct Person: Sendable {
        let user: Store.Users.Entry
        /// The doors as that person may use them.
        let store: Store
    }

    private func link(_ code: String, _ chat: String) async throws -> String {
        if chat.hasPrefix("-") { return Self.group }
        let digest = Store.Messages.digest([code])
        let connection = inbox.delivery.connection
        guard let id = try await store.chatLinks.redeem(digest, by: chat, connection) else {
            return "This code is unknown, used or older than ten minutes. Ask for another one."
        }
        let name = try await store.users.find(inbox.workspace, id)?.name ?? ""
        return "This chat is yours now, \(name.fitted(100)). \(Self.help)"
    }

    /// Runs `body` as the person whose chat it is. What they may not do, or what cannot be, is said.
    private func speaking(_ chat: String, _ body: (Person) async throws -> Reply) async throws -> Reply {
        if chat.hasPrefix("-") { return Reply(text: Self.group) }
        let workspace = inbox.workspace
        let id = try await store.chatLinks.user(of: chat, inbox.delivery.connection)
        guard let id, let user = try await store.users.find(workspace, id), user.isMember else {
            return Reply(text: "This chat is nobody's yet. Ask Atom for a code, then send /link CODE.")
        }
        let scope = Scope(workspace: workspace, user: id, actor: "user:\(id)")
        do { return try await body(Person(user: user, store: store.scoped(scope))) } catch let failure
            as Failure where [.invalid, .missing, .conflict, .forbidden].contains(failure.kind)
        {
            return Reply(text: failure.message)
        }
    }

    private static let group = "Write to me in a chat of our own: a group is nobody's."
}
