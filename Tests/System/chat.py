"""A model's words reach a browser while they are written, a budget holds, also for lost answers, and a cancel hangs up.

The model is a stand-in that writes words at a set pace and keeps the time of each; the browser is a client of the
relay. Both read the clock of this host.
"""
import asyncio, concurrent.futures, json, os, statistics, threading, time, urllib.request, uuid

from websockets.asyncio.client import connect

from house import KEY, LOOPBACK, claim, play, until
from wires import ENDINGS

PACE_S = 0.02
DELAY_MS = 5
JOBS = 50
PRICE = 1_000_000  # A token costs one millionth.


class Model:
    """An account at the stand-in of a model server."""

    def __init__(self, provider):
        self.provider, self.account = provider, uuid.uuid4().hex
        self.key = {"openai": "sk-", "anthropic": "sk-ant-"}[provider] + self.account

    def control(self, method, path="", wish=None):
        url = f"{os.environ['ATOM_TEST_STANDINS']}/control/{self.provider}/{self.account}{path}"
        body = None if wish is None else json.dumps(wish).encode()
        with urllib.request.urlopen(urllib.request.Request(url, body, method=method), timeout=30) as answer:
            return json.loads(answer.read() or b"null")

    def act(self, **wish): return self.control("POST", "/act", wish)

    def stamps(self): return self.act(stamps=True)["stamps"]

    def effects(self): return self.control("GET")["effects"]

    def join(self, caller, model="stand-in"):
        answer = caller.post(f"/api/integrations/{self.provider}/connect", {
            "name": self.provider, "fields": {"api_key": self.key, "model": model}})
        assert answer.status == 201, (answer.status, answer.json)
        return answer.json["id"]


def bases():
    root = os.environ["ATOM_TEST_STANDINS"]
    return f"openai={root}/openai/v1,anthropic={root}/anthropic"


def ended(caller, job, patience=60):
    def look():
        answer = caller.get(f"/api/jobs/{job}")
        return answer.json if answer.json.get("state") in ENDINGS else None
    return until(look, patience, f"the job {job} did not end", every=0.05)


async def listen(site, say, heard, is_over):
    """Hears all events of the workspace; `say` is called once it listens."""
    async with connect(f"ws://{LOOPBACK}:{site.relay_port}/ws",
                       additional_headers={"Authorization": f"Bearer {KEY}"}) as socket:
        await socket.send(json.dumps({"subscribe": {"workspace": True}}))
        while json.loads(await socket.recv()).get("type") != "subscribed": pass
        said = asyncio.get_running_loop().run_in_executor(None, say)
        while not is_over():
            try: message = await asyncio.wait_for(socket.recv(), 0.5)
            except TimeoutError: continue
            heard.append((time.time(), json.loads(message)))
        return await said


def stream(site, caller, model, words):
    """One answer at a set pace: the delay of each word from the model's write to the browser, in ms."""
    text = " ".join(f"word{n}" for n in range(words))
    model.act(mode="text", text=text, pace_s=PACE_S, forget=True)
    heard, receipt = [], {}
    def say(): receipt.update(caller.post("/ai/chat", {"message": "Tell me everything."}).json)
    def is_over():
        return any(e.get("job") == receipt.get("job_id") and e.get("event") in ENDINGS for _, e in heard)
    asyncio.run(listen(site, say, heard, is_over))
    pieces = [(at, event["detail"]) for at, event in heard
              if event.get("job") == receipt["job_id"] and "text" in (event.get("detail") or {})]
    told, arrival = "", []
    for at, detail in pieces:
        assert detail["at"] == len(told), (detail, len(told))
        told += detail["text"]
        arrival.append((len(told), at))
    written, delays, stamps = 0, [], model.stamps()
    for at, piece in stamps:
        written += len(piece)
        come = next(a for length, a in arrival if length >= written)
        delays.append((come - at) * 1000)
    result = ended(caller, receipt["job_id"])["result"]
    kept = caller.get(f"/ai/messages?conversation_id={receipt['conversation_id']}").json["chat_messages"][0]
    return delays, len(pieces), told == text == kept["content"] and "text" not in result


def hold_budget(site, caller, model):
    model.act(mode="text", text="Yes.", usage={"input": 400, "output": 20}, pace_s=0.01)
    budget = 15_000
    caller.put("/ai/settings", prices={"stand-in": {"input": PRICE, "output": PRICE}},
               day_budget_micro=budget, most_tokens=100)
    spent = lambda: caller.get("/ai/usage").json["day"]
    def chat(n):
        one = site.caller()
        return ended(one, one.post("/ai/chat", {"message": f"Well, {n}?"}).json["job_id"], 120)
    most = []
    stop = threading.Event()
    def watch():
        one = site.caller()
        while not stop.is_set(): most.append(one.get("/ai/usage").json["day"])
    watcher = threading.Thread(target=watch)
    watcher.start()
    with concurrent.futures.ThreadPoolExecutor(JOBS) as pool: jobs = list(pool.map(chat, range(JOBS)))
    stop.set()
    watcher.join()
    answered = sum(job["state"] == "done" for job in jobs)
    refused = [job for job in jobs if job["state"] == "dead"]
    day = spent()
    claim(f"{JOBS} jobs at once never overshoot the budget, also with what is reserved",
          0 < day["spent_micro"] <= budget and max(d["spent_micro"] + d["reserved_micro"] for d in most) <= budget
          and day["spent_micro"] == 420 * answered,
          f"{answered} answered, {len(refused)} refused, {day['spent_micro']} of {budget} spent")
    claim("what does not fit is refused in clear words, and nothing stays reserved",
          answered + len(refused) == JOBS and day["reserved_micro"] == 0
          and all("budget" in json.dumps(job) for job in refused))
    caller.put("/ai/settings", day_budget_micro=None)


