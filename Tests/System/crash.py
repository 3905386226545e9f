"""Workers killed at random lose nothing, settle nothing twice, and cost no user a retry.

honcho runs the Procfile of the repository (api, four workers, relay) on PostgreSQL and Redis; its worker line is put
into a loop, so that a killed worker comes back. Mixed jobs are accepted over HTTP while workers are killed with -9.
"""
import json, os, random, re, signal, sys, threading, time

from house import ROOT, Child, answers, claim, free_port, play, until
from receivers import Letters, Webhooks
from wires import Ear

WORKERS = 4
KILL_EVERY_S = 2
RECOVERY_S = 15
IMPORTS, ROWS = 6, 200
ANSWERED_500 = "The receiver answered with status 500."


class Mix:
    """Makes mixed jobs; the number in each tells it from the others."""

    def __init__(self, receiver, seed):
        self.receiver, self.dice, self.count = receiver, random.Random(seed), 0
        self.lock = threading.Lock()

    def job(self):
        with self.lock:
            self.count += 1
            return self.pick(self.count) | {"priority": self.dice.choice(["high", "normal", "normal", "low"])}

    def pick(self, number):
        chance, webhook = self.dice.random(), self.receiver.job
        if chance < 0.07:
            letter = {"to": [f"user{number}@example.org"], "subject": f"letter {number}", "text": "A letter."}
            return {"name": "send_email", "arguments": letter}
        if chance < 0.08:
            return {"name": "analyze_workspace", "arguments": {}}
        if chance < 0.13:
            return webhook(f"/slow/{self.dice.randrange(500, 2_000)}", number)
        if chance < 0.18:
            return webhook("/fail/1", number)
        if chance < 0.22:
            return webhook("/ok", number, delay_seconds=self.dice.randrange(1, 6))
        return webhook(f"/slow/{self.dice.randrange(1, 60)}", number)


