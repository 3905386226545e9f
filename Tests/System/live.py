"""A client of the relay sees each job's events once and in order while relay, socket and Redis connection are cut.

relay_resume.py does the watching and the cutting; here it gets an API, two workers and the command of the relay.
"""
import subprocess, sys

from house import KEY, Child, ROOT, claim, play

CUTS = 20


def live(site):
    site.start_api()
    site.start_worker()
    site.start_worker()
    jobs = 300 if site.short else 3_000
    watcher = Child(
        [sys.executable, ROOT / "Tests/System/relay_resume.py", "--ws", f"ws://127.0.0.1:{site.relay_port}/ws",
         "--api", f"http://127.0.0.1:{site.port}", "--key", KEY, "--jobs", jobs, "--cuts", CUTS,
         "--redis", site.redis.url, "--relay-command", f"{site.atom} relay", "--patience", "200",
         "--pause-ms", "20" if site.short else "5"],
        site.folder / "watcher.log", site.environment, site.folder, is_parent=True)
    site.children.append(watcher)
    try:
        status = watcher.process.wait(220)
    except subprocess.TimeoutExpired:
        status = None
    said = watcher.output.splitlines()
    claim(f"{CUTS} cuts: every event is told once and in order, each naming the one before it, as Redis holds them",
          status == 0, "; ".join(said[-12:]))


if __name__ == "__main__":
    play(live, 240)
