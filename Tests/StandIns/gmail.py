"""Plays Gmail v1: messages, labels and the history of a mailbox."""
import base64, time

from standin import Refused, Reply, StandIn, route


def no(status, reason, message, domain="global"):
    return Refused(Reply(status, {"error": {
        "code": status, "message": message,
        "errors": [{"domain": domain, "reason": reason, "message": message}]}}))


def coded(text):
    return base64.urlsafe_b64encode(text.encode()).decode()


class Gmail(StandIn):
    """An account is its access token, `ya29.<account>`.

    `act`: {"receive": {"from", "to", "subject", "text", "html"?, "thread"?, "labels"?, "message_id"?, "id"?}} -> {"id"};
    {"label": id, "add": [...], "remove": [...]}; {"delete": id}; {"forget": true} makes all history too old;
    {"page": n}; {"repeat": true} has the history name each thing twice.
    """
    name = "gmail"

    def account_of(self, call):
        token = call.bearer
        if not token or not token.startswith("ya29.") or token.startswith("ya29.expired"):
            raise no(401, "authError", "Invalid Credentials")
        return token.removeprefix("ya29.")

    def unknown(self, call):
        return no(404, "notFound", "Not Found").reply

    @route("GET", r"(?:/v1)?/users/me/profile")
    def profile(self, call, account):
        return Reply(200, {"emailAddress": f"{account.name}@example.org", "messagesTotal": len(account.rows["mail"]),
                           "threadsTotal": 1, "historyId": str(account.rows["numbers"].get("last", 1))})

    def size(self, call, account):
        return min(int(call.one("maxResults", "100")), account.rows["settings"].get("page", 500))

    @route("GET", r"(?:/v1)?/users/me/messages")
    def messages(self, call, account):
        with account.lock:
            labels = set(call.query.get("labelIds", []))
            found = [m for m in account.rows["mail"].values() if labels <= set(m["labelIds"])]
            found.sort(key=lambda m: (-int(m["internalDate"]), m["id"]))
            start, size = int(call.one("pageToken", "0")), self.size(call, account)
            part = [{"id": m["id"], "threadId": m["threadId"]} for m in found[start:start + size]]
            answer = {"resultSizeEstimate": len(found)}
            if part: answer["messages"] = part
            if start + size < len(found): answer["nextPageToken"] = str(start + size)
            return Reply(200, answer)

    @route("GET", r"(?:/v1)?/users/me/messages/(?P<id>[^/]+)")
    def message(self, call, account, id):
        message = account.rows["mail"].get(id)
        if not message: raise no(404, "notFound", "Requested entity was not found.")
        if call.one("format", "full") not in ("full", "metadata", "minimal", "raw"):
            raise no(400, "invalidArgument", "Invalid value for format")
        return Reply(200, message)

    @route("GET", r"(?:/v1)?/users/me/history")
    def history(self, call, account):
        with account.lock:
            start = int(call.one("startHistoryId", "0"))
            if start < account.rows["settings"].get("first", 0):
                raise no(404, "notFound", "Requested entity was not found.")
            log = account.rows["log"]
            found = [log[number] for number in sorted(log) if number > start]
            if account.rows["settings"].get("repeat"): found = [r for record in found for r in (record, record)]
            place, size = int(call.one("pageToken", "0")), self.size(call, account)
            answer = {"historyId": str(account.rows["numbers"].get("last", 1))}
            if found[place:place + size]: answer["history"] = found[place:place + size]
            if place + size < len(found): answer["nextPageToken"] = str(place + size)
            return Reply(200, answer)

    def act(self, account, wish):
        with account.lock:
            if "page" in wish: account.rows["settings"]["page"] = wish["page"]
            if "repeat" in wish: account.rows["settings"]["repeat"] = wish["repeat"]
            if "forget" in wish: account.rows["settings"]["first"] = account.number() + 1; account.number()
            if "receive" in wish: return self.receive(account, wish["receive"])
            if "label" in wish:
                message = account.rows["mail"][wish["label"]]
                add, remove = wish.get("add", []), wish.get("remove", [])
                message["labelIds"] = sorted((set(message["labelIds"]) | set(add)) - set(remove))
                for kind, labels in (("labelsAdded", add), ("labelsRemoved", remove)):
                    if labels: self.note(account, kind, message, labels)
            if "delete" in wish: self.note(account, "messagesDeleted", account.rows["mail"].pop(wish["delete"]))
        return {}

    def receive(self, account, wish):
        number = account.number()
        id = wish.get("id") or f"{number:016x}"
        parts = [{"partId": "0", "mimeType": "text/plain", "filename": "",
                  "body": {"size": len(wish["text"]), "data": coded(wish["text"])}}] if "text" in wish else []
        if "html" in wish:
            parts.append({"partId": "1", "mimeType": "text/html", "filename": "",
                          "body": {"size": len(wish["html"]), "data": coded(wish["html"])}})
        headers = [{"name": "From", "value": wish["from"]}, {"name": "To", "value": wish["to"]},
                   {"name": "Subject", "value": wish["subject"]},
                   {"name": "Message-ID", "value": wish.get("message_id") or f"<{id}@mail.gmail.com>"}]
        account.rows["mail"][id] = {
            "id": id, "threadId": wish.get("thread", id), "labelIds": wish.get("labels", ["INBOX", "UNREAD"]),
            "snippet": wish.get("text", "")[:100], "historyId": str(number), "sizeEstimate": 1000,
            "internalDate": str(wish.get("date") or int(time.time() * 1000) + number),
            "payload": {"mimeType": "multipart/alternative", "filename": "", "headers": headers,
                        "body": {"size": 0}, "parts": parts}}
        self.note(account, "messagesAdded", account.rows["mail"][id])
        return {"id": id}

    def note(self, account, kind, message, labels=None):
        number = account.number()
        brief = {"id": message["id"], "threadId": message["threadId"], "labelIds": message["labelIds"]}
        entry = {"message": brief, **({"labelIds": labels} if labels else {})}
        account.rows["log"][number] = {"id": str(number), "messages": [brief], kind: [entry]}
        if message["id"] in account.rows["mail"]: account.rows["mail"][message["id"]]["historyId"] = str(number)
