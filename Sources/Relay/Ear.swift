import Queue

/// Knows the channels of all queues by the one of a queue called `*`.
struct Ear: Sendable {
    /// The pattern that all of them match.
    let pattern: String
    private let head: String
    private let tail: String

    init(anyQueue channel: String) {
        let star = channel.lastIndex(of: "*") ?? channel.endIndex
        head = String(channel[..<star])
        tail = String(channel[star...].dropFirst())
        pattern = Self.escaped(head) + "*" + Self.escaped(tail)
    }

    /// The queue whose channel this is.
    func queue(_ channel: String) -> String? {
        guard channel.hasPrefix(head), channel.hasSuffix(tail) else { return nil }
        let name = String(channel.dropFirst(head.count).dropLast(tail.count))
        return Queue.isName(name) || name == Queue.changes ? name : nil
    }

    /// The number of the batch in a message, without reading its events.
    static func sequence(_ message: [UInt8]) -> Int64? {
        Int64(String(decoding: message.prefix { $0 != 0x0A }, as: UTF8.self))
    }

    /// What Redis' patterns take for wildcards is meant literally.
    private static func escaped(_ text: String) -> String {
        text.reduce(into: "") { escaped, character in
            if "*?[]\\".contains(character) { escaped.append("\\") }
            escaped.append(character)
        }
    }
}
