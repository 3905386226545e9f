"""Plays anybody who takes webhooks, signed as Standard Webhooks has it."""
from standin import Reply, StandIn, route


class Hook(StandIn):
    """An account is the first part of the path: /<account>/..."""
    name = "hook"

    def account_of(self, call):
        return call.path.split("/")[1]

    @route("POST", r"/.*")
    def take(self, call, account):
        account.effect("webhook", id=call.headers.get("webhook-id"), body=call.body.decode(errors="replace"))
        return Reply(204)
