"""Providers call us: signed by the stand-ins, a worker killed meanwhile, each call done once and answered at once.

Telegram, Twilio and Slack send messages, each call several times over and some with a wrong secret; Telegram's bot is
spoken to; a mailbox gets mail.
"""
import hashlib, hmac, http.client, json, os, random, threading, time, urllib.request, uuid

from house import claim, play, until


class Stand:
    """An account of a stand-in."""

    def __init__(self, provider, account):
        self.account = account
        self.base = f"{os.environ['ATOM_TEST_STANDINS']}/control/{provider}/{account}"

    def call(self, method, path="", wish=None):
        request = urllib.request.Request(
            self.base + path, method=method, data=None if wish is None else json.dumps(wish).encode())
        with urllib.request.urlopen(request, timeout=60) as answer: return json.loads(answer.read() or b"null")

    def act(self, **wish): return self.call("POST", "/act", wish)

    def effects(self, kind): return [e for e in self.call("GET")["effects"] if e["kind"] == kind]


class Hook:
    """A connection with an open address."""

    def __init__(self, caller, port, provider, fields, secret):
        made = caller.post(f"/api/integrations/{provider}/connect", {"name": uuid.uuid4().hex[:8], "fields": fields})
        if made.status != 201: raise RuntimeError(f"{provider}: {made.status} {made.json}")
        self.id = made.json["id"]
        hook = caller.ask("PUT", f"/api/integrations/{self.id}/hook", {"secret": secret} if secret else {})
        if hook.status != 200: raise RuntimeError(f"{provider}: {hook.status} {hook.json}")
        self.url, self.port, self.registered = hook.json["url"], port, hook.json["registered"]
        self.path = "/" + self.url.split("/", 3)[3]

    def send(self, body, headers):
        """(status, seconds) of a call of our own making."""
        link, began = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30), time.monotonic()
        link.request("POST", self.path, body, {"Content-Type": "application/json", **headers})
        answer = link.getresponse()
        answer.read()
        link.close()
        return answer.status, time.monotonic() - began


def slack(hook, secret, number, forged=False):
    event = {"type": "message", "channel": "C1", "user": "U1", "text": f"n{number}", "ts": f"{1.7e9 + number:.6f}"}
    body = json.dumps({"type": "event_callback", "event_id": f"Ev{number}", "event": event}).encode()
    now = str(int(time.time()))
    code = hmac.new(b"wrong" if forged else secret.encode(), f"v0:{now}:".encode() + body, hashlib.sha256).hexdigest()
    return hook.send(body, {"X-Slack-Request-Timestamp": now, "X-Slack-Signature": f"v0={code}"})


def storm(site, hook, secret, count):
    """Each message three times, in any order from eight callers, every fifth once more with a wrong secret."""
    calls = [(n, False) for n in range(count)] * 3 + [(n, True) for n in range(0, count, 5)]
    random.shuffle(calls)
    results, lock = [], threading.Lock()

    def run():
        while True:
            with lock:
                if not calls: return
                number, forged = calls.pop()
            status, seconds = slack(hook, secret, number, forged)
            with lock: results.append((status, forged, seconds))

    threads = [threading.Thread(target=run) for _ in range(8)]
    for thread in threads: thread.start()
    worker = site.start_worker()
    while any(thread.is_alive() for thread in threads):
        time.sleep(2)
        worker.kill()
        worker = site.start_worker()
    return results


def messages(site, where):
    return int(site.sql(f"select count(*) from messages where direction = 'in' and {where}")[0][0])


