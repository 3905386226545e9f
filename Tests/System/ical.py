"""Reads the calendar's files with PyPI's icalendar, and takes in what that library writes.

Random events go in over the API; the library must read each property of the export as it was sent, and the import of a
file that the library wrote must make the same events.
"""
import datetime, json, random, urllib.request, zoneinfo

import icalendar

from house import LOOPBACK, KEY, claim, play
from recurrence import FREQUENCIES, UTC, Rule, moment, read, stamp

TEXTS = ["Plain", "a,b;c\\d", "Zwei\nZeilen ÄÖÜ €", "long 😀 words " * 20, "\"quoted\" ^n"]


def fetch(site, path, body=None):
    """An answer's bytes."""
    headers = {"Authorization": f"Bearer {KEY}"} | ({"Content-Type": "text/calendar"} if body else {})
    request = urllib.request.Request(f"http://{LOOPBACK}:{site.port}{path}", body, headers)
    with urllib.request.urlopen(request, timeout=120) as reply:
        return reply.read()


def random_fields(dice):
    rule = Rule(dice, dice.choice(FREQUENCIES[:5]))
    return rule.fields | {
        "title": dice.choice(TEXTS), "description": dice.choice(TEXTS), "location": dice.choice(["", "Here; there"]),
        "status": dice.choice(["confirmed", "tentative"]), "busy": dice.random() < 0.5,
        "attendees": [{"email": "ada@example.org", "name": dice.choice(TEXTS[:2]), "reply": "accepted"}],
        "reminders": [{"minutes_before": 15}]}


def read_export(site, caller):
    dice, made, wrong = random.Random(3), {}, []
    while len(made) < (50 if site.short else 300):
        fields = random_fields(dice)
        answer = caller.post("/api/calendar/events", fields)
        if answer.status == 201:
            made[answer.json["uid"]] = answer.json
    calendar = icalendar.Calendar.from_ical(fetch(site, "/api/calendar/export.ics"))
    found = {str(event["UID"]): event for event in calendar.walk("VEVENT")}
    for uid, event in made.items():
        problems = list(differences(event, found.get(uid)))
        if problems:
            wrong.append((event["rrule"], event["starts_at"], problems))
    zones = {str(zone["TZID"]) for zone in calendar.walk("VTIMEZONE")}
    named = {event["time_zone"] for event in made.values()} - {"UTC"}
    claim("PyPI's icalendar reads what the calendar exports", not wrong and set(found) == set(made) and zones == named,
          f"{len(made)} events, {len(zones)} zones" + (f"; wrong: {len(wrong)}, such as {wrong[:3]}" if wrong else ""))


def differences(event, found):
    """The properties in which an event of the file is not the event of the API."""
    if found is None:
        yield "missing"
        return
    texts = {"title": "SUMMARY", "description": "DESCRIPTION", "location": "LOCATION"}
    for field, name in texts.items():
        if str(found.get(name, "")) != event[field]:
            yield name
    for field, name in {"starts_at": "DTSTART", "ends_at": "DTEND"}.items():
        if found.decoded(name).astimezone(UTC) != read(event[field]):
            yield name
    rule = ";".join(sorted(found["RRULE"].to_ical().decode().split(";")))
    if rule != ";".join(sorted(event["rrule"].split(";"))):
        yield "RRULE"
    person = found["ATTENDEE"]
    if str(person) != "mailto:ada@example.org" or person.params["PARTSTAT"] != "ACCEPTED":
        yield "ATTENDEE"
    if found.walk("VALARM")[0].decoded("TRIGGER") != datetime.timedelta(minutes=-15):
        yield "TRIGGER"


def take_import(site, caller):
    calendar, zone = icalendar.Calendar(), zoneinfo.ZoneInfo("Europe/Berlin")
    calendar.add("prodid", "-//Somebody else//EN")
    calendar.add("version", "2.0")
    wanted = {}
    for number in range(100):
        event = icalendar.Event()
        start = datetime.datetime(2031, 3, 25, 9) + number * datetime.timedelta(hours=7)
        event.add("uid", f"{number}@elsewhere")
        event.add("summary", TEXTS[number % len(TEXTS)])
        event.add("dtstart", start.replace(tzinfo=zone))
        event.add("dtend", start.replace(tzinfo=zone) + datetime.timedelta(minutes=30))
        event.add("dtstamp", datetime.datetime(2031, 1, 1, tzinfo=UTC))
        event.add("rrule", {"freq": "daily", "count": 3})
        calendar.add_component(event)
        wanted[f"{number}@elsewhere"] = (TEXTS[number % len(TEXTS)], stamp(moment(start, zone)))
    calendar.add_missing_timezones()
    body = calendar.to_ical()
    first = json.loads(fetch(site, "/api/calendar/import", body))
    again = json.loads(fetch(site, "/api/calendar/import", body))
    file = icalendar.Calendar.from_ical(fetch(site, "/api/calendar/export.ics"))
    found = {str(event["UID"]): (str(event["SUMMARY"]), stamp(event.decoded("DTSTART"))) for event in file.walk("VEVENT")}
    same = all(found.get(uid) == event for uid, event in wanted.items())
    claim("what PyPI's icalendar writes is taken in, once", first["created"] == 100 and again["unchanged"] == 100 and same,
          f"{first['created']} created, then {again['unchanged']} unchanged, {first['refused']} refused")


def ical(site):
    site.start_api()
    caller = site.caller()
    read_export(site, caller)
    take_import(site, caller)


if __name__ == "__main__":
    play(ical, 300)
