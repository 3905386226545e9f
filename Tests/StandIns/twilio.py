"""Plays Twilio's Messages resource (contract: 2010-04-01 API): WhatsApp and SMS."""
import base64, email.utils, hashlib, hmac, json, threading, time, urllib.parse

from standin import Refused, Reply, StandIn, call_out, route

WINDOW_S = 24 * 3600
BAD_NUMBER, LONG, NO_SENDER, OUTSIDE = 21211, 21617, 63007, 63016
PROBLEMS = {
    BAD_NUMBER: "The 'To' number is not a valid phone number.",
    LONG: "The concatenated message body exceeds the 1600 character limit.",
    NO_SENDER: "Twilio could not find a Channel with the specified From address",
    OUTSIDE: "Failed to send freeform message because you are outside the allowed window.",
    21602: "Message body is required.", 20404: "The requested resource was not found",
    21620: "Invalid media URL(s)", 21656: "The Content Variables Parameter is invalid",
    21655: "The ContentSid is Invalid", 21610: "Attempt to send to unsubscribed recipient",
}


def refusal(code, status=400):
    return Refused(Reply(status, {
        "code": code, "message": PROBLEMS.get(code, "Refused"), "status": status,
        "more_info": f"https://www.twilio.com/docs/errors/{code}"}))


def signature(token, url, params):
    """What Twilio signs a form with."""
    text = url + "".join(
        name + value for name in sorted(params) for value in sorted(set(params[name])))
    return base64.b64encode(hmac.new(token.encode(), text.encode(), hashlib.sha1).digest()).decode()


