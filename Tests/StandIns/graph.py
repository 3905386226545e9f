"""Plays Microsoft Graph v1.0: delta queries over mail and over messages of Teams."""
import datetime, time

from standin import Refused, Reply, StandIn, route


def no(status, code, message, headers=None):
    return Refused(Reply(status, {"error": {"code": code, "message": message, "innerError": {
        "date": "2026-01-01T00:00:00", "request-id": "0", "client-request-id": "0"}}}, headers))


def stamp(when):
    return datetime.datetime.fromtimestamp(when, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


class MicrosoftGraph(StandIn):
    """An account is its access token, `eyJ.<account>`.

    A place is `mail:<folder>` or `teams:<team>/<channel>`. `act`: {"put": {item}, "place"?} with the members that
    change; {"remove": id, "place"?}; {"forget": true} makes all links too old; {"page": n}.
    """
    name = "microsoft_graph"

    def account_of(self, call):
        token = call.bearer
        if not token or not token.startswith("eyJ.") or token.startswith("eyJ.expired"):
            raise no(401, "InvalidAuthenticationToken", "Access token has expired or is not yet valid.")
        return token.removeprefix("eyJ.")

    def unknown(self, call):
        return no(404, "ResourceNotFound", "Resource could not be discovered.").reply

    @route("GET", r"/me")
    def me(self, call, account):
        return Reply(200, {"id": account.name, "displayName": account.name, "mail": f"{account.name}@example.org"})

    @route("GET", r"/me/mailFolders/(?P<folder>[^/]+)/messages/delta")
    def mail(self, call, account, folder):
        return self.delta(call, account, f"mail:{folder}", "$select")

    @route("GET", r"/teams/(?P<team>[^/]+)/channels/(?P<channel>[^/]+)/messages/delta")
    def messages(self, call, account, team, channel):
        return self.delta(call, account, f"teams:{team}/{channel}", "$top")

    def delta(self, call, account, place, known):
        skip, delta = call.one("$skiptoken"), call.one("$deltatoken")
        with account.lock:
            settings = account.rows["settings"]
            generation, items, log = settings.get("generation", 1), account.rows[place], account.rows[f"log:{place}"]
            until, since, start = max(log, default=0), 0, 0
            if token := skip or delta:
                parts = [int(part) for part in token.split("-")]
                if parts[0] != generation:
                    raise no(410, "syncStateNotFound", "The sync state generation is not found.",
                             {"Location": f"{self.base}{call.path}"})
                since = parts[1]
                if skip: until, start = parts[2], parts[3]
            newest = {}
            for number in sorted(log):
                if number <= until: newest[log[number]] = number
            found = [id for id, number in sorted(newest.items(), key=lambda item: item[1]) if number > since]
            if not since: found = [id for id in found if id in items]
            size = settings.get("page", 50)
            value = [items.get(id) or {"id": id, "@removed": {"reason": "deleted"}} for id in found[start:start + size]]
            url = f"{self.base}{call.path}"
            answer = {"@odata.context": f"{self.base}/$metadata#Collection(message)", "value": value}
            if start + size < len(found):
                answer["@odata.nextLink"] = f"{url}?$skiptoken={generation}-{since}-{until}-{start + size}"
            else: answer["@odata.deltaLink"] = f"{url}?$deltatoken={generation}-{until}"
            return Reply(200, answer)

    def act(self, account, wish):
        place = wish.get("place", "mail:inbox")
        with account.lock:
            settings = account.rows["settings"]
            if "page" in wish: settings["page"] = wish["page"]
            if "forget" in wish: settings["generation"] = settings.get("generation", 1) + 1
            if "put" in wish: self.keep(account, place, wish["put"])
            if "remove" in wish:
                account.rows[place].pop(wish["remove"], None)
                account.rows[f"log:{place}"][account.number()] = wish["remove"]
        return {}

    def keep(self, account, place, item):
        number, now = account.number(), stamp(time.time())
        old = account.rows[place].get(item["id"], {})
        times = {"createdDateTime": now, "receivedDateTime": now} if place.startswith("mail:") else {
            "createdDateTime": now, "messageType": "message", "deletedDateTime": None}
        account.rows[place][item["id"]] = {
            **times, **old, **item, "lastModifiedDateTime": now, "@odata.etag": f'W/"{number}"'}
        account.rows[f"log:{place}"][number] = item["id"]
