"""A deploy restarts every worker under load, and nobody notices: no effect twice, no retry spent, no gap.

Jobs come evenly; the workers are stopped by SIGTERM and started again, one after the other.
"""
import collections, threading, time

from house import claim, free_port, play, until
from provider import Provider
from wires import Ear

WORKERS, LANES, PACE = 4, 32, 500
BATCH = 25
GAP_S = 1


class Producer(threading.Thread):
    """Has jobs accepted at an even pace until it is told to end."""

    def __init__(self, site, provider):
        super().__init__()
        self.caller, self.provider = site.caller(), provider
        self.accepted, self.fault, self.is_over = {}, None, threading.Event()

    def run(self):
        began, number = time.monotonic(), 0
        try:
            while not self.is_over.is_set():
                # Long enough that every worker has some under way whenever it is stopped.
                jobs = [self.provider.job(f"/slow/{index % 4 * 100}", number + index) for index in range(BATCH)]
                now = time.monotonic()
                self.accepted |= dict.fromkeys(self.caller.accept(jobs), now)
                number += BATCH
                time.sleep(max(0, began + number / PACE - time.monotonic()))
        except Exception as error:
            self.fault = error

    def finish(self):
        self.is_over.set()
        self.join()
        if self.fault:
            raise self.fault


def restart(site, workers, place):
    """Stops one worker as a supervisor does and starts it anew; the time it took."""
    began = time.monotonic()
    status = workers[place].stop()
    if status != 0:
        raise RuntimeError(f"a worker ended with {status}: {workers[place].output[-1000:]}")
    workers[place] = site.start_worker("--concurrency", LANES)
    return time.monotonic() - began


def widest_gap(calls, begin, end):
    """The longest time without any call."""
    times = [begin, *sorted(call.at for call in calls if begin <= call.at <= end), end]
    return max(later - earlier for earlier, later in zip(times, times[1:]))


def slowest_second(calls, begin, end):
    """The fewest calls in any whole second."""
    seconds = collections.Counter(int(call.at - begin) for call in calls if begin <= call.at <= end)
    return min(seconds[second] for second in range(int(end - begin)))


def judge(site, provider, producer, ear, span):
    calls = provider.calls("/slow")
    counts = collections.Counter(call.id.removeprefix("msg_") for call in calls)
    twice = [id for id, count in counts.items() if count > 1]
    missing = producer.accepted.keys() - counts.keys()
    claim("no effect comes twice, and none is missing", not twice and not missing,
          f"{len(producer.accepted)} jobs, {len(calls)} calls, {len(twice)} twice, {len(missing)} missing")
    kinds = collections.Counter(kind for id in producer.accepted for kind in ear.kinds(id))
    retried = kinds["retrying"] + kinds["dead"]
    claim("no retry of a user is spent, and no worker counts as crashed",
          not retried and not site.stats().get("crashed", 0) and not ear.gaps,
          f"{kinds['done']} done, {retried} tried again, {kinds['released']} given back")
    gap = widest_gap(calls, *span)
    took = sorted(call.at - producer.accepted[call.id.removeprefix("msg_")] for call in calls
                  if call.id.removeprefix("msg_") in producer.accepted)
    claim(f"there is no gap over {GAP_S} s in what is done", gap <= GAP_S,
          f"{gap * 1000:.0f} ms at most, at least {slowest_second(calls, *span)} calls in each second, "
          f"p99 from request to call {took[len(took) * 99 // 100] * 1000:.0f} ms")


def rolling(site):
    provider, ear = Provider(site, free_port()), Ear(site.redis.port)
    site.extras.append(ear)
    site.start_api()
    workers = [site.start_worker("--concurrency", LANES) for _ in range(WORKERS)]
    producer = Producer(site, provider)
    producer.start()
    until(lambda: len(provider.calls()) >= 2 * PACE, 30, "the load does not come up", every=0.1)
    begin, times = time.monotonic(), []
    for _ in range(1 if site.short else 5):
        for place in range(WORKERS):
            times.append(restart(site, workers, place))
            time.sleep(0.5)
    end = time.monotonic()
    producer.finish()
    until(lambda: producer.accepted.keys() <= ear.ended, 60,
          lambda: f"{len(producer.accepted.keys() - ear.ended)} jobs do not end", every=0.1)
    pace = sum(begin <= at <= end for at in producer.accepted.values()) / (end - begin)
    claim(f"{len(times)} restarts under {PACE} jobs a second", pace >= 0.95 * PACE,
          f"{pace:.0f} accepted a second for {end - begin:.0f} s, a restart took {max(times):.1f} s at most")
    judge(site, provider, producer, ear, (begin, end))


if __name__ == "__main__":
    play(rolling, 300)
