"""Six services are read by workers that are killed with -9, while answers are lost and limits are met.

What each service holds changes between the readings and is partly forgotten by it. In the end what is here is what is
there, each thing once.
"""
import json, os, random, time, urllib.request, uuid

from house import claim, play, until

LEASE_S = 2
FAULTS = [
    {"kind": "drop_before"}, {"kind": "drop_after"}, {"kind": "slow", "seconds": 0.5},
    {"kind": "status", "status": 503, "headers": {"Retry-After": "1"}, "body": {}},
    {"kind": "status", "status": 429, "headers": {"Retry-After": "1"}, "body": {}},
]


class Service:
    """One provider: its stand-in's account, its connection, and what must be here of it."""

    def __init__(self, name, field, prefix, **settings):
        self.name, self.settings, self.account = name, settings, uuid.uuid4().hex
        self.fields = {field: prefix + self.account} | settings
        self.base = f"{os.environ['ATOM_TEST_STANDINS']}/control/{name}/{self.account}"
        self.connection, self.job, self.known = None, None, set()

    def call(self, method, path, wish=None):
        request = urllib.request.Request(
            self.base + path, method=method, data=None if wish is None else json.dumps(wish).encode())
        with urllib.request.urlopen(request, timeout=60) as answer: return json.loads(answer.read() or b"null")

    def act(self, **wish): return self.call("POST", "/act", wish)

    def trouble(self, times):
        for _ in range(times): self.call("POST", "/faults", random.choice(FAULTS))

    def heal(self): self.call("DELETE", "/faults")


def time_of(number):
    day, hour = divmod(number, 20)
    return {"dateTime": f"2026-03-{day % 28 + 1:02}T{hour:02}:00:00+01:00", "timeZone": "Europe/Berlin"}


def google(service, number, title):
    start, end = time_of(number), dict(time_of(number))
    end["dateTime"] = end["dateTime"].replace(":00:00+", ":30:00+")
    service.act(put={"id": f"e{number}", "summary": title, "start": start, "end": end})


def gmail(service, number, title):
    service.act(receive={"from": f"p{number % 7}@example.org", "to": "me@example.org", "subject": title, "text": "x",
                         "thread": f"t{number % 11}"})


def github(service, number, title):
    service.act(issue={"number": number, "title": title, "body": "Text"})


def graph(service, number, title):
    service.act(put={
        "id": f"m{number}", "subject": title, "isRead": False, "body": {"contentType": "text", "content": "x"},
        "from": {"emailAddress": {"address": "ada@example.org"}}, "internetMessageId": f"<g{number}@example.org>",
        "toRecipients": [{"emailAddress": {"address": "me@example.org"}}], "conversationId": f"c{number % 5}"})


def slack(service, number, title):
    service.act(say={"channel": "C1", "user": f"U{number % 5}", "text": title, "ts": f"1770000000.{100_000 + number}"})


def stripe(service, number, title):
    service.act(move={"amount": 1_000 + number, "currency": "eur", "description": title,
                      "created": 1_770_000_000 + number})


# How a thing is put there, the table and the column that name it here, and whether it may be renamed and taken away.
KINDS = {
    "google_calendar": (google, "calendar_events", "title", True), "gmail": (gmail, "messages", "subject", False),
    "github": (github, "tasks", "title", True), "microsoft_graph": (graph, "messages", "subject", False),
    "slack": (slack, "messages", "body", False), "stripe": (stripe, "finance_transactions", "description", False),
}


def services():
    return [
        Service("google_calendar", "access_token", "ya29."), Service("gmail", "access_token", "ya29."),
        Service("github", "token", "ghp_", repositories="octo/hello"),
        Service("microsoft_graph", "access_token", "eyJ."),
        Service("slack", "bot_token", "xoxb-", channels="C1"), Service("stripe", "secret_key", "sk_test_"),
    ]


