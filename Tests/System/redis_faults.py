"""Redis killed under load, its scripts flushed, its memory full, away, or set to throw keys away.

Its append-only file is written at every command here: with `everysec` a kill may cost Redis what it acknowledged in
the last moment, and then a job that is missing would be Redis' doing and not Atom's.
"""
import asyncio, collections, json, secrets, threading, time

import websockets

from house import KEY, claim, free_port, play, until
from receivers import Webhooks
from wires import Ear

RETURN_S = 5


class Load:
    """Producers that go on posting, and what they were answered."""

    def __init__(self, site, receiver, pace_s=0.01):
        self.site, self.receiver, self.pace_s = site, receiver, pace_s
        self.accepted, self.others, self.statuses = set(), [], collections.Counter()
        self.is_over = threading.Event()
        self.lock, self.number = threading.Lock(), 0
        self.threads = [threading.Thread(target=self.produce, args=(size,), daemon=True) for size in (1, 1, 10)]
        for thread in self.threads:
            thread.start()

    def job(self):
        with self.lock:
            self.number += 1
            return self.receiver.job("/slow/5", self.number)

    def produce(self, size):
        caller = self.site.caller()
        while not self.is_over.wait(self.pace_s):
            try:
                jobs = [self.job() for _ in range(size)]
                answer = caller.post("/api/jobs/batch", {"jobs": jobs}) if size > 1 else caller.post("/api/jobs", jobs[0])
                self.note(answer)
            except Exception as error:
                self.others.append(repr(error))

    def note(self, answer):
        self.statuses[answer.status] += 1
        if answer.status == 202:
            self.accepted |= {job["id"] for job in answer.json.get("jobs", [answer.json])}
        elif not answer.is_typed_refusal:
            self.others.append(f"{answer.status} {answer.headers} {answer.json}")

    def stop(self):
        self.is_over.set()
        for thread in self.threads:
            thread.join(70)

    @property
    def figures(self):
        return ", ".join(f"{count} x {status}" for status, count in sorted(self.statuses.items()))


class Watcher:
    """A WebSocket client that stays on the relay and notes when it heard an event."""

    def __init__(self, site):
        self.url, self.heard, self.endings = f"ws://127.0.0.1:{site.relay_port}/ws", [], []
        self.is_on = threading.Event()
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_until_complete, args=(self.listen(),), daemon=True)
        self.thread.start()
        self.is_on.wait(20)

    async def listen(self):
        try:
            async with websockets.connect(self.url, additional_headers={"X-API-Key": KEY}) as line:
                await line.send('{"subscribe": {"queue": "default"}}')
                async for text in line:
                    self.is_on.set()
                    if json.loads(text)["type"] == "event":
                        self.heard.append(time.time())
        except Exception as error:
            self.endings.append(repr(error))

    def close(self):
        pass


def await_all(load, site, seconds, what):
    """Waits until each accepted job has its outcome in Redis; the number that has none."""
    def missing():
        with site.link() as link:
            ended = {id for key in link("KEYS", site.key("ended:*")) for id in link("HKEYS", key)}
        return load.accepted - ended
    try:
        until(lambda: not missing(), seconds, "not all ended", every=0.2)
    except TimeoutError:
        pass
    left = missing()
    claim(f"{what}: every accepted job ends", load.accepted and not left, f"{len(load.accepted)} accepted, {len(left)} left")


def restart_three_times(site, receiver):
    load, ear, watcher = Load(site, receiver), Ear(site.redis.port), Watcher(site)
    site.extras += [ear]
    ways = []
    until(lambda: len(ear.ended) > 100, 30, "no load")
    for down_s in (0.2, 1, 2):
        site.redis.kill()
        time.sleep(down_s)
        site.redis.start()
        back = time.time()
        def first(times): return next((moment - back for moment in list(times) if moment > back), None)
        def done(): return first(when for events in list(ear.jobs.values()) for when, kind, _ in list(events) if kind == "done")
        try:
            until(lambda: done() and first(watcher.heard), 30, "not back")
        except TimeoutError:
            pass
        ways.append((done() or 99, first(watcher.heard) or 99))
        time.sleep(1)
    load.stop()
    claim("killed three times under load: producers see only 202 or a typed 503", not load.others and load.statuses[202],
          f"{load.figures}; {len(load.others)} others {load.others[:2]}")
    for what, place in (("workers", 0), ("relay", 1)):
        times = [way[place] for way in ways]
        claim(f"killed three times under load: {what} are back within {RETURN_S} s by themselves", max(times) <= RETURN_S,
              ", ".join(f"{seconds:.2f} s" for seconds in times))
    claim("killed three times under load: a client of the relay stays connected", not watcher.endings, str(watcher.endings))
    await_all(load, site, 60, "killed three times under load")


def flush_scripts(site, receiver):
    seconds = 6 if site.short else 20
    seen, flushes = len(site.complaints()), 0
    load, end = Load(site, receiver), time.monotonic() + seconds
    with site.link() as link:
        while time.monotonic() < end:
            link("SCRIPT", "FLUSH")
            flushes += 1
            time.sleep(0.1)
        missed = int(link.info("errorstats", "errorstat_NOSCRIPT").split("=")[1])
    load.stop()
    await_all(load, site, 30, "SCRIPT FLUSH every 100 ms")
    complaints = site.complaints()[seen:]
    claim("SCRIPT FLUSH every 100 ms: no error anywhere", not complaints and not load.others and set(load.statuses) == {202},
          f"{flushes} flushes, {missed} calls met no script, {load.figures}, {len(complaints)} lines of complaint "
          f"{complaints[:2]}, beside {seen} when Redis was killed")
    claim("SCRIPT FLUSH every 100 ms: the flushes were met, and the logs tell trouble", missed > 0 and seen > 0)


