"""Compares the instances of events in the calendar with python-dateutil, which expands each rule in floating time.

Each of the random rules becomes an event over the API; its instances are asked for as any caller asks, and the local
times dateutil finds without a zone become moments by asking Python's zoneinfo. Then series are cut in two at a random
instance, and the two halves must hold what the whole held.
"""
import collections, datetime, random, urllib.parse, zoneinfo

from dateutil import rrule

from house import claim, play

UTC, SECOND, DAY = datetime.timezone.utc, datetime.timedelta(seconds=1), datetime.timedelta(days=1)
ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "America/Sao_Paulo",
         "Pacific/Chatham", "Africa/Casablanca"]
FREQUENCIES = ["YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY", "MINUTELY", "SECONDLY"]
DAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]


def stamp(moment):
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def read(text):
    return datetime.datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)


def moment(wall, zone):
    """What RFC 5545 says a local time is: the first of two, and the offset before a gap for a time within it."""
    return wall.replace(tzinfo=zone, fold=0).astimezone(UTC)


class Rule:
    """A random rule: its text, where it begins, and how long one looks at it."""

    def __init__(self, dice, frequency):
        self.dice, self.frequency = dice, frequency
        self.zone_name = dice.choice(ZONES)
        self.zone = zoneinfo.ZoneInfo(self.zone_name)
        self.start = self.begin()
        self.parts = [f"FREQ={frequency}"]
        self.add_parts()
        self.text = ";".join(self.parts)
        self.exdates = []

    def begin(self):
        """Often a few days before the clocks change."""
        if self.dice.random() < 0.6:
            day = self.dice.choice([datetime.datetime(2026, 3, 27), datetime.datetime(2026, 3, 6),
                                    datetime.datetime(2026, 10, 24), datetime.datetime(2026, 4, 2),
                                    datetime.datetime(2026, 10, 30), datetime.datetime(2026, 2, 13)])
            return day + datetime.timedelta(hours=self.dice.randint(0, 4), minutes=self.dice.choice([0, 15, 30, 45]))
        return datetime.datetime(2025, 1, 1) + self.dice.randint(0, 700 * 1_440) * 60 * SECOND

    def some(self, low, high, most=3):
        count = self.dice.randint(1, most)
        return ",".join(map(str, sorted(self.dice.sample(range(low, high + 1), count))))

    def add_parts(self):
        dice, frequency, chance = self.dice, self.frequency, self.dice.random
        steps = {"HOURLY": [1, 2, 3, 4, 6, 12], "MINUTELY": [1, 5, 15, 20, 30], "SECONDLY": [15, 30, 20]}
        if chance() < 0.6 or frequency == "SECONDLY":
            self.parts.append(f"INTERVAL={dice.choice(steps.get(frequency, [1, 2, 3, 4, 5]))}")
        if chance() < 0.25:
            self.parts.append(f"BYMONTH={self.some(1, 12)}")
        if chance() < 0.25 and frequency != "WEEKLY":
            self.parts.append(f"BYMONTHDAY={dice.choice([self.some(1, 31), '-1', '-2,15', '31', '1,29,-3'])}")
        self.add_days()
        if not any(part.startswith("BYSETPOS") for part in self.parts):
            self.add_times()
        if chance() < 0.2:
            self.parts.append(f"WKST={dice.choice(DAYS)}")
        self.add_end()

    def add_days(self):
        dice, frequency, chance = self.dice, self.frequency, self.dice.random
        if chance() < 0.4:
            is_long = frequency in ("MONTHLY", "YEARLY")
            count = dice.choice(["", "1", "2", "-1", "-2"]) if is_long else ""
            self.parts.append("BYDAY=" + ",".join(count + day for day in dice.sample(DAYS, dice.randint(1, 4))))
            if is_long and chance() < 0.4:
                self.parts.append(f"BYSETPOS={dice.choice(['1', '-1', '2', '1,-1'])}")
        elif frequency == "YEARLY" and len(self.parts) < 3 and chance() < 0.6:
            if chance() < 0.5:
                self.parts.append(f"BYYEARDAY={dice.choice([self.some(1, 366), '-1', '100,-100'])}")
            else:
                days = ",".join(dice.sample(DAYS, dice.randint(1, 3)))
                self.parts += [f"BYWEEKNO={dice.choice([self.some(1, 53), '-1', '20'])}", f"BYDAY={days}"]

    def add_times(self):
        chance = self.dice.random
        if chance() < 0.3:
            self.parts.append(f"BYHOUR={self.dice.choice([self.some(0, 23), '1,2,3', '0,2'])}")
        if chance() < 0.2:
            self.parts.append(f"BYMINUTE={self.some(0, 59)}")
        if chance() < 0.1:
            self.parts.append(f"BYSECOND={self.some(0, 59)}")

    def add_end(self):
        kind = self.dice.random()
        if kind < 0.25:
            self.parts.append(f"COUNT={self.dice.randint(1, 60)}")
        elif kind < 0.5:
            until = self.start + self.dice.randint(1, 500) * DAY
            self.parts.append(f"UNTIL={until:%Y%m%dT%H%M%SZ}")

    @property
    def window(self):
        length = {"SECONDLY": 0.25, "MINUTELY": 3, "HOURLY": 40}.get(self.frequency, 900)
        begin = self.start - DAY + self.dice.choice([0, 0, length / 2]) * DAY
        return [moment(wall, self.zone) for wall in (begin, begin + length * DAY)]

    def walls(self, end):
        """The local times up to `end`; UNTIL in universal time is first made local, as dateutil has no zone."""
        text = self.text
        if "UNTIL=" in text:
            head, until = text.split("UNTIL=")
            local = datetime.datetime.strptime(until[:16], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC).astimezone(self.zone)
            text = f"{head}UNTIL={local:%Y%m%dT%H%M%S}"
        elif "COUNT=" not in text:
            text += ";UNTIL=21991231T235959"
        for wall in rrule.rrulestr(text, dtstart=self.start):
            if wall > end:
                return
            yield wall

    def expected(self, window):
        local = window[1].astimezone(self.zone).replace(tzinfo=None) + DAY
        moments = {moment(wall, self.zone) for wall in self.walls(local)} - set(self.exdates)
        return sorted(found for found in moments if window[0] - 30 * 60 * SECOND < found < window[1])

    @property
    def fields(self):
        start = moment(self.start, self.zone)
        return {"title": self.text, "starts_at": stamp(start), "ends_at": stamp(start + 30 * 60 * SECOND),
                "time_zone": self.zone_name, "rrule": self.text, "exdates": list(map(stamp, self.exdates))}


