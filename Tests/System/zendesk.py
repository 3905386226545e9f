"""Tickets of Zendesk and tasks, changed on both sides at random while workers are killed and replies are lost.

First each side brings its own; then both are changed while no worker runs, so that the stated rule says what must come
out; then both are changed under fire. In the end both sides hold the same, every comment is on both once, nothing is
there twice, and nothing is written any more.
"""
import calendar, json, os, random, threading, time, urllib.request, uuid

from house import claim, play, until

TITLES = ["Printer", "Invoice", "Login", "Parcel", "Refund", "Export", "Domain", "Backup"]
THERE = {"status": ["open", "pending", "hold", "solved"], "priority": ["low", "normal", "high", "urgent"]}
HERE = {"status": ["todo", "in_progress", "done"], "priority": ["low", "medium", "high"]}
TAGS = ["billing", "vip", "bug", "urgent_call", "eu", "beta"]
STATUSES = {"todo": {"new", "open"}, "in_progress": {"open", "pending", "hold"}, "done": {"solved", "closed"}}
PRIORITIES = {"low": {"low"}, "medium": {"normal", None}, "high": {"high", "urgent"}}
FAULTS = [
    {"kind": "drop_after"}, {"kind": "drop_before"}, {"kind": "status", "status": 500, "body": {}},
    {"kind": "status", "status": 503, "headers": {"Retry-After": "1"}, "body": {}},
    {"kind": "status", "status": 429, "headers": {"Retry-After": "1"}, "body": {"error": "APIRateLimitExceeded"}},
    {"kind": "status", "status": 409, "body": {"error": "DatabaseConflict"}, "path": "tickets$"},
]


class Desk:
    """The stand-in's account: what customers and agents do there."""

    def __init__(self):
        self.account = uuid.uuid4().hex
        self.base = f"{os.environ['ATOM_TEST_STANDINS']}/control/zendesk/{self.account}"
        self.act(settings={"rate": 10 ** 6, "export_rate": 10 ** 6, "update_rate": 10 ** 6})

    def call(self, method, path="", wish=None):
        request = urllib.request.Request(
            self.base + path, method=method, data=None if wish is None else json.dumps(wish).encode())
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.loads(answer.read() or b"null")

    def act(self, **wish): return self.call("POST", "/act", wish)

    def fault(self, fault): self.call("POST", "/faults", fault)

    def heal(self): self.call("DELETE", "/faults")

    def dump(self): return self.act(dump=True)

    def writes(self):
        """What was written there through the API."""
        return [effect for effect in self.call("GET")["effects"]
                if effect["kind"] in ("create", "update") and effect.get("channel") != "email"]


class Office:
    """Our side: one project, one connection to the desk, and its tasks."""

    def __init__(self, site, desk):
        self.site, self.caller, self.workers = site, site.caller(), []
        self.lock = threading.Lock()
        self.project = self.post("/api/projects", {"name": "Support"})["id"]
        self.connection = self.post("/api/integrations/zendesk/connect", {"name": "Desk", "fields": {
            "subdomain": "acme", "email": "agent@example.org", "api_token": desk.account,
            "project_id": self.project}})["id"]

    def post(self, path, body=None):
        with self.lock:
            answer = self.caller.post(path, body)
        if answer.status not in (200, 201, 202): raise RuntimeError(f"{path}: {answer.status} {answer.json}")
        return answer.json

    def change(self, task, **fields):
        with self.lock:
            answer = self.caller.ask("PUT", f"/api/tasks/{task}", fields)
        if answer.status != 200: raise RuntimeError(f"task: {answer.status} {answer.json}")

    def start(self, count):
        self.workers = [self.site.start_worker("--concurrency", "8") for _ in range(count)]

    def stop(self):
        for worker in self.workers: worker.stop()
        self.workers = []

    def kill_one(self):
        index = random.randrange(len(self.workers))
        self.workers[index].kill()
        self.workers[index] = self.site.start_worker("--concurrency", "8")

    def sync(self):
        """One sync from its order to its end; what it found to be done."""
        with self.lock:
            job = self.caller.post(f"/api/integrations/{self.connection}/sync", {}).json["job_id"]
            def end():
                answer = self.caller.get(f"/api/jobs/{job}").json
                return answer if answer["state"] in ("done", "dead") else None
            answer = until(end, 120, lambda: f"a sync is {self.caller.get(f'/api/jobs/{job}').json}", every=0.05)
        if answer["state"] == "dead": raise RuntimeError(f"a sync died: {answer['errors']}")
        return answer["result"]["streams"]["tickets"]["updated"]

    def settle(self, seconds):
        """Syncs until a sync finds nothing to be done."""
        end, rounds = time.monotonic() + seconds, 0
        while time.monotonic() < end:
            rounds += 1
            if self.sync() == 0 and not self.busy(): return rounds
            time.sleep(1.1)
            until(lambda: not self.busy(), 120, lambda: f"jobs do not end: {self.busy()}", every=0.1)
        raise TimeoutError("the two sides do not come to rest")

    def busy(self):
        rows = self.site.sql("select count(*) from outbox where pushed_at is null")
        with self.site.link() as link:
            later, leases = int(link("ZCARD", self.site.key("later"))), int(link("ZCARD", self.site.key("leases")))
            jobs = int(link("HLEN", self.site.key("jobs")))
        return int(rows[0][0]) + later + leases + max(0, jobs - self.dead())

    def dead(self):
        with self.site.link() as link:
            return int(link("ZCARD", self.site.key("dead")))

    def tasks(self):
        """Tasks by id: title, status, priority, labels, comments."""
        found = {}
        for row in self.site.sql("select id, title, status, priority from tasks"):
            found[row[0]] = {"title": row[1], "status": row[2], "priority": row[3], "labels": set(), "comments": []}
        for task, label in self.site.sql("select t.task_id, l.name from task_labels t join labels l on l.id = t.label_id"):
            found[task]["labels"].add(label)
        for task, text in self.site.sql("select task_id, replace(content, chr(10), ' ') from comments order by id"):
            found[task]["comments"].append(text)
        return found

    def pairs(self):
        return self.site.sql("select ticket_id, task_id, state from zendesk_tickets")


