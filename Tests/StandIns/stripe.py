"""Plays Stripe's balance transactions."""
import time

from standin import Refused, Reply, StandIn, route


def no(status, type, message, headers=None, **more):
    return Refused(Reply(status, {"error": {"type": type, "message": message, **more}}, headers))


class Stripe(StandIn):
    """An account is its key, `sk_test_<account>` or `rk_test_<account>`, as Bearer or as the user of Basic.

    `act`: {"move": {"amount", "currency", "fee"?, "type"?, "description"?, "created"?, "id"?}} -> {"id"}; {"page": n}.
    """
    name = "stripe"

    def account_of(self, call):
        key = call.bearer or call.basic[0] or ""
        for prefix in ("sk_test_", "rk_test_"):
            if key.startswith(prefix): return key.removeprefix(prefix)
        raise no(401, "invalid_request_error", f"Invalid API Key provided: {key[:4]}***")

    def unknown(self, call):
        return no(404, "invalid_request_error", f"Unrecognized request URL ({call.method}: {call.path}).").reply

    @route("GET", r"/v1/balance")
    def balance(self, call, account):
        return Reply(200, {"object": "balance", "available": [], "pending": [], "livemode": False})

    @route("GET", r"/v1/balance_transactions/(?P<id>[^/]+)")
    def one(self, call, account, id):
        found = account.rows["moves"].get(id)
        if not found: raise no(404, "invalid_request_error", f"No such balance transaction: '{id}'",
                               code="resource_missing", param="id")
        return Reply(200, found)

    @route("GET", r"/v1/balance_transactions")
    def list(self, call, account):
        with account.lock:
            limit = int(call.one("limit", "10"))
            if not 1 <= limit <= 100:
                raise no(400, "invalid_request_error", "Invalid integer: limit", param="limit")
            limit = min(limit, account.rows["settings"].get("page", 100))
            since = int(call.one("created[gte]", "0"))
            found = sorted((m for m in account.rows["moves"].values() if m["created"] >= since),
                           key=lambda m: (m["created"], m["order"]), reverse=True)
            after = call.one("starting_after")
            if after:
                if after not in account.rows["moves"]:
                    raise no(400, "invalid_request_error", f"No such balance transaction: '{after}'",
                             param="starting_after", code="resource_missing")
                place = next((i for i, m in enumerate(found) if m["id"] == after), len(found))
                found = found[place + 1:]
            data = [{k: v for k, v in m.items() if k != "order"} for m in found[:limit]]
            return Reply(200, {"object": "list", "url": "/v1/balance_transactions", "has_more": len(found) > limit,
                               "data": data}, {"Stripe-Version": call.headers.get("Stripe-Version", "2020-08-27")})

    def act(self, account, wish):
        with account.lock:
            if "page" in wish: account.rows["settings"]["page"] = wish["page"]
            if "move" not in wish: return {}
            move, number = wish["move"], account.number()
            id = move.get("id") or f"txn_{account.name}{number}"
            fee, created = move.get("fee", 0), move.get("created") or int(time.time())
            account.rows["moves"][id] = {
                "id": id, "object": "balance_transaction", "amount": move["amount"], "available_on": created,
                "created": created, "currency": move["currency"], "description": move.get("description"),
                "exchange_rate": None, "fee": fee, "net": move["amount"] - fee, "reporting_category": "charge",
                "fee_details": [{"amount": fee, "application": None, "currency": move["currency"],
                                 "description": "Stripe processing fees", "type": "stripe_fee"}] if fee else [],
                "source": f"ch_{number}", "status": "available", "type": move.get("type", "charge"), "order": number}
            return {"id": id}
