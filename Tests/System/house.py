"""What the system tests share: processes stopped by their ids, private servers, one Atom with its temporary home.

A scenario is a function that takes a Site and says what it found by `claim`. Each file of one plays it by `play`:
usage: SCENARIO.py [--short], with ATOM (the binary) and ATOM_TEST_DATABASE_URL (PostgreSQL) in the environment.
"""
import os, pathlib, random, shutil, signal, socket, subprocess, sys, tempfile, time, traceback

from wires import Caller, Link

ROOT = pathlib.Path(__file__).resolve().parents[2]
KEY = "system-tests-key-0123456789"
LOOPBACK = "127.0.0.1"

_failed = []
_began = time.monotonic()


def claim(text, holds, figures=""):
    """Prints one line for one claim; a claim that does not hold fails the scenario."""
    head = f"{'ok  ' if holds else 'FAIL'} {pathlib.Path(sys.argv[0]).stem} {time.monotonic() - _began:5.1f} s  "
    print(f"{head}{text}{f' ({figures})' if figures else ''}", flush=True)
    if not holds:
        _failed.append(text)


def until(fact, seconds, complaint, every=0.02):
    """Waits until `fact` answers something true, and returns it."""
    end = time.monotonic() + seconds
    while not (found := fact()):
        if time.monotonic() > end:
            raise TimeoutError(f"{complaint() if callable(complaint) else complaint} within {seconds} s")
        time.sleep(every)
    return found


def free_port():
    """A port below those that outgoing connections take, so that none takes it before its user does."""
    while True:
        port = random.SystemRandom().randrange(20_000, 32_000)
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((LOOPBACK, port))
                return port
            except OSError:
                pass


def answers(port):
    try:
        socket.create_connection((LOOPBACK, port), timeout=1).close()
        return True
    except OSError:
        return False


