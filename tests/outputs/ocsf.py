"""Reads OCSF events, one a line: the JSON Schema of each version given, and what that schema cannot say but OCSF does.

That is: the text beside a number is the number's caption, an object has one of the attributes it must have one of, and no
attribute is deprecated.
"""

import json
import sys

from ocsf_json_schema.embedded import OcsfJsonSchemaEmbedded
from ocsf_json_schema.loader import get_ocsf_schema


class Checker:
    def __init__(self, schema):
        self.schema = schema
        self.violations = set()
        self.captions = 0

    def check(self, value, shape, path):
        attributes = shape["attributes"]
        wanted = shape.get("constraints", {}).get("at_least_one", [])
        if wanted and not any(name in value for name in wanted):
            self.violations.add(f"{path} has none of {wanted}")
        for name, item in value.items():
            attribute = attributes.get(name, {})
            if "@deprecated" in attribute:
                self.violations.add(f"{path}.{name} is deprecated")
            self.check_caption(value, name, attribute, path)
            if (kind := attribute.get("object_type")) and kind != "object":
                for one in item if isinstance(item, list) else [item]:
                    self.check(one, self.schema["objects"][kind], f"{path}.{name}")

    def check_caption(self, value, name, attribute, path):
        sibling = attribute.get("sibling")
        if "enum" not in attribute or sibling not in value:
            return
        self.captions += 1
        caption = attribute["enum"].get(str(value[name]), {}).get("caption")
        if caption != value[sibling]:
            self.violations.add(f"{path}.{sibling} is {value[sibling]!r}, and of {value[name]} {caption!r}")


def main():
    versions = {version: get_ocsf_schema(version) for version in sys.argv[1:]}
    checkers = [Checker(schema) for schema in versions.values()]
    for line in sys.stdin.buffer:
        event = json.loads(line)
        for checker in checkers:
            checker.check(event, checker.schema["classes"]["compliance_finding"], "event")
    schemas = {}
    for version, schema in versions.items():
        embedded = OcsfJsonSchemaEmbedded(schema)
        for profiles in ([], ["cloud"]):
            schemas["+".join([version, *profiles])] = embedded.get_class_schema("compliance_finding", profiles)
    violations = sorted(set().union(*(checker.violations for checker in checkers)))
    captions = sum(checker.captions for checker in checkers)
    json.dump({"schemas": schemas, "violations": violations, "captions": captions}, sys.stdout)


main()
