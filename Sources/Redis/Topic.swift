/// What a subscription asks for: one channel by name, or all that match a pattern.
enum Topic: Hashable, Sendable {
    case channel(String)
    case pattern(String)

    var name: String {
        switch self {
        case .channel(let name), .pattern(let name): name
        }
    }

    /// One command for each kind among the topics.
    static func subscribe(_ topics: some Collection<Topic>) -> [Command] {
        commands("SUBSCRIBE", topics.filter(\.isChannel))
            + commands("PSUBSCRIBE", topics.filter { !$0.isChannel })
    }

    static func unsubscribe(_ topics: some Collection<Topic>) -> [Command] {
        commands("UNSUBSCRIBE", topics.filter(\.isChannel))
            + commands("PUNSUBSCRIBE", topics.filter { !$0.isChannel })
    }

    private var isChannel: Bool {
        if case .channel = self { true } else { false }
    }

    private static func commands(_ name: String, _ topics: [Topic]) -> [Command] {
        guard !topics.isEmpty else { return [] }
        var command = Command(name)
        for topic in topics { command.append(topic.name) }
        return [command]
    }
}

/// What Redis sends on a subscribed connection.
enum Notice {
    case message(channel: String, payload: [UInt8])
    case joined(Topic)
    case refused(String)
    /// A sign of life, or the end of a topic.
    case other

    init(_ reply: Reply) {
        if case .error(let text) = reply {
            self = .refused(text)
            return
        }
        guard let parts = reply.array, let kind = parts.first?.text, parts.count >= 3 else {
            self = .other
            return
        }
        switch kind {
        case "message": self = .message(channel: parts[1].text ?? "", payload: parts[2].bytes ?? [])
        case "pmessage" where parts.count > 3:
            self = .message(channel: parts[2].text ?? "", payload: parts[3].bytes ?? [])
        case "subscribe": self = .joined(.channel(parts[1].text ?? ""))
        case "psubscribe": self = .joined(.pattern(parts[1].text ?? ""))
        default: self = .other
        }
    }
}
