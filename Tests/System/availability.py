"""Compares the free slots the API finds with those found by looking at every minute of random calendars.

The calendars are real events of a running API: single ones and series, tentative, cancelled and free ones, people who
declined. The reference shares no thought with the Swift code: for each slot it asks Python's zoneinfo what the clock of
each person shows in each minute, and whether that minute is one of work and free of events.
"""
import datetime, random, urllib.parse, zoneinfo

from house import claim, play
from recurrence import SECOND, UTC, read, stamp

MINUTE = 60 * SECOND
ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Chatham"]
DAYS = {"mon-fri": range(5), "sat,sun,mon": (5, 6, 0), "fri-mon": (4, 5, 6, 0), "wed": (2,), "mon-sun": range(7)}
HOURS = {"09:00-17:00": (540, 1020), "00:00-24:00": (0, 1440), "22:00-06:00": (1320, 360), "01:30-03:15": (90, 195)}
BEGINS = [datetime.datetime(2026, 3, 27, 20, tzinfo=UTC), datetime.datetime(2026, 10, 23, 5, 10, tzinfo=UTC),
          datetime.datetime(2026, 4, 3, 12, 7, tzinfo=UTC), datetime.datetime(2027, 1, 4, tzinfo=UTC)]


class Meeting:
    """A random event with the times that it takes."""

    def __init__(self, dice, begin, people):
        self.start = begin + dice.randint(-300, 5_000) * MINUTE
        self.end = self.start + dice.randint(1, 400) * MINUTE
        self.days = dice.randint(2, 6) if dice.random() < 0.25 else 1
        self.status = dice.choice(["confirmed", "confirmed", "tentative", "cancelled"])
        self.busy = dice.random() < 0.85
        self.people = [(person, dice.choice(["accepted", "needs_action", "declined"]))
                       for person in dice.sample(people, dice.randint(1, len(people)))]

    @property
    def fields(self):
        fields = {"title": "Busy", "starts_at": stamp(self.start), "ends_at": stamp(self.end), "busy": self.busy,
                  "status": self.status,
                  "attendees": [{"email": email, "reply": reply} for email, reply in self.people]}
        return fields | ({"rrule": f"FREQ=DAILY;COUNT={self.days}"} if self.days > 1 else {})

    def times(self, person):
        """When it keeps the person from anything else."""
        if not self.busy or self.status == "cancelled" or dict(self.people).get(person, "declined") == "declined":
            return []
        # Without a zone of its own the series is meant in universal time.
        step = datetime.timedelta(days=1)
        return [(self.start + number * step, self.end + number * step) for number in range(self.days)]


class Question:
    """What is asked for, and the answer by looking at every minute."""

    def __init__(self, dice, people):
        self.people = people
        self.begin = dice.choice(BEGINS)
        self.end = self.begin + dice.randint(60, 4_000) * MINUTE
        self.duration, self.step = dice.choice([15, 30, 45, 90]), dice.choice([5, 15, 30, 60])
        self.buffer = dice.choice([0, 0, 10, 25])
        self.zone, self.hours, self.days = dice.choice(ZONES), dice.choice(list(HOURS)), dice.choice(list(DAYS))

    @property
    def path(self):
        return "/api/calendar/availability?" + urllib.parse.urlencode({
            "people": ",".join(self.people), "from": stamp(self.begin), "to": stamp(self.end),
            "duration_minutes": self.duration, "step_minutes": self.step, "buffer_minutes": self.buffer,
            "zone": self.zone, "working_hours": self.hours, "days": self.days, "limit": 1_000})

    def expected(self, meetings):
        count = int((self.end - self.begin) / MINUTE)
        zone = zoneinfo.ZoneInfo(self.zone)
        walls = [(self.begin + number * MINUTE).astimezone(zone) for number in range(count)]
        good = [self.works(wall) for wall in walls]
        taken = self.taken(meetings, count)
        slots = []
        for number, wall in enumerate(walls):
            if number + self.duration > count or (wall.hour * 60 + wall.minute) % self.step:
                continue
            wide = range(number - self.buffer, number + self.duration + self.buffer)
            if all(good[number:number + self.duration]) and not taken.intersection(wide):
                slots.append(self.begin + number * MINUTE)
        return slots

    def works(self, wall):
        minute, (start, end), days = wall.hour * 60 + wall.minute, HOURS[self.hours], DAYS[self.days]
        if start < end:
            return wall.weekday() in days and start <= minute < end
        return wall.weekday() in days and minute >= start or (wall.weekday() - 1) % 7 in days and minute < end

    def taken(self, meetings, count):
        """The minutes, counted from the beginning, in which somebody is busy."""
        minutes = set()
        for meeting in meetings:
            for person in self.people:
                for start, end in meeting.times(person):
                    first, last = (int((time - self.begin) / MINUTE) for time in (start, end))
                    minutes.update(range(max(first, -60), min(last, count + 60)))
        return minutes


def availability(site):
    site.start_api()
    caller, dice = site.caller(), random.Random(9)
    wrong, slots, count = [], 0, 50 if site.short else 500
    for number in range(count):
        people = [f"p{person}@calendar{number}.example" for person in range(dice.randint(1, 4))]
        question = Question(dice, people)
        meetings = [Meeting(dice, question.begin, people) for _ in range(dice.randint(0, 12))]
        made = []
        for meeting in meetings:
            answer = caller.post("/api/calendar/events", meeting.fields)
            if answer.status != 201:
                raise RuntimeError(f"{answer.status} {answer.json}")
            made.append(answer.json["id"])
        answer = caller.get(question.path)
        if answer.status != 200:
            raise RuntimeError(f"{answer.status} {answer.json}")
        found = [read(slot["starts_at"]) for slot in answer.json["slots"]]
        slots += len(found)
        if found != question.expected(meetings):
            wrong.append((number, question.path))
        for event in made:
            caller.ask("DELETE", f"/api/calendar/events/{event}")
    claim("free slots are those that a look at every minute finds", not wrong,
          f"{count} random calendars, {slots} slots"
          + (f"; wrong: {len(wrong)}, such as {wrong[:3]}" if wrong else ""))


if __name__ == "__main__":
    play(availability, 900)