class Twilio(StandIn):
    """An account is its AccountSid; its AuthToken is `token-<AccountSid>`. Numbers that end in 0000 are bad."""
    name = "twilio"

    def account_of(self, call):
        user, password = call.basic
        sid = call.path.split("/")[3] if call.path.count("/") >= 3 else ""
        if not user or password != f"token-{sid}" or user not in (sid, f"SK{sid[2:]}"):
            raise Refused(Reply(401, {
                "code": 20003, "message": "Authenticate", "status": 401,
                "more_info": "https://www.twilio.com/docs/errors/20003"}))
        return sid

    def unknown(self, call):
        return refusal(20404, 404).reply

    @route("POST", r"/2010-04-01/Accounts/(?P<sid>AC\w+)/Messages\.json")
    def create(self, call, account, sid):
        form = call.form
        one = lambda name: form.get(name, [""])[0]
        to, sender, body = one("To"), one("From"), one("Body")
        if not (sender or one("MessagingServiceSid")): raise refusal(NO_SENDER)
        if not to.removeprefix("whatsapp:").startswith("+") or to.endswith("0000"): raise refusal(BAD_NUMBER)
        if len(body) > 1600: raise refusal(LONG)
        if not (body or one("ContentSid") or one("MediaUrl")): raise refusal(21602)
        self.check_content(one("ContentSid"), one("ContentVariables"))
        if to.startswith("whatsapp:") and not one("ContentSid"): self.check_window(account, to)
        if any(not url.startswith("http") for url in form.get("MediaUrl", [])): raise refusal(21620)
        message = self.make(account, sid, to, sender or one("MessagingServiceSid"), form)
        account.effect("message", **{k: message[k] for k in ("sid", "to", "from", "body")},
                       content=one("ContentSid") or None, media=form.get("MediaUrl", []))
        if one("StatusCallback"): self.follow(account, message, one("StatusCallback"))
        return Reply(201, message)

    def check_content(self, content, variables):
        if content and not (content.startswith("HX") and len(content) == 34): raise refusal(21655)
        if not variables: return
        try: values = json.loads(variables)
        except ValueError: values = None
        if not isinstance(values, dict): raise refusal(21656)

    def check_window(self, account, to):
        last = account.rows["inbound"].get(to)
        if account.rows["settings"].get("window", True) and (not last or time.time() - last > WINDOW_S):
            raise refusal(OUTSIDE)

    def make(self, account, sid, to, sender, form):
        number = account.number()
        digest = hashlib.md5(f"{sid}{number}".encode()).hexdigest()
        body = form.get("Body", [""])[0]
        message = {
            "sid": f"SM{digest}", "account_sid": sid, "to": to, "from": sender, "body": body, "status": "queued",
            "direction": "outbound-api", "num_segments": "1", "num_media": str(len(form.get("MediaUrl", []))),
            "error_code": None, "error_message": None, "price": None, "price_unit": "USD",
            "messaging_service_sid": None, "api_version": "2010-04-01",
            "date_created": email.utils.formatdate(usegmt=True).replace("GMT", "+0000"),
            "date_updated": email.utils.formatdate(usegmt=True).replace("GMT", "+0000"), "date_sent": None,
            "uri": f"/2010-04-01/Accounts/{sid}/Messages/SM{digest}.json", "subresource_uris": {}}
        with account.lock: account.rows["messages"][message["sid"]] = message
        return message

    def follow(self, account, message, url):
        """Tells how the message goes, now and then in another order."""
        def tell():
            words = account.rows["settings"].get("statuses", ["sent", "delivered"])
            for word in words:
                time.sleep(account.rows["settings"].get("pace", 0.05))
                self.call_back(account, url, {
                    "MessageSid": message["sid"], "SmsSid": message["sid"], "MessageStatus": word,
                    "AccountSid": message["account_sid"], "To": message["to"], "From": message["from"],
                    "ApiVersion": "2010-04-01", **({"ErrorCode": "63016"} if word in ("failed", "undelivered") else {})})
        threading.Thread(target=tell, daemon=True).start()

    def call_back(self, account, url, values):
        params = {name: [value] for name, value in values.items()}
        public = account.rows["settings"].get("public", url)
        return call_out("POST", url, urllib.parse.urlencode(values).encode(), {
            "Content-Type": "application/x-www-form-urlencoded",
            "X-Twilio-Signature": signature(f"token-{account.name}", public, params)})

    @route("GET", r"/2010-04-01/Accounts/(?P<sid>AC\w+)/Messages\.json")
    def list(self, call, account, sid):
        size, page = int(call.one("PageSize", "50")), int(call.one("Page", "0"))
        with account.lock: messages = list(account.rows["messages"].values())[::-1]
        for parameter, field in (("To", "to"), ("From", "from")):
            if call.one(parameter): messages = [m for m in messages if m[field] == call.one(parameter)]
        for name, sign in (("DateSent", 0), ("DateSent>", 1), ("DateSent<", -1)):
            if call.one(name): messages = [m for m in messages if self.on(m, call.one(name), sign)]
        part = messages[page * size:(page + 1) * size]
        more = len(messages) > (page + 1) * size
        query = urllib.parse.urlencode({**{k: v[0] for k, v in call.query.items()}, "Page": page + 1})
        return Reply(200, {
            "messages": part, "page": page, "page_size": size, "uri": call.target, "start": page * size,
            "first_page_uri": call.path, "previous_page_uri": None, "end": page * size + len(part),
            "next_page_uri": f"{call.path}?{query}" if more else None})

    @staticmethod
    def on(message, day, sign):
        """Whether the message is of that day (0), that day or later (1), that day or earlier (-1)."""
        sent = time.strftime("%Y-%m-%d", email.utils.parsedate(message["date_created"]))
        day = day[:10]
        return sent == day if sign == 0 else sent >= day if sign > 0 else sent <= day

    @route("GET", r"/2010-04-01/Accounts/(?P<sid>AC\w+)\.json")
    def show(self, call, account, sid):
        return Reply(200, {"sid": sid, "friendly_name": "Stand-in", "status": "active", "type": "Full"})

    @route("GET", r"/2010-04-01/Accounts/(?P<sid>AC\w+)/Messages/(?P<id>SM\w+)\.json")
    def fetch(self, call, account, sid, id):
        message = account.rows["messages"].get(id)
        if not message: raise refusal(20404, 404)
        return Reply(200, message)

    def act(self, account, wish):
        """{"inbound": {From, To, Body, ...}, "url", "public"?}, {"status": {...}, "url"}, {"settings": {...}}"""
        if "settings" in wish:
            account.rows["settings"].update(wish["settings"])
            return {}
        if "public" in wish: account.rows["settings"]["public"] = wish["public"]
        values = dict(wish.get("inbound") or wish.get("status"))
        if "inbound" in wish:
            sid = values.setdefault("MessageSid", "SM" + hashlib.md5(
                f"in{account.name}{account.number()}".encode()).hexdigest())
            values.setdefault("SmsMessageSid", sid)
            values.setdefault("AccountSid", account.name)
            values.setdefault("NumMedia", "0")
            account.rows["inbound"][values["From"]] = time.time()
        if not wish.get("url"): return {"sid": values.get("MessageSid")}
        status, body = self.call_back(account, wish["url"], values)
        return {"sid": values.get("MessageSid"), "status": status, "body": body.decode(errors="replace")}
