"""Compares `atom schedules preview` with croniter, dateutil and the documented rule, around every clock change.

Nothing here shares a thought with the Swift code: a pattern is expanded to local times without a zone (croniter and
dateutil do that well), and each local time becomes moments by asking Python's zoneinfo for both of its readings.
"""
import collections, datetime, json, random, re, subprocess, zoneinfo

from croniter import croniter
from dateutil import rrule, tz

from house import claim

CRONS = ["30 2 * * *", "0 0 * * *", "*/15 * * * *", "0 9 * * 1-5", "10,40 0-3 * * SUN,SAT", "*/20 30 1-3 * * *"]
RULES = ["FREQ=DAILY", "FREQ=MINUTELY;INTERVAL=20", "FREQ=MONTHLY;BYDAY=-1SU,-1FR,1SU",
         "FREQ=WEEKLY;BYDAY=SA,SU,TH;BYHOUR=0,1,2,3;BYMINUTE=5,30"]
GAPS, OVERLAPS = ("next", "skip", "shift"), ("first", "second", "both")
# The rule of croniter, the rule of RFC 5545, and a third that has nothing in common with them.
MODES = [("next", "both"), ("shift", "first"), ("skip", "second")]
HOUR, DAY = datetime.timedelta(hours=1), datetime.timedelta(days=1)
SECOND = datetime.timedelta(seconds=1)
UTC = datetime.timezone.utc
FIRST, LAST = datetime.datetime(2024, 1, 1, tzinfo=UTC), datetime.datetime(2031, 1, 1, tzinfo=UTC)


def offset(zone, moment):
    return moment.astimezone(zone).utcoffset()


def transitions(zone):
    """(moment, offset before, offset behind) of each change of the offset from 2024 to 2030."""
    moment, before = FIRST, offset(zone, FIRST)
    while moment < LAST:
        later = min(moment + DAY, LAST)
        if offset(zone, later) != before:
            low, high = moment, later
            while high - low > SECOND:
                middle = (low + (high - low) / 2).replace(microsecond=0)
                low, high = (middle, high) if offset(zone, middle) == before else (low, middle)
            yield high, before, offset(zone, high)
            before = offset(zone, high)
        moment = later


def windows():
    """(zone name, change) for each zone and change; a zone that never changes is looked at once."""
    for name in sorted(zoneinfo.available_timezones()):
        zone = zoneinfo.ZoneInfo(name)
        quiet = datetime.datetime(2026, 3, 29, 1, tzinfo=UTC)
        yield from ((name, change) for change in
                    list(transitions(zone)) or [(quiet, offset(zone, quiet), offset(zone, quiet))])


class Pattern:
    """One of the ten patterns, within 26 hours of a change."""

    def __init__(self, text):
        self.text, self.is_rule = text, text.startswith("FREQ")

    def start(self, change):
        local = (change[0] + change[1]).replace(tzinfo=None) - 2 * DAY
        return local.replace(hour=2, minute=30, second=0)

    def spec(self, name, change, gap, overlap):
        spec = {"zone": name, "gap": gap, "overlap": overlap, "from": stamp(change[0] - 26 * HOUR),
                "until": stamp(change[0] + 26 * HOUR)}
        if self.is_rule:
            return spec | {"rrule": self.text, "dtstart": self.start(change).isoformat()}
        return spec | {"cron": self.text}

    def walls(self, change):
        """The local times of the pattern, as its library finds them without any zone."""
        begin = (change[0] + min(change[1:])).replace(tzinfo=None) - 30 * HOUR
        end = (change[0] + max(change[1:])).replace(tzinfo=None) + 30 * HOUR
        if self.is_rule:
            found = rrule.rrulestr(self.text, dtstart=self.start(change)).xafter(begin, inc=True)
        else:
            found = naive_cron(self.text, begin)
        walls = []
        for wall in found:
            if wall > end:
                break
            walls.append(wall)
        return walls


def naive_cron(text, begin):
    walk = croniter(text, begin - SECOND, second_at_beginning=True)
    while True:
        yield walk.get_next(datetime.datetime)


def stamp(moment):
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def inside(change, moments):
    """What lies strictly behind the window's beginning and before its end, in order and once."""
    begin, end = change[0] - 26 * HOUR, change[0] + 26 * HOUR
    return sorted({moment for moment in moments if begin < moment < end})


