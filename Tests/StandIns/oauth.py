"""Plays an authorization server (OAuth 2 with PKCE, rotating refresh tokens) and an API that wants its tokens.

The account is the client id; its secret is `secret-of-<client id>`. /authorize consents at once.
act {"expires_in": 30, "rotates": false, "issuer": "https://...", "words": "..."} changes what comes next,
{"expire": true} ends all access tokens, {"withdraw": true} the refresh tokens too.
"""
import base64, hashlib, secrets, urllib.parse

from standin import Refused, Reply, StandIn, route


def refusal(error, status=400, words="no"):
    return Refused(Reply(status, {"error": error, "error_description": words}))


class OAuth(StandIn):
    name = "oauth"

    def __init__(self, base):
        super().__init__(base)
        self.owners = {}

    def account_of(self, call):
        if call.path == "/authorize": return call.one("client_id", "")
        if call.path in ("/token", "/revoke"):
            user, password = call.basic
            form = call.form
            if user is None: user, password = form.get("client_id", [""])[0], form.get("client_secret", [""])[0]
            if not user or password != f"secret-of-{user}": raise refusal("invalid_client", 401)
            return user
        owner = self.owners.get(call.bearer)
        if not owner or call.bearer not in self.account(owner).rows["access"]:
            words = f"Token {call.bearer} expired or revoked"
            raise Refused(Reply(401, {"error": {"code": 401, "status": "UNAUTHENTICATED", "message": words}}))
        return owner

    def act(self, account, wish):
        with account.lock:
            if wish.get("expire") or wish.get("withdraw"): account.rows["access"].clear()
            if wish.get("withdraw"): account.rows["refresh"].clear()
            account.rows["wishes"].update(wish)
            return {"access": len(account.rows["access"]), "refresh": len(account.rows["refresh"])}

    @route("GET", "/authorize")
    def authorize(self, call, account):
        wishes = account.rows["wishes"]
        if call.one("response_type") != "code" or call.one("code_challenge_method") != "S256":
            return Reply(400, {"error": "invalid_request"})
        challenge, redirect = call.one("code_challenge", ""), call.one("redirect_uri", "")
        if len(challenge) != 43 or not call.one("state"): return Reply(400, {"error": "invalid_request"})
        code = "code-" + secrets.token_urlsafe(24)
        with account.lock: account.rows["codes"][code] = {"challenge": challenge, "redirect": redirect}
        issuer = wishes.get("issuer", self.base.rsplit("/", 1)[0])
        answer = {"state": call.one("state"), "code": code, "iss": issuer, "scope": call.one("scope", "")}
        account.effect("consent", scope=call.one("scope", ""))
        mark = "&" if "?" in redirect else "?"
        return Reply(302, headers={"Location": redirect + mark + urllib.parse.urlencode(answer)})

    @route("POST", "/token")
    def token(self, call, account):
        form = {name: values[0] for name, values in call.form.items()}
        with account.lock:
            match form.get("grant_type"):
                case "authorization_code": self.check_code(form, account)
                case "refresh_token": self.check_refresh(form, account)
                case _: raise refusal("unsupported_grant_type")
            return Reply(200, self.grant(account, form["grant_type"], form))

    def check_code(self, form, account):
        code = account.rows["codes"].pop(form.get("code"), None)
        if not code or code["redirect"] != form.get("redirect_uri"): raise refusal("invalid_grant")
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        if base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != code["challenge"]:
            raise refusal("invalid_grant", words="the verifier is wrong")

    def check_refresh(self, form, account):
        token = form.get("refresh_token")
        if token not in account.rows["refresh"]:
            account.effect("reuse" if token in account.rows["spent"] else "stranger")
            raise refusal("invalid_grant", words=account.rows["wishes"].get("words", f"{token} is over"))
        if account.rows["wishes"].get("rotates", True):
            del account.rows["refresh"][token]
            account.rows["spent"][token] = True

    def grant(self, account, kind, form):
        wishes = account.rows["wishes"]
        access = "access-" + secrets.token_urlsafe(24)
        account.rows["access"][access] = True
        self.owners[access] = account.name
        answer = {"access_token": access, "token_type": "Bearer", "expires_in": wishes.get("expires_in", 3600)}
        if kind == "authorization_code" or wishes.get("rotates", True):
            answer["refresh_token"] = "refresh-" + secrets.token_urlsafe(24)
            account.rows["refresh"][answer["refresh_token"]] = True
        account.effect("exchange" if kind == "authorization_code" else "refresh", tokens=answer)
        return answer

    @route("POST", "/revoke")
    def revoke(self, call, account):
        token = call.form.get("token", [""])[0]
        with account.lock:
            account.rows["refresh"].pop(token, None)
            account.rows["access"].pop(token, None)
        account.effect("revoke", token=token)
        return Reply(200, {})

    @route("GET", "/api/.*")
    def ask(self, call, account):
        account.effect("ask", token=call.bearer)
        return Reply(200, {"id": account.name, "emailAddress": "ada@example.org", "historyId": "1"})
