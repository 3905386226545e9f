"""The client of PyPI `openai` has recordings heard: by the stand-in, or by the server whose whole address is given.

usage: transcription.py ROOT, or transcription.py --server http://127.0.0.1:8178/v1 (scripts/whisper)
"""
import io, json, sys, urllib.request, wave

import openai
from openai import OpenAI

is_own = sys.argv[1] == "--server"
root, account = sys.argv[-1], "sdk-voice"
client = OpenAI(base_url=root if is_own else f"{root}/transcription/v1", api_key=f"sk-{account}", max_retries=0)
calls = 0


def control(what, **wish):
    body = json.dumps(wish).encode()
    urllib.request.urlopen(
        urllib.request.Request(f"{root}/control/transcription/{account}/{what}", body, method="POST"))


def sound(seconds=1.0):
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1), out.setsampwidth(2), out.setframerate(16_000)
        out.writeframes(b"\0\0" * int(16_000 * seconds))
    return file.getvalue()


def hear(**more):
    global calls
    calls += 1
    asked = {"model": "whisper-1", "file": ("recording.wav", sound(), "audio/wav")} | more
    return client.audio.transcriptions.create(**asked)


def refused(kind, make):
    try: make()
    except kind as error: return error
    raise AssertionError(f"{kind} was not raised")


if not is_own: control("act", hear="Buy milk, Zoë.", duration=1.0)
said = hear(language="en", prompt="Milk.")
whole = hear(response_format="verbose_json", language="en")
assert abs(whole.duration - 1) < 0.01 and whole.language and isinstance(hear(response_format="text"), str)
if not is_own: assert said.text == whole.text == "Buy milk, Zoë."
error = refused(openai.BadRequestError, lambda: hear(file=("recording.wav", b"This is no sound.", "audio/wav")))
assert error.body["message"], error
refused(openai.BadRequestError, lambda: hear(response_format="nothing"))
if not is_own:
    refused(openai.AuthenticationError, lambda: OpenAI(
        base_url=client.base_url, api_key="wrong", max_retries=0).audio.transcriptions.create(
            model="whisper-1", file=("recording.wav", sound(), "audio/wav")))
    calls += 1
    control("faults", kind="status", status=429, body={"error": {"message": "Slow down"}}, headers={"Retry-After": "2"})
    assert refused(openai.RateLimitError, hear).response.headers["retry-after"] == "2"
print(f"ok: {calls} calls")
