"""PyPI `PyGithub` against the stand-in: issues and comments, in the order of changes, with limits."""
import datetime, json, sys, time, urllib.request

from github import Auth, BadCredentialsException, Github, RateLimitExceededException, UnknownObjectException

root, account, name = sys.argv[1], "sdk", "octo/hello"
calls = 0


def act(**wish):
    body = json.dumps({"repository": name, **wish}).encode()
    with urllib.request.urlopen(urllib.request.Request(
            f"{root}/control/github/{account}/act", body, method="POST")) as answer:
        return json.load(answer)


def refused(kind, make):
    global calls
    calls += 1
    try: make()
    except kind: return
    raise AssertionError(f"{kind} was not raised")


hub = Github(base_url=f"{root}/github", auth=Auth.Token(f"ghp_{account}"), retry=None, per_page=2)
assert hub.get_user().login == account
repository = hub.get_repo(name)
calls += 2
base = int(time.time()) - 1_000
for number in range(1, 6):
    act(issue={"number": number, "title": f"Issue {number}", "body": "Text", "at": base + number,
               "state": "closed" if number == 2 else "open", "pull": number == 3, "assignee": "ada"})
found = list(repository.get_issues(state="all", sort="updated", direction="asc"))
calls += 3
assert [i.number for i in found] == [1, 2, 3, 4, 5]
assert found[1].state == "closed" and found[2].pull_request and found[0].assignees[0].login == "ada"

since = datetime.datetime.fromtimestamp(base + 4, datetime.timezone.utc)
late = list(repository.get_issues(state="all", sort="updated", direction="asc", since=since))
calls += 1
assert [i.number for i in late] == [4, 5]

act(comment={"number": 1, "body": "Hello", "user": "bob"})
said = list(repository.get_issues_comments(sort="updated", direction="asc"))
calls += 1
assert said[0].body == "Hello" and said[0].user.login == "bob" and said[0].issue_url.endswith("/issues/1")

refused(UnknownObjectException, lambda: repository.get_issue(99))
refused(BadCredentialsException, lambda: Github(base_url=f"{root}/github", auth=Auth.Token("wrong"),
                                                retry=None).get_user().login)
act(limit={"remaining": 0, "reset": int(time.time()) + 60})
refused(RateLimitExceededException, lambda: list(repository.get_issues()))

print(f"ok: {calls} calls")
