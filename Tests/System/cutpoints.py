"""A worker killed at each of five points of each kind of message: what goes out is never sent twice.

The points are hit from outside. A gate stands before the stand-ins: it holds calls before it passes them on, after half
of them, or after their effect, and the worker is killed while it does. A lock in PostgreSQL holds the ledger before an
intent and before a receipt. What can be asked at its provider ends exactly once; what cannot is there once at most and
listed as unknown with what to do; decided and put back it is there once too. The same without the ledger shows duplicates.
Each round claims how many calls of each kind were really at its point. At last a worker is stopped between its intents
and their calls until another has taken over, and goes on: it calls nobody.
"""
import collections, http.client, http.server, json, math, signal, socket, socketserver, struct, subprocess, threading
import urllib.parse

from house import ROOT, Child, claim, free_port, play, until

POINTS = ["before intent", "after intent", "mid-request", "reply lost", "before receipt"]
PARKED = {"telegram", "teams", "email"}
LOCK = 20_407
LEASE_S = 2
# Talks that a worker has with one mail server at a time. Where letters must have reached the server, so many workers
# hold them that none waits for a talk.
TALKS = 4
IN_TALK = ["mid-request", "reply lost"]
NUMBER, SENDER = "+4930123456", "+14155550100"


class Gate:
    """Stands between the worker and what it calls, and holds what comes at one point until it is opened."""

    def __init__(self):
        self.point, self.lock, self.opened = None, threading.Lock(), threading.Event()
        self.reached = collections.Counter()

    def hold_at(self, point):
        with self.lock:
            self.reached.clear()
            self.opened = threading.Event()
            self.point = point

    def open(self):
        self.point = None
        self.opened.set()

    def pass_at(self, point, name):
        """Waits at the point that is held; false when what waited there was cut off."""
        opened = self.opened
        if self.point != point:
            return True
        with self.lock:
            self.reached[name] += 1
        opened.wait(120)
        return point == "before receipt"


def reset(connection):
    """Closes a connection so that nothing more is sent on it."""
    try:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()
    except OSError:
        pass


