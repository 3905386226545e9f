"""Measures Atom's queue beside what Redis allows, on a private Redis, and prints one Markdown table.

usage: bench.py PATH_OF_ATOM [--rounds 3] [--jobs 200000] [--seconds 10] [--beside OTHER_ATOM] [--json FILE]
A job is 300 bytes and only records its start: 24 bytes <number, sent_ns, started_ns> in $BENCH_OUT.
The ceiling is `atom bench ceiling`: the same scripts, as many jobs a call, without running any job.
A second table says what jobs cost that ask for more; --beside drains with another build in turn.
"""
import argparse, json, os, platform, re, shutil, socket, statistics, struct, subprocess, sys, tempfile, time

from bench_tables import FEATURES, features, table, verdict

SCRIPT_CALLS = re.compile(r"^cmdstat_evalsha:calls=(\d+)", re.M)


class Redis:
    """A redis-server of our own that writes nothing to disk."""

    def __init__(self, folder):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.process = subprocess.Popen(
            ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly",
             "no", "--dir", folder, "--loglevel", "warning"], stdout=subprocess.DEVNULL)
        until(lambda: self.answers(), 10, "redis-server does not start")

    def answers(self):
        try:
            return self.ask("PING").startswith("+PONG")
        except OSError:
            return False

    def ask(self, *words):
        address = ("127.0.0.1", self.port)
        with socket.create_connection(address) as link, link.makefile("rb") as replies:
            link.sendall(b"*%d\r\n" % len(words))
            for word in map(str.encode, words):
                link.sendall(b"$%d\r\n%s\r\n" % (len(word), word))
            head = replies.readline().decode()
            return replies.read(int(head[1:])).decode() if head[0] == "$" else head

    def info(self, name):
        return float(re.search(rf"^{name}:([\d.]+)", self.ask("INFO", "all"), re.M).group(1))

    def script_calls(self):
        found = SCRIPT_CALLS.search(self.ask("INFO", "commandstats"))
        return int(found.group(1)) if found else 0

    def clear(self):
        for words in (("FLUSHALL", "SYNC"), ("SCRIPT", "FLUSH"), ("CONFIG", "RESETSTAT")):
            self.ask(*words)

    def stop(self):
        self.process.kill()
        self.process.wait()


def until(fact, seconds, complaint):
    end = time.monotonic() + seconds
    while not fact():
        if time.monotonic() > end:
            raise SystemExit(f"bench: {complaint} within {seconds} s")
        time.sleep(0.002)


