#!/usr/bin/env python3
"""Shows that a client of the relay sees every event exactly once, however often it is cut off.

Enqueues jobs over HTTP, follows the workspace over WebSocket and breaks one connection after another: the socket,
Redis' to the relay (with --redis), the relay itself (with --relay-command, which it then starts and kills). Each
time it connects again and asks for what came after the last events it saw. At the end every job must have gone
waiting < running < done, every event must name the one before it, and with --redis the ids must be those that
Redis' streams hold. Exits 0 if all of that is so, else 1.

Needs Python 3.10 and the package `websockets` 14 or newer.

    relay_resume.py --ws ws://127.0.0.1:8081/ws --api http://127.0.0.1:8080 --key KEY --jobs 500 --cuts 20 \\
        --redis redis://127.0.0.1:6379/0
"""

import argparse
import asyncio
import json
import shlex
import socket
import subprocess
import sys
import time
import urllib.parse
import urllib.request

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

ENDS = {"done", "dead", "cancelled", "expired"}
RUNNERS = 4


class Redis:
    """As much of a Redis client as is needed to read streams and to cut connections."""

    def __init__(self, url):
        parts = urllib.parse.urlparse(url)
        self.socket = socket.create_connection((parts.hostname, parts.port or 6379), 5)
        self.file = self.socket.makefile("rb")
        if parts.password:
            self.ask("AUTH", *([parts.username] if parts.username else []), parts.password)
        if parts.path.strip("/"):
            self.ask("SELECT", parts.path.strip("/"))

    def ask(self, *words):
        words = [str(word).encode() for word in words]
        self.socket.sendall(
            b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(word), word) for word in words)
        )
        return self.reply()

    def reply(self):
        line = self.file.readline().rstrip(b"\r\n").decode()
        kind, rest = line[:1], line[1:]
        if kind == "-":
            raise RuntimeError(f"Redis says: {rest}")
        if kind == "$":
            return None if rest == "-1" else self.file.read(int(rest) + 2)[:-2].decode()
        if kind == "*":
            return None if rest == "-1" else [self.reply() for _ in range(int(rest))]
        return int(rest) if kind == ":" else rest


class Reference:
    """What the streams of all queues hold, read as it comes, because they are capped."""

    def __init__(self, url, prefix):
        self.redis, self.prefix = Redis(url), prefix
        self.places, self.events = {}, []

    def read(self):
        for queue in self.redis.ask("SMEMBERS", f"{self.prefix}:queues"):
            while self.read_page(queue):
                pass

    def read_page(self, queue):
        key, after = f"{self.prefix}:{{{queue}}}:events", self.places.get(queue, 0)
        page = self.redis.ask("XRANGE", key, f"({after}-0", "+", "COUNT", 500)
        for name, fields in page:
            sequence = self.places[queue] = int(name.split("-")[0])
            for index, line in enumerate(fields[1].split("\n")):
                kind, job, workspace = line.split(" ", 3)[:3]
                self.events.append((f"{queue}:{sequence}:{index}", kind, job, workspace))
        return len(page) == 500

    def cut(self):
        self.redis.ask("CLIENT", "KILL", "TYPE", "pubsub")

    def ids(self, jobs, starts):
        """The ids of the events of the workspace that the jobs belong to, from where we began."""
        workspaces = {workspace for _, _, job, workspace in self.events if job in jobs}
        return sorted(
            (place(id) for id, _, _, workspace in self.events if workspace in workspaces and is_after(id, starts)),
        )


def place(id):
    """An id as something that sorts: queue, batch, event; the end of a batch comes after its events."""
    parts = id.split(":")
    return parts[0], int(parts[1]), int(parts[2]) if len(parts) > 2 else 1 << 31


def is_after(id, starts):
    start = starts.get(id.split(":")[0])
    return start is None or place(id) > place(start)


