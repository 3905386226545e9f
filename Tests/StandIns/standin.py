"""The frame of the stand-ins: local servers that play the providers for our tests.

A stand-in is a subclass of StandIn in a file of its own; serve.py runs all of them on one port, each under its name.
What an account did is kept under the account alone, so that tests with accounts of their own run side by side.

Control, for tests:
  POST /control/<provider>/<account>/faults  {"kind", "times"?, "path"?, ...}: what goes wrong with coming calls
       drop_before  the connection is closed and nothing was done
       drop_after   it was done, and the connection is closed without an answer
       slow         the answer waits "seconds"
       status       "status", "headers" and "body" are answered, and nothing was done
       twice        it is done twice, as when a proxy repeats a call
       hold         nothing is done or answered until DELETE of the faults, or until the caller hangs up
  DELETE /control/<provider>/<account>/faults
  GET  /control/<provider>/<account>         {"effects": [...], "calls": n, "waiting": n, "left": [times]}
  POST /control/<provider>/<account>/act     what a provider does by itself, such as an inbound message
"""
import base64, collections, http.server, json, re, select, socket, struct, threading, time, urllib.parse, urllib.request

MOST_BODY = 64 << 20


class Reply:
    """An answer; `body` is JSON unless it is bytes."""

    def __init__(self, status=200, body=None, headers=None, type=None):
        self.status, self.headers = status, dict(headers or {})
        if body is None: self.body, kind = b"", None
        elif isinstance(body, bytes): self.body, kind = body, "application/octet-stream"
        elif isinstance(body, str): self.body, kind = body.encode(), "text/plain; charset=utf-8"
        else: self.body, kind = json.dumps(body).encode(), "application/json"
        if type or kind: self.headers.setdefault("Content-Type", type or kind)


class Refused(Exception):
    """Ends a call with a reply."""

    def __init__(self, reply):
        self.reply = reply


class Account:
    """What one account has and did."""

    def __init__(self, name):
        self.name, self.lock = name, threading.RLock()
        self.effects, self.faults = [], []
        self.calls, self.waiting, self.left = 0, 0, []
        self.rows = collections.defaultdict(dict)
        self.free = threading.Event()

    def number(self):
        """The next number of this account, from 1."""
        with self.lock:
            self.rows["numbers"]["last"] = self.rows["numbers"].get("last", 0) + 1
            return self.rows["numbers"]["last"]

    def effect(self, kind, **what):
        """Writes down that something was done."""
        with self.lock:
            entry = {"kind": kind, "at": time.time(), **what}
            self.effects.append(entry)
            return entry

    def fault(self, path):
        """The fault that the call on this path meets, if any."""
        with self.lock:
            for fault in self.faults:
                if fault.get("times", 1) > 0 and re.search(fault.get("path", ""), path):
                    fault["times"] = fault.get("times", 1) - 1
                    return fault


class Call:
    """One request to a stand-in; `path` is without the stand-in's name."""

    def __init__(self, method, target, headers, body):
        parts = urllib.parse.urlsplit(target)
        self.method, self.path, self.target = method, parts.path, target
        self.query = urllib.parse.parse_qs(parts.query, keep_blank_values=True)
        self.headers, self.body = headers, body
        self.is_gone = lambda: False

    def one(self, name, other=None):
        """The first value of a query parameter."""
        return self.query.get(name, [other])[0]

    @property
    def form(self):
        return urllib.parse.parse_qs(self.body.decode(), keep_blank_values=True)

    @property
    def json(self):
        try: return json.loads(self.body or b"null")
        except ValueError: return None

    @property
    def basic(self):
        """User and password of the Authorization header, else (None, None)."""
        kind, _, text = self.headers.get("Authorization", "").partition(" ")
        if kind.lower() != "basic": return None, None
        try: user, _, password = base64.b64decode(text).decode().partition(":")
        except ValueError: return None, None
        return user, password

    @property
    def bearer(self):
        kind, _, text = self.headers.get("Authorization", "").partition(" ")
        return text if kind.lower() == "bearer" else None


def route(method, pattern):
    """Marks a method of a stand-in as what answers `method` on paths that match `pattern` as a whole."""
    def mark(function):
        function.routes = getattr(function, "routes", []) + [(method, re.compile(pattern))]
        return function
    return mark