def grow(service, first, last, rename=()):
    put = KINDS[service.name][0]
    for number in range(first, last):
        put(service, number, f"{service.name} {number}")
        service.known.add(f"{service.name} {number}")
    for number in rename if KINDS[service.name][3] else ():
        put(service, number, f"{service.name} {number} again")
        service.known.discard(f"{service.name} {number}")
        service.known.add(f"{service.name} {number} again")


def read(site, caller, all, kill=None):
    """Has all connections read, kills workers meanwhile, and waits until they are through; the kills."""
    for service in all:
        answer = caller.post(f"/api/integrations/{service.connection}/sync", {})
        if answer.status != 202: raise RuntimeError(f"{service.name}: {answer.status} {answer.json}")
        service.job = answer.json["job_id"]
    kills, end = 0, time.monotonic() + 120
    while True:
        states = {s.name: caller.get(f"/api/jobs/{s.job}").json for s in all}
        if all_done(states): return kills
        if time.monotonic() > end: raise TimeoutError(f"not read: {states}")
        time.sleep(0.25)
        if kill and kills < kill["most"]:
            kill["now"]()
            kills += 1


def all_done(states):
    for name, job in states.items():
        if job.get("state") in ("dead", "cancelled", "expired"): raise RuntimeError(f"{name}: {job}")
    return all(job.get("state") in ("done", "completed", "succeeded") for job in states.values())


def here(site, service):
    _, table, column, _ = KINDS[service.name]
    rows = site.sql(f"select {column} from {table} where {column} like '{service.name} %'")
    return [row[0] for row in rows]


def scenario(site):
    count, rounds = (30, 2) if site.short else (150, 6)
    site.environment |= {
        "ATOM_LEASE_SECONDS": str(LEASE_S),
        "ATOM_PROVIDER_URLS": ",".join(
            f"{name}={os.environ['ATOM_TEST_STANDINS']}/{name}" for name in KINDS)}
    site.start_api()
    workers = [site.start_worker() for _ in range(2)]
    caller, every = site.caller(), services()
    for service in every:
        answer = caller.post(f"/api/integrations/{service.name}/connect", {"name": "Ours", "fields": service.fields})
        if answer.status != 201: raise RuntimeError(f"{service.name}: {answer.status} {answer.json}")
        service.connection = answer.json["id"]
        if service.name != "slack": service.act(page=7)

    def kill():
        index = random.randrange(len(workers))
        workers[index].kill()
        workers[index] = site.start_worker()

    total, kills, first = 0, 0, 1
    for round in range(rounds):
        for service in every:
            service.heal()
            grow(service, first, first + count, random.sample(range(1, first), min(5, first - 1)))
            if round and service.name in ("google_calendar", "gmail", "microsoft_graph"): service.act(forget=True)
            service.trouble(1 if site.short else 3)
        first += count
        kills += read(site, caller, every, {"most": 2 if site.short else 4, "now": kill})
    for service in every: service.heal()
    # What came while a list was read comes with the next reading.
    for _ in range(2): read(site, caller, every)
    for service in every:
        found = here(site, service)
        total += len(found)
        claim(f"{service.name}: what is there is here, each thing once",
              sorted(found) == sorted(service.known), f"{len(found)} of {len(service.known)}")
    links = site.sql("select count(*), count(distinct noun || row_id) from external_links where noun <> ''")[0]
    claim("each row is linked to one thing", links[0] == links[1] == str(total), f"{links} of {total}")
    before = site.sql("select count(*) from journal where noun <> 'connection'")[0]
    read(site, caller, every)
    after = site.sql("select count(*) from journal where noun <> 'connection'")[0]
    claim("a reading that finds nothing new writes nothing", before == after, f"{kills} workers were killed")
    rows = site.sql("select provider, health, coalesce(last_error, '') from connections order by provider")
    claim("every connection is well", all(row[1] == "ok" for row in rows), str([r for r in rows if r[1] != "ok"]))


play(scenario, limit_s=600)
