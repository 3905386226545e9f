"""No address that a workspace may name leads to this machine or its network, whatever its spelling or its DNS says.

The processes resolve names by a server of our own, which they see in place of the machine's (a mount of their own, so
this needs root). Listeners on every loopback address that is not allowed count who reaches them; 127.0.0.2 alone is
allowed, and plays a receiver that leads astray.
"""
import os, socket, struct, threading

from house import claim, free_port, play, until

ALLOWED, DNS = "127.0.0.2", "127.0.53.53"
ZONE = "ssrf.test"
HOSTS = [
    "127.0.0.1", "localhost", "localhost.", "LOCALHOST", "127.1", "127.0.1", "0x7f.1", "0x7f000001", "2130706433",
    "017700000001", "0177.0.0.1", "127.0.0.1.", "0.0.0.0", "0", "127.255.255.255", "127.1.1.1", "[::1]", "[::]",
    "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[0:0:0:0:0:0:0:1]", "[::1%25lo]", "[64:ff9b::7f00:1]", "[64:ff9b::a00:1]",
    "[2002:7f00:1::1]", "[2001:0:4136:e378:8000:63bf:3fff:fdd2]", "[fe80::1]", "[fd00:ec2::254]", "[ff02::2]",
    "10.0.0.1", "172.16.0.1", "192.168.0.1", "100.64.0.1", "169.254.169.254", "255.255.255.255", "168.63.129.16",
    "user@127.0.0.1", "1.1.1.1@127.0.0.1", "127.0.0.2@127.0.0.1", "127.0.0.2#@127.0.0.1", "127.0.0.2\\@127.0.0.1",
    "１２７.0.0.1", "127。0。0。1", "ⓛocalhost", "①②⑦.0.0.1",
]
NAMES = {
    "loop": [("A", "127.0.0.1")], "six": [("AAAA", "::1")], "mapped": [("AAAA", "::ffff:127.0.0.1")],
    "nat": [("AAAA", "64:ff9b::7f00:1")], "zero": [("A", "0.0.0.0")], "meta": [("A", "169.254.169.254")],
    "ten": [("A", "10.0.0.1")], "odd": [("A", "127.1.1.1")], "chain": [("CNAME", "chain2")],
    "chain2": [("CNAME", "chain3")], "chain3": [("A", "127.0.0.1")],
    "both": [("A", "127.0.0.2"), ("A", "127.0.0.1")], "turned": [("A", "127.0.0.1"), ("A", "127.0.0.2")],
}
SCHEMES = ["file:///etc/passwd", "gopher://127.0.0.1:{port}/_x", "unix:/tmp/x", "dict://127.0.0.1:{port}/", "ftp://127.0.0.1:{port}/",
           "//127.0.0.1:{port}/", "http:/127.0.0.1:{port}/", "http:\\\\127.0.0.1:{port}\\", "http://127.0.0.1:{port}/ x",
           "http://\t127.0.0.1:{port}/"]


class Names(threading.Thread):
    """A DNS server for the zone. `rebind*` leads to the allowed address the first time, and then to 127.0.0.1."""

    def __init__(self):
        super().__init__(daemon=True)
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((DNS, 53))
        self.asked = {}

    def run(self):
        while True:
            query, peer = self.socket.recvfrom(2048)
            self.socket.sendto(self.answer(query), peer)

    def answer(self, query):
        labels, at = [], 12
        while size := query[at]:
            labels.append(query[at + 1:at + 1 + size].decode(errors="replace").lower())
            at += size + 1
        kind = struct.unpack(">H", query[at + 1:at + 3])[0]
        records = self.records(".".join(labels), {1: "A", 28: "AAAA"}.get(kind))
        head = query[:2] + struct.pack(">HHHHH", 0x8580 | (0 if records is not None else 3), 1, len(records or []), 0, 0)
        return head + query[12:at + 5] + b"".join(records or [])

    def records(self, name, wanted):
        host = name.removesuffix("." + ZONE)
        if host == name: return None
        if host.startswith("rebind"):
            if wanted != "A": return []
            self.asked[host] = self.asked.get(host, 0) + 1
            return [record(name, "A", ALLOWED if self.asked[host] == 1 else "127.0.0.1")]
        found = []
        while host in NAMES:
            entries = NAMES[host]
            found += [record(f"{host}.{ZONE}", *entry) for entry in entries if entry[0] in (wanted, "CNAME")]
            host = entries[0][1] if entries[0][0] == "CNAME" else None
        return found if found or name.removesuffix("." + ZONE) in NAMES else None


def record(name, kind, value):
    def wire(text): return b"".join(bytes([len(part)]) + part.encode() for part in text.split(".")) + b"\0"
    data = {"A": lambda: socket.inet_pton(socket.AF_INET, value), "AAAA": lambda: socket.inet_pton(socket.AF_INET6, value),
            "CNAME": lambda: wire(f"{value}.{ZONE}")}[kind]()
    return wire(name) + struct.pack(">HHIH", {"A": 1, "AAAA": 28, "CNAME": 5}[kind], 1, 0, len(data)) + data


