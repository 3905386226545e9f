"""Jobs of every fate leave nothing behind: no key outside the registry, and Redis' memory as it was.

A first, smaller round of the same kinds loads scripts, connections and tables; then memory is measured, the round is
run, its retention passes, and memory is measured again. The stream of events outlives the retention of jobs (an hour
by its own expiry, and capped); its time is brought forward here, in both rounds, instead of waiting for it.
"""
import re, statistics, threading, time

from house import ROOT, claim, free_port, play, until
from receivers import Webhooks

RETENTION_S = 5
BATCH = 1_000
DEAD_LIMIT = 10_000
TOLERANCE = 0.02


class Round:
    """So many jobs: most done, the others retried, dead, cancelled or expired."""

    def __init__(self, site, receiver, total, first):
        self.site, self.receiver, self.total, self.number = site, receiver, total, first
        self.caller, self.ids = site.caller(), {}

    def accept(self, fate, share, path, **more):
        ids, count = [], round(self.total * share)
        while len(ids) < count:
            jobs = []
            for _ in range(min(BATCH, count - len(ids))):
                self.number += 1
                jobs.append(self.receiver.job(path, self.number, **more))
            ids += self.caller.accept(jobs)
        self.ids[fate] = ids

    def run(self):
        expiry = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 3 + self.total / 20_000))
        self.accept("expired", 0.05, "/ok", expires_at=expiry)
        self.accept("cancelled", 0.05, "/ok", delay_seconds=86_400)
        self.accept("cancelled waiting", 0.01, "/ok", priority="low")
        self.cancel()
        until(lambda: time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()) > expiry, 60, "time stands still")
        workers = [self.site.start_worker(), self.site.start_worker()]
        self.accept("retried", 0.05, "/fail/1")
        self.receiver.swap("/gone/later", "/gone")
        self.accept("dead", 0.12, "/gone/later")
        for part in range(10):
            self.accept(f"done {part}", 0.072, "/ok", priority=("high", "normal", "low")[part % 3])
        self.await_ends()
        self.bury()
        for worker in workers:
            worker.stop()

    def cancel(self):
        for id in self.ids["cancelled"] + self.ids["cancelled waiting"]:
            answer = self.caller.post(f"/api/jobs/{id}/cancel?queue=default")
            if answer.status != 200:
                raise RuntimeError(f"not cancelled: {answer.status} {answer.json}")

    @property
    def depths(self):
        return self.caller.get("/api/queues").json["queues"][0]

    def await_ends(self):
        def is_over():
            depths = self.depths
            return depths["backlog"] + depths["running"] + depths["scheduled"] == 0
        until(is_over, 900, lambda: f"not all ended: {self.depths}", every=0.2)

    def bury(self):
        """Dead letters leave only by age, by number and by a retry; here the oldest go, the others are put back."""
        dead = len(self.ids["dead"])
        if dead > DEAD_LIMIT:
            until(lambda: self.depths["dead"] <= DEAD_LIMIT, 40, "the dead letters are not bounded", every=0.2)
        claim(f"dead letters are {DEAD_LIMIT} at most", self.depths["dead"] == min(dead, DEAD_LIMIT),
              f"{dead} died, {self.depths['dead']} kept")
        self.receiver.swap("/gone/later", "/ok")
        answers = [self.caller.post(f"/api/jobs/{id}/retry?queue=default").status for id in self.ids["dead"]]
        revived = answers.count(202)
        claim("dead letters that are kept can be put back, one by one", revived == min(dead, DEAD_LIMIT),
              f"{revived} put back")
        self.await_ends()


def registry():
    """The keys that Keys.swift names, as patterns."""
    text = (ROOT / "Sources/Queue/Keys.swift").read_text()
    # A case is called as its key ends, unless it says how that is.
    cases = re.findall(r'^ +case ([a-zA-Z]+)(?: = "([a-z]+:?)")?$', text, re.M)
    ends = [end or name for name, end in cases]
    prefixed = re.findall(r'prefix\):([a-z]+:?)', text)
    patterns = [rf"atom:\{{[a-z~]+\}}:{end}" for end in ends] + [f"atom:{name}" for name in prefixed]
    return [re.compile(pattern + (".+" if pattern.endswith(":") else "")) for pattern in patterns]