class Bench:
    def __init__(self, atom, folder, options):
        self.atom, self.folder, self.options = os.path.abspath(atom), folder, options
        self.redis = Redis(folder)
        self.out = f"{folder}/records"
        self.environment = dict(
            os.environ, BENCH_PORT=str(self.redis.port), BENCH_OUT=self.out, BENCH_BODY="300")
        self.found = {}
        self.log = open(f"{folder}/log", "ab")

    def note(self, name, value):
        self.found.setdefault(name, []).append(value)

    def call(self, *words, atom=None):
        done = subprocess.run([atom or self.atom, "bench", *map(str, words)], env=self.environment, cwd=self.folder,
                              stdout=subprocess.PIPE, stderr=self.log, text=True, timeout=300)
        if done.returncode:
            self.log.flush()
            raise SystemExit(f"bench: atom bench {words} failed:\n{open(self.log.name).read()[-1500:]}")
        return json.loads(done.stdout.strip().splitlines()[-1])

    def enqueue(self, count, mode, *words, atom=None):
        answer = self.call("enqueue", count, mode, *words, atom=atom)
        return answer["n"] / answer["s"]

    def fresh(self):
        self.redis.clear()
        open(self.out, "wb").close()

    def records(self):
        data = open(self.out, "rb").read()
        return list(struct.iter_unpack("<Qqq", data[: len(data) // 24 * 24]))

    def until_started(self, count):
        until(lambda: os.path.getsize(self.out) >= 24 * count, 240, f"{count} jobs did not start")

    def workers(self, count, atom=None):
        return [subprocess.Popen([atom or self.atom, "bench", "worker"], env=self.environment, cwd=self.folder,
                                 stdout=self.log, stderr=self.log) for _ in range(count)]

    @staticmethod
    def end(workers):
        for worker in workers:
            worker.terminate()
        for worker in workers:
            try:
                worker.wait(10)
            except subprocess.TimeoutExpired:
                worker.kill()

    def measure_enqueue(self):
        self.fresh()
        self.note("single", self.enqueue(min(20_000, self.options.jobs), "single"))
        self.fresh()
        self.note("bulk", self.enqueue(self.options.jobs, "bulk"))

    def drain(self, jobs, count, atom=None):
        """Jobs a second between the first and the last tenth of them, jobs a script call, and the largest RSS."""
        calls = self.redis.script_calls()
        workers = self.workers(count, atom)
        try:
            self.until_started(jobs)
            calls = self.redis.script_calls() - calls
            memory = max(rss_mib(worker.pid) for worker in workers)
        finally:
            self.end(workers)
        starts = sorted(started for _, _, started in self.records())
        if len({number for number, _, _ in self.records()}) < jobs:
            raise SystemExit("bench: not every job was run")
        first, last = len(starts) // 10, len(starts) * 9 // 10
        return (last - first) / (starts[last] - starts[first]) * 1e9, jobs / max(calls, 1), memory

    def measure_drain(self, count):
        self.fresh()
        self.enqueue(self.options.jobs, "bulk")
        rate, batch, memory = self.drain(self.options.jobs, count)
        self.note(f"drain{count}", rate)
        self.note(f"batch{count}", batch)
        self.note("rss_busy", memory)

    def measure_beside(self):
        self.fresh()
        self.enqueue(self.options.jobs, "bulk", atom=self.options.beside)
        self.note("beside", self.drain(self.options.jobs, 1, self.options.beside)[0])

    def measure_features(self):
        jobs = self.options.jobs // 4
        for feature in FEATURES:
            self.fresh()
            self.note(f"enqueue_{feature}", self.enqueue(jobs, "bulk", "--feature", feature))
            self.note(f"drain_{feature}", self.drain(jobs, 1)[0])

    def measure_live(self):
        """Latencies from enqueue to start, then what an idle worker costs."""
        self.fresh()
        workers = self.workers(1)
        try:
            seen = 0
            for rate in (20, 1000):
                self.call("enqueue", 20, "single")  # The worker is warm before the clock counts.
                seen += 20
                self.until_started(seen)
                count = self.call("pace", rate, self.options.seconds)["n"]
                self.until_started(seen + count)
                taken = sorted(started - sent for _, sent, started in self.records()[seen:])
                seen += count
                self.note(f"p50@{rate}", taken[len(taken) // 2] / 1e6)
                self.note(f"p99@{rate}", taken[len(taken) * 99 // 100] / 1e6)
            time.sleep(1)
            busy, began = cpu_s(workers[0].pid), time.monotonic()
            commands = self.redis.info("total_commands_processed")
            time.sleep(self.options.seconds)
            span = time.monotonic() - began
            # One of the commands is our own INFO.
            self.note("idle_commands", (self.redis.info("total_commands_processed") - commands - 1) / span)
            self.note("idle_cpu", (cpu_s(workers[0].pid) - busy) / span * 100)
            self.note("rss_idle", rss_mib(workers[0].pid))
        finally:
            self.end(workers)

    def measure_cold_start(self):
        self.fresh()
        self.call("enqueue", 20, "single")  # Its warm-up enqueues 20 jobs, one of which is enough.
        began = time.time_ns()
        workers = self.workers(1)
        try:
            self.until_started(1)
            self.note("cold", (self.records()[0][2] - began) / 1e6)
        finally:
            self.end(workers)

    def measure_ceiling(self):
        batch = max(1, min(1000, round(statistics.median(self.found["batch1"]))))
        self.fresh()
        answer = self.call("ceiling", "--singles", 10_000, "--count", self.options.jobs, "--batch", batch)
        for name in ("enqueue_single", "enqueue_bulk", "work"):
            self.note(f"ceiling_{name}", answer[name])

    def run(self):
        for turn in range(self.options.rounds):
            print(f"bench: round {turn + 1} of {self.options.rounds}", file=sys.stderr)
            self.measure_enqueue()
            self.measure_drain(1)
            if self.options.beside:
                self.measure_beside()
            self.measure_drain(2)
            self.measure_features()
            self.measure_ceiling()
            self.measure_live()
            for _ in range(3):
                self.measure_cold_start()
        return {name: statistics.median(values) for name, values in self.found.items()}


def cpu_s(pid):
    """What all threads used, to the nanosecond: the usual counters know hundredths of a second only."""
    folder = f"/proc/{pid}/task"
    return sum(int(open(f"{folder}/{task}/schedstat").read().split()[0]) for task in os.listdir(folder)) / 1e9


def rss_mib(pid):
    return int(re.search(r"^VmRSS:\s+(\d+)", open(f"/proc/{pid}/status").read(), re.M).group(1)) / 1024


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("atom")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--jobs", type=int, default=200_000)
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--beside")
    parser.add_argument("--json")
    options = parser.parse_args()
    folder = tempfile.mkdtemp(prefix="atom-bench.", dir="/dev/shm" if os.path.isdir("/dev/shm") else None)
    bench = Bench(options.atom, folder, options)
    try:
        found = bench.run()
    finally:
        bench.redis.stop()
        shutil.rmtree(folder, ignore_errors=True)
    version = subprocess.run(["redis-server", "--version"], capture_output=True, text=True).stdout.split()[2]
    print(f"\n{options.jobs:,} jobs of 300 B, medians of {options.rounds} rounds, {os.cpu_count()} cores, "
          f"{platform.system()} {platform.machine()}, Redis {version.removeprefix('v=')}, no persistence; "
          f"about {found['batch1']:.0f} jobs a script call.\n")
    print(f"{table(found)}\n\n{features(found)}\n\n{verdict(found)}")
    if options.json:
        with open(options.json, "w") as file:
            json.dump(bench.found, file, indent=1)


if __name__ == "__main__":
    main()
