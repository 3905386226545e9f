// Shows /openapi.json. Nothing is written as HTML: every text becomes a text node. The key never leaves memory.
const by = id => document.getElementById(id);
let api;

function make(tag, options = {}, ...children) {
  const node = document.createElement(tag);
  const { on, ...rest } = options;
  for (const [name, value] of Object.entries(rest)) {
    if (name in node && name !== "list") node[name] = value; else node.setAttribute(name, value);
  }
  for (const [name, act] of Object.entries(on ?? {})) node.addEventListener(name, act);
  node.append(...children.filter(child => child !== null && child !== undefined));
  return node;
}

const follow = part => part?.$ref ? part.$ref.slice(2).split("/").reduce((at, step) => at?.[step], api) : part;
const nameOf = part => part?.$ref?.split("/").pop();

function typeOf(schema) {
  if (!schema || !Object.keys(schema).length) return "anything";
  if (schema.$ref) return nameOf(schema);
  if (schema.oneOf) return schema.oneOf.map(typeOf).join(" or ");
  if (schema.type === "array") return `list of ${typeOf(schema.items)}`;
  const type = [schema.type ?? "object"].flat().join(" or ");
  return schema.format ? `${type}, ${schema.format}` : type;
}

function rulesOf(schema) {
  const rules = [];
  const add = (name, text) => schema?.[name] !== undefined && rules.push(text(schema[name]));
  add("enum", words => words.join(" | "));
  add("minimum", least => `at least ${least}`);
  add("maximum", most => `at most ${most}`);
  add("minLength", least => least > 0 ? `${least} characters or more` : "");
  add("maxLength", most => `${most} characters or fewer`);
  add("maxItems", most => `${most} entries or fewer`);
  add("default", value => `unless told ${JSON.stringify(value)}`);
  return rules.filter(Boolean).join(", ");
}

function showSchema(schema, title, isNeeded = false, depth = 0) {
  const whole = follow(schema);
  const inner = whole?.oneOf ? follow(whole.oneOf[0]) : whole;
  const item = inner?.type === "array" ? follow(inner.items) : inner;
  const label = [
    make("code", { className: isNeeded ? "needed" : "" }, title), " ",
    make("span", { className: "type" }, typeOf(schema)), " ",
    make("span", { className: "soft" }, [whole?.description, rulesOf(whole)].filter(Boolean).join(" ")),
  ];
  if (!item?.properties || depth > 5) return make("div", { className: "members" }, ...label);
  const node = make("details", { className: "schema", open: depth === 0 }, make("summary", {}, ...label));
  // Made when it is first opened: schemas may contain themselves.
  const fill = () => {
    if (!node.open || node.childElementCount > 1) return;
    const needed = new Set(item.required ?? []);
    for (const [name, member] of Object.entries(item.properties)) {
      node.append(showSchema(member, name, needed.has(name), depth + 1));
    }
  };
  node.addEventListener("toggle", fill);
  fill();
  return node;
}

const json = value => make("pre", {}, typeof value === "string" ? value : JSON.stringify(value, null, 2));

function showParameters(parameters) {
  if (!parameters.length) return [];
  const rows = parameters.map(parameter => make("tr", {},
    make("td", {}, make("code", { className: parameter.required ? "needed" : "" }, parameter.name)),
    make("td", { className: "type" }, `${parameter.in}, ${typeOf(parameter.schema)}`),
    make("td", {}, [parameter.description, rulesOf(follow(parameter.schema))].filter(Boolean).join(" "))));
  return [make("h3", {}, "Parameters"), make("table", {}, make("tbody", {}, ...rows))];
}

function showContent(content) {
  return Object.entries(content ?? {}).flatMap(([type, media]) => [
    showSchema(media.schema, type),
    media.example === undefined ? null : json(media.example),
  ]);
}

function showAnswers(responses) {
  return Object.entries(responses).map(([status, reference]) => {
    const response = follow(reference);
    const node = make("details", { className: "schema" }, make("summary", {},
      make("code", { className: status < 400 ? "good" : "bad" }, status), " ", response.description));
    node.addEventListener("toggle", () => {
      if (node.childElementCount > 1) return;
      const headers = Object.keys(response.headers ?? {}).join(", ");
      node.append(make("p", { className: "soft" }, headers ? `Headers: ${headers}` : "No headers of its own"),
        ...showContent(response.content).filter(Boolean));
    }, { once: true });
    return node;
  });
}