def scenario(site):
    stands = os.environ["ATOM_TEST_STANDINS"]
    names = ("twilio", "telegram", "slack")
    site.environment |= {
        "ATOM_PUBLIC_URL": f"http://127.0.0.1:{site.port}",
        "ATOM_PROVIDER_URLS": ",".join(f"{name}={stands}/{name}" for name in names)}
    site.start_api()
    caller, count = site.caller(), 200 if site.short else 1_000

    account = uuid.uuid4().hex[:10]
    hook = Hook(caller, site.port, "slack", {"bot_token": f"xoxb-{account}"}, f"signing-{account}")
    results = storm(site, hook, f"signing-{account}", count)
    wrong = [r for r in results if (r[0] == 401) != r[1]]
    until(lambda: messages(site, "channel = 'slack'") >= count, 120, "messages do not arrive", every=0.2)
    until(lambda: site.sql("select count(*) from deliveries where taken_at is null")[0][0] == "0", 60,
          "deliveries are not taken", every=0.2)
    kept = int(site.sql("select count(*) from deliveries")[0][0])
    claim("keeps each signed call once and does it once, whatever is killed and repeated, and no forged one",
          not wrong and kept == count and messages(site, "channel = 'slack'") == count,
          f"{len(results)} calls, {kept} kept, {messages(site, 'true')} messages, {len(wrong)} answered wrongly")
    calm = sorted(slack(hook, f"signing-{account}", count + n)[1] * 1000 for n in range(count))
    p50, p99 = calm[len(calm) // 2], calm[int(len(calm) * 0.99)]
    claim("answers within 200 ms", p99 < 200, f"p50 {p50:.0f} ms, p99 {p99:.0f} ms, while a worker takes them")

    stand = Stand("twilio", "AC" + uuid.uuid4().hex)
    fields = {"account_sid": stand.account, "auth_token": f"token-{stand.account}"}
    hook = Hook(caller, site.port, "twilio", fields, None)
    answers = [stand.act(url=hook.url, inbound={
        "From": "whatsapp:+4930123456", "To": "whatsapp:+14155238886", "Body": f"Grüße & {n} + = %"})
        for n in range(5)]
    until(lambda: messages(site, "channel = 'whatsapp'") == 5, 30, "Twilio's messages do not arrive", every=0.1)
    claim("takes what Twilio signs", all(a["status"] == 200 and "<Response" in a["body"] for a in answers),
          f"{len(answers)} messages")

    number = random.randrange(10 ** 8, 10 ** 9)
    stand = Stand("telegram", str(number))
    hook = Hook(caller, site.port, "telegram", {"bot_token": f"{number}:secret-{number}"}, f"hook-{number}")
    told = stand.effects("webhook")
    code = caller.post(f"/api/integrations/{hook.id}/link", {}).json

    def say(text):
        before = len(stand.effects("message"))
        id = random.randrange(1, 10 ** 9)
        update = {"update_id": id, "message": {
            "message_id": id, "date": int(time.time()), "text": text, "chat": {"id": 4711, "type": "private"},
            "from": {"id": 4711, "is_bot": False, "first_name": "Ada"}}}
        for _ in range(2): stand.act(update=update)
        until(lambda: len(stand.effects("message")) > before, 30, f"no answer to {text}", every=0.05)
        return stand.effects("message")[-1]

    began = time.monotonic()
    linked = say(f"/start {code['code']}")
    took = time.monotonic() - began
    say("/new Pay the rent")
    listed = say("/tasks")
    data = listed["markup"]["inline_keyboard"][0][0]["callback_data"]
    stand.act(update={"update_id": 1, "callback_query": {
        "id": "q1", "data": data, "from": {"id": 4711}, "message": {"message_id": 1, "chat": {"id": 4711}}}})
    until(lambda: stand.effects("answer"), 30, "the button is not answered", every=0.05)
    tasks = site.sql("select title, status from tasks")
    claim("speaks as a bot for the person whose chat it is, and does what is said once",
          "This chat is yours" in linked["text"] and tasks == [["Pay the rent", "done"]]
          and len(stand.effects("message")) == 3 and stand.effects("answer")[0]["text"] == "Done: Pay the rent",
          f"first answer after {took * 1000:.0f} ms")
    forged = stand.act(secret="another", update={"update_id": 2, "message": {}})["status"]
    before = (hook.registered, [(t["url"], t["secret"]) for t in told])
    closed = caller.ask("DELETE", f"/api/integrations/{hook.id}/hook").status
    claim("tells Telegram itself where to call and with what secret, and to call no more",
          before == (True, [(hook.url, f"hook-{number}")]) and forged == 401 and closed == 204
          and stand.effects("webhook")[-1]["url"] == "" and stand.act(update={})["status"] == 0,
          f"{before}, {forged}, {closed}")
    left = "select count(*) from deliveries where length(body) > 0"
    until(lambda: site.sql(left)[0][0] == "0", 30, "what was said in calls stays after their jobs", every=0.1)
    claim("keeps nothing of what was said in a call once its job is done", True)

    stand = Stand("imap", uuid.uuid4().hex)
    port = stand.act(port=True)["port"]
    box = caller.post("/api/integrations/imap/connect", {"name": "Box", "fields": {
        "host": "127.0.0.1", "port": str(port), "security": "clear", "user": "atom@example.org",
        "password": f"secret-{stand.account}"}})
    if box.status != 201: raise RuntimeError(f"imap: {box.status} {box.json}")

    def poll():
        job = caller.post(f"/api/integrations/{box.json['id']}/sync", {}).json["job_id"]
        until(lambda: caller.get(f"/api/jobs/{job}").json["state"] == "done", 60,
              lambda: f"the mailbox is not read: {caller.get(f'/api/jobs/{job}').json}", every=0.05)

    stand.act(deliver="Subject: old\n\nold")
    poll()
    for n in range(25):
        stand.act(deliver=f"From: ada@example.org\nSubject: mail {n}\nMessage-ID: <{n}@example.org>\n\nHello {n}")
    poll()
    poll()
    claim("reads a mailbox from where it ended, changes nothing there, and brings each mail once",
          messages(site, "channel = 'email'") == 25 and not stand.effects("change"),
          f"{messages(site, 'channel = ' + chr(39) + 'email' + chr(39))} of 25 new mails")
    with urllib.request.urlopen(f"http://127.0.0.1:{site.port}/metrics", timeout=30) as answer:
        text = answer.read().decode()
    claim("counts what it turns away", 'atom_webhook_rejected_total{provider="slack",reason="forged"}' in text)


play(scenario, 600)
