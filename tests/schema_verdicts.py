#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""schema_verdicts.py SCHEMA MANIFEST...: prints, for each manifest, its path and the first thing
that the JSON Schema has to say against it, or nothing."""

import json
import sys

import jsonschema
import yaml


class Loader(yaml.SafeLoader):
    """YAML 1.2's booleans, and no dates: as a manifest is read, and as editors read it."""


Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers
            if tag != "tag:yaml.org,2002:timestamp"
            and (tag != "tag:yaml.org,2002:bool" or first in "tTfF")]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}

with open(sys.argv[1], encoding="utf-8") as file:
    schema = json.load(file)
jsonschema.Draft7Validator.check_schema(schema)
validator = jsonschema.Draft7Validator(schema)

for path in sys.argv[2:]:
    with open(path, encoding="utf-8") as file:
        manifest = yaml.load(file, Loader)
    problem = next(validator.iter_errors(manifest), None)
    print(f"{path}:", " ".join(problem.message.split()) if problem else "")
