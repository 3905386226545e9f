"""The client of PyPI `anthropic` against the stand-in: what Atom asks for, it may ask for too."""
import json, sys, urllib.request

import anthropic
from anthropic import Anthropic

root, account = sys.argv[1], "sdk"
client = Anthropic(base_url=f"{root}/anthropic", api_key=f"sk-ant-{account}", max_retries=0)
calls = 0


def post(what, **wish):
    body = json.dumps(wish).encode()
    urllib.request.urlopen(urllib.request.Request(f"{root}/control/anthropic/{account}/{what}", body, method="POST"))


def refused(kind, make, type=None):
    global calls
    calls += 1
    try: make()
    except kind as error:
        assert type is None or error.body["error"]["type"] == type, error.body
    else: raise AssertionError(f"{kind} was not raised")


hello = [{"role": "user", "content": "Hello there, Ünïcode"}]
asked = {"model": "stand-in", "max_tokens": 50, "messages": hello}
post("act", mode="echo")
whole = client.messages.create(**asked, system="Be brief.")
assert whole.content[0].text == "Hello there, Ünïcode" and whole.stop_reason == "end_turn"
assert whole.usage.input_tokens > 0 and whole.usage.output_tokens == 3
calls += 1

with client.messages.stream(**asked) as stream:
    text = "".join(stream.text_stream)
    final = stream.get_final_message()
assert text == "Hello there, Ünïcode" and final.usage.output_tokens == 3, (text, final.usage)
calls += 1

tools = [{"name": "list_tasks", "description": "Lists.", "input_schema": {
    "type": "object", "properties": {"search": {"type": "string"}}}}]
post("act", mode="tools", calls=[{"name": "list_tasks", "arguments": {"search": "a \"quote\""}}], text="Two.")
with client.messages.stream(**asked, tools=tools) as stream: final = stream.get_final_message()
wanted = final.content[-1]
assert wanted.type == "tool_use" and wanted.input == {"search": "a \"quote\""} and final.stop_reason == "tool_use"
calls += 1
turns = hello + [
    {"role": "assistant", "content": [block.model_dump(include={"type", "id", "name", "input"}) for block in final.content]},
    {"role": "user", "content": [{"type": "tool_result", "tool_use_id": wanted.id, "content": "[]"}]}]
done = client.messages.create(model="stand-in", max_tokens=50, messages=turns, tools=tools)
assert done.content[0].text == "Two."
calls += 1

post("act", mode="form", text='{"sentences": []}')
held = client.messages.create(**asked, tools=[{"name": "prose", "input_schema": {"type": "object"}}],
                              tool_choice={"type": "tool", "name": "prose"})
assert held.content[0].name == "prose" and held.content[0].input == {"sentences": []}
calls += 1

refused(anthropic.NotFoundError, lambda: client.messages.create(**{**asked, "model": "missing-model"}))
refused(anthropic.BadRequestError, lambda: client.messages.create(**{**asked, "messages": hello + turns[2:]}))
refused(anthropic.AuthenticationError, lambda: Anthropic(
    base_url=f"{root}/anthropic", api_key="sk-ant-bad", max_retries=0).messages.create(**asked), "authentication_error")
post("faults", kind="status", status=529, body={"type": "error", "error": {
    "type": "overloaded_error", "message": "Overloaded"}})
refused(anthropic.APIStatusError, lambda: client.messages.create(**asked), "overloaded_error")
post("act", mode="text", text="one two three four", fail_after=2)
def broken():
    with client.messages.stream(**asked) as stream:
        for _ in stream.text_stream: pass
refused(anthropic.APIError, broken)
assert client.messages.count_tokens(model="stand-in", messages=hello).input_tokens > 0
print(f"ok: {calls + 1} calls")