class Listener:
    """Counts who connects to one address and port; the allowed one answers as the path says."""

    def __init__(self, address, port, target=None):
        self.reached, self.target = [], target
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        self.socket = socket.create_server((address, port), family=family, backlog=128)
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        while True:
            peer, _ = self.socket.accept()
            threading.Thread(target=self.serve, args=(peer,), daemon=True).start()

    def serve(self, peer):
        with peer:
            peer.settimeout(10)
            try: head = peer.recv(65536).decode(errors="replace")
            except OSError: head = ""
            self.reached.append(head.split("\r\n")[0])
            status, extra = "500 No", ""
            if "/redirect" in head: status, extra = "302 Found", f"Location: {self.target}\r\n"
            if "/see" in head: status, extra = "307 Temporary Redirect", f"Location: {self.target}\r\n"
            peer.sendall(f"HTTP/1.1 {status}\r\n{extra}Connection: close\r\nContent-Length: 0\r\n\r\n".encode())


def confine(site):
    """Has every atom process look names up at our server."""
    resolv = site.folder / "resolv.conf"
    resolv.write_text(f"nameserver {DNS}\noptions timeout:1 attempts:1\n")
    wrapper = site.folder / "atom"
    wrapper.write_text(
        f"#!/bin/sh\nexec unshare -m sh -c 'mount --bind {resolv} /etc/resolv.conf && exec {site.atom} \"$@\"' _ \"$@\"\n")
    wrapper.chmod(0o755)
    site.atom = wrapper


def addresses(port):
    """Every case: its name and the address."""
    cases = [(host, f"http://{host}:{port}/") for host in HOSTS]
    cases += [(f"{name}.{ZONE}", f"http://{name}.{ZONE}:{port}/") for name in NAMES]
    cases += [(text, text.format(port=port)) for text in SCHEMES]
    return cases + [("302", f"http://{ALLOWED}:{port}/redirect"), ("307", f"http://{ALLOWED}:{port}/see")]


class Attack:
    """One Atom with the listeners that must stay silent."""

    def __init__(self, site):
        self.site, self.port = site, free_port()
        self.silent = [Listener(address, self.port) for address in ("127.0.0.1", "::1", "127.1.1.1", "127.255.255.254")]
        self.astray = Listener(ALLOWED, self.port, f"http://127.0.0.1:{self.port}/")
        self.redis = f"http://127.0.0.1:{site.redis.port}/"
        self.answers = {}

    @property
    def reached(self):
        return [line for listener in self.silent for line in listener.reached]

    def webhooks(self):
        """deliver_webhook, and the callback of a job, for each address."""
        caller, jobs = self.site.caller(), {}
        for name, url in addresses(self.port) + [("redis", self.redis)]:
            job = {"name": "deliver_webhook", "arguments": {"url": url, "type": "t", "data": {}}}
            answer = caller.post("/api/jobs", job)
            if answer.status == 202: jobs[answer.json["id"]] = name
            quick = {"name": "analyze_workspace", "arguments": {}, "callback_url": url}
            caller.post("/api/jobs", quick)
        ended = until(lambda: self.tried(jobs), 90, lambda: "not all jobs were tried", every=0.3)
        told = until(lambda: self.told(), 60, "the callbacks were not tried", every=0.3)
        return len(jobs), ended, told

    def states(self, jobs):
        caller = self.site.caller()
        return {name: caller.get(f"/api/jobs/{id}").json for id, name in jobs.items()}

    def tried(self, jobs):
        states = self.states(jobs)
        return states if all(job["attempts"] >= 1 and job["state"] != "running" for job in states.values()) else None

    def told(self):
        """True once every callback was tried: none waits, and none runs."""
        counts = [self.site.caller().get(f"/api/jobs?name=deliver_webhook&state={state}&limit=1").json["jobs"]
                  for state in ("waiting", "running")]
        return not any(counts)

    def connections(self):
        """The base_url of connections of each service that has one, asked by their health check."""
        caller, kinds = self.site.caller(), {}
        known = caller.get("/api/integrations/available").json["integrations"]
        self.own = [service for service in known if any(field["name"] == "base_url" for field in service["fields"])]
        for name, url in addresses(self.port) + [("redis", self.redis)]:
            for service in self.own:
                provider = service["name"]
                fields = {field["name"]: "x" for field in service["fields"] if field["required"]} | {"base_url": url}
                made = caller.post(f"/api/integrations/{provider}/connect", {"name": name[:90], "fields": fields})
                if made.status != 201:
                    kinds["refused at once"] = kinds.get("refused at once", 0) + 1
                    continue
                health = caller.post(f"/api/integrations/{made.json['id']}/health", {})
                kind = health.json.get("health", str(health.status))
                kinds[kind] = kinds.get(kind, 0) + 1
        return kinds

    def messages(self):
        """The addresses of channels that are webhooks themselves, each used by a message."""
        caller, sent = self.site.caller(), 0
        for name, url in addresses(self.port):
            for provider, field, channel in (("teams", "base_url", "teams"), ("discord", "webhook_url", "discord")):
                made = caller.post(
                    f"/api/integrations/{provider}/connect", {"name": name[:90], "fields": {field: url}})
                if made.status != 201: continue
                message = {"channel": channel, "to": ["1"], "body": "x", "connection_id": made.json["id"]}
                sent += caller.post("/api/communications/messages/send", message).status == 202
        return sent

    def mailboxes(self):
        """The hosts of mailboxes, read once each; the operator has named a server for the provider."""
        caller, jobs = self.site.caller(), {}
        hosts = HOSTS + [f"{name}.{ZONE}" for name in NAMES] + [f"rebind-mail.{ZONE}"]
        for number, host in enumerate(hosts):
            fields = {"host": host, "port": str(self.port), "user": "u", "password": "hunter2hunter2",
                      "security": ("clear", "startTLS", "tls")[0 if host == "127.0.0.1" else 1 + number % 2]}
            made = caller.post("/api/integrations/imap/connect", {"name": f"{number} {host}"[:90], "fields": fields})
            if made.status != 201: continue
            jobs[caller.post(f"/api/integrations/{made.json['id']}/sync", {}).json["job_id"]] = host
        return until(lambda: self.tried(jobs), 150, lambda: "not all mailboxes were tried", every=0.5)

    def media(self):
        """The addresses of pictures in messages: the service fetches them, or nobody does."""
        caller, sent = self.site.caller(), 0
        for _, url in addresses(self.port):
            message = {"channel": "whatsapp", "to": ["+4915112345678"], "body": "x", "media": [url]}
            sent += caller.post("/api/communications/messages/send", message).status == 202
        return sent

    def rebind(self):
        """A name that leads to an allowed receiver at first: another process asks again."""
        caller = self.site.caller()
        url = f"http://rebind1.{ZONE}:{self.port}/first"
        job = {"name": "deliver_webhook", "arguments": {"url": url, "type": "t", "data": {}}}
        id = caller.accept(job)[0]
        until(lambda: any("/first" in line for line in self.astray.reached), 30, "the receiver was not called")
        self.worker.stop()
        self.worker = self.site.start_worker()
        return until(lambda: (job := caller.get(f"/api/jobs/{id}").json)["state"] == "dead" and job, 60,
                     "the second attempt did not end", every=0.2)


