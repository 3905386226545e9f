"""Plays the parts of GitHub's REST API that concern issues."""
import datetime, hashlib, json, time

from standin import Refused, Reply, StandIn, route


def no(status, message, headers=None, **more):
    return Refused(Reply(status, {
        "message": message, "documentation_url": "https://docs.github.com/rest", "status": str(status), **more}, headers))


def stamp(when):
    return datetime.datetime.fromtimestamp(when, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


class GitHub(StandIn):
    """An account is its token, `ghp_<account>`.

    `act`: {"issue": {"number"?, "title", "body"?, "state"?, "assignee"?, "pull"?, "at"?}, "repository"} -> {"number"};
    {"comment": {"number", "body", "user"?, "id"?}, "repository"}; {"remove": number, "repository"}; {"page": n};
    {"limit": {"remaining", "reset"}} counts calls down to 0.
    """
    name = "github"

    def account_of(self, call):
        if not call.headers.get("User-Agent"): raise no(403, "Request forbidden by administrative rules.")
        kind, _, token = call.headers.get("Authorization", "").partition(" ")
        if kind.lower() not in ("bearer", "token") or not token.startswith("ghp_"): raise no(401, "Bad credentials")
        return token.removeprefix("ghp_")

    def unknown(self, call):
        return no(404, "Not Found").reply

    def limits(self, account, headers):
        limit = account.rows["settings"].get("limit")
        left, reset = (limit["remaining"], limit["reset"]) if limit else (4999, int(time.time()) + 3600)
        headers.update({"x-ratelimit-limit": "5000", "x-ratelimit-remaining": str(max(left, 0)),
                        "x-ratelimit-used": "1", "x-ratelimit-reset": str(reset), "x-ratelimit-resource": "core"})
        if not limit: return
        if time.time() >= reset: account.rows["settings"].pop("limit")
        elif left <= 0: raise no(403, "API rate limit exceeded for user ID 1.", headers)
        else: limit["remaining"] -= 1

    @route("GET", r"/user")
    def user(self, call, account):
        return Reply(200, {"login": account.name, "id": 1, "type": "User"})

    @route("GET", r"/repos/(?P<owner>[^/]+)/(?P<repo>[^/]+)")
    def repository(self, call, account, owner, repo):
        full = f"{owner}/{repo}"
        url = f"{self.base}/repos/{full}"
        return Reply(200, {"id": 1, "name": repo, "full_name": full, "private": False, "url": url,
                           "owner": {"login": owner, "id": 1}, "issues_url": url + "/issues{/number}"})

    @route("GET", r"/repos/(?P<owner>[^/]+)/(?P<repo>[^/]+)/issues")
    def issues(self, call, account, owner, repo):
        rows = account.rows[f"issues:{owner}/{repo}"]
        state = call.one("state", "open")
        return self.list(call, account, [i for i in rows.values() if state in ("all", i["state"])])

    @route("GET", r"/repos/(?P<owner>[^/]+)/(?P<repo>[^/]+)/issues/(?P<number>\d+)")
    def issue(self, call, account, owner, repo, number):
        found = account.rows[f"issues:{owner}/{repo}"].get(int(number))
        if not found: raise no(404, "Not Found")
        return Reply(200, found)

    @route("GET", r"/repos/(?P<owner>[^/]+)/(?P<repo>[^/]+)/issues/comments")
    def comments(self, call, account, owner, repo):
        return self.list(call, account, list(account.rows[f"comments:{owner}/{repo}"].values()))

    def list(self, call, account, items):
        headers = {}
        since, start = call.one("since"), int(call.one("page", "1"))
        size = min(int(call.one("per_page", "30")), account.rows["settings"].get("page", 100))
        key = "updated_at" if call.one("sort", "created") == "updated" else "created_at"
        with account.lock:
            found = [i for i in items if not since or i["updated_at"] >= since]
            found.sort(key=lambda i: (i[key], i["id"]), reverse=call.one("direction", "desc") == "desc")
            part = found[(start - 1) * size:start * size]
            etag = 'W/"' + hashlib.sha256(json.dumps(part).encode()).hexdigest() + '"'
            headers["ETag"] = etag
            if call.headers.get("If-None-Match") == etag: return Reply(304, None, headers)
            self.limits(account, headers)
        if start * size < len(found):
            path, _, query = call.target.partition("?")
            pairs = [p for p in query.split("&") if p and not p.startswith("page=")] + [f"page={start + 1}"]
            headers["Link"] = f'<{self.base}{path}?{"&".join(pairs)}>; rel="next"'
        return Reply(200, part, headers)

    def act(self, account, wish):
        repository = wish.get("repository", "octo/hello")
        with account.lock:
            if "page" in wish: account.rows["settings"]["page"] = wish["page"]
            if "limit" in wish: account.rows["settings"]["limit"] = wish["limit"]
            if "remove" in wish: del account.rows[f"issues:{repository}"][wish["remove"]]
            if "issue" in wish: return self.keep(account, repository, wish["issue"])
            if "comment" in wish: return self.say(account, repository, wish["comment"])
        return {}

    def keep(self, account, repository, wish):
        rows = account.rows[f"issues:{repository}"]
        number = wish.get("number") or max(rows, default=0) + 1
        now, old = stamp(wish.get("at") or time.time()), rows.get(number, {})
        issue = {"id": 1_000_000 + number, "number": number, "state": "open", "body": None, "assignee": None,
                 "assignees": [], "labels": [], "comments": 0, "milestone": None, "created_at": now, "closed_at": None,
                 "user": {"login": "octocat", "id": 1}, "url": f"{self.base}/repos/{repository}/issues/{number}",
                 **old, **{k: v for k, v in wish.items() if k not in ("pull", "at", "assignee")}, "number": number,
                 "updated_at": now}
        if "assignee" in wish:
            issue["assignee"] = wish["assignee"] and {"login": wish["assignee"], "id": 2}
            issue["assignees"] = [issue["assignee"]] if issue["assignee"] else []
        if wish.get("pull"): issue["pull_request"] = {"url": f"{self.base}/repos/{repository}/pulls/{number}"}
        rows[number] = issue
        return {"number": number}

    def say(self, account, repository, wish):
        rows = account.rows[f"comments:{repository}"]
        id, now = wish.get("id") or 5_000 + len(rows), stamp(wish.get("at") or time.time())
        rows[id] = {"id": id, "body": wish["body"], "user": {"login": wish.get("user", "octocat"), "id": 1},
                    "issue_url": f"{self.base}/repos/{repository}/issues/{wish['number']}",
                    "created_at": rows.get(id, {}).get("created_at", now), "updated_at": now}
        return {"id": id}
