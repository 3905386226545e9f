"""Secrets that were planted everywhere are nowhere in clear: Redis, its file, the database, logs, events, answers.

Every provider is connected with secrets that we know again, against a server that says back whatever it was shown;
its health is asked, messages go out through it, models are talked to. A mailbox is connected by consent, its tokens
are renewed and then withdrawn. Then each secret, and each secret as base64, as hexadecimal and in percents, is looked for.
"""
import asyncio, base64, http.server, json, pathlib, secrets, sys, threading, urllib.error, urllib.parse, urllib.request

import websockets

from house import LOOPBACK, ROOT, Child, answers, claim, free_port, play, until
from receivers import Letters
from wires import Caller, Link

WORKSPACE_ANSWERS = [
    "/api/integrations", "/api/integrations/available", "/api/jobs?limit=200", "/api/dead?limit=200", "/api/effects", "/api/audit?limit=200",
    "/api/notifications?limit=200", "/api/communications/messages?limit=200", "/api/outbox/messages", "/api/workspace",
    "/api/workspace/invitations", "/api/auth/me", "/metrics", "/api/health/status", "/api/queues",
]


def canary(name):
    return f"cnry-{name}-{secrets.token_hex(12)}"


class Echo(http.server.BaseHTTPRequestHandler):
    """A provider that refuses and says back all that it was shown."""
    protocol_version = "HTTP/1.1"

    def serve(self):
        size = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(size).decode(errors="replace")
        said = f"{self.path} {body[:300]} " + " ".join(f"{name}: {value}" for name, value in self.headers.items())
        status = 401 if "locked" in self.path else 400
        answer = json.dumps({
            "error": {"message": said, "code": said, "errors": [{"reason": "x"}]}, "message": said, "description": said,
            "detail": said, "ok": False, "code": 1}).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = serve

    def log_message(self, *_): pass


