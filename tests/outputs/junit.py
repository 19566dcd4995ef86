"""Reads JUnit XML as a CI system does: the suites and tests as JSON, and where it breaks the schema given."""

import io
import json
import sys

import junitparser
import xmlschema


def result(case):
    """The one result of a test: its kind, and what it says. Passed tests have none."""
    results = case.result
    if not results:
        return {"kind": "passed"}
    (only,) = results
    kind = type(only).__name__.lower()
    return {"kind": kind, "message": only.message, "type": only.type, "text": only.text}


def suite(read):
    cases = [{"class": case.classname, "name": case.name, **result(case)} for case in read]
    counts = {count: getattr(read, count) for count in ("tests", "failures", "errors", "skipped")}
    return {"name": read.name, **counts, "cases": cases}


def main():
    text = sys.stdin.buffer.read()
    violations = xmlschema.XMLSchema(sys.argv[1]).iter_errors(io.BytesIO(text))
    report = junitparser.JUnitXml.fromstring(text)
    json.dump({"violations": [str(one) for one in violations], "suites": [suite(one) for one in report]}, sys.stdout)


main()
