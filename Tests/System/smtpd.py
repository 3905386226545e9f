"""A mail server (aiosmtpd) that writes each letter it takes to a file, and can kill a sender at a step of the talk.

usage: /usr/bin/python3 smtpd.py PORT LETTERS [STEP VICTIM]
STEP is connect, EHLO, MAIL, RCPT, DATA, body (the letter is here, 250 is not yet said) or taken (250 is said).
VICTIM is a file with the id of the process to kill; it is removed first, so that each victim is killed once.
"""
import asyncio, email, json, os, signal, sys

from aiosmtpd.smtp import SMTP


class Trap:
    """Kills the process that the file names when the talk comes to the step, and waits until it is gone."""

    def __init__(self, step=None, victim=None):
        self.step, self.victim = step, victim

    async def spring(self, step):
        if step != self.step or not os.path.exists(self.victim):
            return
        with open(self.victim) as file:
            pid = int(file.read())
        os.remove(self.victim)
        os.kill(pid, signal.SIGKILL)
        while is_running(pid):
            await asyncio.sleep(0.005)


def is_running(pid):
    """False once the process has no more threads that could act, reaped or not."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rsplit(")", 1)[1].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


class Desk:
    """Takes letters: whatever is written here was answered with 250, or would have been."""

    def __init__(self, path, trap):
        self.path, self.trap = path, trap

    async def handle_EHLO(self, server, session, envelope, hostname, responses):
        await self.trap.spring("EHLO")
        session.host_name = hostname
        return responses

    async def handle_MAIL(self, server, session, envelope, address, options):
        await self.trap.spring("MAIL")
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):
        await self.trap.spring("RCPT")
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        letter = email.message_from_bytes(envelope.content)
        with open(self.path, "a") as file:
            row = {"subject": letter["Subject"], "id": letter["Message-ID"], "to": envelope.rcpt_tos}
            if not letter.is_multipart(): row["text"] = letter.get_payload(decode=True).decode(errors="replace")
            file.write(json.dumps(row) + "\n")
        await self.trap.spring("body")
        return "250 taken"


class Server(SMTP):
    """The dialogue, with the trap at the steps that aiosmtpd has no hook for."""

    def __init__(self, desk):
        super().__init__(desk, enable_SMTPUTF8=True, hostname="mail.test")

    async def _handle_client(self):
        await self.event_handler.trap.spring("connect")
        await super()._handle_client()

    async def smtp_DATA(self, arg):
        await self.event_handler.trap.spring("DATA")
        await super().smtp_DATA(arg)

    async def push(self, status):
        await super().push(status)
        if "taken" in str(status):
            await self.event_handler.trap.spring("taken")


async def serve(port, path, *trap):
    desk = Desk(path, Trap(*trap))
    server = await asyncio.get_running_loop().create_server(lambda: Server(desk), "127.0.0.1", port)
    await server.serve_forever()


asyncio.run(serve(int(sys.argv[1]), *sys.argv[2:]))
