"""Rows created over an API that is killed with -9 again and again: each is there once, and each is told once.

Clients send POST /api/tasks with an Idempotency-Key and try again until they are answered, while the API is killed
and started anew. A listener follows the changes over the relay, cut off now and then. PostgreSQL, or with --sqlite
a file.
"""
import collections, json, random, signal, sqlite3, sys, threading, time

from websockets.exceptions import ConnectionClosed, InvalidHandshake
from websockets.sync.client import connect

from house import KEY, claim, play, until

CLIENTS = 8
PATIENCE_S = 90


class Clients:
    """Creates tasks until every one was answered; remembers what each key was answered with."""

    def __init__(self, site, total):
        self.site, self.answers, self.odd = site, {}, []
        self.repeats, self.replayed = collections.Counter(), 0
        self.numbers = iter(range(total))
        self.lock = threading.Lock()
        self.threads = [threading.Thread(target=self.run) for _ in range(CLIENTS)]
        for thread in self.threads:
            thread.start()

    @property
    def are_done(self):
        return not any(thread.is_alive() for thread in self.threads)

    def run(self):
        caller = self.site.caller()
        while (number := self.next()) is not None:
            self.create(caller, number)

    def next(self):
        with self.lock:
            return next(self.numbers, None)

    def create(self, caller, number):
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            try:
                answer = caller.post("/api/tasks", {"title": f"task {number}"}, Idempotency_Key=f"create-{number}")
            except Exception as error:  # A connection that breaks says so in many ways.
                self.repeats[type(error).__name__] += 1
                time.sleep(random.uniform(0.01, 0.05))
                continue
            if answer.status == 201:
                self.answers[number] = answer.json["id"]
                self.replayed += "idempotent-replay" in answer.headers
                return
            self.repeats[answer.status] += 1
            if answer.status not in (409, 503):
                self.odd.append(f"{answer.status} {answer.json}")
                return
            time.sleep(random.uniform(0.1, 0.3))
        self.odd.append(f"create-{number} was not answered")


class Listener:
    """Follows the changes of tasks over the relay, and goes on where it was cut off."""

    def __init__(self, site):
        self.url = f"ws://127.0.0.1:{site.relay_port}/ws"
        self.rows, self.faults = collections.Counter(), []
        self.cursor, self.cuts, self.is_closed = None, 0, False
        self.is_listening = threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        while not self.is_closed:
            try:
                with connect(self.url, additional_headers={"X-API-Key": KEY}, open_timeout=10) as socket:
                    self.follow(socket)
            except (OSError, ConnectionClosed, InvalidHandshake, TimeoutError):
                time.sleep(0.02)

    def follow(self, socket):
        ask = {"subscribe": {"noun": "task"}} | ({"after": self.cursor} if self.cursor else {})
        socket.send(json.dumps(ask))
        end = time.monotonic() + random.uniform(1, 3)
        while not self.is_closed:
            if time.monotonic() > end:
                self.cuts += 1
                return socket.socket.close()
            try:
                self.take(json.loads(socket.recv(timeout=0.2)))
            except TimeoutError:
                continue

    def take(self, frame):
        if frame["type"] == "subscribed":
            self.cursor = self.cursor or frame["at"]
            self.is_listening.set()
        elif frame["type"] != "event" or frame["event"] != "task:created":
            self.faults.append(f"the relay sent {json.dumps(frame)}")
        else:
            if frame["previous"] not in (None, self.cursor):
                self.faults.append(f"{frame['id']} names {frame['previous']}, not {self.cursor}")
            self.cursor = frame["id"]
            self.rows[frame["row"]] += 1

    def close(self):
        self.is_closed = True
        self.thread.join(5)


def kill_repeatedly(site, api, clients):
    """Kills the API while the clients create; how often."""
    kills = 0
    while not clients.are_done:
        time.sleep(random.uniform(0.3, 0.9))
        if clients.are_done:
            break
        api.signal(signal.SIGKILL)
        api.process.wait()
        kills += 1
        api = site.start_api()
    return kills


def rows(site, text):
    if "sqlite" not in site.environment["DATABASE_URL"]:
        return site.sql(text)
    with sqlite3.connect(site.folder / "atom.db") as database:
        return [[str(value) for value in row] for row in database.execute(text)]


def judge(site, clients, listener, total):
    table = rows(site, "select id, title from tasks")
    titles = collections.Counter(title for _, title in table)
    ids = {row for row, _ in table}
    twice = [title for title, count in titles.items() if count > 1]
    claim("every create was answered, and nothing but 201, 409 and 503",
          len(clients.answers) == total and not clients.odd,
          f"{dict(clients.repeats)}, {clients.replayed} had been done already; {clients.odd[:3]}")
    claim("every create is in the table once", len(table) == total and not twice,
          f"{len(table)} rows, twice: {twice[:3]}")
    claim("every client was answered with the row that is there", set(clients.answers.values()) == ids)
    heard = lambda: len(listener.rows) >= total
    try:
        until(heard, 60, "not every change was heard")
    except TimeoutError:
        pass
    # Whoever would tell one twice does it within the turn of a process that died.
    until(lambda: rows(site, "select count(*) from journal_waiting") == [["0"]], 30, "changes wait")
    doubled = sum(count - 1 for count in listener.rows.values())
    claim("every create was heard once, over a connection that was cut",
          set(listener.rows) == ids and doubled == 0 and not listener.faults,
          f"{len(listener.rows)} heard, {doubled} twice, {len(ids - set(listener.rows))} never, {listener.cuts} cuts; "
          f"{listener.faults[:3]}")


def judge_chain(site, total):
    caller = site.caller()
    verdict = caller.get("/api/audit/verify").json
    claim("the audit chain is whole", verdict["valid"] and verdict["length"] >= total, json.dumps(verdict))
    links = rows(site, "select count(*), count(distinct entry_id), max(position) from audit_chain")
    claim("no change stands in it twice", len(set(links[0])) == 1, str(links[0]))
    again = caller.post("/api/tasks", {"title": "task 0"}, Idempotency_Key="create-0")
    claim("a repeated create is answered as before", again.status == 201 and "idempotent-replay" in again.headers)


def creates(site):
    total = 600 if site.short else 5_000
    if "--sqlite" in sys.argv:
        site.environment["DATABASE_URL"] = f"sqlite://{site.folder}/atom.db"
    api = site.start_api()
    site.start_relay()
    listener = Listener(site)
    listener.is_listening.wait(30)
    began = time.monotonic()
    clients = Clients(site, total)
    kills = kill_repeatedly(site, api, clients)
    claim(f"{total} creates by {CLIENTS} clients while the API is killed", kills >= (3 if site.short else 10),
          f"{kills} kills in {time.monotonic() - began:.0f} s")
    judge(site, clients, listener, total)
    judge_chain(site, total)
    listener.close()


if __name__ == "__main__":
    play(creates, 400)
