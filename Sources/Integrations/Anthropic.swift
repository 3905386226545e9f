import Core

extension Provider {
    /// Anthropic's Messages.
    package static let anthropic = Provider(
        "anthropic", "Anthropic", base: "https://api.anthropic.com",
        entrance: Entrance(
            .bearer("api_key"),
            fields: [
                Field("api_key", "A key of the workspace at Anthropic.", isSecret: true),
                Field("model", "The model to ask unless the settings name others.", isRequired: false),
            ]),
        rules: Rules(final: ["final", "billing_error"]),
        abilities: [.model])
}

/// Speaks to Anthropic's Messages.
struct Anthropic: Dialect {
    let path = "/v1/messages"
    let headers: [(name: String, value: String)] = [("anthropic-version", "2026-10-21")]

    func hearing() -> any Hearing { Blocks() }

    func body(of prompt: Prompt, for model: String) -> JSON {
        var members: [JSON.Member] = [
            .init("model", .string(model)), .init("max_tokens", .integer(Int64(prompt.most_tokens))),
            .init("system", .string(prompt.system)), .init("messages", .array(prompt.turns.map(message))),
            .init("stream", true),
        ]
        var tools = prompt.tools
        if let form = prompt.form {
            // A tool that must be asked for is how these models are held to a form.
            tools.append(.init(form.name, "Gives the answer in its form.", schema: form.schema))
            members.append(.init("tool_choice", ["type": "tool", "name": .string(form.name)]))
        }
        if !tools.isEmpty { members.append(.init("tools", .array(tools.map(tool)))) }
        return .object(members)
    }

    private func message(_ turn: Prompt.Turn) -> JSON {
        switch turn {
        case .user(let text): return ["role": "user", "content": .string(text)]
        case .assistant(let text, let calls):
            let words: [JSON] = text.isEmpty ? [] : [["type": "text", "text": .string(text)]]
            return ["role": "assistant", "content": .array(words + calls.map(call))]
        case .results(let results):
            let blocks: [JSON] = results.map {
                [
                    "type": "tool_result", "tool_use_id": .string($0.call), "content": .string($0.text),
                    "is_error": .bool($0.isError),
                ]
            }
            return ["role": "user", "content": .array(blocks)]
        }
    }

    private func call(_ call: ToolCall) -> JSON {
        // What was no JSON goes back as the text it was.
        let input = (try? JSONParser.parse(Array(call.arguments.utf8))) ?? ["text": .string(call.arguments)]
        return ["type": "tool_use", "id": .string(call.id), "name": .string(call.name), "input": input]
    }

    private func tool(_ tool: Prompt.Tool) -> JSON {
        [
            "name": .string(tool.name), "description": .string(tool.about), "input_schema": tool.schema,
        ]
    }

    /// The blocks of one answer.
    struct Blocks: Hearing {
        private(set) var reply = Reply()
        private(set) var isOver = false
        private(set) var bytes = 0
        private var calls: [(index: Int64, id: String, name: String, arguments: String)] = []

        mutating func hear(_ event: ServerEvents.Event) throws -> String? {
            let json: JSON
            do { json = try JSONParser.parse(Array(event.data.utf8)) } catch {
                throw Failure(.unavailable, "The model server sent an event that is no JSON.")
            }
            switch json["type"]?.string {
            case "error":
                let words = json["error"]?["message"]?.string ?? "no reason"
                throw Failure(.unavailable, "The model server failed on the way: \(words.prefix(300))")
            case "message_start":
                reply.model = json["message"]?["model"]?.string
                count(json["message"]?["usage"])
            case "content_block_start": begin(json)
            case "content_block_delta": return add(json)
            case "message_delta":
                if let reason = json["delta"]?["stop_reason"]?.string { reply.stop = Self.stop(reason) }
                count(json["usage"])
            case "message_stop": end()
            default: break
            }
            return nil
        }

        private mutating func begin(_ json: JSON) {
            guard let block = json["content_block"], block["type"]?.string == "tool_use" else { return }
            calls.append(
                (json["index"]?.integer ?? 0, block["id"]?.string ?? "", block["name"]?.string ?? "", ""))
        }

        private mutating func add(_ json: JSON) -> String? {
            let (index, delta) = (json["index"]?.integer ?? 0, json["delta"])
            if let piece = delta?["partial_json"]?.string,
                let place = calls.lastIndex(where: { $0.index == index })
            {
                calls[place].arguments += piece
                bytes += piece.utf8.count
            }
            guard let text = delta?["text"]?.string else { return nil }
            reply.text += text
            bytes += text.utf8.count
            return text
        }

        private mutating func end() {
            isOver = true
            reply.calls = calls.map {
                ToolCall(id: $0.id, name: $0.name, arguments: $0.arguments.isEmpty ? "{}" : $0.arguments)
            }
        }

        /// The counts of a later event are those of the whole, and it may leave some out.
        private mutating func count(_ json: JSON?) {
            guard let json, json != .null else { return }
            var usage = reply.usage ?? .init()
            if json["input_tokens"]?.integer != nil {
                let fresh = Reply.Usage.count(json["input_tokens"])
                let read = Reply.Usage.count(json["cache_read_input_tokens"])
                let written = Reply.Usage.count(json["cache_creation_input_tokens"])
                (usage.input, usage.cached) = (fresh + read + written, read)
            }
            if json["output_tokens"]?.integer != nil {
                usage.output = Reply.Usage.count(json["output_tokens"])
            }
            reply.usage = usage
        }

        private static func stop(_ reason: String) -> Reply.Stop {
            ["max_tokens": .length, "tool_use": .tools, "refusal": .refusal][reason] ?? .end
        }
    }
}
