"""A worker stopped beyond its lease and continued: each of its late writes is refused, the record is the other's."""
import json, signal, time

from house import claim, free_port, play, until
from receivers import Webhooks
from wires import Ear

LEASE_S = 3
WEBHOOKS = 8
ROWS = 4_000


def accept(caller, receiver):
    """Jobs that the first worker will have in hand: webhooks whose answer waits, and a long import."""
    held = caller.accept([receiver.job("/hold/first", number) for number in range(WEBHOOKS)])
    rows = "".join(f"task {row},todo,low\n" for row in range(ROWS))
    listed = caller.post("/api/tasks/import", f"title,status,priority\n{rows}", Content_Type="text/csv").json["id"]
    return held, listed


def await_middle(site, ear, listed):
    """Stops the first worker in the middle of its import and with all webhooks on their way."""
    def is_midway():
        lines = [json.loads(detail)["percent"] for _, kind, detail in ear.jobs.get(listed, []) if kind == "progress"]
        return lines and lines[-1] < 80
    until(is_midway, 60, "the import does not get to its middle", every=0.0005)


def all_records(site, ids):
    found = {}
    with site.link() as link:
        for key in link("KEYS", site.key("ended:*")):
            flat = link("HGETALL", key)
            found |= {id: text for id, text in zip(flat[::2], flat[1::2]) if id in ids}
    return found


def take_over(site, ear, ids, first):
    """The second worker finishes everything while the first stands still; the records it left."""
    second = site.start_worker("--concurrency", "16")
    until(lambda: ids <= ear.ended, 60, lambda: f"{len(ids - ear.ended)} jobs are not taken over")
    assert first.is_alive
    before = all_records(site, ids)
    authors = {json.loads(text)["k"].split(":")[1] for text in before.values()}
    claim("another worker finishes the jobs of a stopped one", authors == {str(second.pid)},
          f"{len(before)} jobs, lease {LEASE_S} s")
    return before


def continue_first(site, receiver, ear, first, before):
    refused, events = site.stats().get("refused", 0), {id: ear.kinds(id) for id in before}
    receiver.release("first")
    first.signal(signal.SIGCONT)
    wanted = len(before)
    until(lambda: first.output.count("late settlement refused") >= wanted, 30,
          lambda: f"only {first.output.count('late settlement refused')} of {wanted} late settlements come")
    more = site.stats().get("refused", 0) - refused
    # Each job's settlement, and beside them renewals and reports of progress.
    claim("each of its late writes is refused", more >= wanted, f"{more} writes refused, {wanted} of them settlements")
    after = all_records(site, before.keys())
    claim("the records stay the other's", after == before, f"{len(after)} compared byte by byte")
    same = all(ear.kinds(id) == kinds for id, kinds in events.items())
    claim("watchers hear nothing of the late writes", same and not ear.gaps, f"{len(events)} jobs")
    with site.link() as link:
        left = [name for name in ("leases", "holders", "progress", "tries", "crashes", "cancels", "jobs")
                if link("EXISTS", site.key(name))]
    claim("the late writes leave nothing behind", not left, ", ".join(left) or "no key of a running job")


def stop(site):
    site.environment["ATOM_LEASE_SECONDS"] = str(LEASE_S)
    receiver, ear = Webhooks(free_port()), Ear(site.redis.port)
    site.extras += [receiver, ear]
    site.start_api()
    first = site.start_worker("--concurrency", "16")
    held, listed = accept(site.caller(), receiver)
    await_middle(site, ear, listed)
    first.signal(signal.SIGSTOP)
    until(lambda: len(receiver.held.get("first", ())) == WEBHOOKS, 10, "the webhooks are not all on their way")
    stopped = time.monotonic()
    before = take_over(site, ear, {*held, listed}, first)
    until(lambda: time.monotonic() - stopped > LEASE_S, LEASE_S + 1, "time stands still")
    continue_first(site, receiver, ear, first, before)
    [[tasks, titles]] = site.sql("select count(*), count(distinct title) from tasks")
    claim("both together imported each row once", int(tasks) == int(titles) == ROWS, f"{tasks} tasks")
    claim("the worker that was stopped goes on working", is_working(site, receiver, ear, first))


def is_working(site, receiver, ear, first):
    """Has jobs run until the first worker has done one of them."""
    caller, number = site.caller(), 10_000
    for _ in range(200):
        ids = caller.accept([receiver.job("/slow/50", number + index) for index in range(40)])
        number += len(ids)
        until(lambda: set(ids) <= ear.ended, 30, "new jobs do not end")
        if any(f":{first.pid}:" in text for text in all_records(site, set(ids)).values()):
            return True
    return False


if __name__ == "__main__":
    play(stop, 200)
