#!/usr/bin/env python3
"""Attacks the access and refresh tokens of a running Atom, and prints what it answered to each.

usage: Tests/System/attacks.py [--help] [--secrets KID:SECRET] URL
URL is a running `atom api` or `atom up`, such as http://127.0.0.1:8080, with ATOM_RATE_LIMIT=off: it registers people
and refreshes fifty times at once. With the first of ATOM_JWT_SECRETS in --secrets, it also tries tokens that are signed
well and say what they must not. Exits 0 only if nothing was accepted and one refresh of fifty made a child.
"""
import argparse, base64, concurrent.futures, hashlib, hmac, http.client, json, os, sys, time, urllib.parse

PASSWORD = "a password for the attack"
CLIENTS = 50
GRACE_S = 10


def text(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def data(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def raw(value):
    """JSON, or bytes as they are."""
    return value if isinstance(value, bytes) else json.dumps(value, separators=(",", ":")).encode()


def signed(header, claims, key, digest=hashlib.sha256):
    content = f"{text(raw(header))}.{text(raw(claims))}"
    return f"{content}.{text(hmac.new(key, content.encode(), digest).digest())}"


class House:
    """The API under attack."""

    def __init__(self, url):
        parts = urllib.parse.urlsplit(url)
        self.host, self.port = parts.hostname, parts.port or 80

    def ask(self, method, path, body=None, bearer=None):
        """The status and the JSON; 0 where the connection was closed instead of an answer."""
        headers = {"Content-Type": "application/json"} if body is not None else {}
        if bearer is not None:
            headers["Authorization"] = f"Bearer {bearer}"
        connection = http.client.HTTPConnection(self.host, self.port, timeout=30)
        try:
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            reply = connection.getresponse()
            content = reply.read()
            return reply.status, json.loads(content) if content else None
        except (OSError, http.client.HTTPException):
            return 0, None
        finally:
            connection.close()

    def register(self, name):
        email = f"{name}-{os.urandom(8).hex()}@example.org"
        status, grant = self.ask(
            "POST", "/api/auth/register", {"email": email, "password": PASSWORD, "name": name})
        if status != 201:
            sys.exit(f"nobody can be registered: {status} {grant}")
        return grant

    def shows(self, bearer):
        return self.ask("GET", "/api/auth/profile", bearer=bearer)[0]

    def refresh(self, token):
        return self.ask("POST", "/api/auth/refresh", {"refresh_token": token})


def unsigned_attacks(token, other):
    """Tokens that somebody can make who has one of their own and no secret."""
    head, body, code = token.split(".")
    header, claims = json.loads(data(head)), json.loads(data(body))
    theirs = json.loads(data(other.split(".")[1]))
    for name in ("none", "None", "nOnE", "NONE", ""):
        forged = header | {"alg": name}
        yield f"alg {name or 'empty'}, no signature", f"{text(raw(forged))}.{body}."
        yield f"alg {name or 'empty'}, old signature", f"{text(raw(forged))}.{body}.{code}"
    yield "empty signature", f"{head}.{body}."
    yield "no signature", f"{head}.{body}"
    yield "signature twice", f"{token}.{code}"
    yield "signature of another token", f"{head}.{body}.{other.split('.')[2]}"
    yield "padding behind the signature", token + "="
    yield "another last character", token[:-1] + ("B" if token[-1] != "B" else "C")
    yield "cut signature", f"{head}.{body}.{code[:-4]}"
    yield "another account in the claims", f"{head}.{text(raw(claims | {'sub': theirs['sub']}))}.{code}"
    yield "a later end in the claims", f"{head}.{text(raw(claims | {'exp': claims['exp'] + 9}))}.{code}"
    keys = {"empty": b"", "secret": b"secret", "zero": bytes(32), "the kid": header["kid"].encode()}
    for name, key in keys.items():
        yield f"HS256 with the key {name}", signed(header, claims, key)
    yield "HS512", signed(header | {"alg": "HS512"}, claims, b"secret", hashlib.sha512)
    yield "RS256 in name", signed(header | {"alg": "RS256"}, claims, b"secret")
    own = b"0123456789abcdef0123456789abcdef"
    jwk = {"kty": "oct", "k": text(own), "kid": header["kid"]}
    for name, extra in (("jwk", jwk), ("jku", "http://127.0.0.1:1/keys"), ("x5u", "http://127.0.0.1:1/cert"),
                        ("x5c", [text(own)]), ("crit", ["exp"])):
        yield f"its own key by {name}", signed(header | {name: extra}, claims, own)
    for kid in ("../../../../dev/null", "/dev/null", "", "' or '1'='1", "x\u0000", "http://127.0.0.1:1/"):
        yield f"kid {kid!r}", signed(header | {"kid": kid}, claims, b"")
    yield "a token of one megabyte", f"{head}.{body}{'A' * 1_000_000}.{code}"
    yield "9 KiB of spaces in the claims", signed(header, raw(claims) + b" " * 7_000, own)


def signed_attacks(token, kid, key):
    """Tokens that are signed by the secret of the house and must be refused for what they say."""
    header, claims = {"alg": "HS256", "typ": "JWT", "kid": kid}, json.loads(data(token.split(".")[1]))
    now = int(time.time())
    wrong = [
        ("exp", now - 1), ("exp", now + 3_600), ("exp", "never"), ("exp", 2 ** 63), ("nbf", now + 60),
        ("iat", now + 60), ("iss", "other"), ("aud", "other-api"), ("aud", ["atom-api"]), ("sub", "0" * 26),
        ("ws", "0" * 26), ("sid", "0" * 26), ("role", "owner"),
    ]
    for name, value in wrong:
        yield f"signed, {name} {value}", signed(header, claims | {name: value}, key)
    for name in claims:
        yield f"signed, without {name}", signed(header, {k: v for k, v in claims.items() if k != name}, key)
    twice = raw(claims)[:-1] + b',"sub":"' + claims["sub"].encode() + b'"}'
    yield "signed, sub twice", signed(header, twice, key)
    yield "signed, alg twice", signed(raw(header)[:-1] + b',"alg":"HS256"}', claims, key)
    extras = {"crit": ["x"], "jwk": {}, "jku": "x", "x5u": "x", "b64": False, "zip": "DEF", "typ": "jwt"}
    for name, value in extras.items():
        yield f"signed, header {name}", signed(header | {name: value}, claims, key)
    yield "signed, alg none", signed(header | {"alg": "none"}, claims, key)
    yield "signed, no typ", signed({"alg": "HS256", "kid": kid}, claims, key)


class Table:
    """The attacks so far, and how many were accepted."""

    def __init__(self):
        self.accepted = self.rows = 0

    def add(self, attack, status, is_accepted=None):
        self.rows += 1
        self.accepted += 200 <= status < 300 if is_accepted is None else is_accepted
        print(f"{attack:44} {status or 'closed'}", flush=True)


def attack_access(house, table, secret):
    ada, eve = house.register("ada"), house.register("eve")
    token = ada["access_token"]
    if house.shows(token) != 200:
        sys.exit("the token of a fresh account is refused, so that no refusal would say anything")
    for attack, forged in unsigned_attacks(token, eve["access_token"]):
        table.add(attack, house.shows(forged))
    table.add("a refresh token as an access token", house.shows(ada["refresh_token"]))
    if secret:
        kid, key = secret.split(":", 1)
        claims = json.loads(data(token.split(".")[1]))
        genuine = signed({"alg": "HS256", "typ": "JWT", "kid": kid}, claims, key.encode())
        if house.shows(genuine) != 200:
            sys.exit("--secrets is not what this house signs with")
        for attack, forged in signed_attacks(token, kid, key.encode()):
            table.add(attack, house.shows(forged))
    house.ask("POST", "/api/auth/logout", bearer=token)
    table.add("an access token after the logout", house.shows(token))
    table.add("a refresh token after the logout", house.refresh(ada["refresh_token"])[0])


def attack_refresh(house, table):
    """True when of fifty at once one made a child."""
    eve = house.register("eve")
    first = eve["refresh_token"]
    table.add("an access token as a refresh token", house.refresh(eve["access_token"])[0])
    table.add("a changed refresh token", house.refresh(first[:-1] + ("A" if first[-1] != "A" else "B"))[0])
    with concurrent.futures.ThreadPoolExecutor(CLIENTS) as clients:
        answers = list(clients.map(lambda _: house.refresh(first), range(CLIENTS)))
    statuses = sorted({status for status, _ in answers})
    children = {answer["refresh_token"] for status, answer in answers if status == 200}
    print(f"{CLIENTS} refreshes at once{'':23} {statuses}, {len(children)} child")
    time.sleep(GRACE_S + 1)
    table.add("a used refresh token after the grace", house.refresh(first)[0])
    for child in children:
        table.add("its child, once the family is ended", house.refresh(child)[0])
    for status, answer in answers[:1]:
        if status == 200:
            table.add("the access token of the ended family", house.shows(answer["access_token"]))
    return len(children) == 1 and statuses == [200]


def main():
    about, _, rest = __doc__.partition("\n\n")
    parser = argparse.ArgumentParser(
        description=about, epilog=rest, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url")
    parser.add_argument("--secrets", metavar="KID:SECRET")
    words = parser.parse_args()
    house, table = House(words.url), Table()
    attack_access(house, table, words.secrets)
    has_one_winner = attack_refresh(house, table)
    print(f"attacks: {table.rows}\naccepted: {table.accepted}")
    print(f"one winner of {CLIENTS}: {'yes' if has_one_winner else 'no'}")
    sys.exit(0 if table.accepted == 0 and has_one_winner else 1)


if __name__ == "__main__":
    main()