class Nest:
    """One Atom with planted secrets, and everything that could show them."""

    def __init__(self, site, engine):
        self.site, self.engine = site, engine
        self.planted, self.heard = {}, []
        self.server = http.server.ThreadingHTTPServer((LOOPBACK, 0), Echo)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.echo = f"http://{LOOPBACK}:{self.server.server_port}"
        stands = Child([sys.executable, ROOT / "Tests/StandIns/serve.py"], site.folder / f"stands-{engine}.log")
        site.children.append(stands)
        self.stands = f"http://{LOOPBACK}:" + until(
            lambda: next((line.split()[1] for line in stands.output.splitlines() if line.startswith("ready")), None), 30,
            "the stand-ins do not start")
        self.letters, self.mail_port = Letters(site.folder / f"letters-{engine}"), free_port()
        site.children.append(Child(
            ["/usr/bin/python3", ROOT / "Tests/System/smtpd.py", self.mail_port, self.letters.path], site.folder / f"smtpd-{engine}.log"))
        until(lambda: answers(self.mail_port), 30, "the mail server does not answer")

    def plant(self, name, value=None):
        value = value or canary(name)
        self.planted[name] = value
        return value

    def settings(self, providers):
        self.client = f"client-{secrets.token_hex(6)}"
        bases = {name: self.echo for name in providers if name not in ("gmail", "teams", "webhook")}
        bases |= {"gmail": f"{self.stands}/oauth/api"}
        bases |= {f"gmail.{part}": f"{self.stands}/oauth/{part}" for part in ("authorize", "token", "revoke")}
        master = base64.b64encode(secrets.token_bytes(32)).decode()
        environment = {
            "ATOM_LOG_LEVEL": "trace", "ATOM_SANDBOX": "0", "ATOM_MASTER_KEYS": f"m1:{self.plant('master', master)}",
            "ATOM_SMTP_URL": f"smtp://127.0.0.1:{self.mail_port}?security=clear",
            "ATOM_CALLBACK_SECRET": self.plant("callback", canary("callback") + "-" * 8),
            "ATOM_JWT_SECRETS": f"k1:{self.plant('jwt', secrets.token_hex(32))}",
            "ATOM_ADMIN_KEY": self.plant("admin-key"), "ATOM_PROVIDER_URLS": ",".join(f"{k}={v}" for k, v in bases.items()),
            "ATOM_OAUTH_CLIENTS": f"gmail={self.client}:{self.plant('client-secret', 'secret-of-' + self.client)}",
            "ATOM_WEBHOOK_ALLOW": "127.0.0.1/32",
        }
        if self.engine == "sqlite": environment["DATABASE_URL"] = f"sqlite:///{self.site.folder}/atom.sqlite"
        self.site.environment |= environment

    @property
    def caller(self):
        return Caller(self.site.port, self.planted["admin-key"])

    def note(self, answer):
        self.heard.append(json.dumps(answer.json) if answer.json is not None else "")
        return answer

    def connect(self):
        """Every provider with every field; where a field is an address it is the echo's."""
        self.connections, caller = {}, self.caller
        for provider in self.note(caller.get("/api/integrations/available")).json["integrations"]:
            name, fields = provider["name"], {}
            for field in provider["fields"]:
                if not field["secret"]:
                    fields[field["name"]] = self.echo if field["name"] == "base_url" else "plain"
                elif field["name"] in ("base_url", "webhook_url"):
                    fields[field["name"]] = f"{self.echo}/" + self.plant(f"{name}-{field['name']}")
                elif field["name"].startswith("webhook_secret") or field["name"] == "secret":
                    fields[field["name"]] = "whsec_" + self.plant(
                        f"{name}-{field['name']}", base64.b64encode(secrets.token_bytes(32)).decode())
                else:
                    fields[field["name"]] = self.plant(f"{name}-{field['name']}")
            if not fields: continue
            made = self.note(caller.post(f"/api/integrations/{name}/connect", {"fields": fields}))
            if made.status == 201: self.connections[name] = made.json["id"]
            else: print(f"  not connected: {name}: {made.status} {made.json.get('detail')}", flush=True)
            # A refusal must not say it back either.
            wrong = self.note(caller.post(
                f"/api/integrations/{name}/connect", {"fields": fields | {"stranger": self.plant(f"{name}-stranger")}}))
            claim_once(wrong.status == 422, f"{name} takes unknown fields")
        return len(self.connections)

    def consent(self):
        """A mailbox by consent; its tokens are renewed, and in the end withdrawn."""
        caller = self.caller
        begun = self.note(caller.post("/api/integrations/gmail/connect", {"consent": True, "name": "By consent"}))
        state = begun.json["state"]
        cookie = begun.headers["set-cookie"].split(";")[0]
        self.plant("cookie", cookie.split("=")[1])
        back = self.visit(begun.json["authorize_url"])
        self.plant("code", urllib.parse.parse_qs(urllib.parse.urlsplit(back).query)["code"][0])
        parts = urllib.parse.urlsplit(back)
        page = self.page(parts, cookie)
        ids = [row["id"] for row in caller.get("/api/integrations?provider=gmail").json["connections"]
               if row["name"] == "By consent"]
        for _ in range(2):
            self.control("act", {"expire": True})
            self.note(caller.post(f"/api/integrations/{ids[0]}/health", {}))
        self.control("act", {"withdraw": True, "expire": True})
        self.note(caller.post(f"/api/integrations/{ids[0]}/health", {}))
        for index, effect in enumerate(self.control("", None)["effects"]):
            for kind in ("access_token", "refresh_token"):
                if effect.get("tokens"): self.plant(f"{kind}-{index}", effect["tokens"][kind])
        row = self.note(caller.get(f"/api/integrations/{ids[0]}")).json
        return page, row["status"], state

    def visit(self, url):
        class Stay(urllib.request.HTTPRedirectHandler):
            def redirect_request(self, *_): return None
        try: urllib.request.build_opener(Stay).open(url, timeout=20)
        except urllib.error.HTTPError as answer: return answer.headers["Location"]

    def page(self, parts, cookie):
        request = urllib.request.Request(
            f"http://{LOOPBACK}:{self.site.port}{parts.path}?{parts.query}", headers={"Cookie": cookie})
        with urllib.request.urlopen(request, timeout=20) as answer: return answer.status

    def control(self, what, wish):
        path = f"{self.stands}/control/oauth/{self.client}" + (f"/{what}" if what else "")
        data = json.dumps(wish).encode() if wish is not None else None
        with urllib.request.urlopen(urllib.request.Request(path, data=data), timeout=20) as answer:
            return json.loads(answer.read() or b"{}")

    def work(self):
        """Asks the health of all, sends through all, and lets jobs with secrets of their own end well and badly."""
        caller, jobs = self.caller, []
        for name, id in self.connections.items():
            self.note(caller.post(f"/api/integrations/{id}/health", {}))
            synced = self.note(caller.post(f"/api/integrations/{id}/sync", {"full": True}))
            if synced.status == 202: jobs.append(synced.json["job_id"])
        channels = {"twilio": ("whatsapp", "sms"), "telegram": ("telegram",), "slack": ("slack",), "teams": ("teams",),
                    "discord": ("discord",)}
        for name, kinds in channels.items():
            for channel in kinds:
                to = "+4915112345678" if name == "twilio" else "12345"
                sent = self.note(caller.post("/api/communications/messages/send", {
                    "channel": channel, "to": [to], "body": "Hello.", "connection_id": self.connections.get(name)}))
                if sent.status == 202: jobs.append(sent.json["job_id"])
                else: print(f"  not sent: {channel}: {sent.status} {sent.json.get('detail')}", flush=True)
        for path, body in (("/ai/chat", {"message": "Hello."}), ("/ai/analyze", {})):
            asked = self.note(caller.post(path, body))
            if asked.status == 202 and asked.json.get("job_id"): jobs.append(asked.json["job_id"])
        hook = {"url": f"{self.echo}/hook", "type": "t", "data": {}}
        for more in ({"connection_id": self.connections.get("webhook")}, {}, {"connection_id": self.connections.get("stripe")}):
            jobs.append(self.note(caller.post("/api/jobs", {"name": "deliver_webhook", "arguments": hook | more})).json["id"])
        bad = self.note(caller.post("/api/jobs", {
            "name": "deliver_webhook", "arguments": hook | {"secrets": ["whsec_" + self.plant("argument")]}}))
        claim_once(bad.status in (400, 422), "deliver_webhook takes secrets as arguments")
        jobs.append(self.note(caller.post(
            "/api/jobs", {"name": "analyze_workspace", "callback_url": f"{self.echo}/told"})).json["id"])
        asked = caller.post("/api/workspace/invitations", {"email": "guest@example.org", "role": "member"})
        self.plant("invitation", asked.json["token"])
        secret = caller.get("/api/callbacks/secret").json["secret"]
        self.plant("derived", secret.removeprefix("whsec_"))
        until(lambda: any(self.planted["invitation"] in str(letter) for letter in self.letters.all()), 60,
              "the invitation does not arrive")
        for id in jobs: until(lambda: self.tried(id), 60, lambda: f"job {caller.get(f'/api/jobs/{id}').json} was not tried", every=0.1)
        return len(jobs)

    def tried(self, id):
        job = self.caller.get(f"/api/jobs/{id}").json
        return job["state"] not in ("waiting", "running")

    def listen(self):
        """Hears the events of the workspace over WebSocket until the end."""
        self.ears = threading.Event()

        async def hear():
            url = f"ws://{LOOPBACK}:{self.site.relay_port}/ws"
            async with websockets.connect(url, additional_headers={"Authorization": f"Bearer {self.planted['admin-key']}"}) as socket:
                for topic in ({"workspace": True}, {"noun": "notification"}, {"queue": "default"}):
                    await socket.send(json.dumps({"subscribe": topic}))
                self.ears.set()
                async for frame in socket: self.heard.append(frame if isinstance(frame, str) else frame.decode(errors="replace"))

        def run():
            try: asyncio.run(hear())
            except Exception as error: self.heard.append(f"ear: {error!r}")
        threading.Thread(target=run, daemon=True).start()
        self.ears.wait(20)

    def answers(self):
        caller = self.caller
        for path in WORKSPACE_ANSWERS:
            try: self.note(caller.get(path))
            except json.JSONDecodeError: pass
        for id in self.connections.values(): self.note(caller.get(f"/api/integrations/{id}/history"))
        for job in caller.get("/api/jobs?limit=200").json.get("jobs", []):
            for more in ("", "/timeline"): self.note(caller.get(f"/api/jobs/{job['id']}{more}"))

    def places(self):
        """Everything in which a secret could stand, by name, as bytes."""
        yield "answers and events", "\n".join(self.heard).encode()
        for child in self.site.children:
            if child.log.name.startswith(("stands", "smtpd")): continue
            yield f"log {child.log.name}", child.log.read_bytes()
        with Link(self.site.redis.port) as link:
            yield "Redis keys", "\n".join(dump(link)).encode(errors="replace")
        for file in pathlib.Path(self.site.redis.folder).rglob("*"):
            if file.is_file(): yield f"Redis file {file.name}", file.read_bytes()
        if self.engine == "sqlite":
            for file in self.site.folder.glob("atom.sqlite*"): yield file.name, file.read_bytes()
        else:
            tables = self.site.sql("select table_name from information_schema.tables where table_schema = 'public'")
            for [table] in tables:
                rows = self.site.sql(f'select row_to_json(t)::text from "{table}" t')
                yield f"table {table}", "\n".join(row[0] for row in rows if row).encode()

    def hits(self):
        found, size = [], 0
        needles = [(name, needle) for name, value in self.planted.items() for needle in forms(value)]
        for place, content in self.places():
            size += len(content)
            found += [f"{name} in {place}" for name, needle in needles if needle in content]
        return sorted(set(found)), size


