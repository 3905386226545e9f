"""Limits hold for all workers and queues together, by the clock of the provider that is called.

Four worker processes serve three queues; every limited job counts against `provider:stub` and against its tenant.
"""
import bisect, itertools, threading, time

from house import claim, free_port, play, until
from provider import Provider

QUEUES = ("default", "mail", "bulk")
WORKERS, LANES, TENANTS = 4, 16, 7
LEASE_S = 3
HOLDERS = 8
# After a slot has come free: a sweep finds the dead one's jobs, and whoever waits is called.
SWEEP_S = 4
# Calls that were handed out before their worker could hear of the refusal.
ON_THEIR_WAY_S = 0.5
# Of a p95 of some milliseconds a tenth is less than the machine's own noise.
FLOOR_S = 0.005


def limited(provider, path, number, **more):
    keys = ("provider:stub", f"tenant:{number % TENANTS}")
    return provider.job(path, number, limits=[{"key": key} for key in keys], **more)


def spread(site, jobs):
    """Has jobs accepted, the first third in the first queue and so on; the number of jobs."""
    jobs = list(jobs)
    for place, queue in enumerate(QUEUES):
        site.caller().accept_all(jobs[place::len(QUEUES)], queue)
    return len(jobs)


def most_in_a_second(times):
    """The most that lie within any stretch of one second, its ends included."""
    return max((bisect.bisect_right(times, at + 1) - place for place, at in enumerate(times)), default=0)


def keep_rate(site, provider, name, total, most, rate):
    """Calls come as fast as the limit lets them, and never more than `most` in a second."""
    site.caller().put("/api/limits/{}", "provider:stub", rate=rate)
    path = f"/ok/{name.split()[0]}"
    spread(site, (limited(provider, path, number) for number in range(total)))
    patience = 60 + 3 * total / rate["units"]
    until(lambda: len(provider.calls(path)) >= total, patience,
          lambda: f"only {len(provider.calls(path))} of {total} calls come", every=0.5)
    calls = provider.calls(path)
    times = sorted(call.at for call in calls)
    found, pace = most_in_a_second(times), (total - 1) / (times[-1] - times[0])
    claim(f"{name}: never more than {most} calls in any second", found <= most and len(calls) == total,
          f"{len(calls)} calls by {WORKERS} workers from {len(QUEUES)} queues, most {found}")
    # A window is a tenth longer than asked for, since calls take their time on the way.
    claim(f"{name}: the rate is used", pace >= 0.8 * rate["units"] / 1.1, f"{pace:.0f} calls a second")


