"""Plays the Discord API (v10): messages of a bot and of channel webhooks."""
import time

from standin import Refused, Reply, StandIn, route

LONGEST = 2000
NONCE_S = 300


def refusal(status, code, message, **more):
    return Refused(Reply(status, {"code": code, "message": message, **more}))


class Discord(StandIn):
    """An account is what stands in its bot token, `bot-<account>`, or in a webhook's, `hook-<account>`.

    Channels and webhooks are numbers; 404 is unknown, 403 has no place for the bot.
    """
    name = "discord"

    def account_of(self, call):
        parts = call.path.split("/")
        if "webhooks" in parts:
            token = parts[parts.index("webhooks") + 2].split("?")[0] if len(parts) > 5 else ""
            if not token.startswith("hook-"): raise refusal(401, 50027, "Invalid Webhook Token")
            return token.removeprefix("hook-")
        kind, _, token = call.headers.get("Authorization", "").partition(" ")
        if kind != "Bot" or not token.startswith("bot-"): raise refusal(401, 0, "401: Unauthorized")
        return token.removeprefix("bot-")

    def unknown(self, call):
        return refusal(404, 0, "404: Not Found").reply

    def check(self, account, channel, values):
        if channel == "404": raise refusal(404, 10003, "Unknown Channel")
        if channel == "403": raise refusal(403, 50001, "Missing Access")
        content = values.get("content") or ""
        if not content and not values.get("embeds"): raise refusal(400, 50006, "Cannot send an empty message")
        if len(content) > LONGEST:
            raise refusal(400, 50035, "Invalid Form Body", errors={"content": {"_errors": [
                {"code": "BASE_TYPE_BAD_LENGTH", "message": "Must be 2000 or fewer in length."}]}})
        pace = account.rows["settings"].get("pace")
        last, now = account.rows["sent"].get(channel, 0), time.time()
        if pace and now - last < pace:
            raise Refused(Reply(429, {"message": "You are being rate limited.", "retry_after": pace, "global": False}, {
                "Retry-After": str(int(pace) or 1), "X-RateLimit-Limit": "5", "X-RateLimit-Remaining": "0",
                "X-RateLimit-Reset-After": str(pace), "X-RateLimit-Bucket": "standin", "X-RateLimit-Scope": "user"}))
        account.rows["sent"][channel] = now

    def keep(self, account, channel, values):
        """The message; the one of the same nonce when it was sent a moment ago and that is enforced."""
        nonce = values.get("nonce")
        if nonce is not None and len(str(nonce)) > 25: raise refusal(400, 50035, "Invalid Form Body")
        with account.lock:
            known = account.rows["nonces"].get(str(nonce)) if nonce is not None and values.get("enforce_nonce") else None
            if known and time.time() - known[0] < NONCE_S: return known[1]
            id = str((int(time.time() * 1000) - 1_420_070_400_000) << 22 | account.number())
            message = {"id": id, "type": 0, "channel_id": channel, "content": values.get("content") or "",
                       "author": {"id": "1", "username": "standin", "bot": True}, "nonce": nonce,
                       "timestamp": time.strftime("%Y-%m-%dT%H:%M:%S.000000+00:00", time.gmtime()),
                       "embeds": values.get("embeds") or [], "attachments": [], "mentions": []}
            account.rows["nonces"][str(nonce)] = (time.time(), message)
            account.rows["channels"].setdefault(channel, []).append(message)
            account.effect("message", channel=channel, text=message["content"], id=id, nonce=nonce)
            return message

    @route("POST", r"/api/v10/channels/(?P<channel>\w+)/messages")
    def post(self, call, account, channel):
        values = call.json or {}
        self.check(account, channel, values)
        return Reply(200, self.keep(account, channel, values))

    @route("GET", r"/api/v10/channels/(?P<channel>\w+)/messages")
    def history(self, call, account, channel):
        limit = min(100, int(call.one("limit", "50")))
        with account.lock: found = list(account.rows["channels"].get(channel, []))
        if call.one("after"):
            # As Discord has it: the first ones after that id, newest first.
            return Reply(200, [m for m in found if int(m["id"]) > int(call.one("after"))][:limit][::-1])
        return Reply(200, found[::-1][:limit])

    @route("POST", r"/api/v10/webhooks/(?P<id>\w+)/[^/]+")
    def execute(self, call, account, id):
        values = call.json or {}
        self.check(account, id, values)
        message = self.keep(account, id, {**values, "enforce_nonce": False})
        return Reply(200, message) if call.one("wait") == "true" else Reply(204)

    @route("PATCH", r"/api/v10/webhooks/(?P<id>\w+)/[^/]+/messages/@original")
    def follow_up(self, call, account, id):
        account.effect("interaction", id=id, text=(call.json or {}).get("content"))
        return Reply(200, {"id": str(account.number()), "content": (call.json or {}).get("content")})

    @route("GET", r"/api/v10/users/@me")
    def me(self, call, account):
        return Reply(200, {"id": "1", "username": "standin", "bot": True})

    def act(self, account, wish):
        """{"settings": {"pace": seconds}}"""
        account.rows["settings"].update(wish["settings"])
        return {}