def ssrf(site):
    if os.geteuid() != 0:
        return print("skip ssrf: names can be led astray by root only", flush=True)
    confine(site)
    names = Names()
    names.start()
    attack = Attack(site)
    # What the operator chose for a provider says nothing of the hosts that workspaces name.
    site.environment |= {
        "ATOM_WEBHOOK_ALLOW": f"{ALLOWED}/32", "ATOM_PROVIDER_URLS": f"imap=http://127.0.0.1:{attack.port}"}
    site.start_api()
    attack.worker = site.start_worker()
    jobs, states, _ = attack.webhooks()
    claim(f"{len(HOSTS) + len(NAMES) + len(SCHEMES) + 3} addresses as webhooks and as callbacks: nobody is reached",
          not attack.reached, "; ".join([f"{jobs} jobs", *attack.reached[:5]]))
    refused = sum(job["state"] == "dead" for job in states.values())
    claim("nearly all are refused for good, at the first attempt", refused >= jobs - 12, f"{refused} of {jobs}")
    redirects = [line for line in attack.astray.reached if "/redirect" in line or "/see" in line]
    claim("a receiver that redirects is called, and not followed", len(redirects) >= 2 and not attack.reached)
    job = attack.rebind()
    claim("a name that changes its mind between two attempts is refused", not attack.reached and names.asked["rebind1"] >= 2,
          job["errors"][-1]["message"])
    kinds = attack.connections()
    claim(f"the same addresses as base_url of {len(attack.own)} services: nobody is reached", not attack.reached, str(kinds))
    claim("and none of them is well", "ok" not in kinds)
    mails = attack.mailboxes()
    claim(f"{len(mails)} hosts of mailboxes, beside a server of the operator's: nobody is reached",
          len(mails) >= 15 and not attack.reached, "; ".join(attack.reached[:5]))
    read = [host for host, job in mails.items() if job["state"] == "done" and not job["result"]["trouble"]]
    claim("and each says that it could not be read", not read, ", ".join(read))
    sent = attack.messages() + attack.media()
    if sent:
        until(lambda: settled(site), 90, "the messages were not tried", every=0.3)
        claim("the same addresses as webhooks of Teams and Discord and as pictures: nobody is reached", not attack.reached, f"{sent} sent")


def settled(site):
    return not any(site.caller().get(f"/api/jobs?name=send_message&state={state}&limit=1").json["jobs"]
                   for state in ("waiting", "running"))


if __name__ == "__main__":
    play(ssrf, 280)
