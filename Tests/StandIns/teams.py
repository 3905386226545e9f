"""Plays the workflow webhook of a Microsoft Teams channel, which takes adaptive cards."""
import re

from standin import Refused, Reply, StandIn, route

LARGEST = 28 << 10


class Teams(StandIn):
    """An account is what stands between `/workflows/` and `/triggers`; the signature `sig` is `sig-<account>`."""
    name = "teams"

    def account_of(self, call):
        match = re.match(r"/workflows/([\w-]+)/triggers/manual/paths/invoke", call.path)
        if not match or call.one("sig") != f"sig-{match[1]}":
            raise Refused(Reply(401, {"error": {
                "code": "DirectApiAuthorizationRequired", "message": "The request must be authenticated."}}))
        return match[1]

    @route("POST", r"/workflows/[\w-]+/triggers/manual/paths/invoke")
    def post(self, call, account):
        values = call.json
        if len(call.body) > LARGEST:
            raise Refused(Reply(413, {"error": {"code": "RequestEntityTooLarge", "message": "The message is too large."}}))
        cards = [a for a in (values or {}).get("attachments", [])
                 if a.get("contentType") == "application/vnd.microsoft.card.adaptive"]
        if not cards or values.get("type") != "message":
            raise Refused(Reply(400, {"error": {
                "code": "TriggerInputSchemaMismatch", "message": "The input does not match the trigger's schema."}}))
        text = "\n".join(block.get("text", "") for card in cards for block in card["content"].get("body", []))
        account.effect("message", text=text)
        return Reply(202)