class StandIn:
    """One provider. Subclasses set `name`, mark methods with @route and say whose account a call is.

    A route takes the call, the account and the groups of its pattern, and answers a Reply. A reply of streamed
    pieces is made by a generator: its first value is a Reply without a body, then come bytes.
    """
    name = ""

    def __init__(self, base):
        self.base = base
        self.accounts, self.lock = {}, threading.Lock()
        self.routes = [
            (verb, pattern, getattr(self, name)) for name in dir(type(self))
            for verb, pattern in getattr(getattr(type(self), name), "routes", [])]

    def account_of(self, call):
        """The name of the account whose call this is. Raises Refused for a call that shows no good badge."""
        raise NotImplementedError

    def unknown(self, call):
        return Reply(404, {"error": "not found"})

    def act(self, account, wish):
        """What the provider does by itself when a test asks for it."""
        raise Refused(Reply(400, {"error": "nothing to act"}))

    def account(self, name):
        with self.lock:
            if name not in self.accounts: self.accounts[name] = Account(name)
            return self.accounts[name]

    def find(self, call):
        for verb, pattern, function in self.routes:
            match = pattern.fullmatch(call.path)
            if match and verb == call.method:
                return function, {k: urllib.parse.unquote(v) for k, v in match.groupdict().items() if v is not None}
        return None, {}

    def answer(self, call):
        """A reply, a generator, or None to close the connection."""
        try: account = self.account(self.account_of(call))
        except Refused as refused: return refused.reply
        with account.lock: account.calls += 1
        function, groups = self.find(call)
        if not function: return self.unknown(call)
        fault = account.fault(call.path) or {}
        kind = fault.get("kind")
        if kind == "hold":
            with account.lock: account.waiting += 1
            end = time.monotonic() + 600
            while not account.free.wait(timeout=0.02) and time.monotonic() < end:
                if not call.is_gone(): continue
                with account.lock: account.left.append(time.time())
                break
            return None
        if kind == "drop_before": return None
        if kind == "status": return Reply(fault["status"], fault.get("body"), fault.get("headers"))
        try:
            reply = function(call, account, **groups)
            if kind == "twice": reply = function(call, account, **groups)
        except Refused as refused: reply = refused.reply
        if kind == "slow": time.sleep(fault["seconds"])
        return None if kind == "drop_after" else reply


def call_out(method, url, body=b"", headers=None, timeout=20):
    """Calls somebody, as a provider calls a webhook: (status, body); 0 where nobody answered."""
    request = urllib.request.Request(url, data=body, method=method, headers=headers or {})
    try:
        with urllib.request.urlopen(request, timeout=timeout) as answer: return answer.status, answer.read()
    except urllib.error.HTTPError as error: return error.code, error.read()
    except OSError: return 0, b""


class Door(http.server.BaseHTTPRequestHandler):
    """One connection to the server."""
    protocol_version, stands = "HTTP/1.1", {}
    disable_nagle_algorithm = True

    def log_message(self, *_): pass

    def serve(self):
        name, _, rest = self.path[1:].partition("/")
        body = self.read()
        if body is None: return
        if name == "control": return self.send(self.control(rest, body))
        stand = self.stands.get(name)
        if not stand: return self.send(Reply(404, {"error": f"no stand-in {name}"}))
        call = Call(self.command, "/" + rest, self.headers, body)
        call.is_gone = self.is_gone
        try: answer = stand.answer(call)
        except Exception as error:
            self.send(Reply(500, {"stand_in": f"{type(error).__name__}: {error}"}))
            raise
        if answer is None: return self.drop()
        if isinstance(answer, Reply): return self.send(answer)
        self.stream(answer)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = serve

    def read(self):
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            body = b""
            while size := int(self.rfile.readline().split(b";")[0], 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
            return body
        size = int(self.headers.get("Content-Length") or 0)
        if size > MOST_BODY: return self.drop()
        body = self.rfile.read(size)
        # Half a call is no call.
        return body if len(body) == size else self.drop()

    def send(self, reply):
        self.send_response(reply.status)
        for name, value in reply.headers.items(): self.send_header(name, value)
        if reply.status not in (204, 304): self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        if self.command != "HEAD" and reply.status not in (204, 304): self.wfile.write(reply.body)

    def stream(self, pieces):
        head = next(pieces)
        self.send_response(head.status)
        for name, value in head.headers.items(): self.send_header(name, value)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        try:
            for piece in pieces:
                if piece is None: return self.drop()
                if not piece:
                    # It is silent; whoever hangs up meanwhile is noticed all the same.
                    if self.is_gone(): return self.drop()
                    continue
                self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
                self.wfile.flush()
            self.wfile.write(b"0\r\n\r\n")
        except OSError:
            self.close_connection = True
        finally: pieces.close()

    def is_gone(self):
        """True once the caller has hung up."""
        try: return bool(select.select([self.connection], [], [], 0)[0]) and not self.connection.recv(1, socket.MSG_PEEK)
        except OSError: return True

    def drop(self):
        """Closes the connection so that the other side notices at once."""
        self.close_connection = True
        try: self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        except OSError: pass
        self.connection.close()

    def control(self, path, body):
        name, _, rest = path.partition("/")
        account_name, _, what = rest.partition("/")
        stand = self.stands.get(name)
        if not stand: return Reply(404, {"error": f"no stand-in {name}"})
        account = stand.account(urllib.parse.unquote(account_name))
        wish = json.loads(body or b"{}")
        match self.command, what:
            case "GET", "":
                with account.lock:
                    return Reply(200, {
                        "effects": account.effects, "calls": account.calls, "waiting": account.waiting,
                        "left": account.left})
            case "POST", "faults":
                with account.lock: account.faults.append(wish)
                account.free.clear()
                return Reply(201, wish)
            case "DELETE", "faults":
                with account.lock: account.faults.clear()
                account.free.set()
                return Reply(204)
            case "POST", "act":
                try: return Reply(200, stand.act(account, wish))
                except Refused as refused: return refused.reply
        return Reply(404, {"error": "no such control"})

    def handle(self):
        # A caller that hangs up is part of the game.
        try: super().handle()
        except (ConnectionError, ValueError, OSError): pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads, request_queue_size = True, 512

    def handle_error(self, request, client_address): pass
