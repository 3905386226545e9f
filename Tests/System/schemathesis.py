"""Random requests made from the document at /openapi.json never meet an answer that the document does not tell of.

Schemathesis (PyPI) runs all its checks over examples, coverage, fuzzing and stateful links against a real API and
worker, in rounds with seeds of their own until enough requests were made, on SQLite and again on PostgreSQL.
usage: schemathesis.py [--requests 20000] [--database sqlite|postgres] [--venv FOLDER] [--short] [--seed 1]
with ATOM (the binary) and ATOM_TEST_DATABASE_URL in the environment; scripts/with-servers sets the latter.
"""
import argparse, json, pathlib, re, subprocess, sys

from house import KEY, ROOT, Child, claim, play

PACKAGES = ["schemathesis==4.32.5", "openapi-spec-validator==0.9.0", "graphql-core==3.3.2", "http-sf==1.5.0"]
# What takes bytes: none of them are of a wrong type.
BYTES = ["/api/uploads", "/api/tasks/import", "/api/tasks/{id}/attachments", "/api/calendar/import",
         "/api/finances/transactions/import"]
# Rules between fields and between rows are no part of a schema: what breaks them is refused all the same. A request
# that cannot be read (400), or whose type or size is wrong, must be one that breaks the schema.
CONFIG = """
[checks]
positive_data_acceptance.expected-statuses = ["2xx", "3xx", "401", "403", "404", "409", "412", "414", "422", "429", "5xx"]
negative_data_rejection.expected-statuses = [
    "400", "401", "403", "404", "405", "406", "409", "412", "413", "414", "415", "422", "428", "429", "5xx"]
""" + "".join(f"""
[[operations]]
include-name = "POST {path}"
checks.negative_data_rejection.enabled = false
""" for path in BYTES)

# What other programs make of the API: a file each that is run in the folder of the tools.
READERS = {
    "the document is valid OpenAPI 3.1": """
import json, sys, urllib.request
from openapi_spec_validator import validate
document = json.load(urllib.request.urlopen(sys.argv[1] + "/openapi.json"))
validate(document)
print(len(document["paths"]), "paths")
""",
    "graphql-core reads the types of /graphql and finds a document good": """
import json, sys, urllib.request
from graphql import build_client_schema, get_introspection_query, parse, print_schema, validate
def ask(query):
    request = urllib.request.Request(sys.argv[1] + "/graphql", json.dumps({"query": query}).encode(),
        {"Content-Type": "application/json", "Authorization": "Bearer " + sys.argv[2]})
    return json.load(urllib.request.urlopen(request))
schema = build_client_schema(ask(get_introspection_query())["data"])
full = get_introspection_query(specified_by_url=True, directive_is_repeatable=True, input_value_deprecation=True)
assert "errors" not in ask(full), ask(full)
query = "{ tasks(first: 2) { nodes { id title project { name } } next_cursor } }"
assert not validate(schema, parse(query)), validate(schema, parse(query))
assert "errors" not in ask(query), ask(query)
print(len(schema.type_map), "types,", len(print_schema(schema).splitlines()), "lines of SDL")
""",
    "an RFC 9651 parser reads the RateLimit headers": """
import sys, urllib.request
from http_sf import parse
request = urllib.request.Request(sys.argv[1] + "/api/tasks", headers={"Authorization": "Bearer " + sys.argv[2]})
answer = urllib.request.urlopen(request)
(policy, more), = parse(answer.headers["RateLimit-Policy"].encode(), tltype="list")
assert policy == "default" and more["q"] == 6000 and more["w"] == 60, more
(name, left), = parse(answer.headers["RateLimit"].encode(), tltype="list")
assert name == "default" and 0 <= left["r"] < 6000 and 0 < left["t"] <= 63, left
print(answer.headers["RateLimit-Policy"], answer.headers["RateLimit"])
""",
}
SHORT = 2_000
# Bounds of one round; a round that takes longer is cut off and counts as failed.
ROUND_S, RUN_S = 3_600, 6 * 3_600
EXAMPLES = 25

options = argparse.ArgumentParser()
options.add_argument("--requests", type=int, default=20_000)
options.add_argument("--database", choices=["sqlite", "postgres"])
options.add_argument("--venv", type=pathlib.Path, default=ROOT / ".build/schemathesis-venv")
options.add_argument("--seed", type=int, default=1)
options.add_argument("--short", action="store_true")
options.add_argument("--examples", type=int, default=EXAMPLES)
options.add_argument("--path", help="only paths that match this expression")
options = options.parse_args()