class Watch:
    """Looks at the keys now and then, and remembers those that nobody registered."""

    def __init__(self, site):
        self.site, self.patterns, self.seen = site, registry(), set()
        self.is_over = threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        with self.site.link() as link:
            while not self.is_over.wait(0.2):
                self.seen |= set(link("KEYS", "*"))

    def close(self):
        self.is_over.set()
        self.thread.join(5)

    @property
    def strangers(self):
        return [key for key in self.seen if not any(pattern.fullmatch(key) for pattern in self.patterns)]


def settle_down(site, link):
    """Waits until what a round left has passed; what is left then."""
    stream = site.key("events")
    ttl = link("TTL", stream)
    claim("the stream of events has an end of its own", 0 < ttl <= 3_600, f"{link('XLEN', stream)} entries, {ttl} s left")
    link("EXPIRE", stream, 1)
    def is_bare():
        keys = set(link("KEYS", "*"))
        lasting = {site.key(end) for end in ("stats", "seq", "tries", "wake", "alarm", "clock")}
        lasting |= {"atom:queues", "atom:{schedules}:alarm"}
        # What rows tell of their changes: bounded, and with a time to live of its own.
        lasting |= {site.key(end, "~changes") for end in ("seq", "events", "announced")}
        # The paces of providers, one field a provider.
        lasting.add(site.key("limits", "flow"))
        return keys <= lasting and keys
    return until(is_bare, RETENTION_S + 60, lambda: f"left: {link('KEYS', '*')}", every=0.2)


def memory(link):
    """The bytes Redis uses once it has come to rest: the least of a few seconds, in which buffers shrink."""
    samples = []
    for _ in range(30):
        samples.append(int(link.info("memory", "used_memory")))
        time.sleep(0.2)
    return min(samples[10:]), statistics.pstdev(samples[10:])


def accounting(site):
    site.environment["ATOM_RETENTION_SECONDS"] = str(RETENTION_S)
    receiver, watch = Webhooks(free_port()), Watch(site)
    site.extras += [receiver, watch]
    site.start_api()
    total = 5_000 if site.short else 100_000
    with site.link() as link:
        Round(site, receiver, total // 5, 0).run()
        settle_down(site, link)
        start, noise = memory(link)
        before = site.stats()
        round_ = Round(site, receiver, total, 1_000_000)
        began = time.monotonic()
        round_.run()
        seconds = time.monotonic() - began
        judge_fates(round_, before, site.stats(), seconds)
        left = settle_down(site, link)
        end, _ = memory(link)
    claim("after retention no job has left a key", site.key("tries") not in left, f"left: {', '.join(sorted(left))}")
    claim("no key is outside of the registry in Keys.swift", not watch.strangers and len(watch.seen) > 10,
          f"{len(watch.seen)} keys seen, strangers: {watch.strangers[:3]}")
    claim(f"memory is back within {TOLERANCE:.0%}", abs(end - start) <= start * TOLERANCE,
          f"{start} bytes before, {end} after: {(end - start) / start:+.2%}; noise {noise:.0f} bytes")


def judge_fates(round_, before, after, seconds):
    more = {name: after.get(name, 0) - before.get(name, 0) for name in after}
    counts = {fate: len(ids) for fate, ids in round_.ids.items()}
    trimmed = max(0, counts["dead"] - DEAD_LIMIT)
    total = sum(counts.values())
    fates = ", ".join(f"{count} {fate}" for fate, count in counts.items() if not fate.startswith("done"))
    spared = [id for fate in ("expired", "cancelled", "cancelled waiting") for id in round_.ids[fate]]
    ran = sum(f"msg_{id}" in round_.receiver.calls for id in spared)
    fine = (ran == 0 and more["enqueued"] == total and more["ended"] == total - trimmed and more["dead"] == counts["dead"]
            and more["later"] >= counts["retried"])
    claim("every job met its fate", fine, f"{total} jobs in {seconds:.0f} s: {fates}, the others done; {ran} ran of those that must not; counters {more}")


if __name__ == "__main__":
    play(accounting, 1_200, redis=("--appendonly", "no"))
