"""Plays Google Calendar v3: events with sync tokens, and channels that tell of changes."""
import datetime, json, time, uuid

from standin import Refused, Reply, StandIn, call_out, route

LEGAL = {"maxResults", "singleEvents", "showDeleted", "pageToken", "syncToken", "alt", "prettyPrint", "timeMin",
         "timeMax", "orderBy", "q", "updatedMin", "iCalUID"}
NOT_WITH_TOKEN = {"timeMin", "timeMax", "updatedMin", "q", "orderBy", "iCalUID"}


def no(status, reason, message, domain="global", headers=None):
    return Refused(Reply(status, {"error": {
        "code": status, "message": message,
        "errors": [{"domain": domain, "reason": reason, "message": message}]}}, headers))


def stamp(when):
    return datetime.datetime.fromtimestamp(when, datetime.timezone.utc).isoformat(timespec="milliseconds").replace(
        "+00:00", "Z")


class GoogleCalendar(StandIn):
    """An account is its access token, `ya29.<account>`; `ya29.expired-...` is refused.

    rows["log:<calendar>"] holds, by number, the id that was changed; a sync token is `<generation>:<number>`. `act`:
    {"put": {event}, "calendar"?} keeps an event as its JSON says; {"delete": id}; {"forget": true} makes all tokens
    too old; {"page": n} bounds pages.
    """
    name = "google_calendar"

    def account_of(self, call):
        token = call.bearer or call.one("access_token")
        if not token or not token.startswith("ya29.") or token.startswith("ya29.expired"):
            raise no(401, "authError", "Invalid Credentials")
        return token.removeprefix("ya29.")

    def unknown(self, call):
        return no(404, "notFound", "Not Found").reply

    @route("GET", r"/users/me/calendarList")
    def calendars(self, call, account):
        return Reply(200, {"kind": "calendar#calendarList", "items": [
            {"kind": "calendar#calendarListEntry", "id": "primary", "summary": "Mine", "timeZone": "Europe/Berlin"}]})

    @route("GET", r"/calendars/(?P<calendar>[^/]+)/events")
    def events(self, call, account, calendar):
        if calendar == "gone": raise no(404, "notFound", "Not Found")
        unknown = set(call.query) - LEGAL
        if unknown: raise no(400, "invalidParameter", f"Unknown parameter {sorted(unknown)[0]}")
        token, page = call.one("syncToken"), call.one("pageToken")
        if token and NOT_WITH_TOKEN & set(call.query):
            raise no(400, "syncTokenWithNonDefaultOrdering", "Sync token cannot be used with the given parameters.")
        with account.lock:
            generation = account.rows["settings"].get("generation", 1)
            events, log = account.rows[f"events:{calendar}"], account.rows[f"log:{calendar}"]
            now = max(log, default=0)
            start, since, until = 0, 0, now
            if token:
                born, since = (int(part) for part in token.split(":"))
                if born != generation:
                    raise no(410, "fullSyncRequired", "Sync token is no longer valid, a full sync is required.",
                             "calendar")
            if page: start, since, until = (int(part) for part in page.split(":"))
            newest = {}
            for number in sorted(log): newest[log[number]] = number
            found = [events[id] for id, number in sorted(newest.items(), key=lambda item: item[1])
                     if since < number <= until or not token and number <= until]
            # A first reading shows what is there; only exceptions are listed as cancelled.
            if not token:
                found = [e for e in found if e["status"] != "cancelled" or "recurringEventId" in e]
            size = min(int(call.one("maxResults", "250")), account.rows["settings"].get("page", 2500))
            answer = {"kind": "calendar#events", "etag": f'"{now}"', "summary": calendar,
                      "timeZone": "Europe/Berlin", "accessRole": "owner", "items": found[start:start + size]}
            if start + size < len(found): answer["nextPageToken"] = f"{start + size}:{since}:{until}"
            else: answer["nextSyncToken"] = f"{generation}:{until}"
            return Reply(200, answer)

    @route("POST", r"/calendars/(?P<calendar>[^/]+)/events/watch")
    def watch(self, call, account, calendar):
        wish = call.json or {}
        if wish.get("type") != "web_hook" or not wish.get("id"):
            raise no(400, "required", "Required field missing.")
        if not wish.get("address", "").startswith(("https://", "http://127.0.0.1")):
            raise no(400, "push.webhookUrlNotHttps", "WebHook callback must be HTTPS")
        channels = account.rows["channels"]
        if wish["id"] in channels: raise no(400, "channelIdNotUnique", "Channel id not unique")
        life = min(int(wish.get("params", {}).get("ttl", 604800)), 2592000)
        expiry = int((time.time() + life) * 1000)
        entry = {**wish, "resourceId": uuid.uuid4().hex, "calendar": calendar, "expiration": expiry, "number": 1}
        channels[wish["id"]] = entry
        account.effect("watch", channel=wish["id"], calendar=calendar, address=wish["address"])
        return Reply(200, {"kind": "api#channel", "id": wish["id"], "resourceId": entry["resourceId"],
                           "resourceUri": f"{self.base}/calendars/{calendar}/events", "token": wish.get("token"),
                           "expiration": str(expiry)})

    @route("POST", r"/channels/stop")
    def stop(self, call, account):
        wish = call.json or {}
        entry = account.rows["channels"].get(wish.get("id"))
        if not entry or entry["resourceId"] != wish.get("resourceId"):
            raise no(404, "channelNotFound", f"Channel '{wish.get('id')}' not found for project")
        del account.rows["channels"][wish["id"]]
        account.effect("stop", channel=wish["id"])
        return Reply(204)

    def act(self, account, wish):
        calendar = wish.get("calendar", "primary")
        with account.lock:
            if "forget" in wish:
                settings = account.rows["settings"]
                settings["generation"] = settings.get("generation", 1) + 1
                # What was deleted long ago is not told again.
                events = account.rows[f"events:{calendar}"]
                for id in [id for id, event in events.items() if event["status"] == "cancelled"]:
                    del events[id]
                    for number, other in list(account.rows[f"log:{calendar}"].items()):
                        if other == id: del account.rows[f"log:{calendar}"][number]
            if "page" in wish: account.rows["settings"]["page"] = wish["page"]
            if "put" in wish: self.keep(account, calendar, wish["put"])
            if "delete" in wish: self.delete(account, calendar, wish["delete"])
            channels = [c for c in account.rows["channels"].values() if c["calendar"] == calendar]
        told = [self.tell(channel) for channel in channels] if "tell" in wish else []
        return {"told": told}

    def keep(self, account, calendar, event):
        number = account.number()
        whole = {"kind": "calendar#event", "status": "confirmed", "iCalUID": f"{event['id']}@google.com", **event,
                 "etag": f'"{number}"', "updated": stamp(time.time())}
        account.rows[f"events:{calendar}"][event["id"]] = whole
        account.rows[f"log:{calendar}"][number] = event["id"]

    def delete(self, account, calendar, id):
        events, number = account.rows[f"events:{calendar}"], account.number()
        old = events[id]
        kept = {k: old[k] for k in ("recurringEventId", "originalStartTime") if k in old}
        events[id] = {"kind": "calendar#event", "id": id, "status": "cancelled", "etag": f'"{number}"', **kept}
        account.rows[f"log:{calendar}"][number] = id

    @staticmethod
    def tell(channel):
        channel["number"] += 1
        headers = {"X-Goog-Channel-ID": channel["id"], "X-Goog-Channel-Token": channel.get("token", ""),
                   "X-Goog-Resource-ID": channel["resourceId"], "X-Goog-Resource-State": "exists",
                   "X-Goog-Message-Number": str(channel["number"])}
        return call_out("POST", channel["address"], b"", headers)[0]