def tools():
    """The folder of the tools' commands; they are installed once."""
    if not (options.venv / "bin/st").exists():
        subprocess.run([sys.executable, "-m", "venv", options.venv], check=True)
        subprocess.run([options.venv / "bin/pip", "install", "--quiet", "--disable-pip-version-check", *PACKAGES],
                       check=True)
    return options.venv / "bin"


def start(site, database):
    """Starts an API and a worker on the database."""
    home = site.folder / database
    home.mkdir()
    url = site.database_url if database == "postgres" else f"sqlite:///{home}/atom.sqlite"
    more = {"DATABASE_URL": url, "ATOM_HOME": str(home), "ATOM_RATE_LIMIT": "off"}
    return [site.start_api(**more), site.start_worker(**more)]


def play_round(site, database, seed):
    """One run of all phases; the number of test cases and whether all checks held."""
    folder = site.folder / f"round-{database}-{seed}"
    folder.mkdir()
    (folder / "schemathesis.toml").write_text(CONFIG)
    words = [tools() / "st", "run", f"http://127.0.0.1:{site.port}/openapi.json", "--checks", "all",
             "--phases", "examples,coverage,fuzzing,stateful", "--max-examples", options.examples, "--seed", seed,
             "--header", f"Authorization: Bearer {KEY}", "--continue-on-failure", "--no-color",
             "--generation-database", "none", "--request-timeout", "30", "--suppress-health-check", "all",
             "--warnings", "off"]
    if options.path:
        words += ["--include-path-regex", options.path]
    child = Child(words, folder / "log", site.environment, folder, is_parent=True)
    site.children.append(child)
    try:
        status = child.process.wait(ROUND_S)
    except subprocess.TimeoutExpired:
        status = None
    said = child.output
    print(said[said.find("====", said.find("FAILURES") - 90):] if status else said[said.rfind("SUMMARY") - 40:])
    found = re.search(r"^\s*([\d,]+) generated", said, re.MULTILINE)
    return int(found[1].replace(",", "")) if found else 0, status == 0


def ask(site, database):
    """Makes enough requests against one database."""
    children = start(site, database)
    total, seed, holds = 0, options.seed, True
    while total < (SHORT if options.short else options.requests):
        made, held = play_round(site, database, seed)
        total, seed, holds = total + made, seed + 1, holds and held
        if not made or not held:
            break
    claim(f"{database}: every answer is as the document says", holds, f"{total} requests, {seed - options.seed} rounds")
    claim(f"{database}: the processes live", all(child.is_alive for child in children))
    complaints = [line for child in children for line in child.output.splitlines() if "a request failed" in line]
    claim(f"{database}: no request failed on our side", not complaints, "; ".join(complaints[:5]))
    for child in children:
        child.stop()


def read(site):
    """Has other programs read what the API says of itself."""
    home = site.folder / "readers"
    home.mkdir()
    more = {"DATABASE_URL": f"sqlite:///{home}/atom.sqlite", "ATOM_HOME": str(home), "ATOM_RATE_LIMIT": "6000/60",
            "ATOM_LOG_FORMAT": "json", "ATOM_LOG_LEVEL": "info"}
    api = site.start_api(**more)
    for text, program in READERS.items():
        done = subprocess.run(
            [tools() / "python", "-c", program, f"http://127.0.0.1:{site.port}", KEY], capture_output=True, text=True,
            timeout=120)
        claim(text, done.returncode == 0, (done.stdout or done.stderr).strip()[-600:])
    site.caller().get("/api/tasks?q=not-for-the-log")
    api.stop()
    try:
        lines = [json.loads(line) for line in api.output.splitlines()]
    except ValueError as error:
        return claim("the log is one JSON object a line", False, str(error))
    requests = [line for line in lines if line["message"] == "request"]
    claim("the log is one JSON object a line, one for each request",
          any(line["route"] == "/api/tasks" and line["status"] == 200 and line["ms"] >= 0 and line["workspace"]
              and line["request"] for line in requests), f"{len(lines)} lines, {len(requests)} requests")
    claim("neither keys nor queries stand in the log",
          KEY not in api.output and "not-for-the-log" not in api.output and "Bearer" not in api.output)


def hold(site):
    read(site)
    for database in [options.database] if options.database else ["sqlite", "postgres"]:
        ask(site, database)


if __name__ == "__main__":
    play(hold, RUN_S)
