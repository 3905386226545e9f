"""The wires of the system tests: HTTP to the API, RESP to Redis, and an ear for a queue's events."""
import http.client, json, socket, threading, time, urllib.parse

LOOPBACK = "127.0.0.1"
ENDINGS = {"done", "dead", "cancelled", "expired"}


class Answer:
    """An HTTP answer: status, headers in lower case, JSON."""

    def __init__(self, status, headers, body):
        self.status = status
        self.headers = {name.lower(): value for name, value in headers}
        self.json = json.loads(body) if body else None

    @property
    def is_typed_refusal(self):
        """True for a 503 as the API promises it: a problem document that says when to try again."""
        return (self.status == 503 and self.headers.get("content-type") == "application/problem+json"
                and int(self.headers.get("retry-after", "0")) >= 1)


class Caller:
    """Calls the API over one kept connection; one a thread."""

    def __init__(self, port, key):
        self.connection = http.client.HTTPConnection(LOOPBACK, port, timeout=60)
        self.headers = {"Authorization": f"Bearer {key}"}

    def ask(self, method, path, body=None, **headers):
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if body is not None and not isinstance(body, (bytes, str)):
            body, named = json.dumps(body), {"Content-Type": "application/json"} | named
        try:
            self.connection.request(method, path, body, self.headers | named)
            reply = self.connection.getresponse()
            return Answer(reply.status, reply.getheaders(), reply.read())
        except Exception:
            self.connection.close()
            raise

    def get(self, path):
        return self.ask("GET", path)

    def post(self, path, body=None, **headers):
        return self.ask("POST", path, body, **headers)

    def put(self, path, *keys, **fields):
        """Sets something; `{}` in the path stands for a key."""
        path = path.format(*(urllib.parse.quote(key, safe="") for key in keys))
        answer = self.ask("PUT", path, fields)
        if not 200 <= answer.status < 300:
            raise RuntimeError(f"not set: {path} {fields}: {answer.status} {answer.json}")

    def accept_all(self, jobs, queue="default"):
        """Has any number of jobs of one queue accepted, a thousand a batch; the ids."""
        ids, some = [], []
        for job in jobs:
            some.append(job | {"queue": queue})
            if len(some) == 1_000:
                ids += self.accept(some)
                some = []
        return ids + (self.accept(some) if some else [])

    def accept(self, jobs, durable=False):
        """Has one job, or a list of them as a batch, accepted; the ids."""
        if isinstance(jobs, dict):
            answer = self.post("/api/jobs", jobs | {"durable": True} if durable else jobs)
        else:
            answer = self.post("/api/jobs/batch", {"jobs": jobs} | ({"durable": True} if durable else {}))
        if answer.status != 202:
            raise RuntimeError(f"not accepted: {answer.status} {answer.json}")
        return [answer.json["id"]] if isinstance(jobs, dict) else [job["id"] for job in answer.json["jobs"]]


class Link:
    """A connection to Redis that speaks RESP2; also a context that closes it."""

    def __init__(self, port, timeout=30):
        self.socket = socket.create_connection((LOOPBACK, port), timeout=timeout)
        self.replies = self.socket.makefile("rb")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.replies.close()
        self.socket.close()

    def send(self, *words):
        words = [word if isinstance(word, bytes) else str(word).encode() for word in words]
        parts = [b"*%d\r\n" % len(words)] + [b"$%d\r\n%s\r\n" % (len(word), word) for word in words]
        self.socket.sendall(b"".join(parts))

    def read(self):
        line = self.replies.readline()
        if not line.endswith(b"\r\n"):
            raise ConnectionError("Redis closed the connection")
        kind, rest = line[:1], line[1:-2]
        if kind == b"-":
            raise RuntimeError(rest.decode())
        if kind == b":":
            return int(rest)
        if kind == b"+":
            return rest.decode()
        if kind == b"$":
            return None if rest == b"-1" else self.replies.read(int(rest) + 2)[:-2].decode(errors="replace")
        return None if rest == b"-1" else [self.read() for _ in range(int(rest))]

    def __call__(self, *words):
        self.send(*words)
        return self.read()

    def info(self, section, name):
        """One field of INFO."""
        return dict(line.split(":", 1) for line in self("INFO", section).splitlines() if ":" in line)[name]


class Ear:
    """Hears every event of a queue as it is published, and keeps them by job: (seconds, kind, detail)."""

    def __init__(self, port, queue="default"):
        self.channel = f"atom:{{{queue}}}:events"
        self.jobs, self.ended, self.numbers, self.gaps = {}, set(), [], 0
        self.lost, self.is_closed = 0, False
        self.port = port
        self.link = self.listen()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def listen(self):
        link = Link(self.port, timeout=None)
        link("SUBSCRIBE", self.channel)
        return link

    def run(self):
        while not self.is_closed:
            try:
                self.take(self.link.read()[2], time.time())
            except (OSError, ValueError, ConnectionError):
                if self.is_closed:
                    return
                self.lost += 1
                self.reconnect()

    def reconnect(self):
        while not self.is_closed:
            try:
                self.link = self.listen()
                return
            except (OSError, RuntimeError):
                time.sleep(0.01)

    def take(self, text, now):
        number, *lines = text.split("\n")
        if self.numbers and int(number) != self.numbers[-1] + 1:
            self.gaps += 1
        self.numbers.append(int(number))
        for line in lines:
            kind, job, _, *detail = line.split(" ", 3)
            self.jobs.setdefault(job, []).append((now, kind, detail[0] if detail else ""))
            if kind in ENDINGS:
                self.ended.add(job)

    def kinds(self, job):
        return [kind for _, kind, _ in self.jobs.get(job, [])]

    def close(self):
        self.is_closed = True
        try:
            self.link.socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.thread.join(5)
