"""The client and the validator of PyPI `twilio` against the stand-in."""
import sys, urllib.parse

from twilio.base.exceptions import TwilioRestException
from twilio.request_validator import RequestValidator
from twilio.rest import Client

base, account = sys.argv[1] + "/twilio", "ACsdk"
client = Client(account, f"token-{account}")
client.api.base_url = base
calls = 0


def refused(code, make):
    try: make()
    except TwilioRestException as error: assert error.code == code, (error.code, code)
    else: raise AssertionError(f"{code} was not refused")


message = client.messages.create(to="+491511234567", from_="+14155550100", body="Hello")
assert message.sid.startswith("SM") and message.status == "queued" and message.date_created, message
found = client.messages.list(to="+491511234567", limit=5)
assert [m.sid for m in found] == [message.sid]
assert client.messages(message.sid).fetch().body == "Hello"
refused(21211, lambda: client.messages.create(to="nobody", from_="+14155550100", body="Hello"))
refused(21617, lambda: client.messages.create(to="+491511234567", from_="+14155550100", body="x" * 1601))
refused(63016, lambda: client.messages.create(to="whatsapp:+491511234567", from_="whatsapp:+14155550100", body="Hi"))
template = client.messages.create(
    to="whatsapp:+491511234567", from_="whatsapp:+14155550100", content_sid="HX" + "a" * 32,
    content_variables='{"1": "Ann"}')
assert template.status == "queued"
for _ in range(60): client.messages.create(to="+491517654321", from_="+14155550100", body="many")
assert len(client.messages.list(to="+491517654321", page_size=25)) == 60
wrong = Client(account, "wrong")
wrong.api.base_url = base
refused(20003, lambda: wrong.messages.create(to="+491511234567", from_="+14155550100", body="Hello"))

# What the stand-in signs, the validator of the SDK must believe.
sys.path.insert(0, str(__import__("pathlib").Path(__file__).parents[2] / "StandIns"))
import importlib.util
frame = importlib.util.spec_from_file_location(
    "standin_twilio", __import__("pathlib").Path(__file__).parents[2] / "StandIns" / "twilio.py")
stand = importlib.util.module_from_spec(frame)
frame.loader.exec_module(stand)
params = {"MessageSid": ["SM1"], "Body": ["ä b"], "MediaUrl0": ["https://x/1"]}
url = "https://example.org/hooks/twilio/1?a=b"
validator = RequestValidator("secret")
assert validator.validate(url, {k: v[0] for k, v in params.items()}, stand.signature("secret", url, params))
print("ok: 70 calls")
