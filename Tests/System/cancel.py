"""A cancel reaches a job wherever it is: each ends cancelled or done, never both, and none comes back.

The jobs run in workers; the cancels go over HTTP through the API's process, while the jobs are scheduled, waiting,
just claimed, running, between two attempts, or about to end. One job is an endless loop that heeds nothing.
"""
import collections, json, random, subprocess, threading, time

from house import claim, free_port, play, until
from provider import Provider
from wires import ENDINGS, Ear

# For each phase what the job is, and how long after its acceptance it is cancelled, in seconds.
PHASES = {
    "scheduled": ("/ok", {"delay_seconds": 600}, (0, 1)),
    "waiting": ("/ok", {"queue": "idle"}, (0, 0.5)),
    "kept back": ("/ok", {"limits": [{"key": "kept:back"}]}, (0, 0.5)),
    "claimed": ("/slow/30", {}, (0, 0.03)),
    "running": ("/slow/60000", {}, (0.3, 2)),
    "retrying": ("/fail/9", {}, (0.3, 2)),
    "ending": ("/slow/150", {}, (0.13, 0.19)),
}
CALLERS = 24
WORKERS, LANES = 2, 64
COOPERATIVE_S = 1
# What `atom bench worker` gives a job that was told to stop, and what comes on top of it.
GRACE_S, LOOK_S = 5, 1
NAP_MS = 22_000


class Asker(threading.Thread):
    """Has jobs accepted one by one and cancels each in its phase."""

    def __init__(self, site, provider, numbers, seed):
        super().__init__()
        self.caller, self.provider, self.numbers = site.caller(), provider, numbers
        self.dice, self.asked, self.fault = random.Random(seed), {}, None

    def run(self):
        try:
            for number in self.numbers:
                self.cancel(number, list(PHASES)[number % len(PHASES)])
        except Exception as error:
            self.fault = error

    def cancel(self, number, phase):
        path, more, between = PHASES[phase]
        [id] = self.caller.accept(self.provider.job(f"{path}/{phase.replace(' ', '-')}", number, **more))
        time.sleep(self.dice.uniform(*between))
        began = time.time()
        queue = more.get("queue", "default")
        answer = self.caller.post(f"/api/jobs/{id}/cancel?queue={queue}", {"reason": f"phase {phase}"})
        if answer.status not in (200, 202, 409):
            raise RuntimeError(f"cancel answered {answer.status} {answer.json}")
        self.asked[id] = (phase, queue, answer.status, began, time.monotonic())


def ask_all(site, provider, total):
    askers = [Asker(site, provider, range(first, total, CALLERS), first) for first in range(CALLERS)]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join()
        if asker.fault:
            raise asker.fault
    return {id: what for asker in askers for id, what in asker.asked.items()}


def judge_ends(site, asked, ears):
    """Each has one end, and event and record tell the same."""
    caller, wrong, ends = site.caller(), [], collections.Counter()
    for id, (phase, queue, status, _, _) in asked.items():
        events = [kind for kind in ears[queue].kinds(id) if kind in ENDINGS]
        state = caller.get(f"/api/jobs/{id}?queue={queue}").json["state"]
        is_right = events == [state] and state in ("cancelled", "done") and (status != 200 or state == "cancelled")
        ends[state] += 1
        if not is_right:
            wrong.append((id, phase, status, events, state))
    claim("each ends cancelled or done, never both, and events and record agree", not wrong,
          f"{len(asked)} jobs, {dict(ends)}, wrong {wrong[:3]}")
    answers = collections.Counter((phase, status) for phase, _, status, _, _ in asked.values())
    print("  " + ", ".join(f"{phase} {status}: {count}" for (phase, status), count in sorted(answers.items())))
    seen = {status for _, status in answers}
    claim("cancels met jobs that wait, that run and that had ended", seen == {200, 202, 409}, f"answers {sorted(seen)}")


def judge_silence(site, provider, asked):
    """What was cancelled before it ran, or between two attempts, is never heard of again."""
    late = [call.id for call in provider.calls()
            if (known := asked.get(call.id.removeprefix("msg_"))) and known[2] == 200 and call.at > known[4]]
    claim("nothing revives a cancelled job", not late, f"{len(late)} calls after the answer")
    left = [f"{queue} {name}" for queue in ("default", "idle")
            for name in ("jobs", "leases", "later", "holders", "tries", "errors", "cancels", "groups", "holds", "keeps")
            if exists(site, site.key(name, queue))]
    claim("cancelled jobs leave nothing behind", not left, ", ".join(left) or "no key of a job that has not ended")