def proxy(gate, stand_ins):
    """A class of handlers that passes HTTP on to the stand-ins."""
    class Proxy(http.server.BaseHTTPRequestHandler):
        protocol_version, disable_nagle_algorithm = "HTTP/1.1", True

        def log_message(self, *_): pass

        def serve(self):
            name = self.path.split("/")[1]
            # Only what writes is held; a question after the kill goes through.
            writes = self.command == "POST"
            if writes and not gate.pass_at("after intent", name): return self.drop()
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            if writes and gate.point == "mid-request":
                self.halve(body)
                gate.pass_at("mid-request", name)
                return self.drop()
            status, headers, content = self.ask(body)
            for point in ("reply lost", "before receipt"):
                if writes and not gate.pass_at(point, name): return self.drop()
            self.send_response(status)
            for key, value in headers:
                if key.lower() not in ("transfer-encoding", "content-length", "connection"): self.send_header(key, value)
            if status != 204: self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = serve

        def ask(self, body):
            link = http.client.HTTPConnection("127.0.0.1", stand_ins, timeout=60)
            link.request(self.command, self.path, body or None, dict(self.headers))
            reply = link.getresponse()
            content = reply.read()
            link.close()
            return reply.status, reply.getheaders(), content

        def halve(self, body):
            """Half of the call reaches the provider."""
            head = f"{self.command} {self.path} HTTP/1.1\r\n" + "".join(f"{k}: {v}\r\n" for k, v in self.headers.items())
            with socket.create_connection(("127.0.0.1", stand_ins)) as link:
                link.sendall(head.encode() + b"\r\n" + body[:len(body) // 2])

        def drop(self):
            self.close_connection = True
            reset(self.connection)

        def handle(self):
            try: super().handle()
            except OSError: pass

    return Proxy


def post_office(gate, taken):
    """A class of handlers that take mail as a mail server does, and note what they took."""
    class Office(socketserver.StreamRequestHandler):
        def say(self, line):
            self.wfile.write(line.encode() + b"\r\n")

        def handle(self):
            try:
                if not gate.pass_at("after intent", "email"): return reset(self.connection)
                self.say("220 office.example")
                while line := self.rfile.readline():
                    word = line[:4].upper()
                    if word == b"EHLO": self.say("250-office.example\r\n250 8BITMIME")
                    elif word == b"DATA":
                        self.say("354 go on")
                        if not self.letter(): return reset(self.connection)
                    elif word == b"QUIT": return self.say("221 bye")
                    else: self.say("250 ok")
            except OSError:
                pass

        def letter(self):
            lines = []
            while (line := self.rfile.readline()) not in (b".\r\n", b""):
                lines.append(line)
                if len(lines) == 3 and not gate.pass_at("mid-request", "email"): return False
            text = b"".join(lines).decode(errors="replace")
            taken.append(next(line for line in text.splitlines() if line.startswith("Subject:")).split(": ", 1)[1])
            for point in ("reply lost", "before receipt"):
                if not gate.pass_at(point, "email"): return False
            self.say("250 2.0.0 queued")
            return True

    return Office


class Server(http.server.ThreadingHTTPServer):
    daemon_threads, request_queue_size = True, 512

    def handle_error(self, *_): pass


class World:
    """The stand-ins, the gates before them, and a workspace that is connected to all."""

    def __init__(self, site):
        self.site, self.gate, self.letters = site, Gate(), []
        port = free_port()
        self.stand_ins = Child(["/usr/bin/python3", ROOT / "Tests/StandIns/serve.py", port], site.folder / "standins.log")
        site.children.append(self.stand_ins)
        until(lambda: f"ready {port}" in self.stand_ins.output, 30, "the stand-ins do not answer")
        self.port, self.doors = port, []
        self.http = self.open(proxy(self.gate, port))
        self.smtp = self.open(post_office(self.gate, self.letters))
        self.mark = str(site.port)
        names = ["twilio", "telegram", "slack", "discord"]
        root = f"http://127.0.0.1:{self.http}"
        site.environment |= {
            "ATOM_LEASE_SECONDS": str(LEASE_S), "ATOM_CONCURRENCY": "400",
            "ATOM_PROVIDER_URLS": ",".join(f"{name}={root}/{name}" for name in names),
            "ATOM_SMTP_URL": f"smtp://127.0.0.1:{self.smtp}?security=clear",
            "ATOM_CALLBACK_SECRET": "system-tests-callback-secret-0123456789",
        }
        self.root, self.accounts = root, {}

    def open(self, handler):
        server = Server(("127.0.0.1", 0), handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.doors.append(server)
        return server.server_port

    def connect(self):
        """Connects the workspace to each provider, through the API as a person would."""
        sid, bot, name = f"AC{self.mark:0>32}", f"77{self.mark}", f"t{self.mark}"
        self.accounts = {"twilio": sid, "telegram": bot, "slack": name, "discord": name, "teams": name, "hook": name}
        path = f"/teams/workflows/{name}/triggers/manual/paths/invoke?sig=sig-{name}"
        fields = {
            "twilio": {"account_sid": sid, "auth_token": f"token-{sid}", "whatsapp_from": SENDER, "sms_from": SENDER},
            "telegram": {"bot_token": f"{bot}:secret-{bot}"}, "slack": {"bot_token": f"xoxb-{name}"},
            "discord": {"bot_token": f"bot-{name}"}, "teams": {"base_url": self.root + path},
        }
        call = self.site.caller()
        for provider, values in fields.items():
            answer = call.post(f"/api/integrations/{provider}/connect", {"name": "Ours", "fields": values})
            if answer.status != 201:
                raise RuntimeError(f"{provider} is not connected: {answer.status} {answer.json}")
            call.put("/api/limits/{}", f"provider:{provider}:*", concurrency=1_000)
        said = call.post("/api/communications/messages", {
            "channel": "whatsapp", "direction": "in", "from_address": NUMBER, "to": [SENDER], "body": "Hello?"})
        if said.status != 201:
            raise RuntimeError(f"nothing came in: {said.status} {said.json}")
        self.control("POST", "twilio", "/act", {"settings": {"window": False}})

    def control(self, method, provider, path="", body=None):
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        account = urllib.parse.quote(self.accounts[provider], safe="")
        link.request(method, f"/control/{provider}/{account}{path}", json.dumps(body) if body else None)
        reply = link.getresponse()
        text = reply.read()
        link.close()
        return json.loads(text) if text else None

    def effects(self):
        """How often each text was sent, by kind of message; a webhook is folded by its id, as its receivers do."""
        found = {kind: collections.Counter() for kind in KINDS}
        for effect in self.control("GET", "twilio")["effects"]:
            kind = "whatsapp" if effect["to"].startswith("whatsapp:") else "sms"
            found[kind][effect["body"]] += 1
        for kind in ("telegram", "slack", "discord", "teams"):
            for effect in self.control("GET", kind)["effects"]: found[kind][effect["text"]] += 1
        found["email"].update(self.letters)
        hooks = self.control("GET", "hook")["effects"]
        for id, text in {(effect["id"], json.loads(effect["body"])["data"]["text"]) for effect in hooks}:
            found["webhook"][text] += 1
        self.calls_of_hooks = len(hooks)
        return found


ADDRESSES = {
    "whatsapp": NUMBER, "sms": NUMBER, "telegram": "77001", "slack": "C77", "discord": "1001", "teams": "general",
    "email": "ada@example.org"}
KINDS = [*ADDRESSES, "webhook"]


PROVIDERS = {"whatsapp": "twilio", "sms": "twilio", "email": "smtp"}


class Round:
    """Some messages of some kinds whose workers are killed at one point."""

    def __init__(self, world, point, number, size, kinds):
        self.world, self.site, self.point, self.size, self.kinds = world, world.site, point, size, kinds
        self.texts = {kind: [f"{kind} {point}-{number}-{i}" for i in range(size)] for kind in kinds}
        self.jobs = {}

    def start_workers(self):
        """As many workers as it takes to have all of its calls made at once."""
        if self.kinds != ["email"]: return [self.site.start_worker()]
        return [self.site.start_worker(ATOM_CONCURRENCY=str(TALKS)) for _ in range(math.ceil(self.size / TALKS))]

    def by(self, names):
        """How many of its calls go to each of those who are called `names`."""
        found = collections.Counter()
        for kind in self.kinds: found[names.get(kind, kind)] += self.size
        return found

    def send(self):
        call = self.site.caller()
        for kind, texts in self.texts.items():
            for text in texts:
                if kind == "webhook":
                    url = f"{self.world.root}/hook/{self.world.accounts['hook']}/in"
                    job = {"name": "deliver_webhook", "arguments": {"url": url, "type": "test.sent", "data": {"text": text}}}
                    self.jobs[text] = call.accept(job)[0]
                    continue
                body = {"to": ADDRESSES[kind], "message": text} | ({"subject": text} if kind == "email" else {})
                answer = call.post(f"/integrations/{kind}/send", body)
                if answer.status != 202:
                    raise RuntimeError(f"{kind} is not accepted: {answer.status} {answer.json}")
                self.jobs[text] = answer.json["job_id"]

    @property
    def total(self):
        return self.size * len(self.kinds)

    def states(self):
        """The states of the round's jobs, read in one go."""
        call = self.site.caller()
        return collections.Counter(
            call.get(f"/api/jobs/{id}").json["state"] for id in self.jobs.values())

    def await_end(self, patience=150):
        def ended():
            states = self.states()
            return states if states["done"] + states["dead"] == len(self.jobs) else None
        return until(ended, patience, lambda: f"the jobs of {self.point} are {self.states()}", every=1)


class Hold:
    """A lock at which the ledger waits: inserts of intents, or updates to receipts."""

    def __init__(self, site):
        self.site = site
        site.sql(
            f"""create or replace function hold_ledger() returns trigger language plpgsql as $$
            begin perform pg_advisory_xact_lock_shared({LOCK}); return new; end $$""")
        self.holder = None

    def take(self, event):
        self.site.sql(
            f"create or replace trigger hold before {event} on effects for each row execute function hold_ledger()")
        self.holder = subprocess.Popen(
            ["psql", self.site.database_url, "-XAtq"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.holder.stdin.write(f"select 'held' from (select pg_advisory_lock({LOCK})) l;\n")
        self.holder.stdin.flush()
        self.holder.stdout.readline()

    def waiting(self):
        return int(self.site.sql("select count(*) from pg_locks where locktype = 'advisory' and not granted "
                                 f"and objid = {LOCK}")[0][0])

    def release(self):
        """Ends the sessions that wait, whose worker is dead, and then the lock."""
        self.site.sql(
            "select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and not granted "
            f"and objid = {LOCK}")
        self.free()

    def free(self):
        """Lets go on what waits."""
        self.holder.stdin.close()
        self.holder.wait()
        self.site.sql("drop trigger hold on effects")


class Lock:
    """Some tables that nobody may read while it lasts."""

    def __init__(self, site, tables):
        self.site = site
        self.holder = subprocess.Popen(
            ["psql", site.database_url, "-XAtq"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.holder.stdin.write(f"begin; lock table {tables} in access exclusive mode; select 'held';\n")
        self.holder.stdin.flush()
        self.holder.stdout.readline()

    def waiting(self):
        return int(self.site.sql(
            "select count(distinct pid) from pg_locks where locktype = 'relation' and not granted")[0][0])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.holder.stdin.close()
        self.holder.wait()


def arrive(round, hold):
    """Waits until all of the round's calls are at its point; how many of each kind's provider are."""
    world, site, gate = round.world, round.site, round.world.gate
    doors = {"whatsapp": "twilio", "sms": "twilio", "webhook": "hook"}
    expected = round.by(doors)
    if round.point == "before intent": expected = {"hook": expected["hook"]}
    # Letters that wait for a talk have their intents, and are taken one after the other.
    queued = round.point in ("after intent", "before receipt") and "email" in expected
    if queued: expected["email"] = min(round.size, TALKS)
    until(lambda: all(gate.reached[name] >= n for name, n in expected.items()), 90,
          lambda: f"at {round.point} only {dict(gate.reached)} of {dict(expected)} came", every=0.05)
    reached = collections.Counter({name: gate.reached[name] for name in expected})
    if round.point in IN_TALK: return reached, expected
    providers = round.by(PROVIDERS)
    hooks = providers.pop("webhook", 0)
    if round.point == "before intent":
        until(lambda: hold.waiting() > 0, 30, "no intent waits")
        until(lambda: round.states()["running"] == round.total, 60, lambda: f"not all run: {round.states()}", every=0.5)
        written = site.sql("select count(*) from effects where state = 'intent'")[0][0]
        return collections.Counter(hook=reached["hook"], waiting=sum(providers.values()) - int(written)), {
            "hook": hooks, "waiting": sum(providers.values())}
    if round.point == "before receipt":
        hold.take("update")
        gate.open()
        until(lambda: hold.waiting() > 0, 30, "no receipt waits")
        until(lambda: sum(world.effects()[kind][text] > 0 for kind, texts in round.texts.items() for text in texts)
              >= round.total, 60, "not all have arrived", every=0.5)
    rows = lambda: collections.Counter({name: int(n) for name, n in site.sql(
        "select provider, count(*) from effects where state = 'intent' group by provider")})
    until(lambda: rows() == providers, 60, lambda: f"intents at {round.point}: {dict(rows())}", every=0.2)
    return rows() + collections.Counter(hook=reached["hook"]), providers + collections.Counter(hook=hooks)


def play_round(round, hold):
    """Has the workers killed when all of the round's calls are at its point, and another one take over."""
    site, gate = round.site, round.world.gate
    if round.point == "before intent": hold.take("insert")
    # A webhook has no ledger: it is held before its call.
    gate.hold_at("after intent" if round.point == "before intent" else round.point)
    workers = round.start_workers()
    round.send()
    cut, expected = arrive(round, hold)
    for worker in workers: worker.kill()
    gate.open()
    if round.point in ("before intent", "before receipt"): hold.release()
    claim(f"killed {round.point}: all calls were there", all(cut[name] == n for name, n in expected.items()),
          ", ".join(f"{name} {cut[name]}/{n}" for name, n in sorted(expected.items())))
    worker = site.start_worker()
    states = round.await_end()
    worker.stop()
    return states


def judge(round, found, states):
    """Claims for one round; the calls that are unknown now."""
    kinds = round.kinds
    exact, parked = [k for k in kinds if k not in PARKED], [k for k in kinds if k in PARKED]
    counts = {kind: [found[kind][text] for text in round.texts[kind]] for kind in kinds}
    tell = lambda kinds: ", ".join(f"{kind} {sum(counts[kind])}/{round.size}" for kind in kinds)
    if exact:
        claim(f"killed {round.point}: what can be asked or folded is there exactly once",
              all(set(counts[kind]) == {1} for kind in exact), tell(exact))
    claim(f"killed {round.point}: what cannot be asked is there once at most",
          all(max(counts[kind]) <= 1 for kind in parked), tell(parked))
    listed = round.site.caller().get("/api/effects?state=unknown&limit=200").json["effects"]
    ours = {entry["job_id"]: entry for entry in listed}
    uncertain = [job for kind in parked for text in round.texts[kind] if (job := round.jobs[text]) in ours]
    expected = 0 if round.point == "before intent" else round.size * len(parked)
    claim(f"killed {round.point}: each uncertain one is listed as unknown with what to do",
          len(uncertain) == expected == len(listed) and all(entry["advice"] for entry in listed)
          and states["dead"] == len(listed), f"{len(listed)} unknown, {states['done']} done, {states['dead']} dead")
    return ours


def decide(round, unknown, found):
    """Decides what is unknown as a person does who looked at the provider, and puts the jobs back."""
    if not unknown: return
    call, texts = round.site.caller(), {job: text for text, job in round.jobs.items()}
    for job, entry in unknown.items():
        text = texts[job]
        there = any(found[kind][text] for kind in round.kinds)
        key = urllib.parse.quote(entry["key"], safe=":")
        answer = call.post(f"/api/effects/{key}/resolve", {"outcome": "sent" if there else "not_sent"})
        retry = call.post(f"/api/jobs/{job}/retry")
        if (answer.status, retry.status) != (200, 202):
            raise RuntimeError(f"not decided: {answer.status} {answer.json} {retry.status} {retry.json}")
    worker = round.site.start_worker()
    round.await_end()
    worker.stop()
    found = round.world.effects()
    once = all(found[kind][text] == 1 for kind, texts in round.texts.items() for text in texts)
    claim(f"killed {round.point}: decided and put back each is there exactly once", once, f"{len(unknown)} decided")


def forget(world, size, hold):
    """The same cut where the ledger forgets what it wrote: duplicates."""
    site = world.site
    site.sql("""create or replace function forget_ledger() returns trigger language plpgsql as $$
        begin delete from effects where workspace_id = new.workspace_id and key = new.key; return new; end $$""")
    site.sql("create trigger forget before insert on effects for each row execute function forget_ledger()")
    rounds = [Round(world, "reply lost", "x", size, kinds) for kinds in groups("reply lost")]
    for round in rounds: play_round(round, hold)
    site.sql("drop trigger forget on effects")
    found = world.effects()
    counts = {kind: sum(found[kind][text] for text in texts) for round in rounds for kind, texts in round.texts.items()}
    twice = [kind for kind in KINDS if counts[kind] > size]
    claim("the same without the ledger shows duplicates (Discord folds its own by nonce, receivers webhooks by id)",
          set(twice) >= set(KINDS) - {"discord", "webhook"}, ", ".join(f"{k} {n}/{size}" for k, n in counts.items()))


def asleep(world, hold):
    """A worker is stopped between its intents and their calls, until another one has taken over."""
    site = world.site
    # A worker has two transactions at a time.
    round = Round(world, "asleep", "x", 1, ["whatsapp", "telegram"])
    hold.take("insert")
    sleeper = site.start_worker()
    round.send()
    until(lambda: hold.waiting() == round.total, 60, lambda: f"only {hold.waiting()} intents wait")
    # What a call of these two reads first, after its intent.
    with Lock(site, "messages, lost_addresses") as lock:
        hold.free()
        count = lambda: int(site.sql("select count(*) from effects where state = 'intent'")[0][0])
        # They share a connection, on which the first holds up the others.
        until(lambda: lock.waiting() > 0 and count() == round.total, 20, lambda: f"only {count()} intents are written")
        intents = count()
        sleeper.signal(signal.SIGSTOP)
    claim("a worker was stopped between its intents and its calls", intents == round.total, f"{intents}/{round.total}")
    worker = site.start_worker()
    round.await_end()
    before = world.effects()
    sleeper.signal(signal.SIGCONT)
    # What it ends it may not settle, for all of its jobs are another's; asked to stop, it first ends them.
    sleeper.stop()
    worker.stop()
    found = world.effects()
    sent = lambda kind: sum(found[kind][text] for text in round.texts[kind])
    claim("awake again it calls nobody, for its leases have run out",
          found == before and sent("whatsapp") == 1 and sent("telegram") == 0,
          f"whatsapp {sent('whatsapp')}/1, telegram {sent('telegram')}/0")


def groups(point):
    """The kinds that are cut at a point together: letters that must be in talk need workers of their own."""
    return [[kind for kind in KINDS if kind != "email"], ["email"]] if point in IN_TALK else [KINDS]


def cutpoints(site):
    size, rounds = (3, 1) if site.short else (25, 2)
    world = World(site)
    site.start_api()
    world.connect()
    hold = Hold(site)
    for point in POINTS:
        for number in range(rounds):
            for kinds in groups(point):
                round = Round(world, point, number, size, kinds)
                states = play_round(round, hold)
                found = world.effects()
                decide(round, judge(round, found, states), found)
    claim("webhooks were called again, and folded by their id", world.calls_of_hooks > size * rounds * len(POINTS),
          f"{world.calls_of_hooks} calls for {size * rounds * len(POINTS)} webhooks")
    asleep(world, hold)
    forget(world, size, hold)


if __name__ == "__main__":
    play(cutpoints, 1_800)
