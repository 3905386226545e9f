"""Follow-ups and notifications on three workers that are killed with -9: each is sent once, in time, or not at all.

A rule finds tasks that nobody updates and mails a contact about each; others are cancelled, escalated and answered
meanwhile; what falls into somebody's quiet hours waits for their end. At last Redis is emptied, and what waits in it
comes all the same. The mail server writes down each letter.
"""
import datetime, random, time

from house import LOOPBACK, ROOT, Child, answers, claim, free_port, play, until
from receivers import Letters

LEASE_S = 2
EVERY_MINUTES = 0.02
RULES = "/api/follow-up-rules"


class Place:
    """One Atom with a mail server and three workers, and what is asked of it."""

    def __init__(self, site):
        self.site, self.letters = site, Letters(site.folder / "letters")
        port = free_port()
        site.children.append(Child(
            ["/usr/bin/python3", ROOT / "Tests/System/smtpd.py", port, self.letters.path], site.folder / "smtpd.log"))
        until(lambda: answers(port), 30, "the mail server does not answer")
        site.environment |= {
            "ATOM_LEASE_SECONDS": str(LEASE_S), "ATOM_SMTP_URL": f"smtp://{LOOPBACK}:{port}?security=clear"}
        site.start_api()
        self.workers = [site.start_worker() for _ in range(3)]
        self.caller, self.kills = site.caller(), 0
        self.user = site.sql("select id, workspace_id from users limit 1")[0]

    def make(self, path, **fields):
        answer = self.caller.post(path, fields)
        if answer.status not in (201, 202):
            raise RuntimeError(f"{path} is answered with {answer.status} {answer.json}")
        return answer.json

    def contact(self, name):
        return self.make("/api/communications/contacts", name=name, emails=[f"{name}@example.org"])

    def follow_up(self, id):
        return self.caller.get(f"/api/follow-ups/{id}").json

    def follow_ups(self, rule):
        return self.caller.get(f"/api/follow-ups?rule_id={rule}&limit=200").json["follow_ups"]

    def await_status(self, id, status, seconds=30):
        until(lambda: self.follow_up(id)["status"] == status, seconds,
              lambda: f"the follow-up is {self.follow_up(id)}", every=0.1)
        return self.follow_up(id)

    def kill_one(self):
        """Kills a worker in whatever it does, and puts another in its place."""
        index = random.randrange(len(self.workers))
        self.workers[index].kill()
        self.workers[index] = self.site.start_worker()
        self.kills += 1

    def scans(self, rule):
        return self.site.sql(f"select coalesce(scanned_at, 0) from follow_up_rules where id = '{rule}'")[0][0]


def sleeper(place):
    """Somebody whose quiet hours go on for a minute or so; the follow-up for them, and when it may come."""
    now = datetime.datetime.now(datetime.timezone.utc).replace(second=0, microsecond=0)
    ends = now + datetime.timedelta(minutes=1 if time.time() % 60 < 45 else 2)
    begins = ends - datetime.timedelta(hours=8)
    workspace, id = place.user[1], "01" + "S" * 24
    place.site.sql(
        "insert into accounts (id, email, name, password_hash, time_zone, locale, notification_channels, quiet_from, "
        f"quiet_to, created_at, updated_at, version) values ('{id}', 'sleeper@example.org', 'sleeper', '', 'UTC', "
        f"'en', '[\"email\"]', '{begins:%H:%M}', '{ends:%H:%M}', 0, 0, 1)")
    place.site.sql(
        "insert into users (id, workspace_id, email, name, role, created_at, account_id) values "
        f"('{id}', '{workspace}', 'sleeper@example.org', 'sleeper', 'member', 0, '{id}')")
    calm = place.make("/api/follow-ups", user_id=id, subject="wait for the morning", body="Good morning.")
    place.make("/api/follow-ups", user_id=id, subject="do not wait", body="Fire!", urgent=True)
    return calm["id"], ends.timestamp()


