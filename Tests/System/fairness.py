"""One workspace with a mountain of jobs takes no more turns than those with a few, and weights are kept.

A job is a call that takes a known time; the provider counts whose call came in the first minute (--short: 10 s).
"""
import collections
from concurrent.futures import ThreadPoolExecutor
from itertools import repeat

from house import claim, free_port, play, until
from provider import Provider

WORKERS, TAKES_MS = 4, 200
# Ten a share must not be used up within the measured time: 24 lanes make 120 calls a second at most, and 16 make 80.
EACH, LANES, SHORT_LANES = 10, 6, 4
WEIGHTS = {"one": 1, "two": 2, "four": 4}
TOLERANCE = 0.05


def jain(counts):
    """1 when all are served alike, one n-th when one of n gets it all."""
    return sum(counts) ** 2 / (len(counts) * sum(count * count for count in counts))


def work(site, provider, path, seconds):
    """Starts the workers on all that waits; who was called how often in the time, by number."""
    lanes = SHORT_LANES if site.short else LANES
    workers = [site.start("worker", "--concurrency", lanes) for _ in range(WORKERS)]
    first = until(lambda: provider.calls(path), 60, "nothing runs")[0].at
    until(lambda: provider.calls(path)[-1].at > first + seconds, seconds + 30, "calls cease", every=0.2)
    served = collections.Counter(call.number for call in provider.calls(path) if call.at <= first + seconds)
    for worker in workers:
        worker.kill()
    return served


def fill(site, parts):
    """Has many jobs accepted, by a few callers at once."""
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda part: site.caller().accept_all(part), parts))


def share_equally(site, provider, mountain, others, seconds):
    path = f"/slow/{TAKES_MS}/equal"
    # The mountain comes first, as who comes last to a full queue is who suffers.
    fill(site, [repeat(provider.job(path, 0, share="share:0"), 5_000)] * (mountain // 5_000))
    fill(site, ([provider.job(path, share, share=f"share:{share}") for share in range(1, others + 1)]
                for _ in range(EACH)))
    served = work(site, provider, path, seconds)
    counts = [served[share] for share in range(others + 1)]
    index = jain(counts)
    claim("none of the small ones runs dry while it is measured", max(counts[1:]) < EACH,
          f"{served.total()} calls in {seconds} s, {min(counts)} to {max(counts)} a share")
    claim("Jain's index of service is 0.98 or more", index >= 0.98,
          f"{index:.4f} over {len(counts)} shares, {mountain} jobs in one and {EACH} in each other; "
          f"the mountain got {counts[0]}, the mean is {served.total() / len(counts):.1f}")


def keep_weights(site, provider, jobs, seconds):
    path = f"/slow/{TAKES_MS}/weighed"
    for share, weight in WEIGHTS.items():
        site.caller().put("/api/queues/default/shares/{}", f"weight:{share}", weight=weight)
    fill(site, [repeat(provider.job(path, number, share=f"weight:{share}"), jobs)
                for number, share in enumerate(WEIGHTS)])
    served = work(site, provider, path, seconds)
    counts = [served[number] for number in range(len(WEIGHTS))]
    due = [served.total() * weight / sum(WEIGHTS.values()) for weight in WEIGHTS.values()]
    off = max(abs(count / wanted - 1) for count, wanted in zip(counts, due))
    claim("weights 1:2:4 are served within 5 %", off <= TOLERANCE and max(counts) < jobs,
          f"{':'.join(map(str, counts))} of {served.total()} calls, {off:.1%} off at most")


def forget(site):
    """Nothing of what was measured before is left."""
    with site.link() as link:
        for key in link("KEYS", "atom:{default}:*") + link("KEYS", "atom:{flow}:*"):
            link("UNLINK", key)


def fairness(site):
    provider = Provider(site, free_port())
    site.start_api()
    mountain, others, seconds = (5_000, 99, 10) if site.short else (200_000, 999, 60)
    keep_weights(site, provider, 1_000 if site.short else 3_000, 10 if site.short else 30)
    forget(site)
    share_equally(site, provider, mountain, others, seconds)


if __name__ == "__main__":
    play(fairness, 600)