def fill(site, caller, receiver):
    """Takes jobs until Redis is as full as the API lets it become; the ids, and the refusal."""
    ids = set()
    for number in range(2_000):
        time.sleep(0.01)
        job = receiver.job("/ok", 1_000_000 + number)
        # Noise, for what repeats itself is kept compressed.
        job["arguments"]["data"]["filler"] = secrets.token_urlsafe(37_500)
        answer = caller.post("/api/jobs", job)
        if answer.status != 202:
            return ids, answer
        ids.add(answer.json["id"])
    return ids, None


def fill_memory(site, receiver, workers):
    for worker in workers:
        worker.stop()
    caller = site.caller()
    with site.link() as link:
        limit = int(link.info("memory", "used_memory")) + 40_000_000
        link("CONFIG", "SET", "maxmemory", limit)
        ids, refusal = fill(site, caller, receiver)
        used = int(link.info("memory", "used_memory"))
        claim("nearly full: enqueue is refused with a typed 503", refusal is not None and refusal.is_typed_refusal,
              f"{len(ids)} jobs taken, {used * 100 // limit} % used: {refusal and refusal.json['detail'][:60]}")
        claim("nearly full: room is left for the work on the backlog", used < limit * 0.95, f"{used} of {limit} bytes")
        link("CONFIG", "SET", "maxmemory", used - 1_000_000)
        kept = caller.post("/api/jobs", receiver.job("/ok", 2_000_000) | {"durable": True})
        claim("over its limit: a durable job is accepted all the same", kept.status == 202, f"{kept.status}")
        over = caller.post("/api/jobs", receiver.job("/ok", 2_000_001))
        claim("over its limit: enqueue is refused with a typed 503", over.is_typed_refusal,
              f"{over.status} {over.json.get('detail', '')[:60]}")
        workers[:] = [site.start("worker"), site.start("worker")]
        drain(site, link, ids | {kept.json["id"]})
        link("CONFIG", "SET", "maxmemory", "0")


def drain(site, link, ids):
    began = time.monotonic()
    def left():
        ended = {id for key in link("KEYS", site.key("ended:*")) for id in link("HKEYS", key)}
        return ids - ended
    try:
        until(lambda: not left(), 60, "the backlog does not drain", every=0.1)
    except TimeoutError:
        pass
    claim("over its limit: the backlog drains to zero", not left(),
          f"{len(ids)} jobs in {time.monotonic() - began:.1f} s, {len(left())} left")


def stop_entirely(site, receiver):
    site.redis.kill()
    caller, began = site.caller(), time.monotonic()
    kept = [caller.post("/api/jobs", receiver.job("/ok", 3_000_000 + n) | {"durable": True}) for n in range(20)]
    each_ms = (time.monotonic() - began) * 50
    batch = caller.post("/api/jobs/batch", {"jobs": [receiver.job("/ok", 3_000_100 + n) for n in range(20)], "durable": True})
    refused = caller.post("/api/jobs", receiver.job("/ok", 3_000_200))
    claim("away: durable jobs are accepted", {answer.status for answer in [*kept, batch]} == {202},
          f"{sorted({answer.status for answer in [*kept, batch]})}, {each_ms:.0f} ms each")
    claim("away: others are refused with a typed 503", refused.is_typed_refusal, f"{refused.status}")
    site.redis.start()
    ids = [answer.json["id"] for answer in kept] + [job["id"] for job in (batch.json or {}).get("jobs", [])]
    began = time.monotonic()
    try:
        until(lambda: all(receiver.taken(id) for id in ids), 60, "the durable jobs do not run")
    except TimeoutError:
        pass
    times = [len(receiver.calls.get(f"msg_{id}", [])) for id in ids]
    claim("away: durable jobs run by themselves once Redis is back", len(ids) == 40 and set(times) == {1},
          f"{sum(map(bool, times))} of {len(ids)} in {time.monotonic() - began:.1f} s, called at most {max(times, default=0)} times")


def refuse_eviction(site):
    with site.link() as link:
        link("CONFIG", "SET", "maxmemory-policy", "allkeys-lru")
        for role in ("worker", "api", "relay"):
            child = site.start(role, name=f"refused-{role}", ATOM_PORT=str(free_port()), ATOM_RELAY_PORT=str(free_port()))
            until(lambda: not child.is_alive, 30, f"atom {role} does not refuse")
            status = child.process.returncode
            said = child.output.strip().splitlines()
            claim(f"eviction policy allkeys-lru: atom {role} refuses to start and says how to fix it",
                  status == 1 and "allkeys-lru" in child.output and "CONFIG SET maxmemory-policy noeviction" in child.output,
                  f"exit {status}: {said[-1][:110] if said else ''}")
        link("CONFIG", "SET", "maxmemory-policy", "noeviction")


def redis_faults(site):
    receiver = Webhooks(free_port())
    site.extras.append(receiver)
    site.start_api()
    site.start_relay()
    workers = [site.start_worker(), site.start_worker()]
    restart_three_times(site, receiver)
    flush_scripts(site, receiver)
    fill_memory(site, receiver, workers)
    stop_entirely(site, receiver)
    refuse_eviction(site)


if __name__ == "__main__":
    play(redis_faults, 300, redis=("--appendonly", "yes", "--appendfsync", "always"))
