import Core

/// What a language model is asked: its orders, the talk so far, the tools it may ask for.
package struct Prompt: Sendable {
    /// One step of the talk.
    package enum Turn: Sendable, Hashable {
        case user(String)
        case assistant(String, calls: [ToolCall])
        /// What the tools said that the turn before asked for.
        case results([ToolResult])
    }

    /// Something that the model may ask to have done.
    package struct Tool: Sendable, Hashable {
        package let name: String
        package let about: String
        /// The JSON Schema of its parameters.
        package let schema: JSON

        package init(_ name: String, _ about: String, schema: JSON) {
            self.name = name
            self.about = about
            self.schema = schema
        }
    }

    /// The form that the answer must have.
    package struct Form: Sendable, Hashable {
        package let name: String
        package let schema: JSON

        package init(_ name: String, schema: JSON) {
            self.name = name
            self.schema = schema
        }
    }

    package var system: String
    package var turns: [Turn]
    package var tools: [Tool]
    package var form: Form?
    /// The most tokens that the answer may have.
    package var most_tokens: Int

    package init(
        system: String, turns: [Turn], tools: [Tool] = [], form: Form? = nil, most_tokens: Int = 1_024
    ) {
        self.system = system
        self.turns = turns
        self.tools = tools
        self.form = form
        self.most_tokens = most_tokens
    }
}

/// A tool that a model asks for.
package struct ToolCall: Sendable, Hashable {
    package let id: String
    package let name: String
    /// What it is to be called with: JSON as the model wrote it, which may be wrong.
    package let arguments: String

    package init(id: String, name: String, arguments: String) {
        self.id = id
        self.name = name
        self.arguments = arguments
    }
}

/// What a tool said.
package struct ToolResult: Sendable, Hashable {
    package let call: String
    package let text: String
    package let isError: Bool

    package init(call: String, text: String, isError: Bool = false) {
        self.call = call
        self.text = text
        self.isError = isError
    }
}