class Play:
    """Both sides with what was done on each."""

    def __init__(self, site):
        self.site, self.desk = site, Desk()
        site.start_api()
        self.office = Office(site, self.desk)
        self.count = 30 if site.short else 500
        self.marks = {}
        self.labels = {tag: self.office.post("/api/labels", {"name": tag})["id"] for tag in TAGS}

    def begin(self):
        self.desk.act(all=[{"ticket": {
            "subject": f"{random.choice(TITLES)} {n}", "comment": {"body": f"What of {n}?"},
            "priority": random.choice([None] + THERE["priority"]), "tags": random.sample(TAGS, 2)}}
            for n in range(self.count)])
        for n in range(self.count):
            self.office.post("/api/tasks", {
                "title": f"{random.choice(TITLES)} of ours {n}", "project_id": self.office.project,
                "priority": random.choice(HERE["priority"]), "status": random.choice(HERE["status"]),
                "label_ids": [self.labels[random.choice(TAGS)]]})

    def matched(self):
        return {int(ticket): task for ticket, task, _ in self.office.pairs() if ticket and task}

    # One change

    def change_there(self, ticket):
        what = random.choice(["subject", "status", "priority", "tags", "comment", "comment"])
        if what == "comment":
            mark = f"there-{uuid.uuid4().hex[:12]}"
            self.marks[mark] = ticket
            wish = {"comment": {"body": f"{mark} says a customer", "public": True}}
        elif what == "subject": wish = {"subject": f"{random.choice(TITLES)} {uuid.uuid4().hex[:8]}"}
        elif what == "tags": wish = {"tags": random.sample(TAGS, random.randrange(4))}
        else: wish = {what: random.choice(THERE[what])}
        self.desk.act(update={"id": ticket, **wish})
        return what, next(iter(wish.values()))

    def change_here(self, task):
        what = random.choice(["title", "status", "priority", "label_ids", "comment", "comment"])
        if what == "comment":
            mark = f"here-{uuid.uuid4().hex[:12]}"
            self.marks[mark] = task
            self.office.post("/api/comments", {"task_id": task, "content": f"{mark} says a colleague"})
            return what, mark
        if what == "title": value = f"{random.choice(TITLES)} {uuid.uuid4().hex[:8]}"
        elif what == "label_ids": value = [self.labels[tag] for tag in random.sample(TAGS, random.randrange(4))]
        else: value = random.choice(HERE[what])
        self.office.change(task, **{what: value})
        return what, value

    # What must come out

    def differences(self):
        """Where the two sides differ, in words."""
        dump, tasks, found = self.desk.dump(), self.office.tasks(), []
        tickets = {ticket["id"]: ticket for ticket in dump["tickets"]}
        matched = self.matched()
        if len(tickets) != 2 * self.count or len(tasks) != 2 * self.count:
            found.append(f"{len(tickets)} tickets and {len(tasks)} tasks instead of {2 * self.count}")
        if set(matched) != set(tickets) or set(matched.values()) != set(tasks):
            found.append(f"{len(matched)} pairs of {len(tickets)} tickets and {len(tasks)} tasks")
        for id, task_id in matched.items():
            ticket, task = tickets.get(id), tasks.get(task_id)
            if not ticket or not task: continue
            if ticket["subject"] != task["title"]: found.append(f"{id}: {ticket['subject']} / {task['title']}")
            if ticket["status"] not in STATUSES[task["status"]]:
                found.append(f"{id}: {ticket['status']} / {task['status']}")
            if ticket["priority"] not in PRIORITIES[task["priority"]]:
                found.append(f"{id}: {ticket['priority']} / {task['priority']}")
            if set(ticket["tags"]) != task["labels"]: found.append(f"{id}: {ticket['tags']} / {task['labels']}")
            found += self.strays(id, dump["comments"][str(id)][1:], task)
        return found

    def strays(self, id, comments, task):
        there = [comment["body"] for comment in comments]
        if len(there) != len(task["comments"]):
            return [f"{id}: {len(there)} comments there, {len(task['comments'])} here"]
        return []

    def misplaced(self):
        """Comments that are not exactly once on each side, on the right pair."""
        dump, tasks, matched = self.desk.dump(), self.office.tasks(), self.matched()
        odd = []
        for mark, owner in self.marks.items():
            ticket = owner if isinstance(owner, int) else next(t for t, task in matched.items() if task == owner)
            there = [id for id, rows in dump["comments"].items() for row in rows if mark in row["body"]]
            here = [id for id, task in tasks.items() for text in task["comments"] if mark in text]
            if there != [str(ticket)] or here != [matched[ticket]]: odd.append(f"{mark}: {there} {here}")
        return odd


