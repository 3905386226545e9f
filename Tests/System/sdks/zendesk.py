"""Has zenpy 2.0.57 make the calls that Atom makes. usage: zendesk.py BASE_URL"""
import sys, time, urllib.parse, uuid

import requests
from zenpy import Zenpy
from zenpy.lib.api_objects import Comment, Ticket, User
from zenpy.lib.exception import APIException, RecordNotFoundException

base = sys.argv[1].rstrip("/") + "/zendesk"
parts = urllib.parse.urlsplit(base)
token = uuid.uuid4().hex
calls = 0


class Detour(requests.adapters.HTTPAdapter):
    """Leads what zenpy sends to Zendesk to the server under test."""

    def send(self, request, **options):
        global calls
        calls += 1
        asked = request.url
        target = urllib.parse.urlsplit(request.url)
        request.url = urllib.parse.urlunsplit((
            parts.scheme, parts.netloc, target.path if target.path.startswith(parts.path) else parts.path + target.path,
            target.query, ""))
        answer = super().send(request, **options)
        # By its address zenpy knows what an answer is.
        answer.url = answer.request.url = asked
        return answer


def client(password):
    session = requests.Session()
    session.mount("http://", Detour())
    session.mount("https://", Detour())
    return Zenpy(subdomain="example", email="agent@example.org", token=password, session=session)


def expect(what, holds):
    if not holds: sys.exit(f"zenpy: {what}")


zendesk = client(token)
expect("me", zendesk.users.me().email == "agent@example.org")

audit = zendesk.tickets.create(Ticket(
    subject="Printer on fire", comment=Comment(body="It burns.", public=True), priority="urgent",
    requester=User(name="Carla", email="carla@example.org"), tags=["fire"], external_id="atom:task:1"))
ticket = audit.ticket
expect("create", ticket.id and ticket.status == "new" and ticket.external_id == "atom:task:1")
expect("requester", ticket.requester.email == "carla@example.org")

ticket.status, ticket.comment = "open", Comment(body="On it.", public=False)
audit = zendesk.tickets.update(ticket)
expect("update", audit.ticket.status == "open")
comments = list(zendesk.tickets.comments(ticket.id))
expect("comments", [comment.body for comment in comments] == ["It burns.", "On it."])
expect("internal comment", comments[1].public is False and comments[0].public is True)
audits = list(zendesk.tickets.audits(ticket.id))
expect("audits", len(audits) == 2 and any(event["type"] == "Comment" for event in audits[1].events))

found = list(zendesk.tickets(external_id="atom:task:1"))
expect("by external id", [each.id for each in found] == [ticket.id])
shown = zendesk.tickets(id=ticket.id)
expect("show", shown.subject == "Printer on fire")

stale = Ticket(id=ticket.id, priority="low", safe_update=True, updated_stamp="2020-01-01T00:00:00Z")
try:
    zendesk.tickets.update(stale)
    sys.exit("zenpy: a stale update went through")
except APIException as error:
    expect("update conflict", error.response.status_code == 409 and error.response.json()["error"] == "UpdateConflict")

stream = zendesk.tickets.incremental(start_time=int(time.time()) - 3600, paginate_by_time=False)
expect("incremental", [each.id for each in stream] == [ticket.id] and stream.after_cursor)
again = zendesk.tickets.incremental(cursor=stream.after_cursor, paginate_by_time=False)
expect("incremental again", list(again) == [])

job = zendesk.tickets.create([Ticket(subject=f"no {n}", description="Many.") for n in range(3)])
while job.status not in ("completed", "failed", "killed"): job = zendesk.job_status(id=job.id)
expect("create many", job.status == "completed" and len(job.results) == 3)
expect("list", len(list(zendesk.tickets())) == 4)

try:
    zendesk.tickets.create(Ticket(subject="nothing said"))
    sys.exit("zenpy: a ticket without a word went through")
except APIException as error:
    expect("invalid", error.response.status_code == 422 and error.response.json()["error"] == "RecordInvalid")
try:
    zendesk.tickets(id=999_999)
    sys.exit("zenpy: a ticket that is not there was found")
except RecordNotFoundException:
    pass
zendesk.tickets.delete(ticket)
expect("search lags", list(zendesk.search("external_id:atom*", type="ticket")) == [])
print(f"ok: {calls} calls")
