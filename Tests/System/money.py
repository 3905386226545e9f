"""Sums of money are exact to the last digit: what the API adds up equals Python's decimal, on both databases.

Random transactions in five currencies, up to the largest amount there is, come in by CSV and one by one.
usage: money.py [--short] [--count N], N transactions a database, 100,000 unless told.
"""
import decimal, random, sys, time

from house import claim, play

# The digits that each currency has behind the point.
CURRENCIES = {"EUR": 2, "USD": 2, "CHF": 2, "JPY": 0, "KWD": 3}
CATEGORIES = ["", "Food", "Rent", "Wages"]
LARGEST = 10 ** 14
ROWS_OF_A_FILE = 20_000
SINGLE = 500

decimal.getcontext().prec = 60


class Ledger:
    """Random transactions, and what they come to."""

    def __init__(self, seed):
        self.random, self.sums, self.count = random.Random(seed), {}, 0

    def transaction(self):
        currency = self.random.choice(list(CURRENCIES))
        size = min(int(10 ** self.random.uniform(0, 14.2)), LARGEST - 1)
        places = CURRENCIES[currency]
        cents = self.random.randrange(10 ** places)
        text = f"{size}.{cents:0{places}}" if places else str(size)
        if self.random.random() < 0.6:
            text = "-" + text
        kind = self.random.choice(["income" if text[0] != "-" else "expense"] * 9 + ["transfer"])
        day = f"{self.random.choice([2025, 2026])}-{self.random.randint(1, 12):02}-{self.random.randint(1, 28):02}"
        self.count += 1
        return {"occurred_on": day, "amount": text, "currency": currency, "kind": kind,
                "category": self.random.choice(CATEGORIES), "description": f"No. {self.count}"}

    def keep(self, entry):
        """Adds a transaction to the sums of its currency, month and category."""
        amount, kind = decimal.Decimal(entry["amount"]), entry["kind"]
        for grouping, key in [("currency", entry["currency"]), ("month", entry["occurred_on"][:7]),
                              ("category", entry["category"])]:
            total = self.sums.setdefault((grouping, key, entry["currency"]), {
                "income": decimal.Decimal(0), "expense": decimal.Decimal(0), "transfer": decimal.Decimal(0),
                "count": 0})
            total[kind] += amount
            total["count"] += 1

    def expected(self, grouping):
        """What a summary must answer: by key and currency, in the digits of the currency."""
        def text(amount, currency):
            return str(amount.quantize(decimal.Decimal(1).scaleb(-CURRENCIES[currency])))
        return {(key, currency): {
            "income": text(total["income"], currency), "expense": text(total["expense"], currency),
            "transfer": text(total["transfer"], currency), "count": total["count"],
            "net": text(total["income"] + total["expense"], currency)}
            for (kind, key, currency), total in self.sums.items() if kind == grouping}


def file(entries):
    columns = ["occurred_on", "amount", "currency", "kind", "category", "description"]
    return "\n".join([",".join(columns)] + [",".join(entry[name] for name in columns) for entry in entries]).encode()


def upload(caller, text):
    answer = caller.post("/api/finances/transactions/import", text, Content_Type="text/csv")
    if answer.status != 200:
        raise RuntimeError(f"not imported: {answer.status} {answer.json}")
    return answer.json


def fill(caller, ledger, count):
    """Brings in the transactions; the last file."""
    for name in CATEGORIES[1:]:
        caller.post("/api/finances/categories", {"name": name})
    for _ in range(min(SINGLE, count // 10)):
        entry = ledger.transaction()
        answer = caller.post(
            "/api/finances/transactions", {name: value for name, value in entry.items() if value})
        if answer.status != 201:
            raise RuntimeError(f"not created: {answer.status} {answer.json}")
        ledger.keep(entry)
    text = b""
    while ledger.count < count:
        entries = [ledger.transaction() for _ in range(min(ROWS_OF_A_FILE, count - ledger.count))]
        text = file(entries)
        report = upload(caller, text)
        if report["created"] != len(entries):
            raise RuntimeError(f"not all imported: {report}")
        for entry in entries:
            ledger.keep(entry)
    return text


def differences(caller, ledger, grouping):
    """The sums that are not what they must be, to the last digit."""
    groups = caller.get(f"/api/finances/summary?group_by={grouping}").json["groups"]
    found = {(group["key"], group["currency"]): {
        name: group[name] for name in ["income", "expense", "transfer", "count", "net"]} for group in groups}
    expected = ledger.expected(grouping)
    return [(key, found.get(key), expected.get(key)) for key in found.keys() | expected.keys()
            if found.get(key) != expected.get(key)]


def check(site, engine, count):
    caller, ledger, began = site.caller(), Ledger(engine), time.monotonic()
    last = fill(caller, ledger, count)
    took = time.monotonic() - began
    for grouping in ["currency", "month", "category"]:
        wrong = differences(caller, ledger, grouping)
        claim(f"{engine}: sums of {count:,} transactions by {grouping} are exact to the last digit", not wrong,
              f"{len(ledger.expected(grouping))} sums, written at {count / took:,.0f} a second"
              + (f", first wrong: {wrong[0]}" if wrong else ""))
    again = upload(caller, last)
    claim(f"{engine}: a file that comes twice adds nothing", again["created"] == 0 and again["duplicates"] > 0,
          f"{again['duplicates']:,} duplicates")
    largest = max(abs(total[kind]) for total in ledger.sums.values() for kind in ["income", "expense"])
    if count >= 5_000:
        claim(f"{engine}: sums go beyond what a bigint of ten-thousandths holds", largest * 10_000 >= 2 ** 63,
              f"the largest is {largest}")
    caller.connection.close()


def main(site):
    count = 5_000 if site.short else 100_000
    if "--count" in sys.argv:
        count = int(sys.argv[sys.argv.index("--count") + 1])
    api = site.start_api()
    check(site, "postgres", count)
    api.stop()
    site.start_api(DATABASE_URL=f"sqlite://{site.folder}/money.db")
    check(site, "sqlite", count)


play(main, limit_s=1_200)
