"""A worker killed at each step of sending a letter: the server takes the letter once, or it is shown as unknown.

One queue, one worker and one mail server (aiosmtpd) a step, all at the same time; the server kills the worker when
the talk comes to its step. What is unknown is then decided in the ledger, as a person would, and put back.
"""
import time

from house import ROOT, Child, answers, claim, free_port, play, until
from receivers import Letters

STEPS = ["none", "connect", "EHLO", "MAIL", "RCPT", "DATA", "body", "taken"]
DELIVERED = {"body", "taken"}
LEASE_S = 3


class Post:
    """One step: a mail server that kills at it, and the letter of a queue whose worker is killed."""

    def __init__(self, site, step):
        self.site, self.step = site, step
        self.queue, self.subject = f"mail-{step.lower()}", f"killed at {step}"
        self.letters, self.victim = Letters(site.folder / f"letters-{step}"), site.folder / f"victim-{step}"
        self.port = free_port()
        site.children.append(Child(
            ["/usr/bin/python3", ROOT / "Tests/System/smtpd.py", self.port, self.letters.path, step, self.victim],
            site.folder / f"smtpd-{step}.log"))
        self.kills = 0

    def start_worker(self):
        url = f"smtp://127.0.0.1:{self.port}?security=clear"
        return self.site.start_worker("--queues", self.queue, "--concurrency", "4", ATOM_SMTP_URL=url)

    def begin(self):
        """Has a letter accepted; the worker is told on whom the server is to spring."""
        self.worker = self.start_worker()
        if self.step != "none":
            self.victim.write_text(str(self.worker.pid))
        letter = {"to": ["ada@example.org"], "subject": self.subject, "text": "Once, please."}
        job = {"name": "send_email", "arguments": letter, "queue": self.queue}
        self.id = self.site.caller().accept(job)[0]

    def await_kill(self):
        if self.step == "none":
            return
        until(lambda: not self.worker.is_alive, 30, f"the worker is not killed at {self.step}")
        self.kills += 1
        self.worker = self.start_worker()

    def show(self):
        return self.site.caller().get(f"/api/jobs/{self.id}?queue={self.queue}").json

    def await_end(self):
        def end():
            job = self.show()
            return job if job["state"] in ("done", "dead") else None
        return until(end, 90, lambda: f"the letter of {self.step} is {self.show()}", every=0.1)

    @property
    def received(self):
        return len(self.letters.all())

    @property
    def entry(self):
        rows = self.site.sql(f"select state, coalesce(detail, '') from effects where key = 'send_email:{self.id}'")
        return rows[0][0] if rows else "none"

    def resolve(self):
        """Decides the unknown as a person does who looked at the mail server."""
        state, detail = ("receipt", '{"reply": "found at the server"}') if self.received else ("failed", "not there")
        self.site.sql(f"update effects set state = '{state}', detail = '{detail}' "
                      f"where key = 'send_email:{self.id}' and state = 'unknown'")
        answer = self.site.caller().post(f"/api/jobs/{self.id}/retry?queue={self.queue}")
        if answer.status != 202:
            raise RuntimeError(f"the retry is answered with {answer.status} {answer.json}")


def judge_end(post, job):
    reason = job["reason"] or (job["errors"][-1]["message"] if job["errors"] else "")
    is_unknown = job["state"] == "dead" and reason.startswith("unknown") and post.entry == "unknown"
    is_sent = job["state"] == "done" and post.entry == "receipt" and post.received == 1
    expected = 1 if post.step in DELIVERED or is_sent else 0
    claim(f"killed at {post.step}: the server took it once at most, and once unless it is shown as unknown",
          (is_sent or is_unknown) and post.received == expected and len(job["errors"]) == int(is_unknown),
          f"taken {post.received} times, job {job['state']}, ledger {post.entry}, {post.kills} kill, "
          f"{job['crashes']} crash, {len(job['errors'])} error: {reason[:40] or 'sent'}")
    return is_unknown


def watch_stillness(posts):
    """Retries what is unknown without a decision: nothing may be sent by that."""
    counts = {post.step: post.received for post in posts}
    for post in posts:
        post.site.caller().post(f"/api/jobs/{post.id}/retry?queue={post.queue}")
    still = [post for post in posts if post.await_end()["state"] == "dead" and post.entry == "unknown"
             and post.received == counts[post.step]]
    claim("put back without a decision each is unknown again, and not sent", len(still) == len(posts) > 0,
          f"{len(still)} of {len(posts)}")


def decide(posts):
    for post in posts:
        post.resolve()
    there = [post for post in posts if post.await_end()["state"] == "done" and post.entry == "receipt"
             and post.received == 1]
    claim("decided and put back each is there exactly once", len(there) == len(posts), f"{len(there)} of {len(posts)}")


def mail(site):
    site.environment["ATOM_LEASE_SECONDS"] = str(LEASE_S)
    site.start_api()
    posts = [Post(site, step) for step in STEPS]
    for post in posts:
        until(lambda: answers(post.port), 30, "a mail server does not answer")
    for post in posts:
        post.begin()
    for post in posts:
        post.await_kill()
    began = time.monotonic()
    unknown = [post for post in posts if judge_end(post, post.await_end())]
    claim("whoever was killed while sending is decided by others in time", time.monotonic() - began < 60,
          f"{len(posts)} letters, {len(unknown)} unknown, {time.monotonic() - began:.0f} s, lease {LEASE_S} s")
    watch_stillness(unknown)
    decide(unknown)
    ids = {letter["id"] for post in posts for letter in post.letters.all()}
    total = sum(post.received for post in posts)
    claim("every letter arrived exactly once in the end", total == len(ids) == len(posts), f"{total} received")


if __name__ == "__main__":
    play(mail, 240)
