"""Reads OSCAL assessment results from standard input with compliance-trestle: what is wrong with them, and what it saw."""

import json
import pathlib
import sys
import tempfile

from trestle.common.err import TrestleError
from trestle.oscal import OSCAL_VERSION
from trestle.oscal.assessment_results import AssessmentResults


def read(text):
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "assessment-results.json")
        path.write_bytes(text)
        return AssessmentResults.oscal_read(path)


def main():
    seen = {"version": OSCAL_VERSION, "violations": []}
    try:
        result = read(sys.stdin.buffer.read()).results[0]
    except TrestleError as error:
        seen["violations"] = [str(error)]
    else:
        seen["observations"] = [str(one.uuid) for one in result.observations or []]
        seen["risks"] = [str(one.uuid) for one in result.risks or []]
        seen["findings"] = [str(one.target.target_id) for one in result.findings or []]
    json.dump(seen, sys.stdout)


main()
