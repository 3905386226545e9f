"""The client of PyPI `stripe` against the stand-in: balance transactions, page by page."""
import json, sys, urllib.request

import stripe
from stripe import StripeClient

root, account = sys.argv[1], "sdk"
calls = 0


def act(**wish):
    body = json.dumps(wish).encode()
    with urllib.request.urlopen(urllib.request.Request(
            f"{root}/control/stripe/{account}/act", body, method="POST")) as answer:
        return json.load(answer)


client = StripeClient(f"sk_test_{account}", base_addresses={"api": f"{root}/stripe"}, max_network_retries=0)
transactions = client.v1.balance_transactions if hasattr(client, "v1") else client.balance_transactions
ids = [act(move={"amount": 1_000 + n, "currency": "jpy" if n % 2 else "eur", "fee": n, "created": 1_700_000_000 + n})["id"]
       for n in range(7)]
act(page=3)
seen, after = [], None
while True:
    page = transactions.list({"limit": 100, **({"starting_after": after} if after else {})})
    calls += 1
    seen += [(t.id, t.amount, t.currency, t.fee, t.net) for t in page.data]
    if not page.has_more: break
    after = page.data[-1].id
assert [s[0] for s in seen] == ids[::-1], seen
assert seen[0] == (ids[6], 1_006, "eur", 6, 1_000), seen[0]

late = transactions.list({"limit": 100, "created": {"gte": 1_700_000_005}})
calls += 1
assert [t.id for t in late.data] == [ids[6], ids[5]]

one = transactions.retrieve(ids[0])
calls += 1
assert one.object == "balance_transaction" and one.status == "available"

for make, kind in (
        (lambda: transactions.retrieve("txn_none"), stripe.InvalidRequestError),
        (lambda: transactions.list({"limit": 1000}), stripe.InvalidRequestError),
        (lambda: StripeClient("wrong", base_addresses={"api": f"{root}/stripe"}).balance.retrieve()
            if not hasattr(client, "v1") else
            StripeClient("wrong", base_addresses={"api": f"{root}/stripe"}).v1.balance.retrieve(),
         stripe.AuthenticationError)):
    calls += 1
    try: make()
    except kind: pass
    else: raise AssertionError(f"{kind} was not raised")

print(f"ok: {calls} calls")
