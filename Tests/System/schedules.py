"""Schedules fire when they should: by the documented rule around every clock change of every zone, and once each
while the workers' clocks are 5 s wrong in either direction and one of them is killed between any two commands.
"""
import collections, datetime, json, os, signal, socket, subprocess, threading, time

import firings
from house import LOOPBACK, ROOT, Child, claim, play, until

DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
SKEW_S = 5
TIMINGS = [{"every_seconds": 1}, {"cron": "* * * * * *"}, {"cron": "*/2 * * * * *", "zone": "Europe/Berlin"},
           {"rrule": "FREQ=SECONDLY", "dtstart": "2026-01-01T00:00:00", "zone": "America/New_York"}]


class Reaper:
    """A way to Redis that kills its user at a certain message, before or after it has arrived."""

    def __init__(self, redis_port, at, arrives):
        self.redis_port, self.at, self.arrives = redis_port, at, arrives
        self.victim, self.count, self.lock = None, 0, threading.Lock()
        self.listener = socket.create_server((LOOPBACK, 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            server = socket.create_connection((LOOPBACK, self.redis_port))
            for source, sink, counts in ((client, server, True), (server, client, False)):
                threading.Thread(target=self.carry, args=(source, sink, counts), daemon=True).start()

    def carry(self, source, sink, counts):
        try:
            while data := source.recv(1 << 16):
                if counts and self.is_time():
                    if self.arrives:
                        sink.sendall(data)
                    os.kill(self.victim.pid, signal.SIGKILL)
                    break
                sink.sendall(data)
        except OSError:
            pass
        for end in (source, sink):
            end.close()

    def is_time(self):
        with self.lock:
            self.count += 1
            return self.count == self.at

    def close(self):
        self.listener.close()


def moment_of(job):
    """The nominal time in an id, in milliseconds."""
    value = 0
    for digit in job[:10]:
        value = value * 32 + DIGITS.index(digit)
    return value


def skewed(site, seconds):
    """The environment of a process whose clock is wrong by so many seconds."""
    library = site.folder / "skew.so"
    if not library.exists():
        # The compiler comes with Swift.
        subprocess.run(["clang", "-shared", "-fPIC", "-O1", "-o", library, ROOT / "Tests/System/skew.c", "-ldl"],
                       check=True)
    return {"LD_PRELOAD": str(library), "SKEW_SECONDS": str(seconds)}


def measured_skew(site, seconds):
    words = [site.atom, "schedules", "preview", "--cron", "* * * * * *", "--count", "1"]
    said = subprocess.run(words, env=site.environment | skewed(site, seconds), capture_output=True, text=True)
    shown = datetime.datetime.fromisoformat(said.stdout.split()[0].replace("Z", "+00:00"))
    return shown.timestamp() - time.time()


def once_each(site):
    """Three workers, two with wrong clocks, one killed again and again; then every nominal time is counted."""
    skews = [measured_skew(site, seconds) for seconds in (SKEW_S, -SKEW_S)]
    claim("the clocks of two workers are 5 s wrong", abs(skews[0] - SKEW_S) < 2 and abs(skews[1] + SKEW_S) < 2,
          ", ".join(f"{skew:+.1f} s" for skew in skews))
    site.start_api()
    caller = site.caller()
    steady = [site.start_worker(**skewed(site, seconds)) for seconds in (SKEW_S, -SKEW_S)]
    for number in range(12):
        # A queue that nobody works at, so that each firing can be counted.
        body = {"name": f"tally-{number}", "timing": TIMINGS[number % len(TIMINGS)], "overlap": "allow_all",
                "job": {"name": "analyze_workspace", "queue": "tally"}}
        answer = caller.post("/api/schedules", body)
        if answer.status != 201:
            raise RuntimeError(f"a schedule was not made: {answer.status} {answer.body}")
    kills = collections.Counter()
    for number, at in enumerate(range(1, 180, 12 if site.short else 3)):
        kill_one(site, steady, (at, number % 2 == 0), kills)
    time.sleep(2)
    # The connection of before has been idle for too long.
    caller = site.caller()
    for number in range(12):
        caller.post(f"/api/schedules/tally-{number}/pause", {"reason": "counted"})
    count(site, kills)


def kill_one(site, steady, when, kills):
    """A worker that fires alone, while the others stand still, until a certain message to Redis."""
    at, arrives = when
    reaper = Reaper(site.redis.port, at, arrives)
    for child in steady:
        child.signal(signal.SIGSTOP)
    environment = site.environment | {"REDIS_URL": f"redis://{LOOPBACK}:{reaper.port}/0"}
    # The victim is known before it says anything: the first message waits for the lock.
    with reaper.lock:
        victim = Child([site.atom, "worker"], site.folder / f"victim-{at}.log", environment, site.folder)
        reaper.victim = victim
    try:
        until(lambda: not victim.is_alive, 12, f"message {at} was never sent", every=0.01)
        kills["after it arrived" if arrives else "before it arrived"] += 1
    finally:
        victim.kill()
        reaper.close()
        for child in steady:
            child.signal(signal.SIGCONT)
    time.sleep(0.05)


def count(site, kills):
    with site.link() as link:
        waiting = [key for end in ("ready:*", "group:*") for key in link("KEYS", site.key(end, "tally"))]
        ids = [text.split("|")[-1] for key in waiting for text in link("LRANGE", key, "0", "-1")]
        flat = link("HGETALL", site.key("jobs", "tally"))
        missed = link("HGETALL", site.key("missed", "schedules"))
    times = collections.defaultdict(list)
    for job, envelope in zip(flat[::2], flat[1::2]):
        times[json.loads(envelope)["b"]].append(moment_of(job))
    twice = len(ids) - len(set(ids)) + sum(len(found) - len(set(found)) for found in times.values())
    gone = 0
    for number in range(12):
        found = sorted(times[f"schedule:tally-{number}"])
        step = 2_000 if number % 4 == 2 else 1_000
        gone += (found[-1] - found[0]) // step + 1 - len(found)
    claim("with a worker killed before and after each of its messages, no firing is missing and none happens twice",
          len(times) == 12 and not twice and not gone and set(ids) == set(flat[::2]) and not missed,
          f"{len(ids)} firings of {len(times)} schedules, {sum(kills.values())} kills {dict(kills)}, "
          f"{twice} twice, {gone} missing, {len(missed)} schedules left something out")


def schedules(site):
    firings.around_changes(site.atom, site.short)
    firings.random_crons(site.atom, 500 if site.short else 5_000, seed=1)
    firings.random_rules(site.atom, 200 if site.short else 1_500, seed=2)
    once_each(site)


if __name__ == "__main__":
    play(schedules, 900)