def forms(value):
    """A secret as it could stand somewhere."""
    raw = value.encode()
    return {raw, base64.b64encode(raw).rstrip(b"=")[:-2], raw.hex().encode(), urllib.parse.quote(value, safe="").encode(),
            json.dumps(value)[1:-1].encode(), value.replace("/", "\\/").encode()}


def dump(link):
    cursor = "0"
    while True:
        cursor, keys = link("SCAN", cursor, "COUNT", "500")
        for key in keys:
            kind = link("TYPE", key)
            words = {"string": ("GET", key), "list": ("LRANGE", key, "0", "-1"), "hash": ("HGETALL", key),
                     "set": ("SMEMBERS", key), "zset": ("ZRANGE", key, "0", "-1", "WITHSCORES"), "stream": ("XRANGE", key, "-", "+")}
            yield f"{key} {link(*words[kind])}"
        if cursor == "0": return


_said = set()


def claim_once(holds, complaint):
    """Only says what does not hold."""
    if not holds and complaint not in _said:
        _said.add(complaint)
        claim(complaint, False)


def hunt(site, engine):
    nest = Nest(site, engine)
    nest.settings(PROVIDERS)
    site.start_api()
    site.start_relay()
    site.start_worker()
    nest.listen()
    count = nest.connect()
    page, status, _ = nest.consent()
    claim(f"{engine}: {count} providers are connected, one of them by consent, renewed twice and withdrawn",
          page == 200 and status == "needs_reauth" and count >= 8, f"{status}")
    jobs = nest.work()
    nest.answers()
    hits, size = nest.hits()
    claim(f"{engine}: {len(nest.planted)} secrets stand nowhere in clear after {jobs} jobs", not hits,
          f"{size >> 10} KiB searched; " + "; ".join(hits[:12]))
    # A search that finds nothing must be one that could.
    nest.heard.append(base64.b64encode(nest.planted["client-secret"].encode()).decode())
    claim(f"{engine}: the search finds what is there", bool(nest.hits()[0]))


PROVIDERS = [
    "twilio", "telegram", "slack", "discord", "zendesk", "openai", "anthropic", "github", "stripe", "google_calendar",
    "microsoft_graph", "transcription", "gmail",
]


def canaries(site):
    hunt(site, "postgres")
    if site.short: return
    for child in site.children: child.close()
    site.children.clear()
    with site.link() as link: link("FLUSHALL")
    hunt(site, "sqlite")


if __name__ == "__main__":
    play(canaries, 280)