def documented(zone, change, walls, gap, overlap):
    """The firings by the rule Atom documents, from the two readings zoneinfo has of each local time."""
    moments = []
    for wall in walls:
        readings = sorted({wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)})
        real = [moment for moment in readings if moment.astimezone(zone).replace(tzinfo=None) == wall]
        if real:
            moments += {"first": real[:1], "second": real[-1:], "both": real}[overlap]
        elif gap == "next":
            moments.append(change[0])
        elif gap == "shift":
            # PEP 495: fold 0 reads a skipped time with the offset from before the gap.
            moments.append(wall.replace(tzinfo=zone, fold=0).astimezone(UTC))
    return inside(change, moments)


def by_croniter(pattern, zone, change):
    walk = croniter(pattern.text, (change[0] - 26 * HOUR).astimezone(zone), second_at_beginning=True)
    moments = []
    while not moments or moments[-1] < change[0] + 26 * HOUR:
        moments.append(walk.get_next(datetime.datetime).astimezone(UTC))
    return inside(change, moments)


def by_dateutil(pattern, name, change):
    zone = tz.gettz(name)
    return inside(change, [tz.resolve_imaginary(wall.replace(tzinfo=zone)).astimezone(UTC)
                           for wall in pattern.walls(change)])


class Preview:
    """`atom schedules preview --stdin`, asked one line at a time."""

    def __init__(self, atom):
        self.process = subprocess.Popen([str(atom), "schedules", "preview", "--stdin"], text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def ask(self, spec):
        self.process.stdin.write(json.dumps(spec) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def firings(self, spec):
        answer = self.ask(spec)
        return answer if isinstance(answer, dict) else [
            datetime.datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC) for text in answer]

    def close(self):
        self.process.stdin.close()
        self.process.wait(10)


def around_changes(atom, is_short):
    """Every zone, every change from 2024 to 2030, ten patterns."""
    preview, wrong, count = Preview(atom), [], collections.Counter()
    others = {"croniter": {}, "dateutil": {}}
    expected, changes = {}, list(windows())
    for name, change in changes[::12] if is_short else changes:
        zone = zoneinfo.ZoneInfo(name)
        for pattern in map(Pattern, CRONS + RULES):
            # Zones that change alike fire alike; what the slow libraries say is worked out once for them.
            key = (pattern.text, *change)
            if key not in expected:
                walls = pattern.walls(change)
                peer = by_dateutil(pattern, name, change) if pattern.is_rule else by_croniter(pattern, zone, change)
                modes = [(gap, overlap) for gap in GAPS for overlap in OVERLAPS]
                expected[key] = {mode: documented(zone, change, walls, *mode) for mode in modes} | {"peer": peer}
                asked = modes
            else:
                asked = MODES
            for mode in asked:
                firings = preview.firings(pattern.spec(name, change, *mode))
                count["windows"] += 1
                count["firings"] += len(firings)
                if firings != expected[key][mode]:
                    wrong.append((name, pattern.text, mode, change[0].isoformat()))
            library, mode = ("dateutil", MODES[1]) if pattern.is_rule else ("croniter", MODES[0])
            ours, theirs = expected[key][mode], expected[key]["peer"]
            count[library] += len(ours)
            if ours != theirs:
                others[library].setdefault(pattern.text, []).append((name, change, ours, theirs))
    preview.close()
    claim("around every clock change of every zone the firings are those of the documented rule", not wrong,
          f"{len(set(name for name, _ in changes))} zones, {count['windows']} windows, {count['firings']} firings"
          + (f"; wrong: {len(wrong)}, such as {wrong[:3]}" if wrong else ""))
    for library, found in others.items():
        report(library, found, count[library])


def report(library, found, total):
    """Claims that each difference from a library has a reason that is known."""
    reasons = collections.Counter()
    for pattern, cases in found.items():
        for name, change, ours, theirs in cases:
            reasons[reason(pattern, change, set(ours) - set(theirs), set(theirs) - set(ours))] += 1
    known = all("unknown" not in text for text in reasons)
    figures = "; ".join(f"{number} windows: {text}" for text, number in reasons.most_common()) or "no difference"
    claim(f"{library} finds the same where it follows that rule", known, f"{total} firings; {figures}")


def reason(pattern, change, ours, theirs):
    """Why a library differs, told from what only one side has."""
    moment, before, behind = change
    back = before - behind
    if theirs and not ours:
        return f"unknown: {pattern} at {stamp(moment)}: only they fire at {sorted(map(stamp, theirs))[:4]}"
    if ours and not theirs and back > datetime.timedelta(0) and all(
            moment <= firing < moment + back for firing in ours):
        return f"`{pattern}`: croniter leaves out times of the second passing when the clock is set back"
    return (f"unknown: {pattern} at {stamp(moment)}: we {sorted(map(stamp, ours))[:4]}, "
            f"they {sorted(map(stamp, theirs))[:4]}")


def random_cron(dice):
    """An expression of five or six fields, of the syntax that both sides read."""
    def field(low, high, words=()):
        kind = dice.random()
        number = lambda: dice.choice(words) if words and dice.random() < 0.3 else str(dice.randint(low, high))
        if kind < 0.35:
            return "*"
        if kind < 0.5:
            return f"*/{dice.randint(1, max(1, (high - low) // 2))}"
        if kind < 0.65:
            return ",".join(number() for _ in range(dice.randint(2, 4)))
        if kind < 0.8:
            first, last = sorted(dice.sample(range(low, high + 1), 2))
            return f"{first}-{last}" + (f"/{dice.randint(1, 5)}" if dice.random() < 0.4 else "")
        if kind < 0.85:
            return f"{dice.randint(low, high)}-{dice.randint(low, high)}"
        return number()
    months = "JAN feb Mar APR MAY JUN jul AUG SEP OCT NOV DEC".split()
    weekday = field(0, 7, "SUN mon Tue WED THU FRI SAT".split())
    if dice.random() < 0.15:
        weekday = dice.choice(["L5", "L0", "5#2", "1#1", "3#5", "FRI#3", "L3,L4"])
    day = "L" if dice.random() < 0.1 else field(1, 31)
    fields = [field(0, 59), field(0, 23), day, field(1, 12, months), weekday]
    return " ".join(([field(0, 59)] if dice.random() < 0.3 else []) + fields)


def random_crons(atom, count, seed):
    """Random expressions against croniter, in universal time."""
    dice, preview = random.Random(seed), Preview(atom)
    wrong, known, refused, compared = [], collections.Counter(), 0, 0
    for _ in range(count):
        text = random_cron(dice)
        begin = datetime.datetime(2024, 1, 1) + dice.randint(0, 7 * 365 * 86_400) * SECOND
        ours = preview.firings({"cron": text, "from": stamp(begin.replace(tzinfo=UTC)), "count": 12})
        try:
            walk = croniter(text, begin, second_at_beginning=True)
            theirs = [walk.get_next(datetime.datetime).replace(tzinfo=UTC) for _ in range(12)]
        except ValueError as error:
            theirs = str(error)
        compared += len(ours)
        if ours == theirs:
            continue
        if isinstance(ours, dict) and isinstance(theirs, str):
            refused += 1
        elif cause := cron_reason(text):
            known[cause] += 1
        else:
            wrong.append((text, str(begin), str(ours)[:200], str(theirs)[:200]))
    preview.close()
    claim("random cron expressions fire as croniter says", not wrong,
          f"{count} expressions, {compared} firings, {refused} refused by both; "
          + "; ".join(f"{number}: {cause}" for cause, number in known.items())
          + (f"; wrong: {len(wrong)}, such as {wrong[:5]}" if wrong else ""))


def cron_reason(text):
    """Why croniter reads an expression in another way, as far as that is known."""
    day, _, weekday = text.split()[-3:]
    starred = [field.startswith("*") for field in (day, weekday)]
    if any(first == last for first, last in re.findall(r"(\d+)-(\d+)", text)):
        return "`9-9` is 9; croniter takes it for the whole range"
    if re.search("[#L]", weekday) and day != "*":
        return "beside a day of the month `5#2` and `L5` are weekdays like others; croniter wants both to match"
    if any(starred) and "*" not in (day, weekday):
        return "`*/2` in a day field leaves the day open, as in Vixie's cron; croniter lets either field match"
    return None


def rule_reason(text):
    """Why dateutil reads a rule in another way, as far as that is known."""
    if "BYWEEKNO" in text and "BYDAY" not in text:
        return "BYWEEKNO alone means the weekday of DTSTART, as RFC 5545 has it; dateutil takes the whole week"
    days = re.search(r"BYDAY=([^;]*)", text)
    if days and len({item[:-2] == "" for item in days[1].split(",")}) == 2:
        return "BYDAY=MO,1FR means either; dateutil wants both"
    return None


def random_rule(dice):
    frequency = dice.choice(["DAILY", "WEEKLY", "MONTHLY", "YEARLY", "HOURLY", "MINUTELY"])
    parts = [f"FREQ={frequency}"]
    some = lambda low, high, most=3: ",".join(
        map(str, sorted(dice.sample(range(low, high + 1), dice.randint(1, most)))))
    days = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]
    chance = dice.random
    if chance() < 0.5:
        parts.append(f"INTERVAL={dice.choice([1, 2, 3, 4, 5, 6, 12])}")
    if chance() < 0.3:
        parts.append(f"BYMONTH={some(1, 12)}")
    if chance() < 0.25 and frequency != "WEEKLY":
        parts.append(f"BYMONTHDAY={dice.choice([some(1, 31), '-1', '-2,15', '31'])}")
    if chance() < 0.35:
        counts = ["", "1", "2", "-1", "-2"] if frequency in ("MONTHLY", "YEARLY") else [""]
        chosen = [dice.choice(counts) + day for day in dice.sample(days, dice.randint(1, 3))]
        parts.append(f"BYDAY={','.join(chosen)}")
        if frequency == "MONTHLY" and chance() < 0.3:
            parts.append(f"BYSETPOS={dice.choice(['1', '-1', '2', '1,-1'])}")
    if frequency == "YEARLY" and len(parts) < 3 and chance() < 0.4:
        parts.append(dice.choice([f"BYYEARDAY={some(1, 366)}", f"BYWEEKNO={some(1, 53)}"]))
    if "BYSETPOS" not in parts[-1]:
        if chance() < 0.3:
            parts.append(f"BYHOUR={some(0, 23)}")
        if chance() < 0.2:
            parts.append(f"BYMINUTE={some(0, 59)}")
    if chance() < 0.2:
        parts.append(f"WKST={dice.choice(days)}")
    if chance() < 0.25:
        parts.append(f"COUNT={dice.randint(1, 60)}")
    return ";".join(parts)