def rule(place, count):
    """A rule, three workers that look and are killed meanwhile: one letter a task."""
    ada = place.contact("ada")
    titles = [f"stale {number}" for number in range(count)]
    for title in titles:
        place.make("/api/tasks", title=title)
    # Only those older than some seconds are stale, so that the last of them are found by later looks.
    made = place.make(
        RULES, name="Stale", kind="stale", after_hours=3 / 3_600, every_minutes=EVERY_MINUTES, contact_id=ada["id"],
        subject="about {{title}}", cooldown_hours=0)
    began = time.monotonic()
    kills = 4 if place.site.short else 12
    for _ in range(kills):
        time.sleep(random.uniform(0.3, 0.9))
        place.kill_one()
    until(lambda: len(place.follow_ups(made["id"])) >= count, 60,
          lambda: f"{len(place.follow_ups(made['id']))} of {count} follow-ups", every=0.2)
    def are_told():
        return all(one["status"] == "sent" for one in place.follow_ups(made["id"])) and not waiting(place)
    until(are_told, 90, lambda: f"{waiting(place)} messages wait", every=0.2)
    looks, last = 0, place.scans(made["id"])
    while looks < 5:
        now = until(lambda: (found := place.scans(made["id"])) != last and found, 30, "the rule does not look again")
        looks, last = looks + 1, now
    found = place.follow_ups(made["id"])
    claim("a rule makes one follow-up a task, though three workers look again and again and are killed",
          len(found) == count and len({one["task_id"] for one in found}) == count,
          f"{len(found)} for {count} tasks, {place.kills} kills, {time.monotonic() - began:.0f} s")
    told = {title: place.letters.by_subject().get(f"about {title}", 0) for title in titles}
    lost = [title for title, times in told.items() if times == 0]
    unknown = int(place.site.sql("select count(*) from effects where state = 'unknown'")[0][0])
    rows = place.site.sql("select count(*), count(distinct task_id) from messages where subject like 'about %'")[0]
    claim("each is sent once; what was cut off in the middle of a letter is shown as unknown, and not sent again",
          max(told.values()) == 1 and len(lost) <= unknown and rows == [str(count)] * 2,
          f"{sum(told.values())} letters, {len(lost)} without, {unknown} unknown, {rows[0]} messages")
    place.caller.put(f"{RULES}/{made['id']}", enabled=False)


def waiting(place):
    return int(place.site.sql("select count(*) from messages where status = 'queued'")[0][0])


def cancelled(place):
    eve = place.contact("eve")
    task = place.make("/api/tasks", title="soon done")
    soon = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=4)
    made = place.make("/api/follow-ups", task_id=task["id"], contact_id=eve["id"], subject="never",
                      send_at=soon.isoformat())
    place.caller.put(f"/api/tasks/{task['id']}", status="done")
    ended = place.follow_up(made["id"])
    until(lambda: datetime.datetime.now(datetime.timezone.utc) > soon + datetime.timedelta(seconds=3), 20, "no time")
    claim("a follow-up is cancelled the moment its task is done, and nothing is sent at its time",
          ended["status"] == "cancelled" and ended["reason"] == "The task is done."
          and "never" not in place.letters.by_subject(), ended["status"])


def escalated(place):
    first, second = place.contact("first"), place.contact("second")
    made = place.make(
        "/api/follow-ups", contact_id=first["id"], subject="please answer", body="Well?",
        escalation=[{"after_minutes": 0.03, "contact_id": second["id"]}] + [{"after_minutes": 0.03}] * 9)
    def told():
        letters = [one for one in place.letters.all() if one["subject"] == "please answer"]
        return len(letters) >= 3 and letters
    until(told, 60, "it is not escalated", every=0.1)
    item = place.follow_up(made["id"])
    place.make("/api/communications/messages", channel="email", direction="in", from_address="second@example.org",
               subject="Re: please answer", body="Yes.", in_reply_to=item["last_message_id"])
    ended = place.follow_up(made["id"])
    until(lambda: not waiting(place), 30, "a message waits")
    count = len(told())
    time.sleep(5)  # Two more steps would have come by now.
    claim("it goes to the next person until a reply comes, and no further",
          ended["status"] == "answered" and len(told()) == count < 10, f"{count} letters, step {ended['step']}")