def exists(site, key):
    with site.link() as link:
        return link("EXISTS", key)


def judge_speed(asked, ears):
    times = sorted(next(at for at, kind, _ in ears[queue].jobs[id] if kind in ENDINGS) - began
                   for id, (phase, queue, status, began, _) in asked.items() if phase == "running" and status == 202)
    p99 = times[len(times) * 99 // 100]
    claim(f"p99 from cancel to end of running jobs is {COOPERATIVE_S} s at most", p99 <= COOPERATIVE_S,
          f"{len(times)} jobs, median {times[len(times) // 2] * 1000:.0f} ms, p99 {p99 * 1000:.0f} ms, "
          f"longest {times[-1] * 1000:.0f} ms")


def anywhere(site):
    ears = {queue: Ear(site.redis.port, queue) for queue in ("default", "idle")}
    site.extras += ears.values()
    provider = Provider(site, free_port())
    site.start_api()
    site.caller().put("/api/pauses/{}", "kept:back", reason="jobs of this key are to wait")
    workers = [site.start_worker("--concurrency", LANES) for _ in range(WORKERS)]
    asked = ask_all(site, provider, 150 if site.short else 1_000)
    until(lambda: all(id in ears[queue].ended for id, (_, queue, *_) in asked.items()), 30, "not all end")
    # A retry would come five seconds after the failure before it.
    time.sleep(6)
    judge_ends(site, asked, ears)
    judge_silence(site, provider, asked)
    judge_speed(asked, ears)
    for worker in workers:
        worker.stop()


def bench(site, *words):
    """What an `atom bench` command says."""
    done = subprocess.run([site.atom, "bench", *map(str, words)], env=site.environment, cwd=site.folder,
                          capture_output=True, text=True, timeout=60, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def workspace(site):
    """The id of our own workspace, as a job's envelope has it."""
    [id] = site.caller().accept({"name": "analyze_workspace", "delay_seconds": 600})
    with site.link() as link:
        envelope = link("HGET", site.key("jobs"), id)
    site.caller().post(f"/api/jobs/{id}/cancel?queue=default")
    return envelope[14:40]


def endless(site):
    """A handler that never returns loses its slot after the grace; its neighbours end, and its worker is replaced."""
    site.environment |= {"BENCH_PORT": str(site.redis.port), "BENCH_OUT": "/dev/null"}
    ear, caller = Ear(site.redis.port, "bench"), site.caller()
    site.extras.append(ear)
    worker = site.start_worker(command=("bench", "worker"))
    own = workspace(site)
    jobs = bench(site, "trial", "--workspace", own, "--naps", 3, "--nap-ms", NAP_MS, "--spin")
    ids = {*jobs["naps"], jobs["spin"]}
    until(lambda: all("running" in ear.kinds(id) for id in ids), 20, "the endless job and its neighbours do not run")
    began = time.time()
    status = caller.post(f"/api/jobs/{jobs['spin']}/cancel?queue=bench", {"reason": "it never ends"}).status
    until(lambda: jobs["spin"] in ear.ended, GRACE_S + 20, "the endless job keeps its slot")
    [(at, kind)] = [(at, kind) for at, kind, _ in ear.jobs[jobs["spin"]] if kind in ENDINGS]
    claim(f"an endless loop loses its slot after the grace of {GRACE_S} s", status == 202 and kind == "cancelled"
          and GRACE_S - 0.1 <= at - began <= GRACE_S + LOOK_S, f"{kind} after {at - began:.1f} s")
    until(lambda: ids <= ear.ended, NAP_MS / 1000 + 30, "its neighbours do not end")
    kinds = [ear.kinds(id) for id in jobs["naps"]]
    calm = all(some.count("running") == 1 and some[-1] == "done" for some in kinds)
    claim("its neighbours finish undisturbed", calm, f"{len(kinds)} jobs of {NAP_MS / 1000:.0f} s")
    fresh = bench(site, "trial", "--workspace", own, "--naps", 1, "--nap-ms", 1)["naps"]
    until(lambda: ear.ended.issuperset(fresh), 60, "the worker does no more jobs")
    claim("its worker is replaced under the same process id and goes on", worker.is_alive
          and "replaced" in worker.output and not site.stats("bench").get("crashed"), f"process {worker.pid}")


def cancel(site):
    anywhere(site)
    endless(site)


if __name__ == "__main__":
    play(cancel, 300)
