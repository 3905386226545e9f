"""Plays the Slack Web API, and the calls Slack makes: events, commands, buttons."""
import hashlib, hmac, json, time, urllib.parse

from standin import Refused, Reply, StandIn, call_out, route

LONGEST = 40_000


def no(error, **more):
    return Refused(Reply(200, {"ok": False, "error": error, **more}))


class Slack(StandIn):
    """An account is the team in its token, `xoxb-<team>`; its signing secret is `signing-<team>`.

    Channels begin with C or D; CGONE is unknown, CARCHIVED is archived, COUT has no place for the bot.
    """
    name = "slack"

    def account_of(self, call):
        token = call.bearer or call.form.get("token", [""])[0] if call.method == "POST" else call.bearer
        if not token: raise no("not_authed")
        if not token.startswith("xoxb-") or token == "xoxb-revoked":
            raise no("token_revoked" if token == "xoxb-revoked" else "invalid_auth")
        return token.removeprefix("xoxb-")

    def unknown(self, call):
        return no("unknown_method", req_method=call.path.rsplit("/", 1)[-1]).reply

    def values(self, call):
        if call.method == "GET": return {k: v[0] for k, v in call.query.items()}
        if call.headers.get("Content-Type", "").startswith("application/json"): return call.json or {}
        return {k: v[0] for k, v in call.form.items()}

    def hold(self, account, key, pace):
        """The tier of a method; tests set it by `act`."""
        if not pace: return
        last, now = account.rows["sent"].get(key, 0), time.time()
        if now - last < pace:
            raise Refused(Reply(429, {"ok": False, "error": "ratelimited"}, {"Retry-After": str(max(1, int(pace)))}))
        account.rows["sent"][key] = now

    @route("POST", r"/api/chat\.postMessage")
    def post(self, call, account):
        values = self.values(call)
        channel = self.channel(values)
        text, blocks = values.get("text") or "", values.get("blocks")
        if isinstance(blocks, str): blocks = json.loads(blocks)
        if not text and not blocks: raise no("no_text")
        if len(text) > LONGEST: raise no("msg_too_long")
        if blocks and len(blocks) > 50: raise no("invalid_blocks")
        self.hold(account, channel, account.rows["settings"].get("pace"))
        metadata = values.get("metadata")
        if isinstance(metadata, str): metadata = json.loads(metadata)
        stamp = f"{int(time.time())}.{account.number():06d}"
        message = {"type": "message", "subtype": "bot_message", "text": text, "ts": stamp, "bot_id": "BSTANDIN",
                   "user": "USTANDIN", "team": account.name}
        if values.get("thread_ts"): message["thread_ts"] = values["thread_ts"]
        if metadata: message["metadata"] = metadata
        with account.lock: account.rows["channels"].setdefault(channel, []).append(message)
        account.effect("message", channel=channel, text=text, ts=stamp, metadata=metadata,
                       thread=values.get("thread_ts"))
        return Reply(200, {"ok": True, "channel": channel, "ts": stamp, "message": message})

    @staticmethod
    def channel(values):
        channel = values.get("channel", "")
        match channel:
            case "CARCHIVED": raise no("is_archived")
            case "COUT": raise no("not_in_channel")
        if channel[:1] not in ("C", "D", "G", "U") or channel == "CGONE": raise no("channel_not_found")
        return channel

    @route("POST", r"/api/chat\.update")
    def update(self, call, account):
        values = self.values(call)
        for message in account.rows["channels"].get(values.get("channel"), []):
            if message["ts"] == values.get("ts"):
                message["text"] = values.get("text", "")
                account.effect("edit", channel=values["channel"], ts=message["ts"], text=message["text"])
                return Reply(200, {"ok": True, "channel": values["channel"], "ts": message["ts"], "text": message["text"]})
        raise no("message_not_found")

    @route("GET", r"/api/conversations\.history")
    @route("POST", r"/api/conversations\.history")
    def history(self, call, account):
        values = self.values(call)
        channel = self.channel(values)
        self.hold(account, "history", account.rows["settings"].get("history_pace"))
        rows = account.rows["channels"].get(channel, [])
        answers = [m["thread_ts"] for m in rows if m.get("thread_ts") not in (None, m["ts"])]
        found = [{**m, "thread_ts": m["ts"], "reply_count": answers.count(m["ts"])} if m["ts"] in answers else m
                 for m in rows if m.get("thread_ts") in (None, "", m["ts"])]
        return self.page(found, values, newest_first=True)

    @route("GET", r"/api/conversations\.replies")
    @route("POST", r"/api/conversations\.replies")
    def replies(self, call, account):
        values = self.values(call)
        channel = self.channel(values)
        found = [m for m in account.rows["channels"].get(channel, [])
                 if values.get("ts") in (m["ts"], m.get("thread_ts"))]
        if not found: raise no("thread_not_found")
        return self.page(found, values, newest_first=False)

    def page(self, messages, values, newest_first):
        inclusive = str(values.get("inclusive", "")).lower() in ("1", "true")
        oldest, latest = float(values.get("oldest") or 0), float(values.get("latest") or "inf")
        limit = int(values.get("limit") or 100)
        if not 1 <= limit <= 999: raise no("invalid_limit")
        fits = lambda t: (oldest <= t <= latest) if inclusive else (oldest < t < latest)
        found = sorted((m for m in messages if fits(float(m["ts"]))), key=lambda m: m["ts"], reverse=newest_first)
        start = int(values.get("cursor") or 0)
        more = len(found) > start + limit
        wants_metadata = str(values.get("include_all_metadata", "")).lower() in ("1", "true")
        part = [m if wants_metadata else {k: v for k, v in m.items() if k != "metadata"}
                for m in found[start:start + limit]]
        return Reply(200, {"ok": True, "messages": part, "has_more": more, "pin_count": 0,
                           "response_metadata": {"next_cursor": str(start + limit) if more else ""}})

    @route("GET", r"/api/conversations\.list")
    @route("POST", r"/api/conversations\.list")
    def channels(self, call, account):
        rooms = [{"id": id, "name": id.lower(), "is_channel": True, "is_member": True}
                 for id in sorted(account.rows["channels"])]
        return Reply(200, {"ok": True, "channels": rooms, "response_metadata": {"next_cursor": ""}})

    @route("GET", r"/api/users\.info")
    @route("POST", r"/api/users\.info")
    def user(self, call, account):
        id = self.values(call).get("user", "")
        if not id.startswith("U"): raise no("user_not_found")
        return Reply(200, {"ok": True, "user": {
            "id": id, "name": id.lower(), "real_name": f"Person {id}",
            "profile": {"email": f"{id.lower()}@example.org", "real_name": f"Person {id}"}}})

    @route("POST", r"/api/auth\.test")
    @route("GET", r"/api/auth\.test")
    def test(self, call, account):
        return Reply(200, {"ok": True, "url": "https://standin.slack.com/", "team": "Stand-in", "user": "bot",
                           "team_id": account.name, "user_id": "USTANDIN", "bot_id": "BSTANDIN"})

    def act(self, account, wish):
        """{"say": {"channel", "user", "text", "thread_ts"?}, "url"?}; {"event": {...}, "url"}; {"form": {...}, "url"};
        {"settings": {...}}. An event is signed unless "secret" is another's."""
        if "settings" in wish:
            account.rows["settings"].update(wish["settings"])
            return {}
        event = wish.get("event")
        if "say" in wish:
            stamp = wish["say"].get("ts") or f"{int(time.time())}.{account.number():06d}"
            event = {"type": "message", "ts": stamp, "event_ts": stamp, **wish["say"]}
            with account.lock:
                account.rows["channels"].setdefault(event["channel"], []).append(
                    {k: v for k, v in event.items() if k != "channel"})
            if not wish.get("url"): return {"ts": stamp}
        if "form" in wish: body, kind = urllib.parse.urlencode(wish["form"]), "application/x-www-form-urlencoded"
        else:
            body = json.dumps(wish.get("envelope") or {
                "token": "legacy", "team_id": account.name, "api_app_id": "ASTANDIN", "type": "event_callback",
                "event_id": wish.get("event_id") or f"Ev{account.number():08d}", "event_time": int(time.time()),
                "event": event})
            kind = "application/json"
        now = str(int(time.time() + wish.get("skew", 0)))
        secret = wish.get("secret", f"signing-{account.name}")
        digest = hmac.new(secret.encode(), f"v0:{now}:{body}".encode(), hashlib.sha256).hexdigest()
        status, answer = call_out("POST", wish["url"], body.encode(), {
            "Content-Type": kind, "X-Slack-Request-Timestamp": now, "X-Slack-Signature": f"v0={digest}"})
        return {"status": status, "body": answer.decode(errors="replace"), "ts": (event or {}).get("ts")}
