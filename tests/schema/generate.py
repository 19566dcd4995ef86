#!/usr/bin/env python3
"""Writes what ekslint knows of the AWS API models.

src/snapshot/schema.json: the fields of every section of the snapshot and their types.
src/source/live/wire.json: how the XML answers of EC2 and IAM name these fields, and what each call answers.

    python3 tests/schema/generate.py            write the file
    python3 tests/schema/generate.py --check    exit 1, with the differences, when it is stale

The types come from the AWS API models in botocore (tests/requirements-schema.txt pins its version); which shape
stands in which section, and what ekslint joins to it, comes from src/snapshot/sections.json.
A type is string, int, double, bool, timestamp, blob, any, list<T>, map<T> or the name of a struct, "service.Shape".
"string!" is a text that AWS never leaves empty, "int!" a number that is never negative.
"""

import json
import re
import sys
from pathlib import Path

import botocore
from botocore.loaders import Loader
from botocore.model import ServiceModel

SOURCE = Path(__file__).resolve().parents[2] / "src"
SECTIONS = SOURCE / "snapshot" / "sections.json"
SCHEMA = SOURCE / "snapshot" / "schema.json"
WIRE = SOURCE / "source" / "live" / "wire.json"
STRUCT = re.compile(r"\w+\.\w+")
SCALARS = {"string": "string", "character": "string", "boolean": "bool", "timestamp": "timestamp", "blob": "blob",
           "integer": "int", "long": "int", "float": "double", "double": "double"}

# These services answer in XML; EKS answers in JSON.
XML_SERVICES = {"ec2", "iam"}
# Calls that fill no section.
OTHER_CALLS = {"ec2:DescribeRegions"}

# Secret beside what the models themselves call sensitive: members by name, and single members of one shape.
SECRET_NAMES = {"clientRequestToken", "ClientToken"}
SECRET_MEMBERS = {"eks.Certificate.data", "eks.ConnectorConfigResponse.activationCode",
                  "elbv2.AuthenticateOidcActionConfig.ClientSecret"}

# Texts that are never empty, beside those that the models themselves want filled (EC2's want nothing): what is named so,
# but for a few that EC2 prints empty, and single members.
FILLED_NAMES = re.compile(r"(Id|[aA]rn|Cidr|CidrIp|CidrIpv6|CidrBlock|Protocol|Role|[nN]ame|[vV]ersion)$|^(Key|type)$")
MAY_BE_EMPTY = {"keyArn", "KernelId", "RamdiskId", "OutpostArn", "KeyName", "RootDeviceName", "PrivateDnsName", "PublicDnsName"}
FILLED_MEMBERS = {"eks.RemoteAccessConfig.ec2SshKey"}
# Numbers that may be negative: -1 is every port, and every type of ICMP.
MAY_BE_NEGATIVE = {"FromPort", "ToPort", "Code", "Type"}

LOADER = Loader(extra_search_paths=[Loader.BUILTIN_DATA_PATH], include_default_search_paths=False)


def is_filled(base, member, shape):
    """Whether AWS never leaves a text empty."""
    named = FILLED_NAMES.search(member) and member not in MAY_BE_EMPTY
    return bool(named or shape.enum or shape.metadata.get("min", 0) > 0 or f"{base}.{member}" in FILLED_MEMBERS)


class Schema:
    def __init__(self, sections):
        self.models, self.types, self.secrets, self.sections, self.joined = {}, {}, set(), {}, []
        for section in sections:
            item = self.item(section)
            self.sections[section["name"]] = f"list<{item}>" if section["shape"] == "list" else item
        for section in sections:
            for path in self.secret_paths(self.sections[section["name"]], (), ()):
                dropped = any(path == drop or path.startswith(drop + ".") for drop in section["drop"])
                assert dropped, f"{section['name']}: {path} is secret and is not under `drop`"
            for path in [*section["drop"], *section.get("compoundKey", filter(None, [section["key"]]))]:
                assert self.has(self.sections[section["name"]], path.split(".")), f"{section['name']}: no {path}"

    def model(self, service):
        if service not in self.models:
            self.models[service] = ServiceModel(LOADER.load_service_model(service, "service-2"), service)
        return self.models[service]

    def shape(self, name):
        """A botocore shape by the name that a struct has here: "eks.Cluster"."""
        service, name = name.split(".")
        return self.model(service).shape_for(name)

    def item(self, section):
        """The type of one resource of a section."""
        base = section["item"] and f"{section['service']}.{section['item']}"
        composite = section["join"] and self.composite(section["singular"], base, section["join"])
        return composite or (self.named(base) if base else "any")

    def composite(self, name, base, join):
        """A struct of our own: a shape's members and what is joined to them. "a.b" joins b to the struct in a."""
        name = f"ekslint.{name[0].upper()}{name[1:]}"
        assert name not in self.types, f"two composites are named {name}"
        fields = self.types[name] = {}
        self.joined.append((name, base))
        if base:
            fields.update(self.members(base, name, {path.split(".")[0] for path in join}))
        for path in join:
            head, _, rest = path.partition(".")
            assert rest or not base or head not in self.shape(base).members, f"{name}: {base} has a {head} already"
            if not rest:
                fields[head] = STRUCT.sub(lambda struct: self.named(struct[0]), join[path])
            elif head not in fields:
                inner = base.split(".")[0] + "." + self.shape(base).members[head].name
                nested = {p[len(head) + 1:]: t for p, t in join.items() if p.startswith(head + ".")}
                fields[head] = self.composite(head, inner, nested)
        return name

    def named(self, name):
        """The type of a shape; a struct is entered in the table on the way, before its members (shapes recur)."""
        service, shape = name.split(".")[0], self.shape(name)
        # The AWS CLI prints IAM policy documents as objects, although the model calls them strings.
        if shape.name == "policyDocumentType" or getattr(shape, "is_document_type", False):
            return "any"
        if shape.type_name == "list":
            return f"list<{self.named(f'{service}.{shape.member.name}')}>"
        if shape.type_name == "map":
            return f"map<{self.named(f'{service}.{shape.value.name}')}>"
        if shape.type_name == "structure":
            if name not in self.types:
                self.types[name] = fields = {}
                fields.update(self.members(name, name))
            return name
        return SCALARS[shape.type_name]

    def members(self, base, owner, without=()):
        """The fields of a shape. Their secrets are noted under the struct that owns them."""
        service, fields = base.split(".")[0], {}
        for member, shape in self.shape(base).members.items():
            if shape.metadata.get("sensitive") or member in SECRET_NAMES or f"{base}.{member}" in SECRET_MEMBERS:
                self.secrets.add(f"{owner}.{member}")
            if member not in without:
                fields[member] = self.named(f"{service}.{shape.name}")
                is_number = fields[member] == "int" and member not in MAY_BE_NEGATIVE
                if is_number or fields[member] == "string" and is_filled(base, member, shape):
                    fields[member] += "!"
        return fields

    def secret_paths(self, expression, path, seen):
        """Every dotted path that leads from a type to a secret."""
        for struct in STRUCT.findall(expression):
            for field, inner in self.types[struct].items() if struct not in seen else ():
                if f"{struct}.{field}" in self.secrets:
                    yield ".".join((*path, field))
                yield from self.secret_paths(inner, (*path, field), (*seen, struct))

    def has(self, expression, path):
        """Whether a dotted path, through lists too, is one of fields that exist."""
        inner = [self.types[struct].get(path[0]) for struct in STRUCT.findall(expression)]
        return bool(inner and inner[0]) and (len(path) == 1 or self.has(inner[0], path[1:]))

    def text(self):
        secrets = ' "secrets": ' + json.dumps(sorted(self.secrets), indent=2).replace("\n]", "\n ]")
        return document(table("types", self.types), table("sections", self.sections), secrets)

    def base(self, name):
        """The shape that a struct is made from; none for what is put together from several calls."""
        rows = [row for row in self.joined if row[0] == name]
        return rows[0][1] if rows else name


