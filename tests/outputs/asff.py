"""Reads findings as `aws securityhub batch-import-findings` does before it sends them: with botocore's validator.

Also what AWS documents but the model leaves to the service: lengths, enumerations and patterns.
"""

import json
import re
import sys
from datetime import datetime

import botocore.session
from botocore.validate import ParamValidator

# From the descriptions of the fields in the API model.
LENGTHS = {
    "AwsAccountId": 12,
    "Description": 1024,
    "GeneratorId": 512,
    "Id": 512,
    "ProductArn": 2048,
    "ProductName": 128,
    "Title": 256,
}
BYTES = 240_000
BATCH = 100


def texts(value, shape, path):
    """All texts with their shapes."""
    if shape.type_name == "string":
        yield value, shape, path
    elif shape.type_name == "structure":
        for name, item in value.items():
            yield from texts(item, shape.members[name], f"{path}.{name}")
    elif shape.type_name == "list":
        for item in value:
            yield from texts(item, shape.member, path)
    elif shape.type_name == "map":
        for key, item in value.items():
            yield from texts(key, shape.key, path)
            yield from texts(item, shape.value, path)


def documented(finding, shape):
    """What a finding breaks of what AWS documents."""
    for value, kind, path in texts(finding, shape, "finding"):
        pattern = kind.metadata.get("pattern")
        if pattern and not re.fullmatch(pattern, value, re.DOTALL):
            yield f"{path} {value!r} does not match {pattern}"
        if (values := getattr(kind, "enum", None)) and value not in values:
            yield f"{path} {value!r} is none of {values}"
    for field, most in LENGTHS.items():
        if not 1 <= len(finding[field].encode("utf-16-le")) // 2 <= most:
            yield f"{field} has {len(finding[field])} characters"
    if len(finding["Remediation"]["Recommendation"]["Text"]) > 512:
        yield "the recommendation is too long"
    details = shape.members["Resources"].member.members["Details"].members
    for resource in finding["Resources"]:
        if resource["Type"] not in [*details, "Other"]:
            yield f"{resource['Type']} is no type of resource"
        if len(resource["Id"]) > 512:
            yield "the id of a resource is too long"
    if len(finding["Resources"]) > 32 or len(finding["Compliance"].get("RelatedRequirements", [])) > 32:
        yield "a list is too long"
    fields = finding["ProductFields"].items()
    if len(fields) > 50 or any(len(key) > 128 or len(value) > 2048 for key, value in fields):
        yield "the product fields are too long"
    partition, service, region, account, product = finding["ProductArn"].split(":")[1:]
    home = (finding["Region"], finding["AwsAccountId"], f"product/{account}/default")
    if service != "securityhub" or (region, account, product) != home:
        yield f"{finding['ProductArn']} is not the product of {home}"
    for time in ("CreatedAt", "UpdatedAt"):
        datetime.strptime(finding[time], "%Y-%m-%dT%H:%M:%SZ")
    if len(json.dumps(finding, ensure_ascii=False).encode()) > BYTES:
        yield "the finding is too large"


def main():
    findings = json.load(sys.stdin.buffer)
    model = botocore.session.get_session().get_service_model("securityhub")
    request = model.operation_model("BatchImportFindings").input_shape
    violations = []
    for start in range(0, len(findings), BATCH):
        report = ParamValidator().validate({"Findings": findings[start : start + BATCH]}, request)
        if report.has_errors():
            violations.append(report.generate_report())
    if not violations:
        for finding in findings:
            violations.extend(documented(finding, request.members["Findings"].member))
    json.dump({"violations": violations, "findings": findings}, sys.stdout)


main()
