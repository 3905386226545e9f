import Core
import Integrations
import Store
import Workspace

/// Does what one delivery asks for: its messages are kept, the fates of ours noted, commands answered.
///
/// All that is written, the jobs that follow and the note that it was done are one transaction.
package struct Inbox: Sendable {
    let delivery: Store.Deliveries.Entry
    let workspace: ID
    let tools: Tools

    /// What is left to do when all is written.
    package struct Rest: Sendable {
        /// What came, in few words.
        package var outcome = ""
        /// The jobs that follow; the outbox has them already.
        package var jobs: [Envelope] = []
        var answers: [Answer] = []
    }

    /// What the provider waits for, and may be told more than once.
    enum Answer: Sendable {
        /// A button was pressed.
        case press(id: String, text: String)
        /// A command was called.
        case command(News.Command, text: String)
    }

    package init(_ delivery: Store.Deliveries.Entry, in workspace: ID, _ tools: Tools) {
        self.delivery = delivery
        self.workspace = workspace
        self.tools = tools
    }

    /// Does it, once; what the provider waits for is told each time. Throws what makes another try worth it.
    package func take() async throws -> Rest {
        // What a job was done with is gone, but for what the provider may still have to be told.
        if delivery.takenAt != nil, delivery.body.isEmpty { return Rest(outcome: "done before") }
        let call = try await Deposit(tools, in: workspace).call(delivery)
        let news = News.read(call, from: delivery.provider)
        // A message that a reading of the connection brings meanwhile is found the second time.
        let rest = try await store.settled { store in
            var rest = Rest()
            rest.outcome = news.isEmpty ? "nothing that can be read" : Self.outcome(of: news)
            let isFirst = try await store.deliveries.take(delivery.id, outcome: rest.outcome)
            for piece in news { try await take(piece, isFirst: isFirst, &rest, store) }
            for job in rest.jobs { try await store.outbox.add(job.entry(in: workspace)) }
            if rest.answers.isEmpty { try await store.deliveries.empty(delivery.id) }
            return rest
        }
        guard !rest.answers.isEmpty else { return rest }
        for answer in rest.answers { try await tell(answer) }
        try await store.deliveries.empty(delivery.id)
        return rest
    }

    /// Each word once, in the order in which they came, with how often where that is more than once.
    static func outcome(of news: [News]) -> String {
        var (words, counts) = ([String](), [String: Int]())
        for word in news.map(\.word) {
            if counts[word] == nil { words.append(word) }
            counts[word, default: 0] += 1
        }
        let told = words.map { word in
            let count = counts[word] ?? 1
            return count > 1 ? "\(word) (\(count))" : word
        }
        return told.joined(separator: ", ").fitted(500)
    }

    /// What is said where nobody knows whether the first answer arrived.
    private static let again = "This was done already."

    var store: Store {
        tools.store.scoped(Scope(workspace: workspace, actor: "connection:\(delivery.connection)"))
    }

    private func take(_ news: News, isFirst: Bool, _ rest: inout Rest, _ store: Store) async throws {
        let bot = ChatBot(inbox: self, store: store)
        switch news {
        case .message(let message) where isFirst:
            guard let item = try await keep(message, store) else { return }
            if delivery.provider == "telegram" { rest.jobs += try await bot.answer(message, item) }
        case .fate(let fate) where isFirst: try await note(fate, store)
        case .change where isFirst:
            rest.jobs.append(
                SyncOrder.envelope(delivery.connection, of: delivery.provider, in: workspace))
        case .press(let press):
            let text = isFirst ? try await bot.press(press) : Self.again
            rest.answers.append(.press(id: press.id, text: text))
        case .command(let command):
            let text = isFirst ? try await bot.reply(to: command).text : Self.again
            rest.answers.append(.command(command, text: text))
        case .other where isFirst: try await tellOn(store)
        case .message, .fate, .change, .other: break
        }
    }
}

extension Inbox {
    /// Writes a message down; nil where it is here already, or cannot be kept.
    private func keep(_ news: News.Message, _ store: Store) async throws -> Item? {
        guard let channel = Channel(rawValue: news.channel),
            try await store.messages.find(externalID: news.id, on: channel) == nil
        else { return nil }
        var message = RemoteMessage(channel, at: news.at ?? delivery.receivedAt)
        (message.from, message.to) = (news.from, [news.to].compactMap { $0 })
        (message.body, message.externalID) = (news.text, news.id)
        var values = message.values
        values["connection_id"] = JSON(delivery.connection)
        values["receipt"] = receipt(news)
        if let id = news.answers, let earlier = try await store.messages.find(externalID: id, on: channel) {
            values["in_reply_to"] = JSON(earlier.id)
        }
        return try await store.rows(.messages).create(values)
    }

    /// Where the message came from, and the files that stay there.
    private func receipt(_ news: News.Message) -> JSON {
        let media = news.media.map { medium -> JSON in
            ["id": .string(medium.id.fitted(1_000)), "type": .string(medium.type.fitted(100))]
        }
        return [
            "provider": .string(delivery.provider), "name": JSON(news.name?.oneLine(200)),
            "media": .array(media),
        ]
    }

    private func note(_ fate: News.Fate, _ store: Store) async throws {
        guard let channel = Channel(rawValue: fate.channel) else { return }
        let status = MessageStatus(rawValue: fate.status)
        switch (channel, status) {
        case (.email, let status?):
            try await store.messages.moved(messageID: fate.id, to: status, reason: fate.reason)
        case (.email, nil): try await store.messages.complained(messageID: fate.id, fate.reason ?? "")
        case (_, let status?):
            try await store.messages.moved(
                externalID: fate.id, on: channel, to: status, reason: fate.reason)
        case (_, nil): break
        }
    }

    /// What we have no verb for is told on, to whoever watches the workspace.
    private func tellOn(_ store: Store) async throws {
        guard Provider.receivers.contains(where: { $0.name == delivery.provider }) else { return }
        try await store.journal.write([
            .init(
                workspace: workspace, noun: "webhook", event: "webhook:received", row: delivery.id,
                action: .created, version: 1, actor: "connection:\(delivery.connection)")
        ])
    }

    private func tell(_ answer: Answer) async throws {
        let line = try await tools.connections.open(delivery.connection, in: workspace).line
        do {
            switch answer {
            case .press(let id, let text):
                _ = try await Telegram(line).ask(
                    "answerCallbackQuery", ["callback_query_id": .string(id), "text": .string(text)])
            case .command(let command, let text): try await Discord(line).follow(command, text)
            }
        } catch let failure as Failure where !failure.isWorthRetrying {
            // Whoever pressed or called does not wait any more.
            return
        }
    }
}

extension News {
    /// In one word or two, without what people wrote.
    fileprivate var word: String {
        switch self {
        case .message(let message): "message on \(message.channel)"
        case .fate(let fate): "message \(fate.status)"
        case .press: "button"
        case .command: "command"
        case .change: "change"
        case .other(let kind): kind.oneLine(80) ?? "event"
        }
    }
}
