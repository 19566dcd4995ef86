"""Reads a CSV table strictly: its rows as JSON, by column. A row with too few or too many fields is an error."""

import csv
import io
import json
import sys


def main():
    text = io.TextIOWrapper(sys.stdin.buffer, encoding="utf-8", newline="")
    # No limit: a name may be long.
    csv.field_size_limit(sys.maxsize)
    header, *rows = csv.reader(text, strict=True)
    wrong = [row for row in rows if len(row) != len(header)]
    if wrong or len(set(header)) != len(header):
        sys.exit(f"not a table: {header} {wrong}")
    json.dump([dict(zip(header, row)) for row in rows], sys.stdout)


main()
