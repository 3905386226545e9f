"""Sentences that espeak-ng speaks, heard by scripts/whisper: how many words are heard wrong, and what is done.

Free sentences go through Whisper, commands through Whisper and through a grammar of the workspace's own commands and
tasks; what was said ends as rows. Recordings of every kind are taken, and what is none is refused in words.
It needs espeak-ng (installed here where that can be done) and 600 MB from PyPI, once; without them it is skipped.
"""
import concurrent.futures, os, pathlib, re, shutil, subprocess, sys, urllib.request

from house import LOOPBACK, ROOT, Child, claim, free_port, play, until

FREE = """The meeting starts at nine in the morning.
Please send the invoice to the customer before Friday.
We need three more chairs for the office.
The printer on the second floor is out of paper.
She called twice and left a message.
Our website was down for ten minutes last night.
The train from London arrives late again.
Nobody remembered to water the plants.
I will be on holiday until the end of the month.
The new release fixes a problem with the search.
He asked for a copy of the contract.
There is a spare key under the table.
The budget for next year is almost finished.
Can you book a room for six people?
It rained all day and the street was wet.
The children played in the garden after school.
Please close the window before you leave.
A large truck blocked the road this morning.
We sold more tickets than we expected.
The doctor will see you in a few minutes.
They moved the deadline to the first of June.
My password has expired and I cannot log in.
The coffee machine needs to be repaired.
Every customer should get an answer within a day.
The report shows a clear increase in sales.
Remember to bring your passport and your ticket.
The database was restored from a backup.
Her flight was delayed because of the snow.
The kitchen smells of fresh bread.
This sentence was spoken by a machine.""".splitlines()

TASKS = ["Water the plants", "Call the bank", "Write the report", "Fix the window", "Order new chairs",
         "Clean the kitchen"]

# What is said, the action that it is, and a parameter of it.
COMMANDS = [
    ("create task buy milk", "create_task", "buy milk"),
    ("complete task water the plants", "complete_task", "water the plants"),
    ("list tasks", "list_tasks", None), ("complete task call the bank", "complete_task", "call the bank"),
    ("start timer for write the report", "start_timer", "write the report"), ("stop timer", "stop_timer", None),
    ("create task fix the window due tomorrow", "create_task", "fix the window"),
    ("create task order new chairs due next friday", "create_task", "order new chairs"),
    ("list tasks due today", "list_tasks", None), ("add note clean the kitchen", "add_note", "clean the kitchen"),
    ("complete task fix the window", "complete_task", "fix the window"),
    ("start timer for order new chairs", "start_timer", "order new chairs"),
]
KINDS = {"wav": None, "mp3": ("mp3", "libmp3lame", 16_000), "ogg": ("ogg", "libopus", 48_000),
         "webm": ("webm", "libopus", 48_000), "flac": ("flac", "flac", 16_000), "m4a": ("ipod", "aac", 16_000)}
CONVERT = """
import av, sys
source, target, form, codec, rate = sys.argv[1:]
with av.open(source) as old, av.open(target, "w", format=form) as new:
    stream = new.add_stream(codec, rate=int(rate), layout="mono")
    resampler = av.AudioResampler(format=stream.codec_context.format, layout="mono", rate=int(rate))
    fifo = av.AudioFifo()
    for frame in old.decode(audio=0):
        for piece in resampler.resample(frame):
            piece.pts = None
            fifo.write(piece)
    size = stream.codec_context.frame_size or 1024
    while (piece := fifo.read(size, partial=True)):
        for packet in stream.encode(piece): new.mux(packet)
    for packet in stream.encode(None): new.mux(packet)
"""


def words(text):
    numbers = {"9": "nine", "10": "ten", "3": "three", "6": "six", "1st": "first", "2nd": "second"}
    return [numbers.get(word, word) for word in re.findall(r"[a-z0-9']+", text.lower().replace("’", "'"))]


def distance(left, right):
    """The words to change, leave out or put in that make one list of the other."""
    row = list(range(len(right) + 1))
    for i, a in enumerate(left, 1):
        last, row[0] = row[0], i
        for j, b in enumerate(right, 1):
            last, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, last + (a != b))
    return row[-1]