class Watcher:
    """One client that comes back: what it saw, and what it found wrong."""

    def __init__(self, options, reference):
        self.options, self.reference = options, reference
        self.relay = None
        self.starts, self.cursors = None, {}
        self.events, self.faults, self.cuts = [], [], []
        self.ended = set()
        self.lost, self.longest = None, 0.0

    async def run(self, jobs, expected):
        deadline = time.monotonic() + self.options.patience
        while not self.is_done(jobs):
            if time.monotonic() > deadline:
                self.faults.append(f"only {len(self.ended)} of {expected} jobs ended in time")
                return
            try:
                async with connect(
                    self.options.ws, additional_headers={"X-API-Key": self.options.key}, open_timeout=5
                ) as browser:
                    await self.follow(browser, jobs, expected)
            except (OSError, ConnectionClosed, InvalidHandshake, TimeoutError):
                self.lost = self.lost or time.monotonic()
                await asyncio.sleep(0.05)

    def is_done(self, jobs):
        return jobs.is_set and len(self.cuts) >= self.options.cuts and jobs.ids <= self.ended

    async def follow(self, browser, jobs, expected):
        ask = {"subscribe": {"workspace": True}}
        if self.starts is not None:
            ask["after"] = sorted(self.cursors.values())
        await browser.send(json.dumps(ask))
        while not self.is_done(jobs):
            try:
                frame = json.loads(await asyncio.wait_for(browser.recv(), 0.5))
            except TimeoutError:
                if len(self.cuts) < self.options.cuts and jobs.is_set:
                    await self.cut(browser)
                continue
            if frame["type"] == "subscribed":
                self.longest = max(self.longest, time.monotonic() - (self.lost or time.monotonic()))
                self.lost = None
            self.take(frame)
            jobs.started.set()
            step = expected * 3 / (self.options.cuts + 1)
            if len(self.cuts) < self.options.cuts and len(self.events) > step * (len(self.cuts) + 1):
                await self.cut(browser)

    def take(self, frame):
        if frame["type"] == "event":
            self.hear(frame)
        elif frame["type"] == "subscribed" and self.starts is None:
            self.starts = {at.split(":")[0]: at for at in frame["at"]}
            self.cursors = dict(self.starts)
        elif frame["type"] != "subscribed":
            self.faults.append(f"the relay sent {json.dumps(frame)}")

    def hear(self, frame):
        queue, id = frame["queue"], frame["id"]
        known = self.cursors.get(queue)
        if known is not None and place(id) <= place(known):
            self.faults.append(f"{id} came after {known}")
        if frame["previous"] is not None and frame["previous"] != known:
            self.faults.append(f"{id} names {frame['previous']} as the one before, not {known}")
        if frame["previous"] is None and known != (self.starts or {}).get(queue):
            self.faults.append(f"{id} names none before it, but there was {known}")
        self.cursors[queue] = id
        self.events.append((id, frame["event"], frame["job"]))
        if frame["event"] in ENDS:
            self.ended.add(frame["job"])

    async def cut(self, browser):
        kinds = ["socket"] + ["redis"] * bool(self.reference) + ["relay"] * bool(self.relay)
        kind = kinds[len(self.cuts) % len(kinds)]
        self.cuts.append(kind)
        if kind == "redis":
            self.reference.cut()
        elif kind == "relay":
            self.relay.restart()
        else:
            browser.transport.abort()


