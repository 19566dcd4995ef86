#!/usr/bin/env python3
"""Writes the keys of ClusterConfig files from eksctl's JSON schema.

    tests/schema/eksctl.py VERSION CLONE > src/source/iac/eksctl/keys.json

CLONE is a checkout of https://github.com/eksctl-io/eksctl (Apache-2.0) at VERSION. Types of values: `text`, `bool`,
`number`, `any`, the name of another object, `[T]` for a list and `{T}` for an object with any keys.
"""

import json
import pathlib
import sys

SIMPLE = {"string": "text", "boolean": "bool", "integer": "number", "number": "number"}
# What the schema says otherwise than the Go types that eksctl reads a file into.
OTHER = {
    # pkg/apis/eksctl.io/v1alpha5/types.go: taintsWrapper takes a list or an object.
    "taintsWrapper": "any",
    "InlineDocument": "any",
    "ARN": "text",
    "VPCGateway": "text",
}
# pkg/apis/eksctl.io/v1alpha5/identity_provider.go: the only type of provider.
SAME = {"IdentityProvider": "OIDCIdentityProvider"}


def type_of(schema, definitions):
    if "$ref" in schema:
        name = schema["$ref"].removeprefix("#/definitions/")
        if name in OTHER:
            return OTHER[name]
        name = SAME.get(name, name)
        definition = definitions[name]
        return name if "properties" in definition else type_of(definition, definitions)
    kind = schema.get("type")
    if kind == "array":
        return "[%s]" % type_of(schema.get("items", {}), definitions)
    if kind == "object":
        inner = schema.get("additionalProperties")
        return "{%s}" % type_of(inner, definitions) if isinstance(inner, dict) else "any"
    return SIMPLE.get(kind, "any")


def main(version, clone):
    path = pathlib.Path(clone, "pkg/apis/eksctl.io/v1alpha5/assets/schema.json")
    definitions = json.loads(path.read_text())["definitions"]
    objects = {
        name: {key: type_of(value, definitions) for key, value in sorted(definition["properties"].items())}
        for name, definition in sorted(definitions.items())
        if "properties" in definition and name not in OTHER and name not in SAME
    }
    objects["OIDCIdentityProvider"]["type"] = "text"
    print("{")
    print(f'  "version": "{version}",')
    print('  "source": "https://github.com/eksctl-io/eksctl, pkg/apis/eksctl.io/v1alpha5/assets/schema.json, Apache-2.0",')
    print('  "objects": {')
    rows = [f"    {json.dumps(name)}: {json.dumps(keys)}" for name, keys in objects.items()]
    print(",\n".join(rows))
    print("  }")
    print("}")


if __name__ == "__main__":
    main(*sys.argv[1:])
