"""WebClient and SignatureVerifier of PyPI `slack-sdk` against the stand-in."""
import http.server, json, sys, threading, urllib.request

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.signature import SignatureVerifier

root, team = sys.argv[1], "Tsdk"
client = WebClient(token=f"xoxb-{team}", base_url=f"{root}/slack/api/")


def refused(word, make):
    try: make()
    except SlackApiError as error: assert error.response["error"] == word, error.response
    else: raise AssertionError(f"{word} was not refused")


posted = client.chat_postMessage(
    channel="C1", text="hello", metadata={"event_type": "atom", "event_payload": {"key": "m1"}})
assert posted["ok"] and posted["ts"] and posted["message"]["text"] == "hello"
history = client.conversations_history(channel="C1", include_all_metadata=True)
assert history["messages"][0]["metadata"]["event_payload"] == {"key": "m1"}
client.chat_update(channel="C1", ts=posted["ts"], text="changed")
assert client.conversations_history(channel="C1")["messages"][0]["text"] == "changed"
answer = client.chat_postMessage(channel="C1", text="in the thread", thread_ts=posted["ts"])
assert [m["ts"] for m in client.conversations_replies(channel="C1", ts=posted["ts"])["messages"]] == [
    posted["ts"], answer["ts"]]
assert client.auth_test()["bot_id"] == "BSTANDIN"
assert client.users_info(user="U1")["user"]["profile"]["email"]
refused("channel_not_found", lambda: client.chat_postMessage(channel="nowhere", text="x"))
refused("is_archived", lambda: client.chat_postMessage(channel="CARCHIVED", text="x"))
refused("no_text", lambda: client.chat_postMessage(channel="C1", text=""))
refused("invalid_auth", lambda: WebClient(token="wrong", base_url=f"{root}/slack/api/").auth_test())

heard = []


class Ear(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        heard.append((body, {k: v for k, v in self.headers.items()}))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_): pass


ear = http.server.HTTPServer(("127.0.0.1", 0), Ear)
threading.Thread(target=ear.serve_forever, daemon=True).start()
wish = {"say": {"channel": "C1", "user": "U1", "text": "hi"}, "url": f"http://127.0.0.1:{ear.server_port}/"}
urllib.request.urlopen(urllib.request.Request(
    f"{root}/control/slack/{team}/act", json.dumps(wish).encode(), method="POST")).read()
body, headers = heard[0]
assert SignatureVerifier(f"signing-{team}").is_valid_request(body, headers)
assert not SignatureVerifier("another").is_valid_request(body, headers)
print("ok: 12 calls")