def random_rules(atom, count, seed):
    """Random recurrence rules against dateutil, in universal time, looked at from the start and from later on."""
    dice, preview = random.Random(seed), Preview(atom)
    wrong, known, refused, compared = [], collections.Counter(), collections.Counter(), 0
    for _ in range(count):
        text = random_rule(dice)
        start = datetime.datetime(2024, 1, 1) + dice.randint(0, 3 * 365 * 1_440) * 60 * SECOND
        begin = start + dice.choice([-SECOND, dice.randint(0, 900 * 86_400) * SECOND])
        ours = preview.firings({"rrule": text, "dtstart": start.isoformat(), "count": 12,
                                "from": stamp(begin.replace(tzinfo=UTC))})
        bound = "" if "COUNT" in text else ";UNTIL=21991231T235959"
        try:
            rule = rrule.rrulestr(text + bound, dtstart=start)
        except ValueError as error:
            # Such as an interval that steps over all of a BY part.
            rule, ours = [], ours if isinstance(ours, dict) else str(error)
        if isinstance(ours, dict):
            refused[ours["error"].split('" ')[-1]] += 1
            if "never fires" in ours["error"] and next(iter(rule), None) and not rule_reason(text):
                wrong.append((text, str(start), "never fires", str(next(iter(rule)))))
            continue
        theirs = []
        for wall in rule.xafter(begin):
            if len(theirs) == 12 or wall.year > 2199:
                break
            theirs.append(wall.replace(tzinfo=UTC))
        compared += len(ours)
        if ours != theirs and (cause := rule_reason(text)):
            known[cause] += 1
        elif ours != theirs:
            wrong.append((text, str(start), str(begin), list(map(stamp, ours))[:5], list(map(stamp, theirs))[:5]))
    preview.close()
    claim("random recurrence rules fire as dateutil says", not wrong,
          f"{count} rules, {compared} firings; "
          + "; ".join(f"{number}: {cause}" for cause, number in known.items()) + f"; refused: {dict(refused)}"
          + (f"; wrong: {len(wrong)}, such as {wrong[:6]}" if wrong else ""))
