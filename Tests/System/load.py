"""Loads GET /api/tasks?status=todo and POST /api/tasks with wrk over a million tasks in PostgreSQL.

Prints requests a second and latencies of 64 connections, and the plan of the list's own statement under the scope of
its workspace. The 99th percentile of the list is at most ten times that of reading one task by its id.
usage: load.py [--short], with ATOM (a release build) and ATOM_TEST_DATABASE_URL, see scripts/with-servers.
"""
import re, shutil, subprocess, time

from house import KEY, claim, play, until

CONNECTIONS, THREADS = 64, 2
FACTOR = 10

FILL = """
set atom.workspace = '*';
insert into projects (workspace_id, id, name, description, status, created_at, updated_at, version)
select '{workspace}', '01ARZ3NDEKPR' || lpad(g::text, 14, '0'), 'Project ' || g, '', 'active', 0, 0, 1
from generate_series(1, 100) g;
insert into tasks (workspace_id, id, title, description, status, priority, project_id, assigned_to, due_date,
    created_at, updated_at, version)
select '{workspace}', '01ARZ3NDEK' || lpad(g::text, 16, '0'), 'Task ' || g, 'What has to be done in task ' || g,
    (array['todo', 'in_progress', 'done'])[1 + g % 3], (array['low', 'medium', 'high'])[1 + g / 3 % 3],
    '01ARZ3NDEKPR' || lpad((1 + g % 100)::text, 14, '0'), 'person ' || g % 50,
    case when g % 4 > 0 then 1700000000000000 + g * 7919::bigint % 1000000 * 1000000 end, 0, 0, 1
from generate_series(1, {rows}) g;
"""

READ = """
math.randomseed(os.time())
request = function()
    local id = string.format("01ARZ3NDEK%016d", math.random({rows}))
    return wrk.format("GET", "/api/tasks/" .. id)
end
"""

CREATE = """
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
local count = 0
request = function()
    count = count + 1
    local body = string.format(
        '{"title": "Task %d of a client", "description": "What has to be done", "priority": "high"}', count)
    return wrk.format("POST", "/api/tasks", nil, body)
end
"""

UNITS = {"us": 1e-3, "ms": 1.0, "s": 1e3, "m": 6e4}


class Run:
    """What one run of wrk measured; latencies in milliseconds."""

    def __init__(self, text):
        self.rate = float(re.search(r"Requests/sec:\s+([\d.]+)", text).group(1))
        self.latency = {
            int(share): float(number) * UNITS[unit]
            for share, number, unit in re.findall(r"^\s+(\d+)%\s+([\d.]+)(us|ms|s|m)$", text, re.M)}
        self.requests = int(re.search(r"(\d+) requests in", text).group(1))
        refused = re.search(r"Non-2xx or 3xx responses: (\d+)", text)
        lost = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", text)
        self.failures = (int(refused.group(1)) if refused else 0) + sum(map(int, lost.groups() if lost else ()))

    @property
    def figures(self):
        return (f"{self.rate:,.0f} requests/s, p50 {self.latency[50]:.1f} ms, p99 {self.latency[99]:.1f} ms, "
                f"{self.requests:,} requests, {self.failures} failed")


def install_wrk():
    if not shutil.which("wrk"):
        subprocess.run(["apt-get", "install", "-y", "wrk"], check=True, capture_output=True)


def wrk(site, path, seconds, script=None, meanwhile=lambda: None):
    """Runs wrk for so long, and `meanwhile` in its middle."""
    words = ["wrk", f"-t{THREADS}", f"-c{CONNECTIONS}", f"-d{seconds}s", "--timeout", "10s", "--latency",
             "-H", f"Authorization: Bearer {KEY}"]
    if script:
        file = site.folder / "request.lua"
        file.write_text(script)
        words += ["-s", str(file)]
    run = subprocess.Popen([*words, f"http://127.0.0.1:{site.port}{path}"], stdout=subprocess.PIPE, text=True)
    time.sleep(seconds / 2)
    meanwhile()
    return Run(run.communicate(timeout=seconds + 60)[0])


def statement(site):
    """The list's statement as PostgreSQL was sent it, caught while it runs."""
    found = site.sql("select query from pg_stat_activity where pid <> pg_backend_pid() and"
                     " query like 'select % from tasks where workspace_id%status% = $%' limit 1")
    return "\n".join(" ".join(row) for row in found)


def plan(site, workspace, text):
    return "\n".join(row[0] for row in site.sql(
        f"set plan_cache_mode = force_generic_plan; prepare list as {text}; begin; "
        f"select set_config('atom.workspace', '{workspace}', true); "
        f"explain (analyze, buffers, costs off) execute list('{workspace}', 50, 'todo'); commit"))


def scenario(site):
    install_wrk()
    rows, seconds = (100_000, 4) if site.short else (1_000_000, 15)
    api = site.start_api()
    workspace = until(lambda: site.sql(
        "set atom.workspace = '*'; select id from workspaces order by id limit 1"), 20, "no workspace")[0][0]
    began = time.monotonic()
    site.sql(FILL.format(workspace=workspace, rows=rows))
    site.sql("vacuum analyze tasks")
    print(f"  {rows:,} tasks made in {time.monotonic() - began:.0f} s", flush=True)

    caught = []
    one = wrk(site, "/", seconds, READ.replace("{rows}", str(rows)))
    listed = wrk(site, "/api/tasks?status=todo", seconds,
                 meanwhile=lambda: caught.append(until(lambda: statement(site), 2, "the statement is not seen")))
    before = count(site)
    made = wrk(site, "/", seconds, CREATE)

    claim("GET /api/tasks/{id} answers", one.failures == 0, one.figures)
    claim("GET /api/tasks?status=todo answers", listed.failures == 0, listed.figures)
    claim("POST /api/tasks answers", made.failures == 0, made.figures)
    claim("each task that was answered for is there", count(site) - before >= made.requests,
          f"{count(site) - before:,} new")
    ratio = listed.latency[99] / one.latency[99]
    claim(f"the list's p99 is at most {FACTOR} times that of one task", ratio <= FACTOR, f"{ratio:.1f} times")
    shown = plan(site, workspace, caught[0])
    print(f"  {caught[0]}\n" + "\n".join(f"    {line}" for line in shown.splitlines()), flush=True)
    claim("the list reads one index in order", "tasks_by_status" in shown and "Seq Scan" not in shown
          and "Sort" not in shown)
    claim("the API lives", api.is_alive)


def count(site):
    return int(site.sql("set atom.workspace = '*'; select count(*) from tasks")[0][0])


if __name__ == "__main__":
    play(scenario, 600)