def error_rate(pairs):
    wrong = sum(distance(words(said), words(heard)) for said, heard in pairs)
    return wrong / sum(len(words(said)) for said, _ in pairs)


class Studio:
    """Speaks, has recordings sent, and waits for what was heard."""

    def __init__(self, site):
        self.site, self.folder, self.count = site, site.folder / "voice", 0
        self.folder.mkdir()

    def speak(self, text, speaker="en-us"):
        self.count += 1
        path = self.folder / f"{self.count}.wav"
        subprocess.run(["espeak-ng", "-v", speaker, "-s", "145", "-w", path, text], check=True)
        return path

    def convert(self, path, kind):
        if not KINDS[kind]: return path
        target = path.with_suffix(f".{kind}")
        form, codec, rate = KINDS[kind]
        subprocess.run([venv() / "bin/python", "-c", CONVERT, path, target, form, codec, str(rate)], check=True)
        return target

    def send(self, path, to="/integrations/voice/transcribe", query="language=en"):
        return self.site.caller().ask("POST", f"{to}?{query}", pathlib.Path(path).read_bytes(), Content_Type="audio/wav")

    def hear(self, path, **more):
        """The transcript, once its job has ended."""
        answer = self.send(path, **more)
        if answer.status != 202: raise RuntimeError(f"not taken: {answer.status} {answer.json}")
        caller, place = self.site.caller(), answer.headers["location"]

        def ended():
            job = caller.get(f"/api/jobs/{answer.json['job_id']}").json
            return caller.get(place).json if job["state"] in ("done", "dead") else None
        return until(ended, 120, "a recording is not heard", every=0.1)

    def obey(self, path, query):
        """The transcript of a command, and its run."""
        heard = self.hear(path, to="/api/voice/process", query=query)
        run = heard["run_id"] and self.site.caller().get(f"/api/voice/commands/runs/{heard['run_id']}").json
        return heard, run


def venv():
    return pathlib.Path(os.environ.get("ATOM_WHISPER_VENV", ROOT / ".build/whisper-venv"))


def equip():
    """Installs espeak-ng where it is missing; the reason where that cannot be done."""
    if not shutil.which("espeak-ng") and os.geteuid() == 0 and shutil.which("apt-get"):
        subprocess.run(["apt-get", "install", "-y", "-qq", "espeak-ng"], capture_output=True)
    return None if shutil.which("espeak-ng") else "espeak-ng is missing (apt-get install espeak-ng)"


def start_whisper(site, port):
    """Starts scripts/whisper, which makes its environment first; the reason where it cannot."""
    child = Child([ROOT / "scripts/whisper", "--port", port], site.folder / "whisper.log", os.environ, ROOT)
    site.extras.append(child)

    def state():
        if not child.is_alive: return "ended"
        try: return urllib.request.urlopen(f"http://{LOOPBACK}:{port}/health", timeout=2).status == 200
        except OSError: return None
    found = until(state, 900, "scripts/whisper does not answer", every=0.5)
    return f"scripts/whisper ended: {child.output.strip()[-200:]}" if found == "ended" else None


def dictate(studio, sentences):
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        heard = list(pool.map(lambda said: studio.hear(studio.speak(said)), sentences))
    pairs = [(said, row["text"] or "") for said, row in zip(sentences, heard)]
    rate = error_rate(pairs)
    for said, text in pairs:
        if words(said) != words(text): print(f"    said: {said}\n   heard: {text}")
    claim("free sentences are heard by Whisper with one word in five wrong at most", rate <= 0.2,
          f"{len(pairs)} sentences, word error rate {rate:.1%}")


def plant(site):
    for title in TASKS:
        answer = site.caller().post("/api/tasks", {"title": title})
        if answer.status != 201: raise RuntimeError(f"no task: {answer.status} {answer.json}")


def meant(run):
    """The title of what a run made, found or began."""
    row = run["result"].get("task") or run["result"].get("note") or {}
    return " ".join(words(row.get("title", "")))


