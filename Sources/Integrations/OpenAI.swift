import Core

extension Provider {
    /// OpenAI's chat completions, and servers that speak like them: vLLM, Ollama, llama.cpp, OpenRouter.
    package static let openai = Provider(
        "openai", "OpenAI-compatible", base: "",
        entrance: Entrance(
            .bearer("api_key"),
            fields: [
                Field(
                    "api_key", "A key of the server; a server of one's own may want none.", isSecret: true,
                    isRequired: false),
                Field(
                    "base_url", "Where it is reached, such as https://api.openai.com/v1.", isRequired: false),
                Field("model", "The model to ask unless the settings name others.", isRequired: false),
            ]),
        rules: Rules(
            final: [
                "final", "insufficient_quota", "billing_hard_limit_reached", "billing_not_active",
            ]),
        abilities: [.model], check: Check("/models"))
}

/// Speaks to servers of chat completions.
struct OpenAI: Dialect {
    let path = "/chat/completions"
    let headers: [(name: String, value: String)] = []

    func hearing() -> any Hearing { Chunks() }

    func body(of prompt: Prompt, for model: String) -> JSON {
        var members: [JSON.Member] = [
            .init("model", .string(model)), .init("messages", .array(messages(prompt))),
            .init("max_completion_tokens", .integer(Int64(prompt.most_tokens))), .init("stream", true),
            .init("stream_options", ["include_usage": true]),
        ]
        if !prompt.tools.isEmpty { members.append(.init("tools", .array(prompt.tools.map(tool)))) }
        if let form = prompt.form {
            members.append(
                .init(
                    "response_format",
                    [
                        "type": "json_schema",
                        "json_schema": ["name": .string(form.name), "schema": form.schema, "strict": true],
                    ]))
        }
        return .object(members)
    }

    private func messages(_ prompt: Prompt) -> [JSON] {
        [["role": "system", "content": .string(prompt.system)]] + prompt.turns.flatMap(messages)
    }

    private func messages(_ turn: Prompt.Turn) -> [JSON] {
        switch turn {
        case .user(let text): return [["role": "user", "content": .string(text)]]
        case .assistant(let text, let calls):
            let content: JSON = text.isEmpty ? .null : .string(text)
            guard !calls.isEmpty else { return [["role": "assistant", "content": content]] }
            return [["role": "assistant", "content": content, "tool_calls": .array(calls.map(call))]]
        case .results(let results):
            return results.map {
                ["role": "tool", "tool_call_id": .string($0.call), "content": .string($0.text)]
            }
        }
    }

    private func call(_ call: ToolCall) -> JSON {
        [
            "id": .string(call.id), "type": "function",
            "function": ["name": .string(call.name), "arguments": .string(call.arguments)],
        ]
    }

    private func tool(_ tool: Prompt.Tool) -> JSON {
        [
            "type": "function",
            "function": [
                "name": .string(tool.name), "description": .string(tool.about), "parameters": tool.schema,
            ],
        ]
    }

    /// The chunks of one answer.
    struct Chunks: Hearing {
        private(set) var reply = Reply()
        private(set) var isOver = false
        private(set) var bytes = 0
        private var calls: [Int64: (id: String, name: String, arguments: String)] = [:]

        mutating func hear(_ event: ServerEvents.Event) throws -> String? {
            if event.data == "[DONE]" {
                end()
                return nil
            }
            let json = try chunk(event)
            if let model = json["model"]?.string, !model.isEmpty { reply.model = model }
            if let usage = json["usage"], usage != .null { reply.usage = Self.usage(usage) }
            guard let choice = json["choices"]?.array?.first else { return nil }
            if let reason = choice["finish_reason"]?.string { reply.stop = Self.stop(reason) }
            for piece in choice["delta"]?["tool_calls"]?.array ?? [] { take(piece) }
            let text = choice["delta"]?["content"]?.string
            reply.text += text ?? ""
            bytes += text?.utf8.count ?? 0
            return text
        }

        private func chunk(_ event: ServerEvents.Event) throws -> JSON {
            let json: JSON
            do { json = try JSONParser.parse(Array(event.data.utf8)) } catch {
                throw Failure(.unavailable, "The model server sent a chunk that is no JSON.")
            }
            if let error = json["error"], error != .null {
                let words = error["message"]?.string ?? "no reason"
                throw Failure(.unavailable, "The model server failed on the way: \(words.prefix(300))")
            }
            return json
        }

        private mutating func take(_ piece: JSON) {
            let index = piece["index"]?.integer ?? 0
            var call = calls[index] ?? ("", "", "")
            if let id = piece["id"]?.string, !id.isEmpty { call.id = id }
            call.name += piece["function"]?["name"]?.string ?? ""
            let arguments = piece["function"]?["arguments"]?.string ?? ""
            call.arguments += arguments
            bytes += arguments.utf8.count
            calls[index] = call
        }

        private mutating func end() {
            isOver = true
            reply.calls = calls.sorted { $0.key < $1.key }.map {
                ToolCall(id: $1.id, name: $1.name, arguments: $1.arguments)
            }
            if !reply.calls.isEmpty { reply.stop = .tools }
        }

        private static func stop(_ reason: String) -> Reply.Stop {
            ["length": .length, "tool_calls": .tools, "content_filter": .refusal][reason] ?? .end
        }

        private static func usage(_ json: JSON) -> Reply.Usage {
            Reply.Usage(
                input: Reply.Usage.count(json["prompt_tokens"]),
                cached: Reply.Usage.count(json["prompt_tokens_details"]?["cached_tokens"]),
                output: Reply.Usage.count(json["completion_tokens"]))
        }
    }
}
