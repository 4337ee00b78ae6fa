#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Hostile texts in every attribute of a manifest, read back by systemd.

    hostile.py single SCHEMA DIRECTORY      one manifest for each attribute and each text
    hostile.py together DIRECTORY UNITS OUT  manifests with one text in many attributes: in those that
                                            UNITS, made of the single ones, show to take it
    hostile.py judge OUT UNITS              asks PID 1 what it has read from the units made of these

The attributes are those of the JSON Schema, which is printed from the tables of the generator, so that
a new one is tried, too. Each manifest with a hostile text has a twin that has a harmless one in each
of its places. What PID 1 says of both must be the same, value by value, but for these texts, and a
hostile one must come back as it is.
"""
import concurrent.futures
import functools
import json
import os
import subprocess
import sys

HOSTILE = [
    "a\nExecStartPre=/bin/hostile",
    "a\n[Service]\nExecStart=/bin/hostile",
    "\n[Install]\nWantedBy=hostile.target\n",
    "a\r\nUser=root\r\n", "a\rUser=root", "a\0User=root",
    "[Service]", "continued \\", "\\", "\\\\", "a\\\nb", "\\x5bService\\x5d\\n\\u2028",
    "%n %i %% %h %", "%", "100%d", "$HOME", "$HOSTILE ${HOME}", "$$ $", "$(hostile)", "`hostile`",
    '"', "'", 'a" "b', "a' 'b", '" ExecStart="/bin/hostile', "; /bin/hostile", ";", " ; ",
    "#comment", ";comment", " blanks around ", "\ttab\t", "   ", "",
    "\x1b[2J\x1b]0;title\x07", "\x7f\x01\x1f", "a\x85User=root", "a\u2028User=root",
    "a\u2029User=root", "\ufeff", "\u202etxt.exe", "\u00e9\u20ac\U0001f600",
    "../../etc/shadow", "/../../etc/shadow", "/usr/bin/../../bin/hostile", "/a:/b:rbind",
    "+/a", "-/a", "-a", "--hostile=1", "@hostile", "~listen", "!hostile", "|/a", ":a", "a=b=c",
    "{{.Hostile}}", "${{hostile}}", "*", "~", "Null", "True", "no", "0", "-1", "1e9",
    "infinity", "any", "none", "default", "root", "AF_UNIX AF_NETLINK", "read listen",
    "/srv/a b", "/srv/%n", "/srv/$HOME", "/srv/'q'", "/srv/;x", "/srv/#x", "/srv/x ", "/srv/x\\",
    "/srv/\u00e9", "/srv/a=b", "/srv/[a]", "file:///%n", "https://a/%n", "man:a b",
    "x" * 65536, "%" * 65536, '"' * 65536, "\\" * 65536, "x" * 65537,
]

# Of which each attribute takes some. A hostile text may be like any of them.
HARMLESS = [
    "harmless", "/harmless", "harm/less", "https://harmless", "HARMLESS", "****", "1", "1000",
    "mkdir", "AF_NETLINK", "localhost", "exec", "public", "spool", "500m", True, 1, 2,
]

# What an attribute cannot be without, by the last part of the path of its mapping
COMPANIONS = {
    "autoScaling": {"maxReplicas": 2}, "autoscaling": {"maxReplicas": 2},
    "backlog": {"plugin": "spool"},
    "dataosSecrets": {"name": "secret"}, "secrets": {"name": "secret"},
    "dataosVolumes": {"name": "volume", "directory": "/data"},
    "persistentVolume": {"name": "volume", "directory": "/data"},
}

# One line of text for people: what does not fit is left out of it
FREE = {"Description", "Documentation"}

UNORDERED = {"After", "Before", "Conflicts", "Names", "Requires", "RequiresMountsFor", "Wants"}


def attributes(schema):
    """(path, kind, words): kind is "text", "list", "settings" or "keys"; words are what it may be."""

    def resolve(node):
        merged = dict(node)
        for part in node.get("allOf", []) + node.get("anyOf", []) + [node]:
            if "$ref" in part:
                part = resolve(schema["definitions"][part["$ref"].rsplit("/", 1)[1]])
            for key in ("properties", "items", "additionalProperties", "enum"):
                if key in part:
                    merged.setdefault(key, part[key])
        return merged

    def is_mapping(node):
        return node.get("type") == "object"

    def walk(node, path):
        node = resolve(node)
        properties = node.get("properties", {})
        for name, child in properties.items():
            yield from walk(child, path + [name])
        if "items" in node:
            if not is_mapping(node["items"]):
                yield path, "list", []
            yield from walk(node["items"], path + [0])
        elif isinstance(node.get("additionalProperties"), dict):
            yield path, "settings", []
            yield path, "keys", []
        elif not properties and path[-1:] != [0] and node.get("type") != ["object", "null"]:
            yield path, "text", [word for word in node.get("enum", []) if word]

    spec = ["worker", "stackSpec"]
    yield spec + ["command"], "word", []
    yield spec + ["arguments"], "list", []
    second_names = {("spec",), ("worker", "autoscaling")}
    for path, kind, words in walk(schema, []):
        if not second_names & {tuple(path[:1]), tuple(path[:2])}:
            yield path, kind, words


def put(document, path, kind, text):
    """Puts the text where the path says, making what is missing on the way."""
    name = path[-1] if path[-1] != 0 else path[-2]
    at = document
    for part, following in zip(path[:-1], path[1:]):
        if part == 0 or part == name:
            continue
        companion = COMPANIONS.get(part, {})
        at = at.setdefault(part, [dict(companion)])[0] if following == 0 else at.setdefault(part, dict(companion))
    if kind in ("settings", "keys"):
        settings = at.setdefault(name, dict(COMPANIONS.get(name, {})))
        settings.update({"key": text} if kind == "settings" else {str(text): "value"})
    else:
        at[name] = {"text": text, "list": [text], "word": ["/usr/bin/true", text]}[kind]


def manifest(name, places):
    """places: (path, kind, text)"""
    document = {
        "name": name, "version": "v1beta", "type": "worker",
        "worker": {"stack": "exec", "stackSpec": {"command": ["/usr/bin/true"]}},
    }
    if not any(path[-1] in ("runAsUser", "user") for path, _, _ in places):
        document["worker"]["runAsUser"] = "somebody"  # volumes of one name need one user
    for path, kind, text in places:
        put(document, path, kind, text)
    # JSON is YAML, but for characters that YAML wants escaped
    yaml = json.dumps(document, ensure_ascii=False)
    for special in "\x7f\x85\u2028\u2029\ufeff":
        yaml = yaml.replace(special, "\\u%04x" % ord(special))
    return yaml + "\n"


def save(directory, name, text):
    with open(f"{directory}/{name}", "w", encoding="utf-8") as file:
        file.write(text)


def single(schema, directory):
    with open(schema, encoding="utf-8") as file:
        found = list(attributes(json.load(file)))
    for number, (path, kind, words) in enumerate(found):
        for which, texts in (("h", HARMLESS + words), ("w", HOSTILE)):
            for k, text in enumerate(texts):
                name = f"{which}{number}t{k}"
                save(directory, name + ".yaml", manifest(name, [(path, kind, text)]))
    save(directory, "attributes.json", json.dumps(found))


def form(path, text):
    """What an attribute treats in a way of its own: a path, a mask and so on."""
    text = str(text)
    if path[-1] == "runAsApiKey" and not text.strip("*"):
        return "mask"
    # a setting of a backlog plugin is bound where it is a path without any peculiarity
    if path[-1] == "backlog" and (".." in text or any(c in text for c in ' :\\"')):
        return "word"
    for begin, name in (("/", "absolute"), ("file:", "uri"), ("https:", "uri"), ("man:", "uri")):
        if text.startswith(begin):
            return name
    return "relative" if "/" in text else "word"


def group_of(path, kind, text):
    """Texts of one group stand in one manifest: not where two of a name would meet, and no long ones."""
    if len(text) > 1000:
        return f"{path} {kind}"
    alone = ("dataosSecrets", "secrets", "dataosVolumes", "persistentVolume", "configs", "backlog", "sandbox")
    for part in path:
        if part in alone:
            return f"{part} {kind == 'list' and path[-1] == part} {path[-1] if path[-1] in ('name', 'keys') else ''}"
    return "second" if path in (["title"], ["tags"]) else ""


def together(directory, units_directory, out):
    with open(f"{directory}/attributes.json", encoding="utf-8") as file:
        found = json.load(file)
    units = set(os.listdir(units_directory))

    def accepted(name):
        return f"worker-{name}@.service" in units

    untried, groups = [], {}
    for number, (path, kind, words) in enumerate(found):
        harmless = [t for k, t in enumerate(HARMLESS + words) if accepted(f"h{number}t{k}")]
        if not harmless and path != ["name"]:
            untried.append(".".join(map(str, path)))
        for k, text in enumerate(HOSTILE):
            if accepted(f"w{number}t{k}"):
                model = next((t for t in harmless if form(path, t) == form(path, text)), harmless[0])
                if "harm" in str(model) or form(path, text) == "mask":  # else a word that it knows
                    groups.setdefault((k, group_of(path, kind, text)), []).append((path, kind, model))
    index, twins = [], {}
    for number, ((k, _), places) in enumerate(groups.items()):
        # a harmless text of its own for each place, where one can be made
        places = [(p, kind, m.replace("harm", f"harm{i}x") if isinstance(m, str) else m)
                  for i, (p, kind, m) in enumerate(places)]
        twin = twins.setdefault(json.dumps(places), f"h{number}")
        save(out, f"{twin}.yaml", manifest(twin, places))
        save(out, f"w{number}.yaml", manifest(f"w{number}", [(p, kind, HOSTILE[k]) for p, kind, _ in places]))
        index.append([HOSTILE[k], twin, [(".".join(map(str, p)), str(m)) for p, _, m in places]])
    save(out, "index.json", json.dumps(index))
    places = sum(len(i[2]) for i in index)
    print(f"{len(found)} attributes, {places} texts accepted, in {len(index)} manifests; "
          f"without a harmless text: {' '.join(untried) or 'none'}")
    return 1 if untried or places < 10 * len(found) else 0


def label(unit):
    """bus_label_escape() of systemd"""
    return "".join(c if c.isalnum() and c.isascii() else "_%02x" % ord(c) for c in unit)


def ask(unit):
    """All properties of a unit as PID 1 has them."""
    path = "/org/freedesktop/systemd1/unit/" + label(unit)
    answer = subprocess.run(
        ["busctl", "--json=short", "call", "org.freedesktop.systemd1", path,
         "org.freedesktop.DBus.Properties", "GetAll", "s", ""],
        check=True, capture_output=True)
    properties = json.loads(answer.stdout)["data"][0]
    # dependencies are in no order
    return {k: sorted(v["data"]) if k in UNORDERED else v["data"] for k, v in properties.items()}


def is_bytes(value):
    return isinstance(value, list) and value and all(isinstance(i, int) for i in value)


def difference(found, model, replace, where=""):
    """The first place where found is not what replace() makes of model; None: it is the same."""
    if is_bytes(found) and is_bytes(model):
        found, model = bytes(found).decode(), bytes(model).decode()
    if isinstance(model, str) and isinstance(found, str):
        wanted = replace(model, where)
        return None if found == wanted else f"{where}: {found[:200]!r}, expected {wanted[:200]!r}"
    if isinstance(model, dict) and isinstance(found, dict) and model.keys() == found.keys():
        pairs = [(found[k], model[k], k) for k in model]
    elif isinstance(model, list) and isinstance(found, list) and len(model) == len(found):
        pairs = [(found[i], model[i], i) for i in range(len(model))]
    else:
        return None if found == model else f"{where}: {str(found)[:200]}, expected {str(model)[:200]}"
    for a, b, k in pairs:
        if where == "" and k in FREE and isinstance(a, type(b)):
            continue
        result = difference(a, b, replace, f"{where}.{k}")
        if result:
            return result
    return None


ask_once = functools.cache(ask)


def compare(number, text, twin, places, units):
    """The first difference of a manifest from its twin."""
    name = f"w{number}"

    def replace(value, where):
        # a "$" is one variable less when the command is executed: systemd.service(5)
        new = text.replace("$", "$$") if where.startswith(".ExecStart") else text
        value = value.replace(twin, name)
        for _, model in places:
            value = value.replace(model, new) if "harm" in model else value
        return value

    for form_of_name in ("worker-{}@1.service", "worker-{}-backlog.service"):
        template = form_of_name.replace("@1", "@")
        there = [template.format(n) in units for n in (name, twin)]
        if there[0] != there[1] or ("backlog" not in template and not there[0]):
            return f"{template.format(name)} is there: {there[0]}, of its twin: {there[1]}"
        if there[0]:
            result = difference(ask(form_of_name.format(name)), ask_once(form_of_name.format(twin)), replace)
            if result:
                return result
    return None


def judge(out, units_directory):
    with open(f"{out}/index.json", encoding="utf-8") as file:
        index = json.load(file)
    units = set(os.listdir(units_directory))
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda n: compare(n, *index[n], units), range(len(index))))
    bad = [(n, result) for n, result in enumerate(results) if result]
    for n, result in bad[:20]:
        print(f"w{n}, {index[n][0][:60]!r} in {' '.join(p for p, _ in index[n][2])[:200]}: {result}")
    print(f"{len(index)} manifests, {len(bad)} read otherwise than their twins")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit({"single": single, "together": together, "judge": judge}[sys.argv[1]](*sys.argv[2:]) or 0)