class Child:
    """A process of ours, with its output in a file; one that has children of its own is asked to end them."""

    def __init__(self, words, log, environment=None, folder=None, is_parent=False):
        self.log, self.is_parent = pathlib.Path(log), is_parent
        with open(self.log, "ab") as out:
            self.process = subprocess.Popen(
                [str(word) for word in words], stdout=out, stderr=out, stdin=subprocess.DEVNULL, env=environment,
                cwd=folder, start_new_session=is_parent)
        self.pid = self.process.pid

    def signal(self, number):
        if self.process.poll() is None:
            os.kill(self.pid, number)

    def kill(self):
        self.signal(signal.SIGKILL)
        self.process.wait()

    def stop(self, patience=40):
        """Asks it to end; the exit status. What does not end in time is killed."""
        self.signal(signal.SIGCONT)
        self.signal(signal.SIGTERM)
        try:
            return self.process.wait(patience)
        except subprocess.TimeoutExpired:
            self.kill()
            return None

    def close(self):
        """Ends it and what it started, whatever state it is in."""
        if not self.is_parent:
            return self.kill()
        self.stop(20)
        try:
            os.killpg(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass

    @property
    def is_alive(self):
        return self.process.poll() is None

    @property
    def output(self):
        return self.log.read_text(errors="replace")


class Redis:
    """A redis-server of our own that can be killed and started again on its port and files."""

    def __init__(self, folder, *options):
        self.folder, self.options, self.port = pathlib.Path(folder), options, free_port()
        self.folder.mkdir(parents=True)
        self.child = None
        self.start()

    @property
    def url(self):
        return f"redis://{LOOPBACK}:{self.port}/0"

    def start(self):
        self.child = Child(
            ["redis-server", "--port", self.port, "--bind", LOOPBACK, "--dir", self.folder, "--save", "",
             "--slowlog-log-slower-than", "-1", "--loglevel", "warning", *self.options], self.folder / "redis.log")
        until(self.pings, 30, "redis-server does not answer", every=0.005)

    def pings(self):
        try:
            with Link(self.port) as link:
                return link("PING") == "PONG"
        except (OSError, RuntimeError):
            return False

    def kill(self):
        self.child.kill()


class Site:
    """One Atom: a home, a Redis, a database of its own, and the processes started on them."""

    def __init__(self, redis=("--appendonly", "yes"), short=False):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="atom-system."))
        self.short = short
        self.atom = find_atom()
        self.children, self.extras = [], []
        self.redis = Redis(self.folder / "redis", *redis)
        self.server = os.environ["ATOM_TEST_DATABASE_URL"]
        self.database = f"system_{os.getpid()}"
        self.sql(f"create database {self.database}", database=None)
        self.database_url = f"{self.server.rsplit('/', 1)[0]}/{self.database}"
        self.port, self.relay_port = free_port(), free_port()
        self.environment = {
            "PATH": os.environ["PATH"], "HOME": str(self.folder), "ATOM_HOME": str(self.folder / "home"),
            "ATOM_PORT": str(self.port), "ATOM_RELAY_PORT": str(self.relay_port), "REDIS_URL": self.redis.url,
            "DATABASE_URL": self.database_url, "ATOM_ADMIN_KEY": KEY, "ATOM_WEBHOOK_ALLOW": "127.0.0.1/32",
            "ATOM_DRAIN_SECONDS": "5", "ATOM_RATE_LIMIT": "off", "ATOM_CALLBACK_SECRET": "system-tests-" + "s" * 32,
        }

    def sql(self, text, database="own"):
        """Runs a statement in our database, or in the server's; the rows as lists of texts."""
        url = self.database_url if database else self.server
        done = subprocess.run(
            ["psql", url, "-XAtq", "-F", "\t", "-v", "ON_ERROR_STOP=1", "-c", text], capture_output=True, text=True,
            env=os.environ | {"PGOPTIONS": "-c atom.workspace=*"})
        if done.returncode:
            raise RuntimeError(f"psql: {done.stderr.strip()}")
        return [line.split("\t") for line in done.stdout.splitlines()]

    def start(self, *words, name=None, **environment):
        """Starts an `atom` command."""
        log = self.folder / f"{name or words[0]}-{len(self.children)}.log"
        child = Child([self.atom, *words], log, self.environment | environment, self.folder)
        self.children.append(child)
        return child

    def start_api(self, **environment):
        child = self.start("api", **environment)
        self.await_port(self.port, child, "the API")
        return child

    def start_relay(self, **environment):
        child = self.start("relay", **environment)
        self.await_port(self.relay_port, child, "the relay")
        return child

    @staticmethod
    def await_port(port, child, what):
        def is_up():
            if not child.is_alive:
                raise RuntimeError(f"{what} ended: {child.output[-2000:]}")
            return answers(port)
        until(is_up, 60, f"{what} does not answer")

    def start_worker(self, *words, command=("worker",), **environment):
        """Starts a worker and waits until it is in the book of workers."""
        child = self.start(*command, *words, **environment)
        with Link(self.redis.port) as link:
            def is_known():
                if not child.is_alive:
                    raise RuntimeError(f"a worker ended: {child.output[-2000:]}")
                return any(f":{child.pid}:" in known for known in link("ZRANGE", "atom:workers", "0", "-1"))
            until(is_known, 60, "a worker does not show itself")
        return child

    def caller(self):
        return Caller(self.port, KEY)

    def link(self):
        return Link(self.redis.port)

    def key(self, name, queue="default"):
        return f"atom:{{{queue}}}:{name}"

    def stats(self, queue="default"):
        """The queue's counters."""
        with self.link() as link:
            flat = link("HGETALL", self.key("stats", queue))
        return {name: int(value) for name, value in zip(flat[::2], flat[1::2])}

    def complaints(self):
        """Lines of warnings and worse in the logs of all our processes."""
        lines = [line for child in self.children for line in child.output.splitlines()]
        return [line for line in lines if " warning " in line or " error " in line or " critical " in line]

    def close(self):
        for extra in self.extras:
            extra.close()
        for child in self.children:
            child.close()
        self.redis.kill()
        self.sql(f"drop database if exists {self.database} with (force)", database=None)
        shutil.rmtree(self.folder, ignore_errors=True)


def find_atom():
    """The binary under test: $ATOM, else the release build, else the debug build."""
    named = os.environ.get("ATOM")
    for path in [named] if named else [".build/release/atom", ".build/debug/atom"]:
        if (ROOT / path).is_file():
            return str((ROOT / path).resolve())
    raise SystemExit(f"There is no {named or '.build/release/atom'}; build it with `swift build -c release`.")


def play(scenario, limit_s, **site):
    """Runs a scenario on a site of its own within a bound of time, and exits 0 when all its claims held."""
    def expire(*_):
        raise TimeoutError(f"the scenario took longer than {limit_s} s")
    signal.signal(signal.SIGALRM, expire)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    signal.alarm(limit_s)
    place, short = None, "--short" in sys.argv
    try:
        place = Site(short=short, **site)
        scenario(place)
    except Exception as error:
        claim(f"runs to its end: {type(error).__name__}: {error}", False)
        traceback.print_exc()
    finally:
        signal.alarm(0)
        if place and _failed:
            for child in place.children[:12]:
                lines = child.output.splitlines()[-5:]
                print(*([f"  last words of {child.log.name}:"] + lines if lines else []), sep="\n    ")
        if place:
            place.close()
    sys.exit(1 if _failed else 0)
