import Core
import Store
import Workspace

/// One message of the workspace as a courier takes it.
struct Parcel: Sendable {
    let message: Item
    let channel: Channel
    let workspace: ID

    /// One part of it, which is one call of the provider.
    struct Part: Sendable, Hashable {
        /// From 1.
        let number: Int
        let text: String
        /// Names the call in the ledger.
        let key: String
    }

    /// Throws `Failure(.broken)` for a row that is no message.
    init(_ message: Item, in workspace: ID) throws(Failure) {
        guard let channel = message.values.text("channel").flatMap({ Channel(rawValue: $0) }) else {
            throw Failure(.broken, "The row \(message.id) is no message.")
        }
        self.message = message
        self.channel = channel
        self.workspace = workspace
    }

    var values: Values { message.values }
    var to: String { values.texts("to").first ?? "" }
    var text: String { values.text("body") ?? "" }
    var isMarkdown: Bool { values.text("format") == Channel.Format.markdown.rawValue }

    /// The text in parts of `most` UTF-16 units.
    func parts(of most: Int) -> [Part] {
        Pieces(most: most).of(text).enumerated().map { part($0 + 1, $1) }
    }

    /// All of it as one part.
    var whole: [Part] { [part(1, text)] }

    private func part(_ number: Int, _ text: String) -> Part {
        Part(number: number, text: text, key: "message:\(message.id):\(number)")
    }

    /// What the message says beyond its text: the same on every attempt.
    func digest(of part: Part) -> String {
        let more = ["subject", "format", "content", "media", "files"].map { message[$0].text }
        return Store.Messages.digest([message.id.text, channel.rawValue, part.text] + more)
    }
}
