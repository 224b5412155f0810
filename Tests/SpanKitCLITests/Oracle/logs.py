"""Random untidy log records of untidy traces, and what the commands have to say about them, computed apart from SpanKit.

    logs.py FIRST COUNT DIRECTORY SPANKIT   makes a dump for each of COUNT seeds, runs the command SPANKIT on it, and prints a line for each
                                            wrong result

Rules, which are those of docs/analyzing-traces.md, in addition to those of untidy.py:
- Records are listed by time, or else by the time at which they were collected. One without a time follows the record before it in the input.
- The severity is the number or, without a number, that of a known level as text. `error` includes `critical`, and `info` includes `notice`.
- A record belongs to the span of its trace that has its span id; of several, to that of its own service, or else to the first one.
- A record with the name or the attributes of an exception, whose severity is error or higher or not specified, makes a span without a status
  a failed one. It is the cause of a failure if the span has no exception event. So is an exception that was handled (warning).
- The message of the last error is the message of a failure without any other one.
- In `tree` and `errors`, a record with a time counts once if another one has the same values.
"""
import json
import random
import subprocess
import sys

import untidy

LEVELS = {"trace": 1, "debug": 5, "info": 9, "notice": 10, "warning": 13, "error": 17, "critical": 18, "FATAL": 21, "Warn": 13, "odd": 0, "": 0}
NAMES = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"]


def make_logs(random, spans):
    """Records of spans, of traces without a span, and of nothing, in the order of their creation."""
    logs = []
    for span in spans:
        for _ in range(random.choice([0, 0, 1, 2, 5])):
            moment = random.randrange(span["start"], span["end"]) if 0 < span["start"] < span["end"] else untidy.BASE + random.randrange(10**12)
            text = random.choice(list(LEVELS))
            log = {
                "trace": span["trace"], "span": span["id"], "service": span["service"], "time": moment, "observed": moment + random.randrange(1000),
                "text": text, "severity": LEVELS[text] if random.random() < 0.7 else random.choice([0, 0, 2, 9, 14, 17, 24]),
                "body": untidy.make_message(random) if random.random() < 0.9 else None, "number": random.randrange(10**6),
                "logger": random.choice(["http", "sql", "caf\u00e9"]), "event": "", "exception": None,
            }
            chance = random.random()
            if chance < 0.3:
                log["exception"] = (random.choice([None, "IOError", "PoolError"]), untidy.make_message(random))
                log["event"] = random.choice(["exception", "exception", "db.client.exception", ""])
            if random.random() < 0.05:
                log["span"] = untidy.identifier(random, 16)
            if random.random() < 0.05:
                log["span"] = ""
            if random.random() < 0.05:
                log["trace"] = log["span"] = ""
            if random.random() < 0.05:
                log["time"] = 0
                if random.random() < 0.5:
                    log["observed"] = 0
            logs.append(log)
    random.shuffle(logs)
    return logs


