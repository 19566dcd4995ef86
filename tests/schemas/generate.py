#!/usr/bin/env python3
"""Writes the schemas by which the changes of templates that rules have are checked.

cloudformation.json: the resources that changes name, their properties and what a change of them replaces, by the schemas
of AWS's resource providers in the PyPI package cfn-lint 1.58.0.
eksctl.json: what `eksctl utils schema` prints, commit 99984adb6 after eksctl 0.230, without its descriptions.

    pip install cfn-lint==1.58.0
    eksctl utils schema > eksctl-schema.json
    python3 tests/schemas/generate.py eksctl-schema.json
"""

import json
import re
import sys
from pathlib import Path

import cfnlint.data.schemas

HERE = Path(__file__).resolve().parent
RULES = HERE.parents[1] / "rules"
SCHEMAS = Path(list(cfnlint.data.schemas.__path__)[0])
FUNCTION = {"$ref": "#/$defs/function"}


def types():
    """The types of resources that changes name."""
    texts = (path.read_text() for path in RULES.glob("*/*.yaml"))
    return sorted({name for text in texts for name in re.findall(r"^ +Type: (AWS::\w+::\w+)$", text, re.M)})


def pruned(node, definitions, seen=()):
    """A schema with no more than names, types and values."""
    while "$ref" in node:
        name = node["$ref"].rsplit("/", 1)[-1]
        if name in seen:
            return {}
        seen, node = (*seen, name), definitions[name]
    kinds = node.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if "object" in kinds and len(kinds) == 1 and node.get("properties"):
        members = {name: pruned(member, definitions, seen) for name, member in sorted(node["properties"].items())}
        return {"anyOf": [FUNCTION, {"type": "object", "additionalProperties": False, "properties": members}]}
    if kinds == ["array"]:
        return {"anyOf": [FUNCTION, {"type": "array", "items": pruned(node.get("items", {}), definitions, seen)}]}
    if not kinds or "object" in kinds:
        return {}
    if "enum" in node:
        return {"anyOf": [FUNCTION, {"enum": node["enum"]}]}
    return {"$ref": "#/$defs/flag" if kinds == ["boolean"] else "#/$defs/text"}


def cloudformation():
    """The schema of a mapping of logical ids to resources."""
    provider = json.loads((SCHEMAS / "providers" / "us-east-1.json").read_text())
    definitions, create_only, cases = {}, {}, []
    for name in types():
        schema = json.loads((SCHEMAS / "resources" / f"{provider[name]}.json").read_text())
        members = {"type": "object", "properties": schema["properties"]}
        definitions[name] = pruned(members, schema.get("definitions", {}))["anyOf"][1]
        prefix = "/properties"
        create_only[name] = sorted(path[len(prefix):] for path in schema.get("createOnlyProperties", []))
        then = {"properties": {"Properties": {"$ref": f"#/$defs/{name}"}}}
        cases.append({"if": {"properties": {"Type": {"const": name}}}, "then": then})
    definitions["flag"] = {"anyOf": [FUNCTION, {"type": "boolean"}]}
    # Numbers may be texts, and texts numbers.
    definitions["text"] = {"anyOf": [FUNCTION, {"type": ["number", "string"]}]}
    definitions["function"] = {
        "type": "object", "minProperties": 1, "maxProperties": 1, "propertyNames": {"pattern": "^(Ref|Fn::[A-Za-z]+)$"}}
    resource = {
        "type": "object", "required": ["Type", "Properties"], "additionalProperties": False, "allOf": cases,
        "properties": {"Type": {"enum": types()}, "Properties": {"type": "object"}}}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object", "minProperties": 1,
            "additionalProperties": resource, "createOnly": create_only, "$defs": definitions}


def eksctl(schema):
    """The schema of eksctl, in which no key has to be there."""
    left_out = {"description", "x-intellij-html-description", "required", "default", "preferredOrder", "examples"}

    def prune(node, is_map=False):
        if isinstance(node, dict):
            kept = {key: value for key, value in node.items() if is_map or key not in left_out}
            maps = {"properties", "definitions"}
            return {key: prune(value, key in maps and not is_map) for key, value in kept.items()}
        return [prune(item) for item in node] if isinstance(node, list) else node

    # A `|` in a name is none that a reference may have.
    return json.loads(json.dumps(prune(schema)).replace("|", "."))


def write(name, schema):
    (HERE / name).write_text(json.dumps(schema, separators=(",", ":"), sort_keys=True) + "\n")


write("cloudformation.json", cloudformation())
write("eksctl.json", eksctl(json.loads(Path(sys.argv[1]).read_text())))