# What a model does when it is hung up on.
WORDS = {
    "while it speaks": dict(mode="text", text=" ".join(["word"] * 3_000), pace_s=0.01),
    "while it is silent": dict(mode="text", text="word", silent_after=0, silence_s=120),
    "before it answers at all": dict(mode="text", text="word"),
}


def look(model, how):
    """How many calls it was asked in that way, and the times it was hung up on."""
    state = model.control("GET")
    if how == "before it answers at all": return state["waiting"], state["left"]
    times = lambda kind: [e["at"] for e in state["effects"] if e["kind"] == kind]
    return len(times("opened")), times("closed")


def hang_up(site, caller, model, how):
    delays = []
    model.act(**WORDS[how])
    if how == "before it answers at all": model.control("POST", "/faults", {"kind": "hold", "times": 1_000})
    for _ in range(3 if site.short else 20):
        opened, closed = look(model, how)
        job = caller.post("/ai/chat", {"message": "Tell me everything."}).json["job_id"]
        until(lambda: look(model, how)[0] > opened, 20, "the model was not asked")
        time.sleep(0.2)
        at = time.time()
        answer = caller.post(f"/api/jobs/{job}/cancel", {})
        assert answer.status in (200, 202), (answer.status, answer.json)
        until(lambda: len(look(model, how)[1]) > len(closed), 20, "the model was not hung up on")
        delays.append(look(model, how)[1][-1] - at)
        assert ended(caller, job)["state"] == "cancelled"
    claim(f"a cancel ends the call at the model within 1 s, {how}", max(delays) <= 1,
          f"{len(delays)} cancels, at most {max(delays) * 1000:.0f} ms")
    if how == "before it answers at all": model.control("DELETE", "/faults")


def lose(site, caller, model):
    """Answers that are lost may be billed: the budget holds them all, as estimates."""
    model.act(mode="text", text="Yes.", usage={"input": 400, "output": 20}, pace_s=0.01)
    before = caller.get("/ai/usage").json["day"]
    budget = before["spent_micro"] + 100_000
    caller.put("/ai/settings", day_budget_micro=budget, most_tokens=100)
    calls = model.control("GET")["calls"]
    model.control("POST", "/faults", {"kind": "drop_after", "times": 5})
    with concurrent.futures.ThreadPoolExecutor(10) as pool:
        def one(n):
            mine = site.caller()
            return ended(mine, mine.post("/ai/chat", {"message": f"Well, {n}?"}).json["job_id"], 120)
        jobs = list(pool.map(one, range(10)))
    after = caller.get("/ai/usage").json["day"]
    made = model.control("GET")["calls"] - calls
    counted = after["spent_micro"] - after["estimated_micro"] - before["spent_micro"] + before["estimated_micro"]
    guessed = after["estimated_micro"] - before["estimated_micro"]
    lost = made - counted // 420
    claim("calls whose answers are lost are paid as estimates, within the budget",
          lost == 5 and guessed >= 5 * 420 and counted % 420 == 0 and after["reserved_micro"] == 0
          and after["spent_micro"] <= budget,
          f"{made} calls, {lost} lost, {guessed} estimated, {counted} counted, "
          f"{sum(job['state'] == 'done' for job in jobs)} of {len(jobs)} answered")
    caller.put("/ai/settings", day_budget_micro=None)


def chat(site):
    urls = {"ATOM_PROVIDER_URLS": bases()}
    site.start_api(**urls)
    site.start_relay()
    site.start_worker(**urls)
    caller = site.caller()
    words = 150 if site.short else 1_000
    connections = {}
    for provider in ("anthropic", "openai"):
        model = Model(provider)
        connections[provider] = model.join(caller)
        stream(site, caller, model, 20)
        delays, pieces, is_whole = stream(site, caller, model, words)
        delays.sort()
        p50, p99 = statistics.median(delays), delays[int(len(delays) * 0.99) - 1]
        claim(f"{provider}: each word reaches the browser within {DELAY_MS} ms (p50) of being written",
              p50 <= DELAY_MS, f"{words} words in {pieces} pieces, p50 {p50:.2f} ms, p99 {p99:.2f} ms")
        claim(f"{provider}: the pieces make the text, which is the conversation's answer and not for others to read", is_whole)
        if provider == "anthropic":
            assert caller.ask("DELETE", f"/api/integrations/{connections[provider]}").status == 204
    hold_budget(site, caller, model)
    lose(site, caller, model)
    for how in WORDS: hang_up(site, caller, model, how)
    usage = until(lambda: (d := caller.get("/ai/usage").json["day"])["reserved_micro"] == 0 and d, 20,
                  "something stays reserved")
    claim("what was said before a cancel is paid", usage["spent_micro"] > 0)


if __name__ == "__main__":
    play(chat, 300)