class Comparison:
    """Asks for the instances of random rules and counts what came of it."""

    def __init__(self, calendar, seed):
        self.calendar, self.dice = calendar, random.Random(seed)
        self.counts, self.wrong, self.refused = collections.Counter(), [], collections.Counter()

    def compare(self, number):
        rule = Rule(self.dice, FREQUENCIES[number % len(FREQUENCIES)])
        window = rule.window
        try:
            expected = rule.expected(window)
        except ValueError:
            # An interval that steps over all of a BY part is no rule for dateutil.
            return False
        if len(expected) > 1 and self.dice.random() < 0.4:
            rule.exdates = self.dice.sample(expected, min(len(expected) - 1, self.dice.randint(1, 5)))
            expected = rule.expected(window)
        found = self.calendar.instances(rule.fields, window)
        if isinstance(found, str):
            self.refused[found[-60:]] += 1
            if "never fires" in found and next(rule.walls(datetime.datetime(2199, 1, 1)), None):
                self.wrong.append((rule.text, str(rule.start), "never fires"))
            return False
        self.counts[rule.zone_name] += 1
        self.counts["instances"] += len(found)
        if found != expected:
            self.wrong.append((rule.text, rule.zone_name, str(rule.start), list(map(stamp, window)),
                               sorted(map(stamp, set(found) ^ set(expected)))[:4]))
        return True


