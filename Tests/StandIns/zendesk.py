"""Plays Zendesk Support: tickets, comments, audits, the incremental export, users, job statuses and search."""
import base64, hashlib, hmac, json, random, threading, time, uuid

from standin import Refused, Reply, StandIn, call_out, route

STATUSES = ["new", "open", "pending", "hold", "solved", "closed"]
PRIORITIES = ["low", "normal", "high", "urgent"]
JSON = r"(?:\.json)?"
KEY_MEMORY_S = 7_200
AGENT = 1


def stamp(moment=None):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(moment or time.time()))


def refusal(status, error, description=None, details=None, **headers):
    body = {"error": error}
    if description: body["description"] = description
    if details: body["details"] = details
    return Refused(Reply(status, body, {name.replace("_", "-"): str(value) for name, value in headers.items()}))


def invalid(field, description):
    return refusal(422, "RecordInvalid", "Record validation errors", {field: [{"description": description}]})


class Zendesk(StandIn):
    """An account is its API token (`someone@example.org/token:<account>`), or its OAuth token `<account>`.

    Settings a test may change: rate (calls a minute), export_rate (exports a minute), update_rate (updates of one
    ticket in ten minutes), search_lag (seconds), repeats (chance that an export shows an item again, as it was),
    solve_needs (a field that must be filled before a ticket is solved), key_memory (seconds that a key is known).
    """
    name = "zendesk"

    def account_of(self, call):
        user, password = call.basic
        name = call.bearer or (password if user and user.endswith("/token") and "@" in user else None)
        if not name: raise refusal(401, "Couldn't authenticate you")
        account = self.account(name)
        with account.lock:
            self.prepare(account)
            self.meter(account, "rate", account.rows["settings"]["rate"], 60)
            if "/incremental/" in call.path:
                self.meter(account, "export", account.rows["settings"]["export_rate"], 60)
        return name

    def prepare(self, account):
        if account.rows["settings"]: return
        account.rows["settings"].update(
            rate=700, export_rate=10, update_rate=30, search_lag=60, repeats=0.1, webhook=None,
            key_memory=KEY_MEMORY_S)
        account.rows["users"][AGENT] = {
            "id": AGENT, "name": "Atom Agent", "email": "agent@example.org", "role": "admin", "active": True,
            "created_at": stamp(), "updated_at": stamp(), "verified": True}

    def meter(self, account, name, most, seconds):
        times = account.rows["meters"].setdefault(name, [])
        now = time.time()
        while times and times[0] < now - seconds: times.pop(0)
        if len(times) >= most:
            wait = max(1, int(times[0] + seconds - now + 1))
            raise refusal(429, "APIRateLimitExceeded", "Number of allowed API requests per minute exceeded",
                          Retry_After=wait)
        times.append(now)
        account.rows["meters"]["left"] = max(0, most - len(times)) if name == "rate" else 0

    def answer(self, call):
        reply = super().answer(call)
        if isinstance(reply, Reply) and reply.status != 401:
            reply.headers.setdefault("X-Rate-Limit", "700")
            reply.headers.setdefault("X-Rate-Limit-Remaining", "650")
            reply.headers.setdefault("ratelimit-limit", "700")
            reply.headers.setdefault("ratelimit-remaining", "650")
            reply.headers.setdefault("ratelimit-reset", "30")
        return reply

    def unknown(self, call):
        return Reply(404, {"error": "InvalidEndpoint", "description": "Not found"})

    # Tickets

    def ticket(self, account, id):
        ticket = account.rows["tickets"].get(int(id))
        if not ticket or ticket["status"] == "deleted": raise refusal(404, "RecordNotFound", "Not found")
        return ticket

    def body(self, call, name):
        value = (call.json or {}).get(name) if isinstance(call.json, dict) else None
        if not isinstance(value, dict if name == "ticket" else list):
            raise refusal(400, "BadRequest", f"{name} is missing")
        return value

    @route("POST", r"/api/v2/tickets" + JSON)
    def create(self, call, account):
        key = call.headers.get("Idempotency-Key")
        digest = hashlib.sha256(call.body).hexdigest()
        with account.lock:
            known = account.rows["keys"].get(key) if key else None
            if known and known["at"] > time.time() - account.rows["settings"]["key_memory"]:
                if known["digest"] != digest:
                    raise refusal(400, "IdempotencyKeyReused", "The key was used with other parameters")
                return Reply(201, known["body"], {"x-idempotency-lookup": "hit"})
            ticket, audit = self.make(account, self.body(call, "ticket"), AGENT, "api")
            body = {"ticket": ticket, "audit": audit}
            headers = {"Location": f"{self.base}/api/v2/tickets/{ticket['id']}.json"}
            if key:
                account.rows["keys"][key] = {"digest": digest, "body": json.loads(json.dumps(body)), "at": time.time()}
                headers["x-idempotency-lookup"] = "miss"
            return Reply(201, body, headers)

    def make(self, account, wish, author, channel):
        comment = dict(wish.get("comment") or {"body": wish.get("description")})
        text = comment.get("body") or comment.get("html_body") or ""
        if not text.strip(): raise invalid("base", "Description: cannot be blank")
        requester = self.requester(account, wish, author)
        id, now = account.number() + 100, stamp()
        ticket = {
            "id": id, "url": f"{self.base}/api/v2/tickets/{id}.json", "external_id": None, "created_at": now,
            "updated_at": now, "type": None, "subject": None, "raw_subject": None, "description": text,
            "priority": None, "status": "new", "requester_id": requester, "submitter_id": author,
            "assignee_id": None, "organization_id": None, "group_id": None, "collaborator_ids": [],
            "follower_ids": [], "has_incidents": False, "is_public": True, "tags": [], "custom_fields": [],
            "via": {"channel": channel, "source": {"from": {}, "to": {}, "rel": None}}, "followup_ids": [],
            "generated_timestamp": 0}
        wish = self.follow(account, ticket, wish)
        events = self.apply(account, ticket, wish, is_new=True)
        account.rows["tickets"][id] = ticket
        account.rows["comments"][id], account.rows["audits"][id] = [], []
        events.append(self.say(account, ticket, {**comment, "body": text}, requester if author != AGENT else author))
        audit = self.write_down(account, ticket, events, author, channel, wish.get("metadata"))
        account.effect("create", ticket=id, channel=channel, external_id=ticket["external_id"])
        self.changed(account, ticket)
        return ticket, audit

    def follow(self, account, ticket, wish):
        """Ties a ticket to the closed one that it follows; with one that is not closed this does nothing."""
        source = account.rows["tickets"].get(wish.get("via_followup_source_id"))
        if not source or source["status"] != "closed": return wish
        source["followup_ids"].append(ticket["id"])
        ticket["via"]["source"] = {
            "from": {"ticket_id": source["id"], "subject": source["subject"]}, "to": {}, "rel": "follow_up"}
        return {"tags": source["tags"], **wish}

    def requester(self, account, wish, author):
        person = wish.get("requester")
        if not person: return wish.get("requester_id") or author
        for user in account.rows["users"].values():
            if user["email"] == person.get("email"): return user["id"]
        id = account.number() + 5_000
        account.rows["users"][id] = {
            "id": id, "name": person.get("name") or person.get("email"), "email": person.get("email"),
            "role": "end-user", "active": True, "created_at": stamp(), "updated_at": stamp(), "verified": False}
        return id

    def apply(self, account, ticket, wish, is_new=False):
        """Changes fields as a wish says, and returns what an audit says of that."""
        events = []
        status, priority = wish.get("status"), wish.get("priority")
        if ticket["status"] == "closed": raise invalid("status", "Status: closed prevents ticket update")
        if status is not None and status not in STATUSES: raise invalid("status", f"Status: {status} is not valid")
        if status == "new" and ticket["status"] != "new":
            raise invalid("status", f"Status: cannot transition from {ticket['status']} to new")
        if priority is not None and priority not in PRIORITIES:
            raise invalid("priority", f"Priority: {priority} is not valid")
        if status == "solved" and account.rows["settings"].get("solve_needs"):
            raise invalid("base", f"{account.rows['settings']['solve_needs']}: is required when solving a ticket")
        tags = wish.get("tags")
        if isinstance(tags, str): tags = tags.split()
        if tags is not None: wish = {**wish, "tags": sorted({tag.lower().replace(" ", "_") for tag in tags})}
        if wish.get("subject") is not None: wish = {**wish, "subject": wish["subject"].strip()}
        for name in ("subject", "status", "priority", "type", "tags", "external_id", "assignee_id", "custom_fields"):
            if name in wish and (wish[name] is not None or name in ("external_id", "assignee_id", "priority")) \
                    and ticket[name] != wish[name]:
                events.append({
                    "id": account.number() + 90_000, "type": "Create" if is_new else "Change", "field_name": name,
                    "value": wish[name], "previous_value": None if is_new else ticket[name]})
                ticket[name] = wish[name]
        ticket["raw_subject"] = ticket["subject"]
        return events

    def say(self, account, ticket, comment, author):
        text = comment.get("body") or comment.get("html_body") or ""
        if len(text.encode()) > 65_535: raise invalid("comment", "Comment: is too long (maximum is 65535 characters)")
        id = account.number() + 90_000
        entry = {
            "id": id, "type": "Comment", "author_id": comment.get("author_id") or author, "body": text,
            "html_body": f"<div>{text}</div>", "plain_body": text, "public": bool(comment.get("public", True)),
            "attachments": [], "audit_id": None, "via": {"channel": "api"}, "created_at": stamp(),
            "metadata": {"system": {}}}
        account.rows["comments"][ticket["id"]].append(entry)
        account.effect("comment", ticket=ticket["id"], body=text, id=id)
        return {name: entry[name] for name in ("id", "type", "author_id", "body", "html_body", "plain_body", "public",
                                               "attachments", "audit_id")}

    def write_down(self, account, ticket, events, author, channel, custom):
        audit = {
            "id": account.number() + 900_000, "ticket_id": ticket["id"], "created_at": stamp(), "author_id": author,
            "metadata": {"system": {}, "custom": custom or {}}, "via": {"channel": channel, "source": {}},
            "events": events}
        for comment in account.rows["comments"][ticket["id"]]:
            if any(event["id"] == comment["id"] for event in events): comment["audit_id"] = audit["id"]
        account.rows["audits"][ticket["id"]].append(audit)
        return audit

    def changed(self, account, ticket):
        """Puts a ticket at the end of the export, and tells the webhook."""
        now = int(time.time())
        if account.rows["log"]:
            account.rows["old"][ticket["id"]] = account.rows["now"].get(ticket["id"])
        ticket["updated_at"], ticket["generated_timestamp"] = stamp(now), now
        account.rows["now"][ticket["id"]] = dict(ticket)
        account.rows["log"][ticket["id"]] = account.number()
        hook = account.rows["settings"]["webhook"]
        if hook: threading.Thread(target=self.tell, args=(account, dict(ticket), hook), daemon=True).start()

    def tell(self, account, ticket, hook):
        body = json.dumps({
            "type": "zen:event-type:ticket.updated", "account_id": 1, "id": str(uuid.uuid4()), "time": stamp(),
            "zendesk_event_version": "2022-11-06", "subject": f"zen:ticket:{ticket['id']}",
            "detail": {"id": str(ticket["id"]), "status": ticket["status"].upper()}, "event": {}}).encode()
        now = stamp()
        signature = base64.b64encode(hmac.digest(hook["secret"].encode(), now.encode() + body, "sha256")).decode()
        status, _ = call_out("POST", hook["url"], body, {
            "Content-Type": "application/json", "X-Zendesk-Account-Id": "1", "X-Zendesk-Webhook-Id": "01H0HOOK",
            "X-Zendesk-Webhook-Invocation-Id": str(uuid.uuid4()), "X-Zendesk-Webhook-Signature": signature,
            "X-Zendesk-Webhook-Signature-Timestamp": now})
        account.effect("webhook", ticket=ticket["id"], status=status)

    @route("PUT", rf"/api/v2/tickets/(?P<id>\d+){JSON}")
    def update(self, call, account, id):
        wish = self.body(call, "ticket")
        with account.lock:
            ticket = self.ticket(account, id)
            self.meter(account, f"ticket {id}", account.rows["settings"]["update_rate"], 600)
            if wish.get("safe_update"):
                if not wish.get("updated_stamp"): raise refusal(400, "BadRequest", "updated_stamp is missing")
                if wish["updated_stamp"] != ticket["updated_at"]:
                    raise refusal(409, "UpdateConflict", "Safe Update prevented the update due to outdated ticket "
                                  "data. Please fetch the latest ticket data and try again.")
            audit = self.change(account, ticket, wish, AGENT, "api")
            account.effect("update", ticket=int(id), changes=sorted(
                set(wish) - {"safe_update", "updated_stamp", "metadata"}), is_idle=not audit["events"])
            return Reply(200, {"ticket": ticket, "audit": audit})

    def change(self, account, ticket, wish, author, channel):
        comment = wish.get("comment")
        if comment is not None and not (comment.get("body") or comment.get("html_body") or "").strip():
            raise invalid("comment", "Comment: cannot be blank")
        events = self.apply(account, ticket, wish)
        if comment: events.append(self.say(account, ticket, comment, author))
        audit = self.write_down(account, ticket, events, author, channel, wish.get("metadata"))
        if events: self.changed(account, ticket)
        return audit

    @route("GET", rf"/api/v2/tickets/(?P<id>\d+){JSON}")
    def show(self, call, account, id):
        with account.lock:
            ticket = self.ticket(account, id)
            body = {"ticket": ticket}
            if "users" in (call.one("include") or ""): body["users"] = self.people(account, [ticket["requester_id"]])
            return Reply(200, json.loads(json.dumps(body)))

    @route("DELETE", rf"/api/v2/tickets/(?P<id>\d+){JSON}")
    def remove(self, call, account, id):
        with account.lock:
            ticket = self.ticket(account, id)
            ticket["status"] = "deleted"
            account.effect("delete", ticket=int(id))
            self.changed(account, ticket)
            return Reply(204)

    def people(self, account, ids):
        return [account.rows["users"][id] for id in sorted(set(ids)) if id in account.rows["users"]]

    @route("GET", r"/api/v2/tickets" + JSON)
    def list(self, call, account):
        with account.lock:
            wanted = call.one("external_id")
            rows = [ticket for ticket in account.rows["tickets"].values()
                    if ticket["status"] != "deleted" and wanted in (None, ticket["external_id"])]
            return self.page(call, "tickets", rows)

    def page(self, call, name, rows, **more):
        """A page by cursor (page[size]), or by number."""
        rows = json.loads(json.dumps(rows))
        if call.one("page[size]"):
            size, after = min(100, int(call.one("page[size]"))), int(call.one("page[after]") or 0)
            some = rows[after:after + size]
            has_more = len(rows) > after + size
            cursor = str(after + len(some)) if some else None
            link = f"{self.base}{call.path}?page%5Bsize%5D={size}&page%5Bafter%5D={cursor}" if has_more else None
            return Reply(200, {name: some, **more, "links": {"next": link, "prev": None}, "meta": {
                "has_more": has_more, "after_cursor": cursor, "before_cursor": None}})
        size, number = min(100, int(call.one("per_page") or 100)), int(call.one("page") or 1)
        some = rows[(number - 1) * size:number * size]
        next = f"{self.base}{call.path}?page={number + 1}&per_page={size}" if len(rows) > number * size else None
        return Reply(200, {name: some, **more, "count": len(rows), "next_page": next, "previous_page": None})

    @route("GET", rf"/api/v2/tickets/(?P<id>\d+)/comments{JSON}")
    def comments(self, call, account, id):
        with account.lock:
            self.ticket(account, id)
            rows = account.rows["comments"][int(id)]
            more = {}
            if "users" in (call.one("include") or ""):
                more["users"] = self.people(account, [row["author_id"] for row in rows])
            return self.page(call, "comments", rows, **more)

    @route("GET", rf"/api/v2/tickets/(?P<id>\d+)/audits{JSON}")
    def audits(self, call, account, id):
        with account.lock:
            self.ticket(account, id)
            rows = account.rows["audits"][int(id)]
            return self.page(call, "audits", rows[::-1] if call.one("sort") == "-created_at" else rows)

    # Everything at once

    @route("POST", r"/api/v2/tickets/create_many" + JSON)
    def create_many(self, call, account):
        wishes = self.body(call, "tickets")
        if len(wishes) > 100: raise refusal(400, "TooManyItems", "100 tickets at most")
        with account.lock:
            return self.job(account, [
                {"id": self.make(account, wish, AGENT, "api")[0]["id"], "action": "create", "status": "Created",
                 "success": True, "index": index} for index, wish in enumerate(wishes)])

    @route("PUT", r"/api/v2/tickets/update_many" + JSON)
    def update_many(self, call, account):
        with account.lock:
            if call.one("ids"):
                wish = self.body(call, "ticket")
                wishes = [{**wish, "id": int(id)} for id in call.one("ids").split(",")]
            else: wishes = self.body(call, "tickets")
            if len(wishes) > 100: raise refusal(400, "TooManyItems", "100 tickets at most")
            for wish in wishes: self.change(account, self.ticket(account, wish["id"]), wish, AGENT, "api")
            return self.job(account, [
                {"id": wish["id"], "action": "update", "status": "Updated", "success": True} for wish in wishes])

    def job(self, account, results):
        id = uuid.uuid4().hex
        account.rows["jobs"][id] = {"id": id, "url": f"{self.base}/api/v2/job_statuses/{id}.json",
                                    "total": len(results), "progress": 0, "status": "queued", "message": None,
                                    "results": None, "ready": results}
        return Reply(200, {"job_status": self.shown(account.rows["jobs"][id])})

    def shown(self, job): return {name: value for name, value in job.items() if name != "ready"}

    @route("GET", rf"/api/v2/job_statuses/(?P<id>\w+?){JSON}")
    def job_status(self, call, account, id):
        with account.lock:
            job = account.rows["jobs"].get(id)
            if not job: raise refusal(404, "RecordNotFound", "Not found")
            job["status"] = {"queued": "working", "working": "completed"}.get(job["status"], job["status"])
            if job["status"] == "completed":
                job.update(results=job["ready"], progress=job["total"], message=f"Completed at {stamp()}")
            return Reply(200, {"job_status": self.shown(job)})

    # What was changed

    @route("GET", r"/api/v2/incremental/tickets/cursor" + JSON)
    def export(self, call, account):
        with account.lock:
            cursor, start = call.one("cursor"), call.one("start_time")
            if cursor is None and start is None: raise refusal(400, "BadRequest", "start_time is missing")
            if start is not None and cursor is None and int(start) > time.time() - 60:
                raise refusal(422, "InvalidValue", "Too recent start_time. Use a start_time older than 60 seconds")
            try: after = int(base64.b64decode(cursor)) if cursor else 0
            except ValueError: raise refusal(400, "InvalidPaginationParameter", "cursor is not valid")
            size = min(1000, int(call.one("per_page") or 1000))
            log = sorted((number, id) for id, number in account.rows["log"].items() if number > after)
            if cursor is None: log = [(n, id) for n, id in log if
                                      account.rows["tickets"][id]["generated_timestamp"] >= int(start)]
            some = log[:size]
            tickets = [dict(account.rows["tickets"][id]) for _, id in some]
            for old in list(account.rows["old"].values()):
                if old and random.random() < account.rows["settings"]["repeats"] / 4: tickets.append(dict(old))
            next = base64.b64encode(str(some[-1][0] if some else after).encode()).decode()
            body = {"tickets": tickets, "after_cursor": next, "before_cursor": None, "after_url":
                    f"{self.base}/api/v2/incremental/tickets/cursor.json?cursor={next}&per_page={size}",
                    "before_url": None, "end_of_stream": len(log) <= size}
            if "users" in (call.one("include") or ""):
                body["users"] = self.people(account, [ticket["requester_id"] for ticket in tickets])
            return Reply(200, json.loads(json.dumps(body)))

    @route("GET", r"/api/v2/search" + JSON)
    def search(self, call, account):
        words = dict(word.split(":", 1) for word in (call.one("query") or "").split() if ":" in word)
        with account.lock:
            old = stamp(time.time() - account.rows["settings"]["search_lag"])
            external = words.get("external_id", "*")
            rows = [{**ticket, "result_type": "ticket"} for ticket in account.rows["tickets"].values()
                    if ticket["status"] != "deleted" and ticket["created_at"] <= old
                    and words.get("status") in (None, ticket["status"])
                    and ("external_id" not in words or (ticket["external_id"] or "").startswith(external.rstrip("*")))]
            return self.page(call, "results", rows[:1000], facets=None)

    @route("GET", r"/api/v2/users/me" + JSON)
    def me(self, call, account):
        return Reply(200, {"user": account.rows["users"][AGENT]})

    @route("GET", rf"/api/v2/users/(?P<id>\d+){JSON}")
    def user(self, call, account, id):
        if int(id) not in account.rows["users"]: raise refusal(404, "RecordNotFound", "Not found")
        return Reply(200, {"user": account.rows["users"][int(id)]})

    @route("GET", r"/api/v2/users/show_many" + JSON)
    def users(self, call, account):
        return self.page(call, "users", self.people(account, [int(id) for id in (call.one("ids") or "0").split(",")]))

    def act(self, account, wish):
        """{"ticket": {...}} of a customer, {"update": {"id", ...}} of an agent, {"delete": id}, {"settings": {...}},
        {"dump": true}, or {"all": [wishes]}"""
        with account.lock:
            self.prepare(account)
            if "all" in wish: return {"all": [self.act(account, each) for each in wish["all"]]}
            if "settings" in wish: account.rows["settings"].update(wish["settings"])
            if "ticket" in wish:
                made = {"requester": {"name": "Carla Customer", "email": "carla@example.org"}, **wish["ticket"]}
                return self.make(account, made, 2, "email")[0]
            if "update" in wish:
                ticket = self.ticket(account, wish["update"]["id"])
                self.change(account, ticket, wish["update"], 2, "web")
                return ticket
            if "delete" in wish:
                ticket = self.ticket(account, wish["delete"])
                ticket["status"] = "deleted"
                self.changed(account, ticket)
            if "dump" in wish:
                return json.loads(json.dumps({"tickets": list(account.rows["tickets"].values()), "comments": {
                    str(id): rows for id, rows in account.rows["comments"].items()}}))
            return {}