class Neighbours(threading.Thread):
    """Jobs of other tenants at an even pace, and how long each takes from its request to its call."""

    numbers = itertools.count(1)

    def __init__(self, site, provider, seconds, pace=50):
        super().__init__()
        self.caller, self.provider, self.seconds, self.pace = site.caller(), provider, seconds, pace
        self.path, self.sent, self.fault = f"/ok/other{next(self.numbers)}", {}, None

    def run(self):
        began = time.monotonic()
        try:
            for number in range(int(self.seconds * self.pace)):
                time.sleep(max(0, began + number / self.pace - time.monotonic()))
                share = f"tenant:other{number % 5}"
                job = self.provider.job(self.path, number, share=share, limits=[{"key": share}],
                                        queue=QUEUES[number % len(QUEUES)])
                self.sent[number] = time.monotonic()
                self.caller.accept(job)
        except Exception as error:
            self.fault = error

    def p95(self):
        self.join()
        if self.fault:
            raise self.fault
        until(lambda: len(self.provider.calls(self.path)) >= len(self.sent), 30, "the others' jobs do not run")
        waits = sorted(call.at - self.sent[call.number] for call in self.provider.calls(self.path))
        return waits[len(waits) * 95 // 100]


def watch_neighbours(site, provider, seconds):
    neighbours = Neighbours(site, provider, seconds)
    neighbours.start()
    return neighbours


def heed_refusal(site, provider, pause_s, backlog):
    """One 429 with Retry-After, and nobody calls before it is over; the others notice nothing."""
    measured_s = max(6, pause_s - 3)
    watch_neighbours(site, provider, 2).p95()  # Connections and scripts are warm before the clock counts.
    idle = watch_neighbours(site, provider, measured_s).p95()
    site.caller().put("/api/limits/{}", "provider:stub", rate={"units": 100, "period_seconds": 1})
    provider.refuse(pause_s)
    total = spread(site, (limited(provider, "/guarded", number) for number in range(backlog)))
    first = until(lambda: refusals(provider), 30, "the provider is not called")[0].at
    until(lambda: time.monotonic() > first + 2, 3, "time stands still")
    neighbours = watch_neighbours(site, provider, measured_s) if pause_s > measured_s else None
    last = refusals(provider)[-1].at
    after = until(lambda: [call for call in provider.calls("/guarded") if call.at > last], pause_s + 30,
                  "the provider is not called again")[0].at
    claim(f"after Retry-After: {pause_s} no worker calls for {pause_s} s", after - last >= pause_s,
          f"the next call of {total} waiting came {after - last:.1f} s later")
    claim("only calls on their way come after the first 429", last - first <= ON_THEIR_WAY_S,
          f"{len(refusals(provider)) - 1} more within {(last - first) * 1000:.0f} ms")
    claim("calls go on when the time is over", after - last <= pause_s + 5)
    if neighbours is None:
        site.caller().put("/api/pauses/{}", "provider:stub", reason="measuring the others")
        neighbours = watch_neighbours(site, provider, measured_s)
    stuck = neighbours.p95()
    claim(f"others wait as on an idle site while it is stuck (p95 within 10 % + {FLOOR_S * 1000:.0f} ms)",
          stuck <= idle * 1.1 + FLOOR_S, f"idle {idle * 1000:.1f} ms, beside {total} stuck {stuck * 1000:.1f} ms")


def refusals(provider):
    return [call for call in provider.calls("/guarded") if call.status == 429]


def slots(site, key):
    """Who holds the limit now."""
    with site.link() as link:
        seconds, micros = link("TIME")
        now_ms = int(seconds) * 1000 + int(micros) // 1000
        return set(link("ZRANGEBYSCORE", f"atom:{{flow}}:slots:{key}", f"({now_ms}", "+inf"))


def free_slots(site, provider, workers):
    """All who hold a limit of concurrency are killed; their slots come free by themselves."""
    key, number = "provider:held", 1_000_000
    site.caller().put("/api/limits/{}", key, concurrency=HOLDERS)

    def jobs(path, count, start):
        return [provider.job(path, start + index, limits=[{"key": key}]) for index in range(count)]
    site.caller().accept(jobs("/hold", HOLDERS, number))
    until(lambda: len(provider.calls("/hold")) == HOLDERS, 30, "the slots are not taken")
    site.caller().accept(jobs("/slow/200/next", 3 * HOLDERS, number + HOLDERS))
    held = slots(site, key)
    killed = time.monotonic()
    for worker in workers:
        worker.kill()
    fresh = [site.start("worker", "--concurrency", LANES) for _ in workers]
    until(lambda: not slots(site, key) & held, LEASE_S + 10, "slots of the dead stay taken")
    freed = time.monotonic() - killed
    claim(f"kill -9 of all holders frees every slot within the lease ({LEASE_S} s)",
          len(held) == HOLDERS and freed <= LEASE_S + 0.2, f"{len(held)} slots, free after {freed:.2f} s")
    until(lambda: len(provider.calls("/slow/200/next")) == 3 * HOLDERS, 60, "the next jobs do not run", every=0.1)
    nexts = provider.calls("/slow/200/next")
    claim("the next jobs start then", nexts[0].at - killed <= LEASE_S + SWEEP_S, f"after {nexts[0].at - killed:.1f} s")
    until(lambda: len(provider.calls("/hold")) == 2 * HOLDERS, 60, "the killed ones' jobs do not run again", every=0.1)
    most = max(call.under_way for call in provider.calls("/hold") + nexts)
    claim(f"never more than {HOLDERS} calls at once", most == HOLDERS, f"most {most}")
    return fresh


def limits(site):
    site.environment |= {"ATOM_QUEUES": ",".join(f"{queue}:1" for queue in QUEUES),
                         "ATOM_LEASE_SECONDS": str(LEASE_S)}
    provider = Provider(site, free_port())
    site.start_api()
    workers = [site.start_worker("--concurrency", LANES) for _ in range(WORKERS)]
    most, calls, pause_s, backlog = (100, 1_500, 3, 2_000) if site.short else (500, 50_000, 30, 10_000)
    site.caller().put("/api/limits/{}", "tenant:*", concurrency=2 * LANES)
    keep_rate(site, provider, "sliding window", calls, most, {"units": most, "period_seconds": 1})
    burst = most // 5
    keep_rate(site, provider, "bucket with burst", calls, most,
              {"units": most - burst, "period_seconds": 1, "burst": burst})
    free_slots(site, provider, workers)
    heed_refusal(site, provider, pause_s, backlog)


if __name__ == "__main__":
    play(limits, 900)