class Wire:
    """How XML answers name the fields of structs, and the fields of each call's answer."""

    def __init__(self, schema, sections):
        self.schema, self.names, self.answers = schema, {}, {}
        for api in sorted({call["api"] for section in sections for call in section["calls"]} | OTHER_CALLS):
            service, operation = api.split(":")
            if service in XML_SERVICES:
                self.answers[api] = self.answer(service, operation)
        for struct in schema.types:
            base = schema.base(struct)
            if base and base.split(".")[0] in XML_SERVICES:
                self.names[struct] = self.unusual(base.split(".")[0], schema.shape(base).members)
        self.names = {struct: names for struct, names in self.names.items() if names}

    def answer(self, service, operation):
        shape = self.schema.model(service).operation_model(operation).output_shape
        return {wire_name(member, inner): [member, self.type(service, inner)] for member, inner in shape.members.items()}

    def type(self, service, shape):
        """The type of an answer's field."""
        if shape.type_name == "list":
            return f"list<{self.type(service, shape.member)}>"
        name = f"{service}.{shape.name}"
        composites = [own for own, base in self.schema.joined if base == name]
        return composites[0] if composites and name not in self.schema.types else self.schema.named(name)

    @staticmethod
    def unusual(service, members):
        """Wire name to member, where the wire name is not what the service's rule makes of the member."""
        rule = (lambda name: name[0].lower() + name[1:]) if service == "ec2" else (lambda name: name)
        return {wire_name(m, shape): m for m, shape in members.items() if wire_name(m, shape) != rule(m)}

    def text(self):
        return document(table("names", self.names), table("answers", self.answers))


def wire_name(member, shape):
    return shape.serialization.get("name", member)


def table(name, rows):
    lines = (f'  "{key}": {json.dumps(rows[key], sort_keys=True)}' for key in sorted(rows))
    return f' "{name}": {{\n' + ",\n".join(lines) + "\n }"


def document(*tables):
    versions = f' "generatedFrom": {json.dumps({"botocore": botocore.__version__})}'
    return "{\n" + ",\n".join([versions, *tables]) + "\n}\n"


def facts(text):
    """The lines of a schema with each field on its own, for a short list of differences."""
    rows = (line.rstrip("},").partition("{") for line in text.splitlines())
    return {head.strip() + field for head, _, fields in rows for field in fields.split(", ")}


def write(path, new):
    path.write_text(new, encoding="utf-8", newline="\n")


def check(path, new):
    """Prints how a file differs from what it should be; gives a sentence about it."""
    old = path.read_text(encoding="utf-8") if path.exists() else ""
    if new == old:
        return None
    old, new = facts(old), facts(new)
    lines = [f"- {fact}" for fact in sorted(old - new)] + [f"+ {fact}" for fact in sorted(new - old)]
    print("\n".join(lines[:40]))
    return f"{path.relative_to(SOURCE.parent)} is stale: {len(lines)} lines of difference"


def main():
    sections = json.loads(SECTIONS.read_text(encoding="utf-8"))
    schema = Schema(sections)
    wire = Wire(schema, sections)
    files = [(SCHEMA, schema.text()), (WIRE, wire.text())]
    if "--check" not in sys.argv[1:]:
        for path, new in files:
            write(path, new)
    elif stale := [problem for path, new in files if (problem := check(path, new))]:
        sys.exit("\n".join(stale))


if __name__ == "__main__":
    main()