def acknowledged(place):
    place.make("/api/notification-escalations", name="All", kinds=["message"], repeats=20,
               steps=[{"after_minutes": 0.02}])
    place.make("/api/communications/messages/send", channel="in_app", to=[place.user[0]], subject="Look here",
               body="Now.")
    def told():
        news = place.caller.get("/api/notifications?limit=200").json["notifications"]
        return [one for one in news if one["title"] == "Look here"]
    until(lambda: len(told()) >= 3, 60, "it is not escalated", every=0.1)
    place.caller.post(f"/api/notifications/{told()[-1]['id']}/acknowledge")
    count = len(told())
    time.sleep(4)  # Three more would have come by now.
    claim("a notification is told again until somebody acknowledges it",
          len(told()) == count < 20 and all(one["acknowledged_at"] for one in told()), f"told {count} times")


def rested(place, id, ends):
    done = place.await_status(id, "sent", 150)
    sent = datetime.datetime.fromisoformat(done["sent_at"].replace("Z", "+00:00")).timestamp()
    until(lambda: "wait for the morning" in place.letters.by_subject(), 30, "the letter does not come")
    claim("what falls into quiet hours waits for their end, and what is urgent does not",
          0 <= sent - ends < 10 and place.letters.by_subject().get("do not wait") == 1,
          f"sent {sent - ends:.2f} s after they ended")


def lost(place):
    """Redis is emptied while a follow-up and the next step of an escalation wait in it for their time."""
    gus = place.contact("gus")
    place.make("/api/communications/messages/send", channel="in_app", to=[place.user[0]], subject="Look there",
               body="Now.")
    def told():
        news = place.caller.get("/api/notifications?limit=200").json["notifications"]
        return [one for one in news if one["title"] == "Look there"]
    until(lambda: len(told()) >= 2, 60, "it is not escalated", every=0.1)
    soon = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=8)
    made = place.make("/api/follow-ups", contact_id=gus["id"], subject="after the fire", send_at=soon.isoformat())
    def lies_in_redis():
        with place.site.link() as link:
            return link("HEXISTS", place.site.key("jobs"), made["job_id"])
    until(lambda: lies_in_redis() and not waiting(place), 30, "the job does not reach Redis", every=0.05)
    with place.site.link() as link:
        link("FLUSHALL")
    was_lost, before = not lies_in_redis(), len(told())
    place.await_status(made["id"], "sent", 90)
    until(lambda: "after the fire" in place.letters.by_subject(), 30, "the letter does not come")
    until(lambda: len(told()) > before + 1, 90, "the escalation does not go on", every=0.1)
    place.caller.post(f"/api/notifications/{told()[-1]['id']}/acknowledge")
    late = (datetime.datetime.now(datetime.timezone.utc) - soon).total_seconds()
    claim("what waits in a Redis that is emptied comes all the same, once",
          was_lost and place.letters.by_subject()["after the fire"] == 1 and len(told()) <= 22,
          f"{late:.0f} s after its time at most, told {len(told())} times")


def followups(site):
    place = Place(site)
    id, ends = sleeper(place)
    rule(place, 30 if site.short else 150)
    cancelled(place)
    escalated(place)
    acknowledged(place)
    rested(place, id, ends)
    lost(place)
    twice = {subject: times for subject, times in place.letters.by_subject().items()
             if times > 1 and subject != "please answer"}
    claim("no letter came twice", not twice, f"{len(place.letters.all())} letters")


if __name__ == "__main__":
    play(followups, 400)
