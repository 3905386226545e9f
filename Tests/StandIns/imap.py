"""Plays an IMAP server (RFC 3501, what a reader needs of it) on a port of its own, in the clear."""
import base64, re, socket, threading

from standin import Refused, Reply, StandIn


class Imap(StandIn):
    """An account is what stands in the password of atom@example.org, `secret-<account>`.

    It has the one folder INBOX, which is examined and peeked at; whatever would change a mail is refused.
    """
    name = "imap"

    def __init__(self, base):
        super().__init__(base)
        self.server = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self.listen, daemon=True).start()

    def act(self, account, wish):
        """{"port": true} -> {"port": n}; {"deliver": "mail"} -> {"uid": n}; {"delete": uid}; {"renumber": true}"""
        if wish.get("port"): return {"port": self.server.getsockname()[1]}
        with account.lock:
            box = self.box(account)
            if "deliver" in wish:
                uid, box["next"] = box["next"], box["next"] + 1
                box["mails"][uid] = re.sub(r"\r?\n", "\r\n", wish["deliver"]).encode()
                return {"uid": uid}
            if "delete" in wish:
                box["mails"].pop(wish["delete"], None)
                return {}
            if wish.get("renumber"):
                box["validity"] += 1
                box["mails"] = {place + 1: mail for place, mail in enumerate(box["mails"].values())}
                box["next"] = len(box["mails"]) + 1
                return {}
        raise Refused(Reply(400, {"error": "nothing to act"}))

    def box(self, account):
        return account.rows["boxes"].setdefault("INBOX", {"validity": 1, "next": 1, "mails": {}})

    def listen(self):
        while True:
            peer, _ = self.server.accept()
            threading.Thread(target=self.serve, args=(peer,), daemon=True).start()

    def serve(self, peer):
        with peer, peer.makefile("rb") as lines:
            try: Talk(self, peer, lines).run()
            except (OSError, ValueError): pass


class Talk:
    """One connection: commands in order, each answered before the next is read."""

    def __init__(self, stand, peer, lines):
        self.stand, self.peer, self.lines = stand, peer, lines
        self.account, self.examined = None, False

    def say(self, text):
        self.peer.sendall(text if isinstance(text, bytes) else text.encode() + b"\r\n")

    def run(self):
        self.say("* OK IMAP4rev1 stand-in ready")
        while line := self.lines.readline():
            tag, _, command = line.decode().rstrip("\r\n").partition(" ")
            if self.account:
                with self.account.lock: self.account.calls += 1
            ending = self.obey(command)
            self.say(f"{tag} {ending}")
            if command.upper().startswith("LOGOUT"): return

    def obey(self, command):
        words = command.split(" ")
        verb = " ".join(words[:2]).upper() if words[0].upper() == "UID" else words[0].upper()
        if verb == "CAPABILITY":
            self.say("* CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN")
            return "OK done"
        if verb == "NOOP": return "OK done"
        if verb == "LOGOUT":
            self.say("* BYE see you")
            return "OK done"
        if verb == "LOGIN": return self.login(*[word.strip('"') for word in words[1:3]])
        if verb == "AUTHENTICATE":
            if words[1].upper() != "PLAIN" or len(words) < 3: return "NO only PLAIN with an initial response"
            _, user, password = base64.b64decode(words[2]).decode().split("\0")
            return self.login(user, password)
        if not self.account: return "BAD log in first"
        if verb == "EXAMINE": return self.examine(words[1].strip('"'))
        if verb in ("SELECT", "STORE", "UID STORE", "EXPUNGE", "APPEND", "COPY", "UID COPY"):
            self.account.effect("change", command=command)
            return "NO this mailbox is only to be read"
        if not self.examined: return "BAD examine a folder first"
        if verb == "UID SEARCH": return self.search(words[2:])
        if verb == "UID FETCH": return self.fetch(words[2], " ".join(words[3:]))
        return "BAD unknown command"

    def login(self, user, password):
        name = password.removeprefix("secret-")
        if user != "atom@example.org" or name == password:
            return "NO [AUTHENTICATIONFAILED] Authentication failed."
        self.account = self.stand.account(name)
        return "OK logged in"

    def examine(self, folder):
        if folder.upper() != "INBOX": return "NO [NONEXISTENT] Mailbox doesn't exist"
        self.examined = True
        with self.account.lock:
            box = self.stand.box(self.account)
            self.say(f"* {len(box['mails'])} EXISTS")
            self.say("* 0 RECENT")
            self.say(f"* OK [UIDVALIDITY {box['validity']}] UIDs valid")
            self.say(f"* OK [UIDNEXT {box['next']}] Predicted next UID")
        return "OK [READ-ONLY] Examine completed."

    def search(self, words):
        with self.account.lock: uids = sorted(self.stand.box(self.account)["mails"])
        if words and words[0].upper() == "UID":
            start = int(words[1].split(":")[0])
            # The last mail is in every range that ends with *.
            uids = [uid for uid in uids if uid >= start] or uids[-1:]
        self.say("* SEARCH" + "".join(f" {uid}" for uid in uids))
        return "OK Search completed."

    def fetch(self, numbers, what):
        for uid in map(int, numbers.split(",")):
            with self.account.lock:
                mails = self.stand.box(self.account)["mails"]
                if uid not in mails: continue
                place, mail = list(mails).index(uid) + 1, mails[uid]
            if "BODY[" in what: self.account.effect("seen", uid=uid)
            if "BODY" in what:
                if "HEADER" in what: mail = mail.split(b"\r\n\r\n")[0] + b"\r\n\r\n"
                self.say(f"* {place} FETCH (UID {uid} BODY[] {{{len(mail)}}}\r\n".encode() + mail + b")\r\n")
            else:
                self.say(f"* {place} FETCH (UID {uid} RFC822.SIZE {len(mail)})")
        return "OK Fetch completed."