class Producer:
    """Has jobs accepted at an even pace: single and in batches, accepted and durable."""

    def __init__(self, site, mix, total, seconds):
        self.site, self.mix, self.seconds = site, mix, seconds
        self.jobs, self.faults = {}, []
        share = total // 4
        parts = [(share, 1, False), (share, 50, False), (share, 50, True), (share - share // 3, 1, False), (share // 3, 1, True)]
        self.threads = [threading.Thread(target=self.produce, args=part) for part in parts]

    def start(self):
        for thread in self.threads:
            thread.start()

    def produce(self, total, size, durable):
        caller, started, sent = self.site.caller(), time.monotonic(), 0
        try:
            while sent < total:
                jobs = [self.mix.job() for _ in range(min(size, total - sent))]
                ids = caller.accept(jobs[0] if size == 1 else jobs, durable)
                for id, job in zip(ids, jobs):
                    self.jobs[id] = job
                sent += len(jobs)
                time.sleep(max(0, started + self.seconds * sent / total - time.monotonic()))
        except Exception as error:
            self.faults.append(repr(error))

    def upload(self):
        """Has lists of tasks imported; each of their rows must become one task."""
        caller = self.site.caller()
        for number in range(IMPORTS):
            rows = "".join(f"task {number}-{row},todo,low\n" for row in range(ROWS))
            answer = caller.post("/api/tasks/import", f"title,status,priority\n{rows}", Content_Type="text/csv")
            self.jobs[answer.json["id"]] = {"name": "import_tasks", "arguments": {}}
            time.sleep(self.seconds / IMPORTS / 2)

    def join(self):
        for thread in self.threads:
            thread.join()


class Killer:
    """Kills workers by the ids that the Procfile's loops write down, and notes what each held."""

    def __init__(self, site, pids):
        self.site, self.pids, self.kills = site, pids, []
        self.dice = random.Random(7)

    def run(self, seconds):
        end = time.monotonic() + seconds
        with self.site.link() as link:
            while time.monotonic() < end:
                time.sleep(KILL_EVERY_S)
                self.kill(link, self.dice.choice(sorted(self.pids.iterdir())))

    def kill(self, link, file):
        pid = int(file.read_text())
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            return
        now = time.time()
        flat = link("HGETALL", self.site.key("holders"))
        held = {id for id, holder in zip(flat[::2], flat[1::2]) if f":{pid}:" in holder}
        self.kills.append((now, held))


def write_procfile(site, pids):
    """The repository's Procfile with the binary under test, each worker in a loop that brings it back."""
    lines = re.sub(r"\S+/atom\b", site.atom, (ROOT / "Procfile").read_text()).splitlines()
    commands = dict(line.split(": ", 1) for line in lines)
    commands["worker"] = (f'while :; do {commands["worker"]} & echo $! >"{pids}/new.$HONCHO_PROCESS_NAME"; '
                          f'mv "{pids}/new.$HONCHO_PROCESS_NAME" "{pids}/$HONCHO_PROCESS_NAME"; wait $!; done')
    path = site.folder / "Procfile"
    path.write_text("".join(f"{name}: {command}\n" for name, command in commands.items()))
    return path


def start_honcho(site, smtp_port):
    pids = site.folder / "pids"
    pids.mkdir()
    path = write_procfile(site, pids)
    environment = site.environment | {"ATOM_SMTP_URL": f"smtp://127.0.0.1:{smtp_port}?security=clear"}
    honcho = Child([sys.executable, "-m", "honcho", "-f", path, "-d", site.folder, "start", "-c",
                    f"api=1,worker={WORKERS},relay=1"], site.folder / "honcho.log", environment, site.folder, is_parent=True)
    site.children.append(honcho)
    with site.link() as link:
        until(lambda: answers(site.port) and answers(site.relay_port) and link("ZCARD", "atom:workers") == WORKERS,
              90, "the Procfile's processes do not come up")
    return honcho, pids


def recoveries(jobs, kills):
    """For each crash of each job the seconds from the kill to its next start; and the crashes without a kill."""
    times, groundless, unended = [], [], []
    for id, events in jobs.items():
        crashes = 0
        for index, (when, kind, _) in enumerate(events):
            if kind != "crashed":
                continue
            crashes += 1
            started = max(at for at, what, _ in events[:index] if what == "running")
            near = [kill for kill in kills if started - 0.3 <= kill[0] < when]
            # A job that had not run long enough to be noted with its worker is put down to the first kill after.
            kill = next((kill for kill in reversed(near) if id in kill[1]), near[0] if near else None)
            again = next((at for at, what, _ in events[index:] if what == "running"), None)
            if kill is None:
                groundless.append(id)
            elif again is None:
                unended.append(id)
            else:
                times.append((again - kill[0], when - kill[0], crashes))
    return sorted(times), groundless, unended


def judge_recoveries(kills, times, unended, drained):
    first, later = ([time for time, _, crashes in times if (crashes > 1) == is_later] for is_later in (False, True))
    found = max((found for _, found, _ in times), default=0)
    claim(f"every orphan runs again within {RECOVERY_S} s of the kill",
          times and max(first + later) <= RECOVERY_S and not unended,
          f"{len(kills)} kills, {len(times)} recoveries, median {times[len(times) // 2][0] if times else 0:.1f} s, worst "
          f"{max(first, default=0):.1f} s after a first crash and {max(later, default=0):.1f} s after a second "
          f"({len(later)}); {sum(time > RECOVERY_S for time in first + later)} late; found lost after {found:.1f} s at "
          f"most; all ended {drained:.0f} s after the last kill")


def records(site):
    """What is known of every job that ended, by id."""
    found = {}
    with site.link() as link:
        for key in link("KEYS", site.key("ended:*")) + [site.key("graves")]:
            flat = link("HGETALL", key)
            found |= {id: json.loads(record) for id, record in zip(flat[::2], flat[1::2])}
    return found


def judge_ends(site, producer, ear):
    jobs, ended = producer.jobs, records(site)
    lost = [id for id in jobs if id not in ended]
    kinds = {kind: sum(record["s"] == kind for record in ended.values()) for kind in ("done", "dead")}
    claim("every accepted job has ended, none is lost", not lost and not producer.faults,
          f"{len(jobs)} accepted, {kinds['done']} done, {kinds['dead']} dead, {len(lost)} lost {lost[:3]}"
          + f"; {len(producer.faults)} requests failed {producer.faults[:1]}" * bool(producer.faults))
    ends = {id: [kind for kind in ear.kinds(id) if kind in ("done", "dead", "cancelled", "expired")] for id in jobs}
    twice = [id for id, kinds in ends.items() if len(kinds) != 1]
    stats = site.stats()
    total = stats.get("ended", 0) + stats.get("dead", 0)
    claim("none is settled twice", not twice and not ear.gaps and total == len(jobs),
          f"{len(twice)} jobs without exactly one end event {twice[:3]}, {ear.gaps} gaps in {len(ear.numbers)} event "
          f"batches, counters say {total}, {stats.get('refused', 0)} late writes refused")
    shown = random.Random(1).sample(sorted(jobs), 100)
    caller = site.caller()
    states = [(caller.get(f"/api/jobs/{id}?queue=default").json["state"], ended[id]["s"]) for id in shown if id in ended]
    claim("the API shows them as ended", all(one == other for one, other in states), f"{len(states)} looked up")
    return ended


def judge_retries(jobs, ended):
    spent, crash_deaths, unknown = [], 0, 0
    for id, record in ended.items():
        errors = record.get("E", [])
        allowed = 1 if "/fail/" in json.dumps(jobs.get(id, {})) else 0
        is_unknown = record["s"] == "dead" and errors and errors[-1]["message"].startswith("unknown")
        unknown += bool(is_unknown)
        if record["s"] == "dead" and record.get("x", 0) >= 3 and not is_unknown:
            crash_deaths += 1
        real = [error for error in errors if error["message"] != ANSWERED_500]
        if len(errors) - len(real) > allowed or len(real) > bool(is_unknown):
            spent.append((id, errors))
    crashes = sum(record.get("x", 0) for record in ended.values())
    claim("0 user retries are spent on crashes", not spent,
          f"{crashes} crashes counted apart, {crash_deaths} jobs dead after 3 crashes, {unknown} letters shown as "
          f"unknown; wrong: {spent[:2]}")
    others = [r for r in ended.values() if r["s"] == "dead" and r.get("x", 0) < 3
              and not r["E"][-1]["message"].startswith("unknown")]
    claim("nothing else died", not others, f"{len(others)} {others[:1]}")


def judge_effects(site, producer, receiver, letters, ended):
    done = {id for id, record in ended.items() if record["s"] == "done"}
    webhooks = [id for id, job in producer.jobs.items() if job["name"] == "deliver_webhook"]
    missing = [id for id in webhooks if id in done and not receiver.taken(id)]
    changed = [number for number, ids in receiver.numbers.items() if len(ids) != 1]
    calls = sum(receiver.taken(id) for id in webhooks)
    claim("each webhook shown as done arrived, under one webhook-id however often it came", not missing and not changed,
          f"{len(webhooks)} jobs, {calls} accepted calls, {len(missing)} missing, {len(changed)} with several ids")
    counts = letters.by_subject()
    mails = {id: job["arguments"]["subject"] for id, job in producer.jobs.items() if job["name"] == "send_email"}
    wrong = [id for id, subject in mails.items() if counts.get(subject, 0) > 1 or id in done and not counts.get(subject)]
    sent = sum(id in done for id in mails)
    claim("each letter arrived at most once, and once where its job is done", not wrong,
          f"{len(mails)} letters, {sent} done, {sum(counts.values())} received, wrong {wrong[:3]}")
    [[tasks, titles]] = site.sql("select count(*), count(distinct title) from tasks")
    claim("each row of the imported lists is one task", int(tasks) == int(titles) == IMPORTS * ROWS, f"{tasks} tasks")


def crash(site):
    total, seconds = (2_000, 15) if site.short else (20_000, 60)
    receiver = Webhooks(free_port())
    letters, smtp_port = Letters(site.folder / "letters"), free_port()
    site.children.append(Child(["/usr/bin/python3", ROOT / "Tests/System/smtpd.py", smtp_port, letters.path],
                               site.folder / "smtpd.log"))
    until(lambda: answers(smtp_port), 30, "the mail server does not answer")
    honcho, pids = start_honcho(site, smtp_port)
    ear = Ear(site.redis.port)
    site.extras += [receiver, ear]
    producer, killer = Producer(site, Mix(receiver, 11), total, seconds * 0.9), Killer(site, pids)
    producer.start()
    uploads = threading.Thread(target=producer.upload)
    uploads.start()
    killer.run(seconds)
    producer.join()
    uploads.join()
    stopped = time.monotonic()
    try:
        until(lambda: producer.jobs.keys() <= ear.ended, 120, "not all ended", every=0.2)
    except TimeoutError:
        print(f"  still {len(producer.jobs.keys() - ear.ended)} jobs without an end: {site.caller().get('/api/queues').json}")
    drained = time.monotonic() - stopped
    ended = judge_ends(site, producer, ear)
    times, groundless, unended = recoveries(ear.jobs, killer.kills)
    judge_recoveries(killer.kills, times, unended, drained)
    claim("no living worker lost a job", not groundless, f"{len(groundless)} {groundless[:3]}")
    judge_retries(producer.jobs, ended)
    judge_effects(site, producer, receiver, letters, ended)
    claim("honcho saw no process of the Procfile give up", honcho.is_alive)
    honcho.stop()


if __name__ == "__main__":
    play(crash, 400)