def judge(scene, what):
    found = scene.differences()
    claim(f"{what}: both sides hold the same, one task a ticket", not found,
          f"{len(scene.matched())} pairs{'; ' + '; '.join(found[:4]) if found else ''}")
    odd = scene.misplaced()
    claim(f"{what}: every comment is on both sides exactly once", not odd,
          f"{len(scene.marks)} comments{'; ' + '; '.join(odd[:3]) if odd else ''}")


def meet(scene):
    scene.begin()
    scene.office.start(2)
    rounds = scene.office.settle(300)
    judge(scene, f"first meeting, {scene.count} tickets and {scene.count} tasks, {rounds} syncs")


class Rule:
    """What the stated rule says must come out of changes made while nothing synced."""

    def __init__(self, scene):
        self.scene, self.matched = scene, scene.matched()
        self.before = scene.office.tasks()
        self.there, self.here, self.last = {}, {}, {}

    def turn(self, side, share):
        """Changes some pairs on one side; sides are further apart than a second, which is all Zendesk can tell."""
        time.sleep(2.1)
        for ticket, task in random.sample(sorted(self.matched.items()), int(len(self.matched) * share)):
            if side == "there": what, value = self.scene.change_there(ticket)
            else: what, value = self.scene.change_here(task)
            if what == "comment":
                # A comment moves a ticket's time, and no task's.
                if side == "there": self.last[ticket] = side
                continue
            self.last[ticket] = side
            field = {"subject": "title", "tags": "labels", "label_ids": "labels"}.get(what, what)
            (self.there if side == "there" else self.here).setdefault(ticket, {})[field] = value

    def freeze(self):
        """Which row was changed last, as both sides tell it: what changes nothing moves no time."""
        there = {ticket["id"]: calendar.timegm(time.strptime(ticket["updated_at"], "%Y-%m-%dT%H:%M:%SZ"))
                 for ticket in self.scene.desk.dump()["tickets"]}
        here = {row[0]: int(row[1]) for row in self.scene.site.sql("select id, updated_at from tasks")}
        self.last = {id: "here" if here[task] > there[id] * 1_000_000 else "there"
                     for id, task in self.matched.items()}

    def broken(self):
        dump = {ticket["id"]: ticket for ticket in self.scene.desk.dump()["tickets"]}
        tasks, odd = self.scene.office.tasks(), []
        for id, task in self.matched.items():
            for field in ("title", "status", "priority"):
                mine, theirs = self.here.get(id, {}).get(field), self.there.get(id, {}).get(field)
                before = self.before[task][field]
                if mine == before: mine = None
                if field != "title" and theirs in (STATUSES if field == "status" else PRIORITIES)[before]: theirs = None
                if theirs is not None and (field == "status" or mine is None or self.last[id] == "there"):
                    good = dump[id]["subject" if field == "title" else field] == theirs or self.alike(field, mine, theirs)
                elif mine is not None: good = tasks[task][field] == mine
                else: good = tasks[task][field] == before
                if not good: odd.append(f"{id} {field}: {before} -> {mine} here, {theirs} there ({self.last.get(id)}): "
                                        f"{tasks[task][field]} and {dump[id]['subject' if field == 'title' else field]}")
        return odd

    def alike(self, field, mine, theirs):
        table = {"status": STATUSES, "priority": PRIORITIES}.get(field)
        return bool(table) and mine is not None and theirs in table[mine]