def encoded(random, log):
    """The record in one of the ways in which exporters write it."""
    number = (lambda value: str(value)) if random.random() < 0.8 else (lambda value: value)
    is_snake = random.random() < 0.2
    result = {}
    for key, value in (("timeUnixNano", log["time"]), ("observedTimeUnixNano", log["observed"])):
        if value or random.random() < 0.5:
            result[key] = number(value)
    severity = log["severity"]
    if severity or random.random() < 0.5:
        step = (severity - 1) % 4 + 1
        name = "SEVERITY_NUMBER_" + (NAMES[(severity - 1) // 4] + (str(step) if step > 1 else "") if severity else "UNSPECIFIED")
        result["severityNumber"] = random.choice([severity, severity, str(severity), name])
    if log["text"] or random.random() < 0.5:
        result["severityText"] = log["text"]
    if log["body"] is not None:
        result["body"] = {"stringValue": log["body"]} if random.random() < 0.8 else log["body"]
    elif random.random() < 0.5:
        result["body"] = None
    result["attributes"] = [{"key": "number", "value": {"intValue": number(log["number"])}}]
    for key, text in zip(("exception.type", "exception.message"), log["exception"] or ()):
        if text is not None:
            result["attributes"].append({"key": key, "value": {"stringValue": text}})
    if log["trace"] or random.random() < 0.5:
        result["traceId"] = log["trace"].upper() if random.random() < 0.2 else log["trace"]
        result["spanId"] = log["span"]
    if log["event"]:
        result["eventName"] = log["event"]
    if random.random() < 0.1:
        result["unknownMember"] = {"a": [1, 2]}
    items = list(result.items())
    random.shuffle(items)
    snake = lambda key: "".join("_" + letter.lower() if letter.isupper() else letter for letter in key)
    return {snake(key) if is_snake else key: value for key, value in items}


def write_logs(random, logs, path):
    """Writes lines, some of the records twice. Returns the records as they are in the file."""
    logs = [log for log in logs for _ in range(2 if random.random() < 0.05 else 1)]
    with open(path, "w", encoding="utf-8") as file:
        place = 0
        while place < len(logs):
            some = logs[place:place + random.choice([1, 1, 3, 10])]
            place += len(some)
            resources = []
            for log in some:
                service = {"attributes": [{"key": "service.name", "value": {"stringValue": log["service"]}}]}
                members = [("scope", {"name": log["logger"]}), ("logRecords", [encoded(random, log)])]
                random.shuffle(members)
                outer = [("resource", service), ("scopeLogs", [dict(members)])]
                random.shuffle(outer)
                resources.append(dict(outer))
            file.write(json.dumps({"resourceLogs": resources}, ensure_ascii=random.random() < 0.5))
            file.write(random.choice(["\n", "\r\n", "\n\n"]))
            if random.random() < 0.02:
                file.write("plain text between the records\n")
    return logs


# What is right


def severity(log):
    return log["severity"] or LEVELS[log["text"]]


def time(log):
    return log["time"] or log["observed"]


def in_order(logs):
    """The records by time."""
    last, keyed = 0, []
    for place, log in enumerate(logs):
        last = time(log) or last
        keyed.append((last, place, log))
    return [log for _, _, log in sorted(keyed, key=lambda entry: entry[:2])]


def row(log):
    """What a row of `spankit logs` says about a record."""
    attributes = {"number": log["number"], **{key: text for key, text in zip(("exception.type", "exception.message"), log["exception"] or ()) if text is not None}}
    return {
        "time_unix_ns": log["time"] or None, "observed_time_unix_ns": log["observed"] or None, "severity_number": log["severity"],
        "severity_text": log["text"] or None, "service": log["service"], "logger": log["logger"], "event_name": log["event"] or None,
        "body": log["body"], "attributes": attributes, "dropped_attribute_count": 0, "trace_id": log["trace"] or None, "span_id": log["span"] or None,
    }


def make_filter(random, depth=2):
    """A random filter as text, and as a function of a record."""
    choice = random.randrange(10 if depth else 6)
    if choice == 0:
        least, name = random.choice([(5, "debug"), (9, "INFO"), (10, "notice"), (13, "warning"), (17, "error"), (18, "critical"), (14, "14")])
        return f"severity>={name}", lambda log: severity(log) >= least
    if choice == 1:
        first, last, name = random.choice([(9, 12, "info"), (10, 12, "notice"), (13, 16, "warn"), (17, 20, "error"), (21, 24, "fatal"), (2, 2, "2")])
        return f"severity={name}", lambda log: first <= severity(log) <= last
    if choice == 2:
        text = random.choice(["order", "e", "caf\u00e9", "cafe\u0301", " "])
        return f'body~"{text}"', lambda log: log["body"] is not None and text.encode() in log["body"].encode()
    if choice == 3:
        name = random.choice(["http", "sql"])
        return f"logger={name}", lambda log: log["logger"] == name
    if choice == 4:
        limit = random.randrange(10**6)
        return f"number<{limit}", lambda log: log["number"] < limit
    if choice == 5:
        return random.choice([("error", lambda log: severity(log) >= 17), ("exception.type", lambda log: bool(log["exception"] and log["exception"][0])),
                              ("event~exception", lambda log: "exception" in log["event"])])
    left, is_left = make_filter(random, depth - 1)
    right, is_right = make_filter(random, depth - 1)
    if choice == 6:
        return f"not ({left})", lambda log: not is_left(log)
    if choice == 7:
        return f"({left}) or {right}", lambda log: is_left(log) or is_right(log)
    return f"({left}) and ({right})", lambda log: is_left(log) and is_right(log)


def unique(logs):
    found, seen = [], set()
    for log in logs:
        key = tuple(sorted((name, str(value)) for name, value in log.items()))
        if time(log) and key in seen:
            continue
        seen.add(key)
        found.append(log)
    return found


def is_exception(log):
    return log["exception"] is not None or log["event"] in ("exception", "db.client.exception")


def attach(spans, logs):
    """The records of each span by time, and the number of records with a failure that are in no span."""
    traces, owned, outside = {}, {}, 0
    for span in spans:
        traces.setdefault(span["trace"], []).append(span)
    for log in sorted(logs, key=lambda log: (time(log) == 0, time(log))):
        members = sorted(traces.get(log["trace"], []), key=untidy.order)
        candidates = [span for span in members if span["id"] == log["span"]]
        own = [span for span in candidates if span["service"] == log["service"]]
        if candidates:
            owned.setdefault(id((own or candidates)[0]), []).append(log)
        elif is_exception(log) and (severity(log) == 0 or severity(log) >= 17):
            outside += 1
    return owned, outside


def with_logs(span, logs):
    """The span as it is after its records are taken into account."""
    span = dict(span)
    had_event = span["exception"] is not None
    failing = [log for log in logs if is_exception(log) and (severity(log) == 0 or severity(log) >= 17)]
    causes = [log for log in logs if is_exception(log) and (severity(log) == 0 or severity(log) >= 13)]
    if failing and not span["is_fine"] and not span["has_error_status"]:
        span["error"] = True
    if span["error"] and not had_event:
        if causes:
            kind, message = causes[-1]["exception"] or (None, None)
            message = message or causes[-1]["body"]
            if kind or message:
                span["exception"] = (kind, message)
        errors = [log for log in logs if severity(log) >= 17]
        if errors and not (span["exception"] and span["exception"][1]) and not span["message"]:
            last = errors[-1]
            message = (last["exception"][1] if last["exception"] else None) or last["body"]
            span["exception"] = ((span["exception"] or (None, None))[0], message) if message or span["exception"] else None
    return span


# Comparison


def run(spankit, *arguments):
    return subprocess.run([spankit, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)


def check(seed, directory, spankit):
    source = random.Random(seed)
    spans_path, logs_path = f"{directory}/{seed}.jsonl", f"{directory}/{seed}-logs.jsonl"
    spans = untidy.make_dump(source, spans_path)
    logs = write_logs(source, make_logs(source, spans), logs_path)
    if not logs:
        return

    def listed(what, wanted, *arguments):
        result = run(spankit, "logs", "--format", "json", *arguments, logs_path)
        if result.returncode != 0:
            yield f"{seed}: logs {what}: {result.stderr}"
            return
        document = json.loads(result.stdout)
        found = document["rows"]
        if document["total"] != len(found) or found != [row(log) for log in wanted]:
            pairs = [(one, row(other)) for one, other in zip(found, wanted) if one != row(other)]
            yield f"{seed}: logs {what}: {len(found)} records instead of {len(wanted)}; {pairs[:1]}"
        if arguments and f"{len(wanted):,} of {len(logs):,} log record".replace(",", " ") not in result.stderr.decode():
            yield f"{seed}: logs {what}: {result.stderr}"

    ordered = in_order(logs)
    yield from listed("all", ordered)
    text, is_wanted = make_filter(source)
    yield from listed(text, [log for log in in_order([log for log in logs if is_wanted(log)])], "--where", text)
    level, least = source.choice([("debug", 5), ("info", 9), ("warn", 13), ("error", 17)])
    yield from listed(level, in_order([log for log in logs if severity(log) >= least]), "--severity", level)
    trace = next((log["trace"] for log in logs if log["trace"]), None)
    if trace:
        yield from listed(trace, in_order([log for log in logs if log["trace"] == trace]), "--trace", trace)
    limited = run(spankit, "logs", "--limit", "3", "--format", "json", logs_path)
    if json.loads(limited.stdout)["rows"] != [row(log) for log in ordered[-3:]]:
        yield f"{seed}: logs --limit 3"

    # Spans and their records.
    members = untidy.unique(spans)
    # Repeated records are only recognized in their trace.
    owned, outside = attach(members, unique([log for log in logs if log["trace"]]) + [log for log in logs if not log["trace"]])
    effective = [with_logs(span, owned.get(id(span), [])) for span in members]
    traces = {}
    for span in effective:
        traces.setdefault(span["trace"], []).append(span)
    for files in ([spans_path, logs_path], [logs_path, spans_path]):
        result = run(spankit, "errors", "--format", "json", *files)
        document = json.loads(result.stdout)
        keys = ["service", "name", "error_type", "message"] if document["rows"] and "service" in document["rows"][0] else ["name", "error_type", "message"]
        failed, causes = untidy.failures({trace: sorted(spans, key=untidy.order) for trace, spans in traces.items()})
        found = untidy.grouped(document["rows"], keys, ["count"])
        wanted = untidy.grouped(causes, keys, ["count"])
        if found != wanted:
            wrong = {key: (found.get(key), wanted.get(key)) for key in found.keys() | wanted.keys() if found.get(key) != wanted.get(key)}
            yield f"{seed}: errors: found and wanted {wrong}"
        note = f"spankit: {outside} log record"
        if (outside > 0) != (note in result.stderr.decode()):
            yield f"{seed}: errors: {outside} records outside spans, but {result.stderr}"

    if trace and any(span["trace"] == trace for span in members):
        tree = json.loads(run(spankit, "tree", "--trace", trace, "--format", "json", spans_path, logs_path).stdout)
        found = sorted((one["span_id"], one["name"], one["service"], [(log["time_unix_ns"], log["attributes"]["number"]) for log in one["logs"]]) for one in tree["rows"])
        wanted = sorted(
            (span["id"], span["name"], span["service"], [(time(log) or None, log["number"]) for log in owned.get(id(span), [])])
            for span in members if span["trace"] == trace
        )
        own = [log for log in unique(logs) if log["trace"] == trace]
        if found != wanted or tree["log_count"] != len(own):
            yield f"{seed}: tree {trace}: {found} instead of {wanted}; {tree['log_count']} records instead of {len(own)}"
        if len(tree["logs_outside_spans"]) != len(own) - sum(len(logs) for _, _, _, logs in wanted):
            yield f"{seed}: tree {trace}: {len(tree['logs_outside_spans'])} records outside spans"


def main():
    first, count, directory, spankit = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4]
    for seed in range(first, first + count):
        for line in check(seed, directory, spankit):
            print(line)


if __name__ == "__main__":
    main()
