"""Plays OpenAI's POST /audio/transcriptions, and servers that do the same without a key."""
import email.parser, email.policy, re

from standin import Refused, Reply, StandIn, route

MOST_BYTES = 26_214_400
ENDINGS = {"flac", "mp3", "mp4", "mpeg", "mpga", "m4a", "ogg", "wav", "webm"}
MARKS = [(0, b"RIFF"), (0, b"OggS"), (0, b"fLaC"), (0, b"ID3"), (0, b"\xff\xfb"), (4, b"ftyp"), (0, b"\x1aE\xdf\xa3")]
FORMATS = {"json", "text", "verbose_json"}


def refusal(status, message, code=None, param=None, headers=None):
    kind = "invalid_request_error" if status < 429 else "server_error"
    return Refused(Reply(
        status, {"error": {"message": message, "type": kind, "param": param, "code": code}}, headers))


class Transcription(StandIn):
    """An account is what stands in its key, `sk-<account>`; or in the path, `/keyless/<account>/v1`.

    `act` with {"hear": text, "language"?, "duration"?, "segments"?} says what is heard from now on.
    """
    name = "transcription"

    def account_of(self, call):
        match = re.match(r"/keyless/([^/]+)/", call.path)
        if match: return match[1]
        token = call.bearer or ""
        if not token.startswith("sk-"):
            raise refusal(401, "You didn't provide an API key.", "invalid_api_key")
        return token.removeprefix("sk-")

    def unknown(self, call):
        return refusal(404, f"Invalid URL ({call.method} {call.path})").reply

    def act(self, account, wish):
        account.rows["heard"].update(wish)
        return account.rows["heard"]

    def form(self, call):
        """The fields of the form, and name, type and bytes of its file."""
        kind = call.headers.get("Content-Type", "")
        if not kind.startswith("multipart/form-data"): raise refusal(400, "Send multipart/form-data.")
        boundary = re.search(r'boundary="?([^";]+)', kind)
        if not boundary: raise refusal(400, "The form has no boundary.")
        fields, file = {}, None
        parts = (b"\r\n" + call.body).split(b"\r\n--" + boundary[1].encode())
        if parts[0] != b"" or not parts[-1].startswith(b"--"): raise refusal(400, "The form is malformed.")
        for part in parts[1:-1]:
            head, _, content = part.removeprefix(b"\r\n").partition(b"\r\n\r\n")
            headers = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(head + b"\r\n\r\n")
            about = headers["Content-Disposition"].params
            if about.get("filename"): file = about["filename"], headers.get_content_type(), content
            else: fields[about["name"]] = content.decode()
        return fields, file

    @route("POST", r"(/keyless/[^/]+)?/v1/audio/transcriptions")
    def transcribe(self, call, account):
        fields, file = self.form(call)
        if not fields.get("model"): raise refusal(400, "you must provide a model parameter")
        if not file: raise refusal(400, "There is no file.", param="file")
        name, kind, audio = file
        if len(audio) > MOST_BYTES: raise refusal(413, f"Maximum content size limit ({MOST_BYTES}) exceeded")
        is_known = any(audio[place:].startswith(mark) for place, mark in MARKS)
        if name.rpartition(".")[2] not in ENDINGS or not is_known:
            raise refusal(400, "Invalid file format.", param="file")
        form = fields.get("response_format", "json")
        if form not in FORMATS or form == "verbose_json" and fields["model"].startswith("gpt-"):
            raise refusal(400, f"response_format {form} is not compatible.", "unsupported_value", "response_format")
        if len(fields.get("language", "en")) not in (2, 3): raise refusal(400, "Invalid language.", param="language")
        account.effect("transcription", name=name, type=kind, bytes=len(audio), **fields)
        return self.reply(account.rows["heard"], form)

    def reply(self, heard, form):
        text, seconds = heard.get("hear", "Nothing was said."), heard.get("duration", 1.5)
        if form == "text": return Reply(200, text + "\n")
        if form == "json": return Reply(200, {"text": text, "usage": {"type": "duration", "seconds": round(seconds)}})
        return Reply(200, {"task": "transcribe", "language": heard.get("language", "english"), "duration": seconds,
                           "text": text, "segments": heard.get("segments", [])})
