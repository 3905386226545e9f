"""Who may do what, asked of every route that the OpenAPI document names: no leak between workspaces or roles.

Rows are made in one workspace through the API itself; then every operation is tried by its owner, an admin, a member, a
viewer, nobody, and the owner of another workspace.
"""
import collections, json, re, secrets, urllib.error, urllib.parse, urllib.request

from house import claim, play

ROLES = ("owner", "admin", "member", "viewer", "nobody", "stranger")
ULID = "01ARZ3NDEKTSV4RRFFQ69G5FAV"


class Client:
    """Calls the API as one principal."""

    def __init__(self, base, token=None):
        self.base, self.token = base, token

    def __call__(self, method, path, body=None, raw=None, kind="application/json"):
        data = raw if raw is not None else None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": kind} if data is not None else {}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        request = urllib.request.Request(self.base + path, data=data, headers=headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, answer.read().decode(errors="replace")
        except urllib.error.HTTPError as refusal:
            return refusal.code, refusal.read().decode(errors="replace")


class Maker:
    """Makes bodies that fit a schema: required members alone, ids of rows that are there."""

    def __init__(self, document):
        self.schemas, self.rows = document["components"]["schemas"], {}

    def resolve(self, schema):
        while "$ref" in schema:
            schema = self.schemas[schema["$ref"].rsplit("/", 1)[1]]
        for many in ("oneOf", "anyOf", "allOf"):
            if many in schema:
                return self.resolve(schema[many][0])
        return schema

    def value(self, schema, name=""):
        schema = self.resolve(schema)
        if "enum" in schema:
            return schema["enum"][0]
        if "const" in schema:
            return schema["const"]
        kind = schema.get("type", "string")
        kind = kind[0] if isinstance(kind, list) else kind
        if kind == "object":
            return {key: self.value(schema["properties"][key], key) for key in schema.get("required", [])}
        if kind == "array":
            return [self.value(schema.get("items", {}), name.rstrip("s"))] if schema.get("minItems") else []
        if kind in ("integer", "number"):
            return max(schema.get("minimum", 1), 1) if schema.get("maximum", 1) >= 1 else schema.get("minimum", 0)
        if kind == "boolean":
            return False
        return self.text(schema, name)

    def text(self, schema, name):
        if schema.get("pattern", "").startswith("^[0-7][0-9A-HJKMNP"):
            return next((ids[0] for path, ids in self.rows.items() if name[:-3] and name[:-3] in path), ULID)
        by_format = {
            "date-time": "2027-05-04T09:00:00Z" if "end" in name else "2027-05-04T08:00:00Z", "date": "2027-05-04",
            "email": f"{secrets.token_hex(4)}@example.org", "uri": "https://example.org/x",
        }
        if schema.get("format") in by_format:
            return by_format[schema["format"]]
        for example in schema.get("examples", []):
            return example
        if "currency" in name:
            return "EUR"
        return secrets.token_hex(max(4, (schema.get("minLength", 1) + 1) // 2))[:schema.get("maxLength", 40)]


def operations(document):
    for path, methods in sorted(document["paths"].items()):
        for method, operation in methods.items():
            if method in ("get", "post", "put", "patch", "delete"):
                yield method.upper(), path, operation


def body_of(operation, maker):
    content = operation.get("requestBody", {}).get("content", {})
    if "application/json" not in content:
        return None
    given = content["application/json"]
    return given.get("example") or maker.value(given["schema"])


def people(base):
    """A token for each role in one workspace, and one for the owner of another."""
    def register(name):
        status, text = Client(base)("POST", "/api/auth/register", {
            "email": f"{name}@example.org", "password": f"correct horse {name}", "name": name})
        if status != 201:
            raise RuntimeError(f"register: {status} {text}")
        return json.loads(text)

    owner, stranger = register("owner"), register("stranger")
    tokens = {"owner": owner["access_token"], "stranger": stranger["access_token"], "nobody": None}
    for role in ("admin", "member", "viewer"):
        status, text = Client(base, tokens["owner"])(
            "POST", "/api/workspace/invitations", {"email": f"{role}@example.org", "role": role})
        if status != 201:
            raise RuntimeError(f"invite: {status} {text}")
        status, text = Client(base)("POST", "/api/auth/invitations/accept", {
            "token": json.loads(text)["token"], "name": role, "password": f"correct horse {role}"})
        if status not in (200, 201):
            raise RuntimeError(f"accept: {status} {text}")
        tokens[role] = json.loads(text)["access_token"]
    return {role: Client(base, token) for role, token in tokens.items()}


def furnish(document, owner, maker):
    """Rows of every noun that can be made, in as many rounds as references need."""
    for _ in range(4):
        for method, path, operation in operations(document):
            made = "201" in operation["responses"] and method == "POST" and "{" not in path
            if not made or path in maker.rows or path.startswith("/api/auth"):
                continue
            body = body_of(operation, maker)
            if body is None:
                continue
            for attempt in (maker.value(operation["requestBody"]["content"]["application/json"]["schema"]), body):
                status, text = owner(method, path, attempt)
                if status == 201 and "id" in json.loads(text):
                    maker.rows.setdefault(path, []).append(json.loads(text)["id"])
                    break


def filled(path, maker):
    """The path with the id of a row of the owner's, and whether there is one."""
    base = path.split("/{")[0]
    ids = maker.rows.get(base)
    return re.sub(r"\{[^}]+\}", ids[0] if ids else ULID, path), bool(ids) and "{" in path


def judge(role, access, path, known, status, text, maker):
    """What is wrong with this answer; None when nothing is."""
    if status >= 500:
        return "broken"
    if access in ("open", "glance", "metrics"):
        return None
    if role == "nobody":
        return None if status == 401 else "open to nobody"
    if role == "viewer" and access in ("write", "operate") and status != 403:
        return "a viewer may"
    if role == "member" and access == "operate" and status != 403:
        return "a member may"
    if role == "stranger":
        if known and status < 300:
            return "another workspace's row"
        if any(row in text for ids in maker.rows.values() for row in ids):
            # The id that was asked for may be named in the refusal.
            if status < 300:
                return "another workspace's id"
    return None


def graph(clients, maker):
    """The same rows through GraphQL: what each of them gives to its owner, and to who may not see or change it."""
    def ask(role, text):
        return json.loads(clients[role]("POST", "/graphql", {"query": text})[1]).get("data") or {}

    fields = ask("owner", "{ __schema { queryType { fields { name args { name } } } "
                 "mutationType { fields { name args { name } } } } }")["__schema"]
    shows = [field["name"] for field in fields["queryType"]["fields"] if [a["name"] for a in field["args"]] == ["id"]]
    deletes = [field["name"] for field in fields["mutationType"]["fields"] if field["name"].startswith("delete")]
    ids = [row for rows in maker.rows.values() for row in rows]
    leaks, reached = [], 0
    for row in ids:
        for name in shows:
            text = f'{{ {name}(id: "{row}") {{ id }} }}'
            reached += ask("owner", text).get(name) is not None
            leaks += [f"stranger {text}"] if ask("stranger", text).get(name) else []
        for name in deletes:
            text = f'mutation {{ {name}(id: "{row}") }}'
            leaks += [f"{role} {text}" for role in ("viewer", "stranger") if ask(role, text).get(name)]
    return leaks, reached, len(ids) * (2 * len(shows) + 2 * len(deletes))


def scenario(site):
    site.start_api(ATOM_RATE_LIMIT="off")
    base = f"http://127.0.0.1:{site.port}"
    clients = people(base)
    document = json.loads(Client(base)("GET", "/openapi.json")[1])
    maker = Maker(document)
    furnish(document, clients["owner"], maker)
    told, shown, questions = graph(clients, maker)
    claim("GraphQL shows and changes no more than the routes do", not told and shown >= 12,
          f"{questions} questions, {len(told)} leaks, {shown} rows shown to their owner")
    asked, leaks, reached = collections.Counter(), [], 0
    order = ("nobody", "stranger", "viewer", "member", "admin", "owner")
    listed = list(operations(document))
    for role in order:
        # What deletes or ends comes last, and what ends the session of the asker not at all.
        for method, path, operation in sorted(listed, key=lambda each: each[0] == "DELETE"):
            access = operation.get("x-access", "read")
            ends = path in ("/api/auth/logout", "/api/auth/account", "/api/auth/change-password")
            if ends and role not in ("nobody",):
                continue
            target, known = filled(path, maker)
            body = None if method in ("GET", "DELETE") else body_of(operation, maker)
            if method == "POST" and body is None and operation.get("requestBody", {}).get("required"):
                kind = next(iter(operation["requestBody"]["content"]))
                status, text = clients[role](method, target, raw=b"x", kind=kind)
            else:
                status, text = clients[role](method, target, body)
            asked[role] += 1
            reached += role == "owner" and known and status < 300
            fault = judge(role, access, target, known, status, text, maker)
            if fault:
                leaks.append(f"{role} {method} {path}: {status} {fault}")
    for leak in leaks[:40]:
        print(f"       {leak}")
    claim("every route is answered as its role may ask", not leaks,
          f"{len(listed)} operations x {len(order)} = {sum(asked.values())} calls, {len(leaks)} leaks, rows of "
          f"{len(maker.rows)} nouns, {reached} calls reached a row as its owner")
    claim("the table is not empty: rows were made and reached", len(maker.rows) >= 12 and reached >= 12)


if __name__ == "__main__":
    play(scenario, 900)
