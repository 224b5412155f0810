"""Damages dumps of traces, runs the commands on them, and compares what they say with what the lines contain.

    mutations.py SPANKIT FIRST COUNT DIRECTORY

Each of COUNT dumps of `untidy.py` is changed in five ways: lines are dropped, repeated, reordered, cut in the middle, or have a wrong byte.
A line that Python cannot read as spans counts as damaged. Without damaged lines, the numbers have to be exactly those of the remaining
lines. With damaged lines, the command has to name the damage on standard error, or contain the spans of these lines as well.

Prints a line for each wrong result and a summary. The exit status is 1 if a result is wrong.
"""
import json
import random
import re
import subprocess
import sys

import untidy

STATUS_CODE = "http.response.status_code"
KINDS = ["dropped", "repeated", "reordered", "cut", "corrupted"]


def mutate(random, kind, lines):
    lines = list(lines)
    chosen = random.sample(range(len(lines)), max(1, len(lines) // 5))
    if kind == "dropped":
        return [line for place, line in enumerate(lines) if place not in chosen or len(lines) == 1]
    if kind == "repeated":
        for place in chosen:
            lines.insert(random.randrange(len(lines) + 1), lines[place])
    elif kind == "reordered":
        random.shuffle(lines)
    else:
        for place in chosen[:5]:
            line = lines[place]
            at = random.randrange(1, len(line))
            if kind == "cut":
                lines[place] = line[:at]
            else:
                lines[place] = line[:at] + bytes([random.choice(b'x0"{}[],:\\\xff\x00')]) + line[at + 1:]
    return lines


class Damage(Exception):
    pass


def number(value):
    if isinstance(value, bool) or not isinstance(value, (str, int)) or not re.fullmatch(r"[0-9]{1,20}", str(value)):
        raise Damage
    return int(value)


def identifier(value, digits):
    if not isinstance(value, str) or not re.fullmatch("[0-9a-fA-F]{%d}" % digits, value) or not value.strip("0"):
        raise Damage
    return value.lower()


def texts(attributes, keys):
    """The attributes with one of some keys, which have texts."""
    result = {}
    for attribute in attributes:
        if set(attribute) != {"key", "value"} or attribute["key"] not in keys or attribute["key"] in result:
            raise Damage
        ((kind, value),) = attribute["value"].items()
        if attribute["key"] == STATUS_CODE:
            if kind not in ("stringValue", "intValue"):
                raise Damage
            result[STATUS_CODE] = number(value), kind == "stringValue"
        elif kind == "stringValue" and value.strip():
            result[attribute["key"]] = value
        else:
            raise Damage
    return result


def failure(span, attributes):
    """What a span says about a failure."""
    status, exception = span.get("status"), None
    if status is not None and (set(status) - {"code", "message"} or status["code"] not in (1, 2, "STATUS_CODE_OK", "STATUS_CODE_ERROR")):
        raise Damage
    if "events" in span:
        (event,) = span["events"]
        if set(event) != {"name", "attributes"} or event["name"] != "exception":
            raise Damage
        found = texts(event["attributes"], ("exception.type", "exception.message"))
        exception = found.get("exception.type"), found.get("exception.message")
    has_error_status = status is not None and status["code"] in (2, "STATUS_CODE_ERROR")
    is_fine = status is not None and not has_error_status
    message = status.get("message") if has_error_status else None
    for text in (message, exception and exception[1]):
        if text is not None:
            untidy.pattern(text)
    return {
        "exception": exception, "is_fine": is_fine, "has_error_status": has_error_status, "message": message,
        "error": has_error_status or (exception is not None and not is_fine), "type": attributes.get("error.type"),
    }


def read(line):
    """The spans of a line. Raises an exception if Python cannot read it as it was meant."""
    spans = []
    request = json.loads(line.decode("utf-8"))
    if set(request) != {"resourceSpans"}:
        raise Damage
    for resource in request["resourceSpans"]:
        if set(resource) != {"resource", "scopeSpans"} or set(resource["resource"]) != {"attributes"}:
            raise Damage
        (service,) = resource["resource"]["attributes"]
        if service["key"] != "service.name" or set(service["value"]) != {"stringValue"}:
            raise Damage
        for scope in resource["scopeSpans"]:
            if set(scope) != {"scope", "spans"}:
                raise Damage
            for span in scope["spans"]:
                known = {"traceId", "spanId", "parentSpanId", "name", "kind", "startTimeUnixNano", "endTimeUnixNano", "status", "unknownMember", "attributes", "events"}
                if set(span) - known or not isinstance(span["name"], str) or span["kind"] not in (1, 2, 3, 4, 5):
                    raise Damage
                attributes = texts(span.get("attributes", []), (STATUS_CODE, "error.type"))
                # Spans without a status code have any value for whether it is a text, as untidy.py writes them.
                code, code_is_text = attributes.get(STATUS_CODE, (None, False))
                spans.append({
                    "code": code, "code_is_text": code_is_text, **failure(span, attributes),
                    "trace": identifier(span["traceId"], 32), "id": identifier(span["spanId"], 16),
                    "parent": identifier(span["parentSpanId"], 16) if "parentSpanId" in span else "",
                    "name": span["name"], "service": service["value"]["stringValue"], "kind": span["kind"],
                    "start": number(span.get("startTimeUnixNano", 0)), "end": number(span.get("endTimeUnixNano", 0)),
                })
    return spans


def run(spankit, command, path):
    process = subprocess.run([spankit, command, "--format", "json", path], capture_output=True, timeout=60)
    try:
        return json.loads(process.stdout or b"{}"), process.stderr.decode("utf-8", "replace"), process.returncode
    except ValueError:
        return None, process.stderr.decode("utf-8", "replace"), process.returncode


def numbers(rows, count, errors, total, own):
    """The numbers of all operations with the same name."""
    result = {}
    for row in rows:
        name = row["name"]
        old = result.get(name, (0, 0, 0, 0))
        result[name] = tuple(a + b for a, b in zip(old, (row[count], row[errors], row[total] or 0, row[own] or 0)))
    return result


def problems(spankit, path, lines):
    spans, damaged = [], []
    for line in lines:
        if not line.strip():
            continue
        try:
            spans += read(line)
        except (Damage, ValueError, KeyError, TypeError, AttributeError, RecursionError):
            damaged.append(line)
    expected = untidy.expected(spans)
    top, said, status = run(spankit, "top", path)
    if top is None:
        return ["top wrote no JSON"]
    if not spans and (status != 0 or said):
        return []
    if "rows" not in top:
        return [f"top wrote no rows (status {status}): {said[:200]}"]
    if damaged:
        # Spans of a damaged line may be read up to the damage.
        if top["span_count"] < expected["spans"]:
            return [f"top has {top['span_count']} spans, of {expected['spans']} on undamaged lines"]
        possible = sum(line.count(b'"spanId"') + line.count(b'spanId') for line in damaged)
        if top["span_count"] > expected["spans"] + possible:
            return [f"top has {top['span_count']} spans, of {expected['spans']} on undamaged lines and at most {possible} on others"]
        everything = sum(line.count(b'"name": "') - line.count(b'"untidy"') for line in damaged)
        if not said and top["span_count"] < expected["spans"] + everything:
            return [f"{len(damaged)} damaged lines, {top['span_count']} spans, and nothing was said"]
        return []
    found = []
    if top["span_count"] != expected["spans"] or top["unit_count"] != expected["traces"]:
        found.append(f"top: {top['span_count']} spans of {top['unit_count']} traces; right is {expected['spans']} of {expected['traces']}")
    wrong = numbers(top["rows"], "count", "error_count", "total_ns", "self_ns")
    right = numbers(expected["operations"], "count", "errors", "total", "self")
    for name in sorted(set(wrong) | set(right)):
        if wrong.get(name) != right.get(name):
            found.append(f"top, {name}: {wrong.get(name)}; right is {right.get(name)}")
    slow, _, _ = run(spankit, "slow", path)
    wrong = {row["trace_id"]: (row["duration_ns"], row["span_count"], row["error_count"]) for row in slow["rows"]}
    right = {row["traceId"]: (row["duration"], row["spans"], row["errors"]) for row in expected["slow"]}
    if wrong != right:
        found.append(f"slow: {len(set(wrong.items()) ^ set(right.items()))} rows differ")
    errors, _, _ = run(spankit, "errors", path)
    names = ("service", "name", "error_type", "message", "count", "run_count", "first_unix_ns", "last_unix_ns")
    has_services = not errors["rows"] or "service" in errors["rows"][0]
    names = names if has_services else names[1:]
    wrong = {tuple(row[name] for name in names) for row in errors["rows"]} ^ {tuple(row[name] for name in names) for row in expected["failures"]}
    if wrong:
        found.append(f"errors: {wrong}")
    critical, _, _ = run(spankit, "critical", path)
    waited = sum(row["critical"] for row in expected["operations"])
    if critical.get("total_ns", 0) != waited:
        found.append(f"critical: {critical.get('total_ns')} ns; right is {waited}")
    return found


def main():
    spankit, first, count, directory = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
    failed, tried, damaged = 0, 0, 0
    for seed in range(first, first + count):
        source = random.Random(f"mutations {seed}")
        path = f"{directory}/{seed}.jsonl"
        untidy.make(seed, path)
        with open(path, "rb") as file:
            lines = [line for line in file.read().replace(b"\r\n", b"\n").split(b"\n") if line]
        for kind in KINDS:
            changed = mutate(source, kind, lines)
            path = f"{directory}/{seed}-{kind}.jsonl"
            with open(path, "wb") as file:
                file.write(b"".join(line + b"\n" for line in changed))
            tried += 1
            for problem in problems(spankit, path, changed):
                failed += 1
                print(f"seed {seed}, {kind}: {problem}")
    print(f"{tried} dumps tried, {failed} wrong results")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