def compare(scene):
    scene.office.stop()
    rule = Rule(scene)
    for side, share in (("there", 0.5), ("here", 0.5), ("there", 0.3), ("here", 0.2)): rule.turn(side, share)
    rule.freeze()
    scene.office.start(2)
    scene.office.settle(300)
    judge(scene, "changed on both sides apart")
    odd = rule.broken()
    both = sum(1 for id in rule.here for field in rule.here[id] if field in rule.there.get(id, {}))
    claim("what came out is what the rule says", not odd, f"{both} conflicts{'; ' + '; '.join(odd[:3]) if odd else ''}")


class Fire:
    """Kills, lost replies and refusals, until it is put out."""

    def __init__(self, scene, pause_s):
        self.scene, self.pause_s, self.kills, self.faults = scene, pause_s, 0, 0
        self.out = threading.Event()
        self.threads = [threading.Thread(target=run) for run in (self.kill, self.refuse, self.sync)]
        for thread in self.threads: thread.start()

    def kill(self):
        while not self.out.wait(self.pause_s):
            self.scene.office.kill_one()
            self.kills += 1

    def refuse(self):
        while not self.out.wait(0.2):
            self.scene.desk.fault({**random.choice(FAULTS), "times": random.randrange(1, 4)})
            self.faults += 1

    def sync(self):
        while not self.out.wait(1.5):
            self.scene.office.post(f"/api/integrations/{self.scene.office.connection}/sync", {})

    def put_out(self):
        self.out.set()
        for thread in self.threads: thread.join()
        self.scene.desk.heal()


def burn(scene):
    matched, fire = scene.matched(), Fire(scene, 2.5)
    changes, end = 0, time.monotonic() + (7 if scene.site.short else 90)
    pairs = sorted(matched.items())
    while time.monotonic() < end:
        ticket, task = random.choice(pairs)
        if random.random() < 0.5: scene.change_there(ticket)
        else: scene.change_here(task)
        changes += 1
        time.sleep(0.01)
    fire.put_out()
    began = time.monotonic()
    rounds = scene.office.settle(400)
    judge(scene, f"under fire, {changes} changes, {fire.kills} kills, {fire.faults} faults")
    claim("they come to rest", True, f"{rounds} syncs, {time.monotonic() - began:.0f} s after the fire, "
          f"{scene.office.dead()} dead jobs")


def rest(scene):
    """Nothing is written any more, on either side."""
    # A sync writes down on the connection when it was.
    journal = "select count(*) from journal where noun <> 'connection'"
    before, rows = len(scene.desk.writes()), scene.site.sql(journal)
    for _ in range(3):
        scene.office.sync()
        until(lambda: not scene.office.busy(), 60, "jobs do not end", every=0.05)
    after, idle = scene.desk.writes(), [write for write in scene.desk.writes() if write.get("is_idle")]
    claim("at rest three syncs write nothing on either side",
          len(after) == before and scene.site.sql(journal) == rows,
          f"{before} writes before, {len(after) - before} there and "
          f"{int(scene.site.sql(journal)[0][0]) - int(rows[0][0])} here since")
    claim("no write changed nothing", not idle, f"{len(after)} writes, {len(idle)} idle")


def zendesk(site):
    site.environment |= {
        "ATOM_LEASE_SECONDS": "3", "ATOM_PROVIDER_URLS": f"zendesk={os.environ['ATOM_TEST_STANDINS']}/zendesk"}
    scene = Play(site)
    meet(scene)
    compare(scene)
    burn(scene)
    rest(scene)


if __name__ == "__main__":
    play(zendesk, 900)
