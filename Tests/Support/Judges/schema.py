"""Validates JSON documents with the schemas in a folder, and finds changes that the schemas do not notice.

    schema.py SCHEMAS FILE...

A file contains a document, or a document on each line if its name ends in .jsonl. The schema NAME.json of a document is the one that its
member `schema` names (`spankit.NAME/1`). Beside a file X.json, X.csv may contain the same rows as comma-separated values.
Prints a list of complaints as JSON.
"""
import copy
import csv
import json
import pathlib
import re
import sys

import jsonschema


def objects(value, path="$"):
    """Every object in a document with its path."""
    if isinstance(value, dict):
        yield path, value
        for key, part in value.items():
            yield from objects(part, f"{path}.{key}")
    elif isinstance(value, list):
        for place, part in enumerate(value):
            yield from objects(part, f"{path}[{place}]")


def unnoticed(validator, document):
    """Changes after which the document is still valid. Of each kind of object, the first one is changed."""
    seen = set()
    for place, (path, part) in enumerate(list(objects(document))):
        kind = re.sub(r"\[\d+\]", "[]", path)
        # The members of these objects are named by the data, and those of rows by the query.
        if kind in seen or re.search(r"\.(attributes|body|dropped_by_reason|findingCounts)(\.|\[|$)", path):
            continue
        if document["schema"].startswith("spankit.sql/") and path.startswith("$.rows"):
            continue
        seen.add(kind)

        def is_valid(change):
            changed = copy.deepcopy(document)
            change(list(objects(changed))[place][1])
            return validator.is_valid(changed)

        if is_valid(lambda one: one.update(unknownMember=1)):
            yield f"{path}: an unknown member is accepted"
        for key, value in part.items():
            # The body of a log record has any type.
            if key != "body" and is_valid(lambda one: one.update({key: {"of": "another type"}})) and not isinstance(value, dict):
                yield f"{path}.{key}: an object is accepted in place of {json.dumps(value)[:40]}"
            # Members of results files may be missing, if docs/results-file.md says so.
            if "formatVersion" not in document and is_valid(lambda one: one.pop(key)):
                yield f"{path}.{key}: may be missing"


def field(value):
    """A value as a field of comma-separated values."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, (str, int, float)) else json.dumps(value)


def differences(rows, path):
    """How the rows of a CSV file differ from those of the document."""
    with open(path, encoding="utf-8", newline="") as file:
        table = list(csv.reader(file, strict=True))
    if len(table) != len(rows) + 1:
        yield f"{path}: {len(table) - 1} rows instead of {len(rows)}"
        return
    for fields, row in zip(table[1:], rows):
        if table[0] != list(row):
            yield f"{path}: the header is {table[0]} instead of {list(row)}"
            return
        for key, text, value in zip(row, fields, row.values()):
            if isinstance(value, (list, dict)):
                same = json.loads(text) == value
            elif isinstance(value, float):
                same = float(text) == value
            else:
                same = text == str(field(value))
            if not same:
                yield f"{path}: {key} is {text!r} instead of {value!r}"


def main():
    folder, complaints = pathlib.Path(sys.argv[1]), []
    for path in map(pathlib.Path, sys.argv[2:]):
        text = path.read_text(encoding="utf-8")
        for line in text.strip().split("\n") if path.suffix == ".jsonl" else [text]:
            document = json.loads(line)
            name = re.fullmatch(r"spankit\.([a-z-]+)/\d+", document["schema"]).group(1)
            schema = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
            jsonschema.Draft202012Validator.check_schema(schema)
            validator = jsonschema.Draft202012Validator(schema)
            errors = [f"{path.name}: {error.json_path}: {error.message[:200]}" for error in validator.iter_errors(document)]
            complaints += errors or [f"{path.name}: {change}" for change in unnoticed(validator, document)]
            table = path.with_suffix(".csv")
            if table.exists():
                complaints += differences(document["rows"], table)
    json.dump(complaints, sys.stdout)


main()
