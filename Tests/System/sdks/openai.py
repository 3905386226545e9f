"""The client of PyPI `openai` against the stand-in: what Atom asks for, it may ask for too."""
import json, sys, urllib.request

import openai
from openai import OpenAI

root, account = sys.argv[1], "sdk"
client = OpenAI(base_url=f"{root}/openai/v1", api_key=f"sk-{account}", max_retries=0)
calls = 0


def act(**wish):
    body = json.dumps(wish).encode()
    urllib.request.urlopen(urllib.request.Request(f"{root}/control/openai/{account}/act", body, method="POST"))


def fault(**wish):
    body = json.dumps(wish).encode()
    urllib.request.urlopen(urllib.request.Request(f"{root}/control/openai/{account}/faults", body, method="POST"))


def refused(kind, make, code=None):
    global calls
    calls += 1
    try: make()
    except kind as error: assert code is None or error.code == code, (error.code, code)
    else: raise AssertionError(f"{kind} was not raised")


hello = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hello there, Ünïcode"}]
act(mode="echo")
whole = client.chat.completions.create(model="stand-in", messages=hello, max_completion_tokens=50)
assert whole.choices[0].message.content == "Hello there, Ünïcode" and whole.choices[0].finish_reason == "stop"
assert whole.usage.total_tokens == whole.usage.prompt_tokens + whole.usage.completion_tokens > 0
calls += 1

stream = client.chat.completions.create(
    model="stand-in", messages=hello, stream=True, stream_options={"include_usage": True})
text, usage = "", None
for chunk in stream:
    if chunk.choices and chunk.choices[0].delta.content: text += chunk.choices[0].delta.content
    usage = chunk.usage or usage
assert text == "Hello there, Ünïcode" and usage.completion_tokens == 3, (text, usage)
calls += 1

tools = [{"type": "function", "function": {"name": "list_tasks", "description": "Lists.", "parameters": {
    "type": "object", "properties": {"search": {"type": "string"}}, "additionalProperties": False}}}]
act(mode="tools", calls=[{"name": "list_tasks", "arguments": {"search": "a \"quote\""}}], text="There are two.")
with client.chat.completions.stream(model="stand-in", messages=hello, tools=tools) as run:
    final = run.get_final_completion()
wanted = final.choices[0].message.tool_calls[0]
assert wanted.function.name == "list_tasks" and json.loads(wanted.function.arguments) == {"search": "a \"quote\""}
assert final.choices[0].finish_reason == "tool_calls"
calls += 1
turns = hello + [
    {"role": "assistant", "content": None, "tool_calls": [
        {"id": wanted.id, "type": "function",
         "function": {"name": "list_tasks", "arguments": wanted.function.arguments}}]},
    {"role": "tool", "tool_call_id": wanted.id, "content": "[]"}]
done = client.chat.completions.create(model="stand-in", messages=turns, tools=tools)
assert done.choices[0].message.content == "There are two."
calls += 1

act(mode="form", text='{"sentences": []}')
form = {"type": "json_schema", "json_schema": {"name": "prose", "strict": True, "schema": {"type": "object"}}}
held = client.chat.completions.create(model="stand-in", messages=hello, response_format=form)
assert json.loads(held.choices[0].message.content) == {"sentences": []}
calls += 1

refused(openai.NotFoundError, lambda: client.chat.completions.create(model="missing-model", messages=hello),
        "model_not_found")
refused(openai.BadRequestError, lambda: client.chat.completions.create(
    model="stand-in", messages=[{"role": "tool", "tool_call_id": "x", "content": "y"}]))
refused(openai.AuthenticationError, lambda: OpenAI(
    base_url=f"{root}/openai/v1", api_key="sk-bad", max_retries=0).chat.completions.create(
        model="stand-in", messages=hello), "invalid_api_key")
fault(kind="status", status=429, body={"error": {
    "message": "You exceeded your current quota.", "type": "insufficient_quota", "param": None,
    "code": "insufficient_quota"}})
refused(openai.RateLimitError, lambda: client.chat.completions.create(model="stand-in", messages=hello),
        "insufficient_quota")
act(mode="text", text="one two three four", fail_after=2)
def broken():
    for _ in client.chat.completions.create(model="stand-in", messages=hello, stream=True): pass
refused(openai.APIError, broken)
assert [m.id for m in client.models.list()] == ["stand-in"]
print(f"ok: {calls + 1} calls")
