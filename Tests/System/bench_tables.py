"""What bench.py prints: tables in Markdown, and one sentence on what became of the foundation's rate."""

# What the foundation drained, of what its scripts alone did.
FOUNDATION = 0.79
FEATURES = {
    "plain": "asks for nothing",
    "share": "takes turns with those of 99 other shares",
    "limit": "counts against one limit of concurrency",
    "rate": "counts against one limit of rate",
    "exclusive": "runs alone of its key, one of 1,000",
    "unique": "holds a lock of its own",
}


def table(found):
    rows = [("measure", "Atom", "Redis alone", "ratio"), ("---", "---:", "---:", "---:")]

    def rate(words, name, ceiling):
        ratio = found[name] / found[ceiling]
        rows.append((words, f"{found[name]:,.0f}/s", f"{found[ceiling]:,.0f}/s", f"{ratio:.0%}"))

    def other(words, name, form, unit):
        rows.append((words, f"{found[name]:{form}} {unit}", "", ""))

    rate("enqueue, one by one", "single", "ceiling_enqueue_single")
    rate("enqueue, 500 a call", "bulk", "ceiling_enqueue_bulk")
    rate("drain, 1 worker", "drain1", "ceiling_work")
    rate("drain, 2 workers", "drain2", "ceiling_work")
    for load in (20, 1000):
        for share in (50, 99):
            other(f"enqueue to start at {load:,}/s, p{share}", f"p{share}@{load}", ".2f", "ms")
    other("idle worker, CPU", "idle_cpu", ".2f", "%")
    other("idle worker, Redis commands", "idle_commands", ".1f", "/s")
    other("idle worker, RSS", "rss_idle", ".1f", "MiB")
    other("busy worker, RSS", "rss_busy", ".1f", "MiB")
    other("cold start to the first job", "cold", ".0f", "ms")
    return lines(rows)


def lines(rows):
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def features(found):
    rows = [("a job that", "enqueue", "of plain", "drain", "of plain", "of the foundation"), ("---",) + ("---:",) * 5]
    for name, words in FEATURES.items():
        cells = [words]
        for measure in ("enqueue", "drain"):
            rate, plain = found[f"{measure}_{name}"], found[f"{measure}_plain"]
            cells += [f"{rate:,.0f}/s", f"{rate / plain:.0%}"]
        rows.append((*cells, f"{found[f'drain_{name}'] / found['ceiling_work'] / FOUNDATION:.0%}"))
    return lines(rows)


def verdict(found):
    ratio = found["drain1"] / found["ceiling_work"]
    text = (f"Drain is {ratio:.0%} of the ceiling, which is {ratio / FOUNDATION:.0%} of what the foundation had "
            f"({FOUNDATION:.0%} of its own).")
    if "beside" in found:
        part = found["drain1"] / found["beside"]
        text += f" The other build drains {found['beside']:,.0f}/s; this one does {part:.0%} of that."
    return text