def command(studio, model, speaker, share):
    """Says every command; they are told one after the other, for each sees what those before it did."""
    studio.site.sql("update tasks set status = 'todo', completed_at = null")
    pairs, right, wrong = [], 0, []
    for said, action, parameter in COMMANDS:
        heard, run = studio.obey(studio.speak(said, speaker), f"language=en&model={model}")
        pairs.append((said, heard["text"] or ""))
        is_right = bool(run) and run["action"] == action and parameter in (None, meant(run))
        right += is_right
        if not is_right: wrong.append(f"{said!r} as {heard['text']!r}")
    for line in wrong: print(f"    heard {line}")
    claim(f"commands of the voice {speaker} are understood with the model {model}", right >= share * len(COMMANDS),
          f"{right} of {len(COMMANDS)}, word error rate {error_rate(pairs):.1%}")


def every_kind(studio):
    for kind in KINDS:
        title = {"wav": "buy bread", "mp3": "wash the car", "ogg": "feed the cat", "webm": "paint the door",
                 "flac": "read the book", "m4a": "clean the floor"}[kind]
        path = studio.convert(studio.speak(f"create task {title}"), kind)
        heard, run = studio.obey(path, "language=en")
        rows = studio.site.sql(f"select title from tasks where lower(title) = '{title}' and status = 'todo'")
        claim(f"a spoken \"create task {title}\" as {kind} ends as a task", len(rows) == 1,
              f"{heard['media_type']}, {heard['duration_s']:.1f} s, heard {heard['text']!r}, "
              f"{run['said'] if run else heard['error']!r}")


def milk(studio):
    before = studio.site.sql("select count(*) from tasks where lower(title) = 'buy milk'")
    heard, run = studio.obey(studio.speak("create task buy milk"), "language=en&model=whisper-1")
    rows = studio.site.sql("select id, title, status from tasks where lower(title) = 'buy milk' order by id")
    made = len(rows) - int(before[0][0])
    claim("a spoken \"create task buy milk\" is a task in the database", run and run["status"] == "done" and made == 1,
          f"heard {heard['text']!r}, task {rows[-1] if rows else None}")


def once(studio):
    """The same sound again is not heard again."""
    path = studio.speak("The same words twice.")
    first, second = studio.hear(path), studio.hear(path)
    claim("the same recording is sent to the transcriber once",
          second["reused"] and not first["reused"] and first["text"] == second["text"], repr(first["text"]))


def garbage(studio):
    path = studio.folder / "garbage"
    path.write_bytes(os.urandom(20_000).replace(b"\xff", b"\xfe"))
    answer = studio.send(path)
    claim("what is no recording is refused in words", answer.status == 422 and "no recording" in answer.json["detail"],
          f"{answer.status}: {answer.json['detail']}")
    path.write_bytes(b"RIFF\x24\x00\x00\x00WAVEdata")
    answer = studio.send(path)
    claim("so is a head without sound", answer.status == 422 and "no sound" in answer.json["detail"],
          f"{answer.status}: {answer.json['detail']}")
    whole = studio.convert(studio.speak("This one breaks."), "flac").read_bytes()
    path.write_bytes(whole[:42] + os.urandom(4_000))
    heard = studio.hear(path)
    claim("a recording that breaks behind its head ends as a failed transcript with the reason",
          heard["status"] == "failed" and "refused" in (heard["error"] or ""), repr(heard["error"]))


def voice(site):
    reason = equip()
    port = free_port()
    reason = reason or start_whisper(site, port)
    if reason:
        return print(f"skip voice  {reason}", flush=True)
    site.environment["ATOM_TRANSCRIBER_URL"] = f"http://{LOOPBACK}:{port}/v1"
    site.start_api()
    site.start_worker("--concurrency", "4")
    studio = Studio(site)
    plant(site)
    milk(studio)
    every_kind(studio)
    once(studio)
    garbage(studio)
    dictate(studio, FREE[:8] if site.short else FREE)
    for speaker, free, closed in [("en-us", 0.5, 0.3), ("en-us+f2", 0.5, 0.6)]:
        command(studio, "whisper-1", speaker, free)
        command(studio, "commands", speaker, closed)


if __name__ == "__main__":
    play(voice, 1_500)
