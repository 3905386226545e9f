"""Plays Anthropic's Messages; see script.py for what it says."""
import json

import script
from standin import Refused, Reply, StandIn, route


def no(status, kind, message, headers=None):
    return Refused(Reply(status, {"type": "error", "error": {"type": kind, "message": message},
                                  "request_id": "req_standin"}, headers))


class Anthropic(StandIn):
    """An account is the API key without `sk-ant-`; `sk-ant-bad...` is refused. The base is .../anthropic."""
    name = "anthropic"

    def account_of(self, call):
        key = call.headers.get("x-api-key") or call.bearer or ""
        if not key.startswith("sk-ant-") or key.startswith("sk-ant-bad"):
            raise no(401, "authentication_error", "invalid x-api-key")
        version = call.headers.get("anthropic-version")
        if version not in ("2023-06-01", "2026-10-21"):
            raise no(400, "invalid_request_error", "anthropic-version: header is required")
        body = call.json
        if version == "2026-10-21" and isinstance(body, dict):
            for gone in ("temperature", "top_p", "top_k"):
                if gone in body: raise no(400, "invalid_request_error", f"{gone}: Extra inputs are not permitted")
        return key.removeprefix("sk-ant-")

    def act(self, account, wish): return script.act(account, wish)

    def unknown(self, call): return no(404, "not_found_error", "Not found").reply

    @route("POST", r"/v1/messages/count_tokens")
    def count(self, call, account):
        return Reply(200, {"input_tokens": max(1, len(json.dumps(call.json.get("messages"))) // 4)})

    @route("POST", r"/v1/messages")
    def message(self, call, account):
        body = call.json
        self.check(body)
        turns = [turn for message in body["messages"] for turn in self.turns(message)]
        system = body.get("system") or ""
        if not isinstance(system, str): system = "".join(b.get("text", "") for b in system)
        names = [t["name"] for t in body.get("tools", [])]
        account.effect("message", model=body["model"], seen=[("system", system)] + turns, tools=names)
        pieces, calls = script.plan(account, turns, names)
        choice = body.get("tool_choice") or {}
        if choice.get("type") == "tool":
            # Held to a form: what would be said is the tool's input.
            calls, pieces = [(choice["name"], json.loads("".join(pieces)))], []
        input, output, cached = script.usage(account, json.dumps(body["messages"]), pieces, calls)
        counts = {"input_tokens": input - cached, "cache_creation_input_tokens": 0,
                  "cache_read_input_tokens": cached, "output_tokens": min(output, body["max_tokens"])}
        id = f"msg_{account.number():06d}"
        if body.get("stream"):
            return script.closed(account, self.stream(account, body, id, pieces, calls, counts))
        content = [{"type": "text", "text": "".join(pieces)}] if pieces else []
        content += [{"type": "tool_use", "id": f"toolu_{id}_{i}", "name": name, "input": arguments}
                    for i, (name, arguments) in enumerate(calls)]
        return Reply(200, {
            "id": id, "type": "message", "role": "assistant", "model": body["model"], "content": content,
            "stop_reason": "tool_use" if calls else "end_turn", "stop_sequence": None, "usage": counts})

    @staticmethod
    def turns(message):
        if isinstance(message["content"], str): return [(message["role"], message["content"])]
        found = []
        for block in message["content"]:
            match block["type"]:
                case "text": found.append((message["role"], block["text"]))
                case "tool_result":
                    content = block.get("content") or ""
                    text = content if isinstance(content, str) else "".join(b.get("text", "") for b in content)
                    found.append(("tool", text))
        return found

    @staticmethod
    def check(body):
        def wrong(message): return no(400, "invalid_request_error", message)
        if not isinstance(body, dict): raise wrong("The request body is not valid JSON.")
        if not isinstance(body.get("model"), str): raise wrong("model: Field required")
        if body["model"] == "missing-model": raise no(404, "not_found_error", "model: missing-model")
        if not isinstance(body.get("max_tokens"), int) or body["max_tokens"] < 1:
            raise wrong("max_tokens: Field required")
        messages = body.get("messages")
        if not isinstance(messages, list) or not messages: raise wrong("messages: at least one message is required")
        asked = set()
        for index, message in enumerate(messages):
            if message.get("role") not in ("user", "assistant"): raise wrong(f"messages.{index}.role: Input should be 'user' or 'assistant'")
            blocks = message["content"] if isinstance(message["content"], list) else []
            answered = {b["tool_use_id"] for b in blocks if b["type"] == "tool_result"}
            if asked and asked != answered:
                raise wrong(f"messages.{index}: `tool_use` ids were found without `tool_result` blocks immediately after")
            if answered and not asked: raise wrong(f"messages.{index}: unexpected `tool_use_id` found in `tool_result`")
            asked = {b["id"] for b in blocks if b["type"] == "tool_use"}
        for tool in body.get("tools", []):
            if (tool.get("input_schema") or {}).get("type") != "object":
                raise wrong("tools.0.custom.input_schema.type: Field required")

    def stream(self, account, body, id, pieces, calls, counts):
        def event(name, **more): return f"event: {name}\ndata: {json.dumps({'type': name, **more})}\n\n".encode()
        yield Reply(200, headers={"Content-Type": "text/event-stream", "Cache-Control": "no-cache"})
        yield event("message_start", message={
            "id": id, "type": "message", "role": "assistant", "model": body["model"], "content": [],
            "stop_reason": None, "stop_sequence": None, "usage": {**counts, "output_tokens": 1}})
        index = 0
        if pieces:
            yield event("content_block_start", index=0, content_block={"type": "text", "text": ""}) + event("ping")
            for _, piece in script.paced(account, pieces):
                if piece is None: yield None; return
                if not piece: yield b""; continue
                if isinstance(piece, Exception):
                    yield event("error", error={"type": "overloaded_error", "message": str(piece)})
                    return
                yield event("content_block_delta", index=0, delta={"type": "text_delta", "text": piece})
            yield event("content_block_stop", index=0)
            index = 1
        for number, (name, arguments) in enumerate(calls):
            yield event("content_block_start", index=index, content_block={
                "type": "tool_use", "id": f"toolu_{id}_{number}", "name": name, "input": {}})
            text = json.dumps(arguments)
            for start in range(0, len(text), 7):
                yield event("content_block_delta", index=index,
                            delta={"type": "input_json_delta", "partial_json": text[start:start + 7]})
            yield event("content_block_stop", index=index)
            index += 1
        yield event("message_delta", delta={"stop_reason": "tool_use" if calls else "end_turn", "stop_sequence": None},
                    usage={"output_tokens": counts["output_tokens"]})
        yield event("message_stop")