class Events:
    """The calendar of a running API."""

    def __init__(self, caller):
        self.caller = caller

    def create(self, fields):
        """The event, or why it is refused."""
        answer = self.caller.post("/api/calendar/events", fields)
        return answer.json if answer.status == 201 else answer.json["detail"]

    def starts(self, event, window):
        """The starts in order; a time that holds too many for one answer is asked for in halves."""
        query = urllib.parse.urlencode({"from": stamp(window[0]), "to": stamp(window[1])})
        answer = self.caller.get(f"/api/calendar/events/{event['id']}/instances?{query}")
        if answer.status == 400 and "more than" in answer.json["detail"]:
            middle = (window[0] + (window[1] - window[0]) / 2).replace(microsecond=0)
            halves = self.starts(event, [window[0], middle]), self.starts(event, [middle, window[1]])
            return sorted({*halves[0], *halves[1]})
        if answer.status != 200:
            raise RuntimeError(f"{answer.status} {answer.json}")
        return [read(instance["starts_at"]) for instance in answer.json["instances"]]

    def delete(self, event):
        answer = self.caller.ask("DELETE", f"/api/calendar/events/{event['id']}")
        if answer.status != 204:
            raise RuntimeError(f"not deleted: {answer.status} {answer.json}")

    def instances(self, fields, window):
        event = self.create(fields)
        if isinstance(event, str):
            return event
        found = self.starts(event, window)
        self.delete(event)
        return found

    def cut(self, event, at):
        """Changes an instance and those behind it; the event they are now."""
        query = urllib.parse.urlencode({"scope": "following", "recurrence_id": stamp(at)})
        answer = self.caller.ask("PUT", f"/api/calendar/events/{event['id']}?{query}", {"title": "The rest"})
        if answer.status != 200:
            raise RuntimeError(f"{answer.status} {answer.json}")
        return answer.json


def compare_rules(site, events):
    count, comparison, number, done = 200 if site.short else 2_000, Comparison(events, seed=5), 0, 0
    while done < count:
        done += comparison.compare(number)
        number += 1
    counts, wrong = comparison.counts, comparison.wrong
    zones = sum(1 for zone in ZONES if counts[zone])
    claim("events take place when dateutil says, expanded in floating time", not wrong,
          f"{done} rules of {len(FREQUENCIES)} frequencies in {zones} zones, {counts['instances']} instances, "
          f"{sum(comparison.refused.values())} that never fire refused"
          + (f"; wrong: {len(wrong)}, such as {wrong[:4]}" if wrong else ""))


def cut_series(site, events):
    dice, wrong, done = random.Random(6), [], 0
    while done < (40 if site.short else 400):
        rule = Rule(dice, dice.choice(FREQUENCIES[:5]))
        window = [moment(rule.start, rule.zone) - DAY, moment(rule.start, rule.zone) + 400 * DAY]
        if rule.frequency == "HOURLY":
            window[1] = window[0] + 60 * DAY
        event = events.create(rule.fields)
        if isinstance(event, str):
            continue
        whole = events.starts(event, window)
        if len(whole) > 2:
            at = dice.choice(whole[1:])
            rest = events.cut(event, at)
            halves = events.starts(event, window), events.starts(rest, window)
            if halves != ([start for start in whole if start < at], [start for start in whole if start >= at]):
                wrong.append((rule.text, rule.zone_name, str(rule.start), stamp(at)))
            events.delete(rest)
            done += 1
        events.delete(event)
    claim("a series that is cut at any instance takes place as before", not wrong,
          f"{done} series" + (f"; wrong: {len(wrong)}, such as {wrong[:4]}" if wrong else ""))


def recurrence(site):
    site.start_api()
    events = Events(site.caller())
    compare_rules(site, events)
    cut_series(site, events)


if __name__ == "__main__":
    play(recurrence, 900)
