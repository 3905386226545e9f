import Core

/// What a language model answered, whole.
package struct Reply: Sendable, Hashable {
    /// Why it ended.
    package enum Stop: String, Sendable, Hashable {
        case end, length, tools, refusal
    }

    /// The tokens that a call took.
    package struct Usage: Sendable, Hashable {
        /// All that was read, with what was cached.
        package var input = 0
        /// Of those, what the provider had read before.
        package var cached = 0
        package var output = 0

        /// No call takes more: whoever says so is not believed beyond it.
        private static let most: Int64 = 1_000_000_000

        /// Tokens as a server counts them.
        static func count(_ json: JSON?) -> Int { Int(min(max(0, json?.integer ?? 0), most)) }

        package init(input: Int = 0, cached: Int = 0, output: Int = 0) {
            self.input = input
            self.cached = cached
            self.output = output
        }
    }

    package var text = ""
    package var calls: [ToolCall] = []
    package var stop = Stop.end
    /// Nil where the server does not say.
    package var usage: Usage?
    /// The model that answered, as the server names it.
    package var model: String?

    package init() {}
}

/// How one kind of server is asked and understood.
protocol Dialect: Sendable {
    func body(of prompt: Prompt, for model: String) -> JSON
    var path: String { get }
    var headers: [(name: String, value: String)] { get }
    /// What puts the events of one answer together.
    func hearing() -> any Hearing
}

/// Puts one streamed answer together.
protocol Hearing: Sendable {
    /// The text that an event adds. Throws `Failure` when the server says that it failed on the way.
    mutating func hear(_ event: ServerEvents.Event) throws -> String?
    /// True once the server has said that this was all.
    var isOver: Bool { get }
    /// The bytes of text and of arguments that came so far.
    var bytes: Int { get }
    var reply: Reply { get }
}
