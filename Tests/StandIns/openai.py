"""Plays a server of OpenAI's chat completions; see script.py for what it says."""
import json, time

import script
from standin import Refused, Reply, StandIn, route


def no(status, code, message, kind="invalid_request_error", headers=None):
    return Refused(Reply(status, {"error": {"message": message, "type": kind, "param": None, "code": code}}, headers))


class OpenAI(StandIn):
    """An account is the API key without `sk-`; `sk-bad...` is refused. The base is .../openai/v1."""
    name = "openai"

    def account_of(self, call):
        key = call.bearer
        if not key or not key.startswith("sk-") or key.startswith("sk-bad"):
            raise no(401, "invalid_api_key", f"Incorrect API key provided: {(key or '')[:6]}***.")
        return key.removeprefix("sk-")

    def act(self, account, wish): return script.act(account, wish)

    def unknown(self, call):
        return no(404, "unknown_url", f"Unknown request URL: {call.method} {call.path}").reply

    @route("GET", r"/v1/models")
    def models(self, call, account):
        return Reply(200, {"object": "list", "data": [
            {"id": "stand-in", "object": "model", "created": 1_700_000_000, "owned_by": "tests"}]})

    @route("POST", r"/v1/chat/completions")
    def complete(self, call, account):
        body = call.json
        self.check(body)
        turns = [(m["role"], self.text(m)) for m in body["messages"]]
        names = [t["function"]["name"] for t in body.get("tools", [])]
        account.effect("completion", model=body["model"], seen=turns, tools=names)
        pieces, calls = script.plan(account, turns, names)
        input, output, cached = script.usage(account, json.dumps(body["messages"]), pieces, calls)
        output = min(output, body.get("max_completion_tokens") or body.get("max_tokens") or output)
        counts = {"prompt_tokens": input, "completion_tokens": output, "total_tokens": input + output,
                  "prompt_tokens_details": {"cached_tokens": cached}}
        id, now = f"chatcmpl-{account.number():06d}", int(time.time())
        wanted = [{"id": f"call_{id[-6:]}_{i}", "type": "function",
                   "function": {"name": name, "arguments": json.dumps(arguments)}}
                  for i, (name, arguments) in enumerate(calls)]
        if body.get("stream"):
            return script.closed(account, self.stream(account, body, id, now, pieces, wanted, counts))
        message = {"role": "assistant", "content": "".join(pieces) or None, "refusal": None}
        if wanted: message["tool_calls"] = wanted
        return Reply(200, {
            "id": id, "object": "chat.completion", "created": now, "model": body["model"],
            "choices": [{"index": 0, "message": message, "logprobs": None,
                         "finish_reason": "tool_calls" if wanted else "stop"}], "usage": counts})

    @staticmethod
    def text(message):
        content = message.get("content") or ""
        return content if isinstance(content, str) else "".join(p.get("text", "") for p in content)

    @staticmethod
    def check(body):
        if not isinstance(body, dict): raise no(400, None, "We could not parse the JSON body of your request.")
        if not isinstance(body.get("model"), str): raise no(400, None, "you must provide a model parameter")
        if body["model"] == "missing-model":
            raise no(404, "model_not_found", "The model `missing-model` does not exist.")
        messages = body.get("messages")
        if not isinstance(messages, list) or not messages: raise no(400, None, "[] is too short - 'messages'")
        asked = set()
        for index, message in enumerate(messages):
            role = message.get("role")
            if role not in ("system", "developer", "user", "assistant", "tool"):
                raise no(400, None, f"Invalid value: '{role}' at messages[{index}].role")
            for wanted in message.get("tool_calls") or []: asked.add(wanted["id"])
            if role == "tool" and message.get("tool_call_id") not in asked:
                raise no(400, None, f"messages[{index}]: 'tool' must follow an assistant message with 'tool_calls'")
        for tool in body.get("tools", []):
            if tool.get("type") != "function" or not tool["function"].get("name"): raise no(400, None, "bad tool")
            if tool["function"].get("parameters", {}).get("type") != "object":
                raise no(400, "invalid_function_parameters", "schema must be of type object")
        form = body.get("response_format")
        if form and form.get("type") == "json_schema" and "schema" not in form.get("json_schema", {}):
            raise no(400, None, "Missing required parameter: 'response_format.json_schema.schema'")

    def stream(self, account, body, id, now, pieces, wanted, counts):
        def chunk(**more):
            whole = {"id": id, "object": "chat.completion.chunk", "created": now, "model": body["model"], **more}
            return f"data: {json.dumps(whole)}\n\n".encode()
        def delta(delta, reason=None): return chunk(choices=[{"index": 0, "delta": delta, "finish_reason": reason}])
        yield Reply(200, headers={"Content-Type": "text/event-stream", "Cache-Control": "no-cache"})
        yield b": keep-alive\n\n" + delta({"role": "assistant", "content": "", "refusal": None})
        for _, piece in script.paced(account, pieces):
            if piece is None: yield None; return
            if not piece: yield b""; continue
            if isinstance(piece, Exception):
                yield f'data: {json.dumps({"error": {"message": str(piece), "type": "server_error", "code": None}})}\n\n'.encode()
                return
            yield delta({"content": piece})
        for index, call in enumerate(wanted):
            yield delta({"tool_calls": [{"index": index, "id": call["id"], "type": "function",
                                         "function": {"name": call["function"]["name"], "arguments": ""}}]})
            text = call["function"]["arguments"]
            for start in range(0, len(text), 7):
                yield delta({"tool_calls": [{"index": index, "function": {"arguments": text[start:start + 7]}}]})
        yield delta({}, "tool_calls" if wanted else "stop")
        if (body.get("stream_options") or {}).get("include_usage"): yield chunk(choices=[], usage=counts)
        yield b"data: [DONE]\n\n"