function showTry(path, method, operation) {
  const inputs = new Map();
  const fields = (operation.parameters ?? []).map(parameter => {
    const input = make("input", { placeholder: parameter.in, spellcheck: false, autocomplete: "off" });
    inputs.set(parameter, input);
    return make("label", { className: "field" }, parameter.name + (parameter.required ? " *" : ""), input);
  });
  const [type, media] = Object.entries(operation.requestBody?.content ?? {})[0] ?? [];
  const body = type ? make("textarea", { spellcheck: false,
    value: media.example === undefined ? "" : JSON.stringify(media.example, null, 2) }) : null;
  const result = make("div", { role: "status" });
  const button = make("button", { type: "button", on: { click: () => send() } }, "Send");

  async function send() {
    let target = path;
    const query = new URLSearchParams();
    const headers = {};
    for (const [parameter, { value }] of inputs) {
      if (parameter.in === "path") target = target.replace(`{${parameter.name}}`, encodeURIComponent(value));
      else if (value === "") continue;
      else if (parameter.in === "query") query.append(parameter.name, value);
      else headers[parameter.name] = value;
    }
    if (by("key").value) headers.Authorization = `Bearer ${by("key").value}`;
    if (body?.value) headers["Content-Type"] = type;
    if ([...query].length) target += `?${query}`;
    button.disabled = true;
    result.replaceChildren();
    const began = performance.now();
    try {
      const answer = await fetch(target, { method: method.toUpperCase(), headers, body: body?.value || undefined });
      const text = await answer.text();
      result.append(
        make("p", {}, make("strong", { className: answer.ok ? "good" : "bad" }, `${answer.status} ${answer.statusText}`),
          ` in ${Math.round(performance.now() - began)} ms, `, make("code", {}, `${method.toUpperCase()} ${target}`)),
        make("pre", {}, [...answer.headers].map(([name, value]) => `${name}: ${value}`).join("\n")),
        json(pretty(text)));
    } catch (error) {
      result.append(make("p", { className: "bad" }, `Nothing came back: ${error.message}`));
    }
    button.disabled = false;
  }

  return make("div", { className: "try" }, make("h3", {}, "Try it"), make("div", { className: "pairs" }, ...fields),
    body ? make("label", { className: "field" }, type, body) : null, button, result);
}

function pretty(text) {
  try { return JSON.parse(text); } catch { return text || "(no body)"; }
}

function showOperation(path, method, operation) {
  const node = make("details", { className: "operation", id: operation.operationId }, make("summary", {},
    make("span", { className: `method ${method}` }, method), make("code", {}, path),
    make("span", { className: "soft" }, operation.summary)));
  node.addEventListener("toggle", () => {
    if (!node.open || node.childElementCount > 1) return;
    const request = operation.requestBody;
    const access = operation.security?.length === 0 ? "No key is needed." : "A key or session is needed.";
    node.append(make("div", { className: "body" },
      make("p", { className: "soft" }, `${operation.operationId}. ${access}`),
      ...showParameters(operation.parameters ?? []),
      ...(request ? [make("h3", {}, request.required ? "Body" : "Body, if any"),
        ...showContent(request.content).filter(Boolean)] : []),
      make("h3", {}, "Answers"), ...showAnswers(operation.responses), showTry(path, method, operation)));
  });
  return node;
}

function show() {
  document.title = `${api.info.title} API`;
  by("version").textContent = api.info.version;
  by("about").append(make("p", {}, api.info.description));
  const groups = new Map(api.tags.map(tag => [tag.name, []]));
  for (const [path, methods] of Object.entries(api.paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      groups.get(operation.tags[0])?.push({ path, method, operation });
    }
  }
  for (const [tag, operations] of groups) {
    by("operations").append(make("h2", { id: `tag-${tag}` }, tag.replaceAll("_", " ")),
      ...operations.map(({ path, method, operation }) => showOperation(path, method, operation)));
    by("contents").append(make("h2", {}, tag.replaceAll("_", " ")), make("ul", {},
      ...operations.map(({ path, method, operation }) => make("li", {}, make("a", { href: `#${operation.operationId}` },
        make("span", { className: `method ${method}` }, method), path.replace(/^\/api/, ""))))));
  }
}

function find() {
  const words = by("find").value.toLowerCase().split(/\s+/).filter(Boolean);
  const fits = text => words.every(word => text.toLowerCase().includes(word));
  for (const node of document.querySelectorAll("details.operation")) {
    node.hidden = !fits(node.id + node.querySelector("summary").textContent);
    const link = document.querySelector(`nav a[href="#${CSS.escape(node.id)}"]`);
    if (link) link.parentNode.hidden = node.hidden;
  }
  for (const list of document.querySelectorAll("#contents ul")) {
    const isEmpty = [...list.children].every(entry => entry.hidden);
    list.hidden = list.previousSibling.hidden = isEmpty;
  }
  for (const title of document.querySelectorAll("#operations > h2")) {
    let node = title.nextElementSibling, seen = false;
    for (; node && node.tagName !== "H2"; node = node.nextElementSibling) seen ||= !node.hidden;
    title.hidden = !seen;
  }
}

function open() {
  const node = by(decodeURIComponent(location.hash.slice(1)));
  if (node?.tagName !== "DETAILS") return;
  node.hidden = false;
  node.open = true;
  node.scrollIntoView();
}

try {
  const answer = await fetch("openapi.json");
  if (!answer.ok) throw new Error(`${answer.status} ${answer.statusText}`);
  api = await answer.json();
  show();
  by("state").remove();
  by("find").addEventListener("input", find);
  addEventListener("hashchange", open);
  open();
} catch (error) {
  by("state").textContent = `The description could not be read: ${error.message}. Reload to try again.`;
}
