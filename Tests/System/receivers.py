"""Where jobs arrive: a receiver of webhooks, and the letters that smtpd.py writes down."""
import asyncio, json, os, pathlib, threading, time

REASONS = {200: "OK", 410: "Gone", 500: "Internal Server Error"}


class Webhooks:
    """An HTTP receiver that answers as the path says, and notes every call by its webhook-id.

    /ok 200 at once; /slow/MS 200 after a while; /fail/N 500 to the first N calls of each id, then 200; /gone 410;
    /error 500; /hold/NAME keeps the first call of each id until `release(NAME)`, and answers the later ones at once.
    `swap(old, new)` lets one path answer as another from now on.
    """

    def __init__(self, port):
        self.port = port
        self.calls, self.numbers = {}, {}
        self.swapped, self.held, self.released = {}, {}, {}
        self.ready = threading.Event()
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()
        self.ready.wait(10)

    def url(self, path):
        return f"http://127.0.0.1:{self.port}{path}"

    def job(self, path, number, **more):
        """A deliver_webhook job to one of the paths; `number` is ours, to tell calls of one job by."""
        arguments = {"url": self.url(path), "type": "system.test", "data": {"n": number}}
        return {"name": "deliver_webhook", "arguments": arguments} | more

    def run(self):
        asyncio.set_event_loop(self.loop)
        self.loop.run_until_complete(self.loop.create_server(lambda: Exchange(self), "127.0.0.1", self.port, backlog=512))
        self.ready.set()
        self.loop.run_forever()

    async def answer(self, path, id, body):
        number = json.loads(body)["data"]["n"]
        self.numbers.setdefault(number, set()).add(id)
        calls = self.calls.setdefault(id, [])
        path = self.swapped.get(path, path)
        call = [time.time(), 0]
        calls.append(call)
        call[1] = await self.status(path.split("/")[1:], id, len(calls))
        return call[1]

    async def status(self, parts, id, count):
        match parts:
            case ["slow", milliseconds]: await asyncio.sleep(int(milliseconds) / 1000)
            case ["fail", times] if count <= int(times): return 500
            case ["gone"]: return 410
            case ["error"]: return 500
            case ["hold", name] if count == 1:
                self.held.setdefault(name, set()).add(id)
                await self.released.setdefault(name, asyncio.Event()).wait()
        return 200

    def release(self, name):
        """Answers the calls that /hold/NAME keeps."""
        self.loop.call_soon_threadsafe(lambda: self.released.setdefault(name, asyncio.Event()).set())

    def swap(self, old, new):
        self.swapped[old] = new

    def taken(self, job):
        """How often the job's message was answered with 200."""
        return sum(status == 200 for _, status in self.calls.get(f"msg_{job}", []))

    def close(self):
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(5)


class Exchange(asyncio.Protocol):
    """One connection of a sender: request after request."""

    def __init__(self, house):
        self.house, self.buffer, self.task = house, b"", None

    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        self.buffer += data
        if self.task is None or self.task.done():
            self.task = self.house.loop.create_task(self.serve())

    async def serve(self):
        while (end := self.buffer.find(b"\r\n\r\n")) >= 0:
            first, *lines = self.buffer[:end].decode("latin-1").split("\r\n")
            headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
            length = int(headers.get("content-length", "0"))
            if len(self.buffer) < end + 4 + length:
                if headers.get("expect"):
                    self.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
                return
            body, self.buffer = self.buffer[end + 4:end + 4 + length], self.buffer[end + 4 + length:]
            status = await self.house.answer(first.split(" ")[1], headers["webhook-id"], body)
            self.transport.write(f"HTTP/1.1 {status} {REASONS[status]}\r\nContent-Length: 0\r\n\r\n".encode())


class Letters:
    """What an smtpd.py process took, read from the file it writes: one JSON object a letter."""

    def __init__(self, path):
        self.path = pathlib.Path(path)

    def all(self):
        if not self.path.exists():
            return []
        return [json.loads(line) for line in self.path.read_text().splitlines()]

    def by_subject(self):
        """How often each subject arrived."""
        counts = {}
        for letter in self.all():
            counts[letter["subject"]] = counts.get(letter["subject"], 0) + 1
        return counts
