"""PyPI `google-api-python-client` against the stand-ins: calendar events with sync tokens, Gmail with its history."""
import json, sys, urllib.request

from google.oauth2.credentials import Credentials
from googleapiclient.discovery import build
from googleapiclient.errors import HttpError

root, account = sys.argv[1], "sdk"
calls = 0


def act(provider, **wish):
    body = json.dumps(wish).encode()
    with urllib.request.urlopen(urllib.request.Request(
            f"{root}/control/{provider}/{account}/act", body, method="POST")) as answer:
        return json.load(answer)


def done(request):
    global calls
    calls += 1
    return request.execute()


def refused(status, request):
    try: done(request)
    except HttpError as error: assert error.status_code == status, error
    else: raise AssertionError(f"{status} was not answered")


def service(name, version, endpoint):
    # The documents of the package itself; only the address is ours.
    made = build(name, version, credentials=Credentials(f"ya29.{account}"), static_discovery=True)
    made._baseUrl = endpoint
    return made


calendar = service("calendar", "v3", f"{root}/google_calendar/").events()
act("google_calendar", page=2)
for number in range(1, 6):
    time = {"dateTime": f"2026-03-0{number}T09:00:00+01:00", "timeZone": "Europe/Berlin"}
    act("google_calendar", put={"id": f"e{number}", "summary": f"Event {number}", "start": time, "end": time})
seen, page = [], None
while True:
    answer = done(calendar.list(calendarId="primary", maxResults=250, showDeleted=True, singleEvents=False, pageToken=page))
    seen += [event["summary"] for event in answer["items"]]
    page = answer.get("nextPageToken")
    if not page: break
assert seen == [f"Event {n}" for n in range(1, 6)], seen
token = answer["nextSyncToken"]
act("google_calendar", delete="e2")
news = done(calendar.list(calendarId="primary", maxResults=250, showDeleted=True, singleEvents=False, syncToken=token))
assert [(e["id"], e["status"]) for e in news["items"]] == [("e2", "cancelled")], news
refused(400, calendar.list(calendarId="primary", syncToken=token, q="x"))
act("google_calendar", forget=True)
refused(410, calendar.list(calendarId="primary", syncToken=token))
refused(404, calendar.list(calendarId="gone"))
channels = service("calendar", "v3", f"{root}/google_calendar/").channels()
opened = done(calendar.watch(calendarId="primary", body={
    "id": "sdk-channel", "type": "web_hook", "address": "https://example.org/hook", "token": "t",
    "params": {"ttl": "3600"}}))
assert int(opened["expiration"]) > 0 and opened["resourceId"]
done(channels.stop(body={"id": "sdk-channel", "resourceId": opened["resourceId"]}))
refused(404, channels.stop(body={"id": "sdk-channel", "resourceId": opened["resourceId"]}))

mail = service("gmail", "v1", f"{root}/").users()
ids = [act("gmail", receive={"from": "a@example.org", "to": "b@example.org", "subject": f"Mail {n}", "text": "x"})["id"]
       for n in range(3)]
listed = done(mail.messages().list(userId="me", labelIds=["INBOX"], maxResults=50))
assert [m["id"] for m in listed["messages"]] == ids[::-1]
start = done(mail.getProfile(userId="me"))["historyId"]
whole = done(mail.messages().get(userId="me", id=ids[0], format="full"))
assert whole["payload"]["headers"][2]["value"] == "Mail 0" and whole["labelIds"] == ["INBOX", "UNREAD"]
act("gmail", label=ids[0], remove=["UNREAD"])
act("gmail", delete=ids[1])
news = done(mail.history().list(userId="me", startHistoryId=start, maxResults=50))
kinds = [kind for record in news["history"] for kind in record if kind not in ("id", "messages")]
assert kinds == ["labelsRemoved", "messagesDeleted"] and int(news["historyId"]) > int(start), news
refused(404, mail.messages().get(userId="me", id=ids[1], format="full"))
act("gmail", forget=True)
refused(404, mail.history().list(userId="me", startHistoryId=start))

print(f"ok: {calls} calls")
