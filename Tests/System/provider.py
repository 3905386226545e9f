"""A receiver in a process of its own, which writes down every call with the time of its own clock.

usage: provider.py PORT FILE
/ok/... 200 at once; /slow/MS/... 200 after a while; /fail/N/... 500 to the first N calls of each id, then 200;
/hold/... no answer to the first call of each id, 200 to later ones; /guarded/... 200, but after POST /-/refuse/S it
answers 429 with Retry-After: S from the next call on, for one second. A line of FILE is one call:
seconds (monotonic), path, calls under way with this one, status, webhook-id, number.
"""
import asyncio, collections, http.client, os, re, sys, time

from house import Child, answers, until

LOOPBACK = "127.0.0.1"
REFUSES_S = 1
LENGTH, ID, NUMBER = (re.compile(text, re.I) for text in (
    rb"\r\ncontent-length: *(\d+)", rb"\r\nwebhook-id: *(\S+)", rb'"n": *(\d+)'))
REASONS = {200: "OK", 429: "Too Many Requests", 500: "Internal Server Error"}

Call = collections.namedtuple("Call", "at path under_way status id number")


class House:
    """All connections of the process, and the file."""

    def __init__(self, file):
        self.file, self.under_way, self.counts = file, 0, collections.Counter()
        self.refusal_s, self.refuses_until = 0, 0

    def answer(self, now, path, id, number):
        """The status, and after how many seconds it is said (None: never)."""
        self.under_way += 1
        self.counts[id] += 1
        status, pause = self.judge(now, path.split("/")[1:], self.counts[id])
        self.file.write(f"{now:.6f} {path} {self.under_way} {status} {id} {number}\n")
        return status, pause

    def judge(self, now, parts, count):
        match parts:
            case ["slow", milliseconds, *_]: return 200, int(milliseconds) / 1000
            case ["fail", times, *_] if count <= int(times): return 500, 0
            case ["hold", *_] if count == 1: return 200, None
            case ["guarded", *_] if self.is_refusing(now): return 429, 0
        return 200, 0

    def is_refusing(self, now):
        if self.refusal_s and not self.refuses_until:
            self.refuses_until = now + REFUSES_S
        return now < self.refuses_until

    def refuse(self, seconds):
        self.refusal_s, self.refuses_until = seconds, 0

    async def write_down(self):
        while True:
            await asyncio.sleep(0.02)
            self.file.flush()


class Exchange(asyncio.Protocol):
    """One connection of a sender: request after request."""

    def __init__(self, house):
        self.house, self.buffer, self.is_waiting = house, b"", False

    def connection_made(self, transport):
        self.transport = transport

    def connection_lost(self, _):
        self.end()

    def end(self):
        if self.is_waiting:
            self.house.under_way -= 1
            self.is_waiting = False

    def data_received(self, data):
        now = time.monotonic()
        self.buffer += data
        end = self.buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        head, length = self.buffer[:end + 2], LENGTH.search(self.buffer, 0, end + 2)
        whole = end + 4 + (int(length[1]) if length else 0)
        if len(self.buffer) < whole:
            return
        body, self.buffer = self.buffer[end + 4:whole], self.buffer[whole:]
        self.take(now, head.split(b" ", 2)[1].decode(), head, body)

    def take(self, now, path, head, body):
        if path.startswith("/-/refuse/"):
            self.house.refuse(int(path.split("/")[-1]))
            return self.say(200)
        number = NUMBER.search(body)
        status, pause = self.house.answer(now, path, ID.search(head)[1].decode(), int(number[1]) if number else -1)
        self.is_waiting = True
        if pause:
            asyncio.get_running_loop().call_later(pause, self.say, status)
        elif pause == 0:
            self.say(status)

    def say(self, status):
        self.end()
        if not self.transport.is_closing():
            more = f"Retry-After: {self.house.refusal_s}\r\n" if status == 429 else ""
            self.transport.write(f"HTTP/1.1 {status} {REASONS[status]}\r\n{more}Content-Length: 0\r\n\r\n".encode())


async def serve(port, path):
    with open(path, "a", buffering=1 << 20) as file:
        house = House(file)
        loop = asyncio.get_running_loop()
        await loop.create_server(lambda: Exchange(house), LOOPBACK, port, backlog=1024)
        await house.write_down()


class Provider:
    """Starts the process, makes jobs that call it, and reads what it wrote down."""

    def __init__(self, site, port):
        self.port, self.path, self.offset, self.read = port, site.folder / "calls", 0, []
        child = Child([sys.executable, __file__, port, self.path], site.folder / "provider.log")
        site.children.append(child)
        until(lambda: answers(port), 30, "the provider does not answer")
        try:
            # Its clock is the judge of others, so it must not wait for them.
            os.setpriority(os.PRIO_PROCESS, child.pid, -10)
        except PermissionError:
            pass

    def job(self, path, number, **more):
        arguments = {"url": f"http://{LOOPBACK}:{self.port}{path}", "type": "system.test", "data": {"n": number}}
        return {"name": "deliver_webhook", "arguments": arguments} | more

    def refuse(self, seconds):
        connection = http.client.HTTPConnection(LOOPBACK, self.port, timeout=10)
        connection.request("POST", f"/-/refuse/{seconds}")
        connection.getresponse().read()
        connection.close()

    def calls(self, start="/"):
        """All calls so far whose path begins so, in their order."""
        with open(self.path) as file:
            file.seek(self.offset)
            text = file.read()
        whole = text.rfind("\n") + 1
        self.offset += whole
        for line in text[:whole].splitlines():
            at, path, under_way, status, id, number = line.split(" ")
            self.read.append(Call(float(at), path, int(under_way), int(status), id, int(number)))
        return [call for call in self.read if call.path.startswith(start)]


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), sys.argv[2]))