class Relay:
    """The relay as a child of this script, to be killed at will."""

    def __init__(self, command):
        self.command = shlex.split(command)
        self.start()

    def start(self):
        self.child = subprocess.Popen(self.command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def stop(self):
        self.child.kill()
        self.child.wait()

    def restart(self):
        self.stop()
        self.start()


class Jobs:
    """What is enqueued, over HTTP."""

    def __init__(self, options):
        self.options = options
        self.ids, self.is_set = set(), False
        self.started = asyncio.Event()
        self.faults = []

    async def enqueue(self):
        await self.started.wait()
        places = asyncio.Semaphore(RUNNERS)
        await asyncio.gather(*(self.one(places) for _ in range(self.options.jobs)))
        self.is_set = True

    async def one(self, places):
        async with places:
            try:
                self.ids.add(await asyncio.to_thread(self.post))
                await asyncio.sleep(self.options.pause_ms / 1000)
            except OSError as error:
                self.faults.append(f"a job was not accepted: {error}")

    def post(self):
        body = {"name": self.options.name, "arguments": json.loads(self.options.arguments)}
        request = urllib.request.Request(
            self.options.api.rstrip("/") + "/api/jobs",
            json.dumps(body).encode(),
            {"Content-Type": "application/json", "X-API-Key": self.options.key},
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)["id"]


def judge_order(events, jobs):
    """What is wrong with the order of each job's events."""
    stories = {}
    for _, kind, job in events:
        stories.setdefault(job, []).append(kind)
    for job in jobs:
        story = stories.get(job, [])
        ends = [kind for kind in story if kind in ENDS]
        if story[:1] != ["waiting"] or "running" not in story or ends != ["done"] or story[-1] != "done":
            yield f"job {job} went {' < '.join(story) or 'nowhere'}"


def judge_reference(watcher, reference, jobs):
    """What differs from what Redis holds."""
    reference.read()
    told = sorted(place(id) for id, _, _ in watcher.events)
    kept = reference.ids(jobs, watcher.starts or {})
    last = {}
    for id, _, _ in watcher.events:
        last[id.split(":")[0]] = id
    kept = [one for one in kept if one[0] in last and one <= place(last[one[0]])]
    missing, extra = set(kept) - set(told), set(told) - set(kept)
    if missing:
        yield f"{len(missing)} events were never told, such as {min(missing)}"
    if extra:
        yield f"{len(extra)} events were told that Redis does not hold, such as {min(extra)}"
    if len(told) != len(set(told)):
        yield f"{len(told) - len(set(told))} events were told twice"


async def keep_reading(reference):
    while True:
        reference.read()
        await asyncio.sleep(0.2)


async def run(options):
    reference = Reference(options.redis, options.prefix) if options.redis else None
    watcher, jobs = Watcher(options, reference), Jobs(options)
    if options.relay_command:
        watcher.relay = Relay(options.relay_command)
    reading = asyncio.create_task(keep_reading(reference)) if reference else None
    began = time.monotonic()
    try:
        enqueuing = asyncio.create_task(jobs.enqueue())
        await watcher.run(jobs, options.jobs)
        enqueuing.cancel()
    finally:
        if reading:
            reading.cancel()
        if watcher.relay:
            watcher.relay.stop()
    faults = watcher.faults + jobs.faults + list(judge_order(watcher.events, jobs.ids))
    if reference:
        faults += judge_reference(watcher, reference, jobs.ids)
    report(watcher, jobs, faults, time.monotonic() - began)
    return 1 if faults else 0


def report(watcher, jobs, faults, seconds):
    kinds = {kind: watcher.cuts.count(kind) for kind in dict.fromkeys(watcher.cuts)}
    print(f"{len(jobs.ids)} jobs enqueued, {len(jobs.ids & watcher.ended)} ended, in {seconds:.1f} s")
    print(f"{len(watcher.events)} events told, {len({id for id, _, _ in watcher.events})} of them different")
    print(f"{len(watcher.cuts)} cuts: {', '.join(f'{count} {kind}' for kind, count in kinds.items()) or 'none'}")
    print(f"longest way back to the relay: {watcher.longest * 1000:.0f} ms")
    if watcher.reference:
        print(f"{len(watcher.reference.events)} events read from Redis for comparison")
    for fault in faults[:20]:
        print(f"WRONG: {fault}")
    print(f"{len(faults)} faults" if faults else "every event was told once and in order")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ws", required=True)
    parser.add_argument("--api", required=True)
    parser.add_argument("--key", required=True)
    parser.add_argument("--jobs", type=int, default=300)
    parser.add_argument("--cuts", type=int, default=20)
    parser.add_argument("--redis", help="compares with Redis, and cuts its connection to the relay too")
    parser.add_argument("--prefix", default="atom", help="of the keys in Redis")
    parser.add_argument("--relay-command", help="starts the relay itself, and kills it with -9 too")
    parser.add_argument("--name", default="analyze_workspace", help="of the jobs")
    parser.add_argument("--arguments", default="{}", help="of the jobs, as JSON")
    parser.add_argument("--pause-ms", type=int, default=20, help="between two jobs of each of the enqueuers")
    parser.add_argument("--patience", type=float, default=180, help="seconds until it gives up")
    sys.exit(asyncio.run(run(parser.parse_args())))


if __name__ == "__main__":
    main()
