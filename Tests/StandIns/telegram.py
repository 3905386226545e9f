"""Plays the Telegram Bot API."""
import base64, hashlib, json, re, time, urllib.parse

from standin import Refused, Reply, StandIn, call_out, route

LONGEST = 4096


def refusal(code, description, **parameters):
    body = {"ok": False, "error_code": code, "description": description}
    if parameters: body["parameters"] = parameters
    headers = {"Retry-After": str(parameters["retry_after"])} if "retry_after" in parameters else {}
    return Refused(Reply(code, body, headers))


def units(text):
    return len(text.encode("utf-16-le")) // 2


class Telegram(StandIn):
    """An account is the number before the colon of its token `<number>:<secret>`; the secret is `secret-<number>`.

    The chats 1 to 999 are gone (403), 4040 is unknown, -77 has moved to -100077.
    """
    name = "telegram"

    def account_of(self, call):
        match = re.match(r"(?:/file)?/bot(\d+):([\w-]+)/", call.path)
        if not match or match[2] != f"secret-{match[1]}":
            raise refusal(401 if match else 404, "Unauthorized" if match else "Not Found")
        return match[1]

    def unknown(self, call):
        return refusal(404, "Not Found").reply

    def values(self, call):
        kind = call.headers.get("Content-Type", "")
        if kind.startswith("application/json"): return call.json or {}
        if kind.startswith("application/x-www-form-urlencoded"):
            return {k: v[0] for k, v in call.form.items()}
        return {k: v[0] for k, v in call.query.items()}

    @route("POST", r"/bot[^/]+/sendMessage")
    def send(self, call, account):
        values = self.values(call)
        chat = self.chat(account, values)
        text, mode = values.get("text", ""), values.get("parse_mode")
        if not text.strip(): raise refusal(400, "Bad Request: message text is empty")
        if units(self.plain(text, mode)) > LONGEST: raise refusal(400, "Bad Request: message is too long")
        self.hold(account, chat)
        message = {
            "message_id": account.number(), "date": int(time.time()), "text": self.plain(text, mode),
            "chat": {"id": chat, "type": "private" if chat > 0 else "supergroup"},
            "from": {"id": int(account.name), "is_bot": True, "first_name": "Stand-in"}}
        markup = values.get("reply_markup")
        if isinstance(markup, str): markup = json.loads(markup)
        if markup: message["reply_markup"] = markup
        account.effect("message", chat=chat, text=text, mode=mode, id=message["message_id"],
                       markup=markup)
        return Reply(200, {"ok": True, "result": message})

    def chat(self, account, values):
        try: chat = int(values.get("chat_id"))
        except (TypeError, ValueError): raise refusal(400, "Bad Request: chat not found")
        if 0 < chat < 1000: raise refusal(403, "Forbidden: bot was blocked by the user")
        if chat == 4040: raise refusal(400, "Bad Request: chat not found")
        if chat == -77:
            raise refusal(400, "Bad Request: group chat was upgraded to a supergroup chat",
                          migrate_to_chat_id=-100077)
        return chat

    def hold(self, account, chat):
        """Holds a chat to the pace that a test set, by retry_after."""
        pace = account.rows["settings"].get("pace")
        if not pace: return
        last, now = account.rows["sent"].get(chat, 0), time.time()
        if now - last < pace:
            raise refusal(429, f"Too Many Requests: retry after {int(pace)}", retry_after=int(pace))
        account.rows["sent"][chat] = now

    def plain(self, text, mode):
        """The text after its entities are parsed; refuses what does not parse."""
        if mode == "HTML":
            open_tags = []
            for close, tag in re.findall(r"<(/?)([a-zA-Z-]+)[^>]*>", text):
                if tag not in ("b", "strong", "i", "em", "u", "s", "a", "code", "pre", "blockquote", "tg-spoiler"):
                    raise refusal(400, f'Bad Request: can\'t parse entities: Unsupported start tag "{tag}"')
                if close and (not open_tags or open_tags.pop() != tag):
                    raise refusal(400, "Bad Request: can't parse entities: Unmatched end tag")
                if not close: open_tags.append(tag)
            if open_tags: raise refusal(400, "Bad Request: can't parse entities: Can't find end tag")
            text = re.sub(r"</?[a-zA-Z-]+[^>]*>", "", text)
            return text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", '"').replace("&amp;", "&")
        if mode == "MarkdownV2":
            bare = re.sub(r"\\.", "", text)
            if any(bare.count(sign) % 2 for sign in "*_~`") or any(sign in bare for sign in ".!-+=|{}#>"):
                raise refusal(400, "Bad Request: can't parse entities: Character is reserved and must be escaped")
        return text

    @route("POST", r"/bot[^/]+/(getMe|setMyCommands|setWebhook|deleteWebhook|getWebhookInfo|sendChatAction)")
    @route("GET", r"/bot[^/]+/(getMe|getWebhookInfo)")
    def other(self, call, account):
        method, values = call.path.rsplit("/", 1)[1], self.values(call)
        if method == "getMe":
            return Reply(200, {"ok": True, "result": {
                "id": int(account.name), "is_bot": True, "first_name": "Stand-in", "username": "standin_bot"}})
        if method == "setWebhook": self.hook(account, values)
        if method == "deleteWebhook":
            account.rows["settings"].pop("webhook", None)
            account.effect("webhook", url="")
        if method == "getWebhookInfo":
            hook = account.rows["settings"].get("webhook", {})
            return Reply(200, {"ok": True, "result": {
                "url": hook.get("url", ""), "has_custom_certificate": False, "pending_update_count": 0}})
        return Reply(200, {"ok": True, "result": True})

    def hook(self, account, values):
        """Keeps where updates go; clear text is taken on this machine only, where Telegram itself takes none."""
        parts, secret = urllib.parse.urlsplit(values.get("url", "")), values.get("secret_token", "")
        if parts.scheme != "https" and parts.hostname not in ("127.0.0.1", "localhost"):
            raise refusal(400, "Bad Request: bad webhook: An HTTPS URL must be provided for webhook")
        if not re.fullmatch(r"[A-Za-z0-9_-]{0,256}", secret):
            raise refusal(400, "Bad Request: secret token contains unallowed characters")
        account.rows["settings"]["webhook"] = values
        account.effect("webhook", url=values["url"], secret=secret, updates=values.get("allowed_updates"))

    @route("POST", r"/bot[^/]+/answerCallbackQuery")
    def answer_query(self, call, account):
        account.effect("answer", query=self.values(call).get("callback_query_id"), text=self.values(call).get("text"))
        return Reply(200, {"ok": True, "result": True})

    @route("POST", r"/bot[^/]+/editMessageText")
    def edit(self, call, account):
        values = self.values(call)
        last = account.rows["edits"].get(values.get("message_id"))
        if last == values.get("text"):
            raise refusal(400, "Bad Request: message is not modified: specified new message content and reply markup "
                               "are exactly the same as a current content and reply markup of the message")
        account.rows["edits"][values.get("message_id")] = values.get("text")
        account.effect("edit", id=values.get("message_id"), text=values.get("text"))
        return Reply(200, {"ok": True, "result": {
            "message_id": values.get("message_id"), "date": int(time.time()), "text": values.get("text"),
            "chat": {"id": int(values.get("chat_id", 0)), "type": "private"}}})

    @route("POST", r"/bot[^/]+/getFile")
    def file(self, call, account):
        id = self.values(call).get("file_id", "")
        if id not in account.rows["files"]: raise refusal(400, "Bad Request: invalid file_id")
        return Reply(200, {"ok": True, "result": {
            "file_id": id, "file_unique_id": id, "file_path": f"voice/{id}.oga",
            "file_size": len(account.rows["files"][id])}})

    @route("GET", r"/file/bot[^/]+/voice/(?P<id>[\w-]+)\.oga")
    def fetch(self, call, account, id):
        content = account.rows["files"].get(id)
        return Reply(200, content, type="audio/ogg") if content else refusal(404, "Not Found").reply

    def act(self, account, wish):
        """{"update": {...}, "url"?, "secret"?} sends an update, to where setWebhook said unless told;
        {"settings": {...}}; {"file": {"id", "base64"}}"""
        if "settings" in wish:
            account.rows["settings"].update(wish["settings"])
            return {}
        if "file" in wish:
            account.rows["files"][wish["file"]["id"]] = base64.b64decode(wish["file"]["base64"])
            return {}
        hook = account.rows["settings"].get("webhook", {})
        url, secret = wish.get("url") or hook.get("url"), wish.get("secret", hook.get("secret_token"))
        if not url: return {"status": 0, "body": "no webhook is set"}
        update = {"update_id": account.number() + int(hashlib.md5(account.name.encode()).hexdigest()[:6], 16),
                  **wish["update"]}
        headers = {"Content-Type": "application/json"}
        if secret: headers["X-Telegram-Bot-Api-Secret-Token"] = secret
        status, body = call_out("POST", url, json.dumps(update).encode(), headers)
        return {"update_id": update["update_id"], "status": status, "body": body.decode(errors="replace")}

