"""Random untidy traces, and what the commands have to say about them, computed apart from SpanKit.

    untidy.py SEED FILE              writes a dump of OTLP JSON lines; prints the expected numbers as JSON
    untidy.py FIRST COUNT DIRECTORY  writes a dump SEED.jsonl for each of COUNT seeds; prints a line of JSON for each
    untidy.py FIRST COUNT DIRECTORY SPANKIT SIZE
                                     makes files of SIZE dumps and runs the command SPANKIT on each; prints a line for each number in its
                                     JSON and its metrics that is wrong

Rules, which are those of docs/analyzing-traces.md:
- A span is a duplicate only if another one has the same values; then it counts once.
- A span without a start or an end is counted and has no duration.
- A span that ends before it starts takes no time.
- Of several spans with the id that a child names as its parent, the parent is the one of the child's service, else one that is not a client
  or producer, else the one that starts first. A server or consumer span that shares its id with a client or producer span is its child.
- A span failed if its status says so, or if it has an exception and no status. A failure that has a failed child was passed on by it.
- The cause of a failure is the type and the message of its last exception. `error.type` goes before that type, an HTTP status from 400 after
  it; the text of the status is the message if there is no exception. Numbers, ids and quoted texts in messages do not count.
- A cycle of parents is cut at the span that starts first.
- A filter selects spans. Their self times are those in their whole traces.
- For self time and the critical path, a child is cut at the start and the end of its parent.
- The impact of an operation is what traces would be shorter by if its spans did no work of their own, but no more than their time on the critical
  path. A span works until it starts a child or ends, and waits for the end of a child. A child that ends after its parent was not waited for,
  unless it is the server of a client's call and not longer.
"""
import json
import math
import os
import random
import re
import subprocess
import sys

CLIENT, SERVER, PRODUCER, CONSUMER, INTERNAL = 3, 2, 4, 5, 1
BASE = 1_790_000_000_000_000_000


# Messages with their patterns. The parts between `<` and `>` differ from failure to failure.
MESSAGES = [
    "pool exhausted", "order <4711> not found", "timeout after <30>s, attempt <2> of <3>", "connection to <10.0.0.7:5432> refused",
    "user '<anna b>' may not read \"<x/y>\"", "request <0f8fad5b-d9cb-469f-a165-70867728950e> was cancelled", "caf\u00e9 closed", "cafe\u0301 closed",
]


def make_message(random):
    def vary(match):
        return re.sub("[0-9]", lambda _: random.choice("0123456789"), match.group(1))
    return re.sub("<(.*?)>", vary, random.choice(MESSAGES))


def pattern(message):
    """The message without what differs from failure to failure. Raises an exception for a message that `make_message` does not make."""
    for template in MESSAGES:
        parts = re.split("<(.*?)>", template)
        shape = "".join(re.escape(part) if place % 2 == 0 else re.sub("[0-9]", "[0-9]", re.escape(part)) for place, part in enumerate(parts))
        if re.fullmatch(shape, message):
            return "\u2026".join(parts[::2])
    raise ValueError(message)


def identifier(random, digits):
    return "".join(random.choice("0123456789abcdef") for _ in range(digits - 1)) + "1"


def make_cause(random, is_error):
    """What a span says about a failure. An exception without a status makes it one; with the status "ok" it does not."""
    chance = random.random()
    exception = (random.choice([None, "IOError", "PoolError"]), make_message(random)) if chance < (0.5 if is_error else 0.05) else None
    is_fine = not is_error and random.random() < 0.1
    return {
        "exception": exception, "is_fine": is_fine, "error": is_error or (exception is not None and not is_fine), "has_error_status": is_error,
        "message": make_message(random) if is_error and random.random() < 0.5 else None,
        "type": random.choice(["timeout", "caf\u00e9"]) if is_error and random.random() < 0.2 else None,
    }


def make_trace(random):
    """The spans of one trace as dictionaries, in the order of their creation."""
    trace = identifier(random, 32)
    services = random.sample(["shop", "pay", "mail", "stock", "cafe\u0301", "caf\u00e9"], random.randint(1, 4))
    names = ["GET /", "SELECT", "charge", "render", "send", "cafe\u0301", "caf\u00e9", "compute"]
    spans = []
    moment = BASE + random.randrange(10**12)
    count = random.choice([1, 2, 3, 8, 20])
    for number in range(count):
        parent = random.choice(spans) if spans and random.random() < 0.93 else None
        start = moment + random.randrange(10**8)
        length = random.randrange(1, 10**8)
        if parent and parent["end"] > parent["start"] and random.random() < 0.8:
            start = random.randrange(parent["start"], parent["end"])
            length = random.randrange(1, parent["end"] - start + 1)
        span = {
            "trace": trace, "id": identifier(random, 16), "parent": parent["id"] if parent else "",
            "name": random.choice(names), "service": parent["service"] if parent and random.random() < 0.6 else random.choice(services),
            "kind": random.choice([INTERNAL, INTERNAL, SERVER, CLIENT, PRODUCER, CONSUMER]),
            "start": start, "end": start + length, "error": random.random() < 0.15,
            "code": random.choice([None, 200, 404, 500, 503]), "code_is_text": random.random() < 0.3,
        }
        span.update(make_cause(random, span["error"]))
        if parent and parent["kind"] in (CLIENT, PRODUCER) and random.random() < 0.2:
            # As systems with Zipkin's model do: the server's span has the id of the client's.
            span.update(id=parent["id"], parent=parent["parent"], kind=SERVER if parent["kind"] == CLIENT else CONSUMER)
            if any(other["id"] == span["id"] and other["kind"] in (SERVER, CONSUMER) for other in spans):
                span.update(id=identifier(random, 16), parent=parent["id"])
        spans.append(span)
    for span in spans:
        chance = random.random()
        if chance < 0.03:
            span["parent"] = identifier(random, 16)
        elif chance < 0.05:
            span["parent"] = random.choice(spans)["id"]
        elif chance < 0.07:
            span[random.choice(["start", "end"])] = 0
        elif chance < 0.08:
            span["end"] = span["start"] - random.randrange(1, 1_000)
    return spans


def encoded(random, span):
    """The span in one of the ways in which exporters write it."""
    number = (lambda value: str(value)) if random.random() < 0.8 else (lambda value: value)
    result = {
        "traceId": span["trace"], "spanId": span["id"], "name": span["name"], "kind": span["kind"],
        "startTimeUnixNano": number(span["start"]), "endTimeUnixNano": number(span["end"]),
    }
    for key in ("startTimeUnixNano", "endTimeUnixNano"):
        if result[key] in (0, "0") and random.random() < 0.5:
            del result[key]
    if span["parent"]:
        result["parentSpanId"] = span["parent"]
    if span["code"]:
        value = {"stringValue": str(span["code"])} if span["code_is_text"] else {"intValue": number(span["code"])}
        result["attributes"] = [{"key": "http.response.status_code", "value": value}]
    if span["type"]:
        result.setdefault("attributes", []).append({"key": "error.type", "value": {"stringValue": span["type"]}})
    if span["has_error_status"]:
        result["status"] = {"code": random.choice([2, "STATUS_CODE_ERROR"]), **({"message": span["message"]} if span["message"] else {})}
    elif span["is_fine"]:
        result["status"] = {"code": random.choice([1, "STATUS_CODE_OK"])}
    if span["exception"]:
        texts = zip(("exception.type", "exception.message"), span["exception"])
        attributes = [{"key": key, "value": {"stringValue": text}} for key, text in texts if text is not None]
        result["events"] = [{"name": "exception", "attributes": attributes}]
    if random.random() < 0.1:
        result["unknownMember"] = {"a": [1, 2]}
    items = list(result.items())
    random.shuffle(items)
    return dict(items)


def write_dump(random, spans, path):
    """Lines in any order, some of them twice."""
    spans = [span for span in spans for _ in range(2 if random.random() < 0.05 else 1)]
    if random.random() < 0.5:
        random.shuffle(spans)
    with open(path, "w", encoding="utf-8") as file:
        place = 0
        while place < len(spans):
            some = spans[place:place + random.choice([1, 1, 3, 10])]
            place += len(some)
            resources = []
            for span in some:
                service = {"attributes": [{"key": "service.name", "value": {"stringValue": span["service"]}}]}
                scope = {"scope": {"name": "untidy"}, "spans": [encoded(random, span)]}
                resources.append({"resource": service, "scopeSpans": [scope]})
            file.write(json.dumps({"resourceSpans": resources}, ensure_ascii=random.random() < 0.5))
            file.write(random.choice(["\n", "\r\n", "\n\n"]))


# What is right


def is_timed(span):
    return span["start"] > 0 and span["end"] > 0


def duration(span):
    return max(0, span["end"] - span["start"])


def unique(spans):
    """Each span once."""
    found, seen = [], set()
    for span in spans:
        key = tuple(sorted(span.items(), key=lambda item: item[0]))
        if key not in seen:
            seen.add(key)
            found.append(span)
    return found


def calls(span):
    return span["kind"] in (CLIENT, PRODUCER)


def order(span):
    """Earliest first, then the longest; a span without times comes last."""
    return (not is_timed(span), span["start"], -span["end"], span["service"].encode(), span["name"].encode(), span["kind"], span["error"])


KINDS = {INTERNAL: "internal", SERVER: "server", CLIENT: "client", PRODUCER: "producer", CONSUMER: "consumer"}


def make_filter(random, depth=2):
    """A random filter as text, and as a function of a span."""
    choice = random.randrange(10 if depth else 6)
    if choice == 0:
        service = random.choice(["shop", "pay", "cafe\u0301", "caf\u00e9"])
        return f"service={service}", lambda span: span["service"] == service
    if choice == 1:
        text = random.choice(["GET", "e", "cafe\u0301", "/"])
        return f"name~'{text}'", lambda span: text.encode() in span["name"].encode()
    if choice == 2:
        kind = random.choice(list(KINDS))
        return f"kind!={KINDS[kind]}", lambda span: span["kind"] != kind
    if choice == 3:
        limit = random.randrange(1, 100)
        return f"duration>={limit}ms", lambda span: is_timed(span) and duration(span) >= limit * 1_000_000
    if choice == 4:
        limit = random.choice([200, 404, 500])
        return f"http.response.status_code>{limit}", lambda span: span["code"] is not None and span["code"] > limit
    if choice == 5:
        return random.choice(["error", "status=error"]), lambda span: span["error"]
    left, is_left = make_filter(random, depth - 1)
    right, is_right = make_filter(random, depth - 1)
    if choice == 6:
        return f"not ({left})", lambda span: not is_left(span)
    if choice == 7:
        return f"({left}) or {right}", lambda span: is_left(span) or is_right(span)
    return f"({left}) and ({right})", lambda span: is_left(span) and is_right(span)


def parents(spans):
    """The place of each span's parent, or None."""
    by_id = {}
    for place, span in enumerate(spans):
        by_id.setdefault(span["id"], []).append(place)
    result = []
    for place, span in enumerate(spans):
        shared = [other for other in by_id[span["id"]] if other != place and calls(spans[other])]
        if span["kind"] in (SERVER, CONSUMER) and shared:
            candidates = shared
        else:
            candidates = [other for other in by_id.get(span["parent"], []) if other != place] if span["parent"] else []
        if not candidates:
            result.append(None)
            continue
        own = [other for other in candidates if spans[other]["service"] == span["service"]]
        serving = [other for other in candidates if not calls(spans[other])]
        result.append(min(own or serving or candidates, key=lambda other: order(spans[other])))
    # Cycles are cut at the span that starts first.
    for place in range(len(spans)):
        path, current = [], place
        while current is not None and current not in path:
            path.append(current)
            current = result[current]
        if current is not None:
            cycle = path[path.index(current):]
            result[min(cycle, key=lambda other: order(spans[other]))] = None
    return result


def children(parents):
    result = [[] for _ in parents]
    for place, parent in enumerate(parents):
        if parent is not None:
            result[parent].append(place)
    return result


def self_time(spans, below, place):
    span = spans[place]
    pieces = sorted(
        (max(spans[child]["start"], span["start"]), min(spans[child]["end"], span["end"])) for child in below[place] if is_timed(spans[child]))
    covered, reached = 0, span["start"]
    for start, end in pieces:
        start = max(start, reached)
        if end > start:
            covered += end - start
            reached = end
    return duration(span) - covered


def critical(spans, below, place, floor, until, result):
    """Adds to `result` how long each span kept its trace waiting between two moments."""
    inside = []
    for child in below[place]:
        start, end = max(spans[child]["start"], floor), min(spans[child]["end"], until)
        if is_timed(spans[child]) and end > start:
            inside.append((end, -start, child))
    # From the last end to the first; of two that end together, the one that starts earlier.
    for end, start, child in sorted(inside, reverse=True):
        # A child that was still running when the next one started was not waited for.
        if end <= until:
            result[place] = result.get(place, 0) + until - end
            critical(spans, below, child, -start, end, result)
            until = -start
    result[place] = result.get(place, 0) + until - floor


def is_awaited(child, parent):
    """Whether the parent waited for the end of a child."""
    if child["start"] + duration(child) <= parent["start"] + duration(parent):
        return True
    return parent["kind"] == CLIENT and child["kind"] == SERVER and duration(child) <= duration(parent)


def length_without(spans, below, place, start, end, operation):
    """How long a span takes between two moments if spans of an operation do no work of their own."""
    parent = spans[place]
    works = (parent["service"], parent["name"]) != operation
    children = []
    for child in below[place]:
        first, last = max(spans[child]["start"], start), min(spans[child]["start"] + duration(spans[child]), end)
        if is_timed(spans[child]) and last > first:
            length = length_without(spans, below, child, first, last, operation)
            children.append({"start": first, "end": last, "length": length, "awaited": is_awaited(spans[child], parent)})

    def moment(limit, earlier):
        """The new time of what happens at a moment, after the start of earlier children and the end of those that were waited for."""
        events = [(start, 0)] + [(child["start"], child["begin"]) for child in earlier]
        events += [(child["end"], child["begin"] + child["length"]) for child in earlier if child["awaited"] and child["end"] <= limit]
        work = limit - max(old for old, _ in events)
        is_own = all(child["awaited"] for child in earlier)
        return max(new for _, new in events) + (work if works or not is_own else 0)

    for number, child in enumerate(children):
        child["begin"] = moment(child["start"], children[:number])
    return moment(end, children)


def quantile(values, share):
    values = sorted(values)
    return values[max(0, math.ceil(share * len(values)) - 1)]


def cause(span):
    """The type and the pattern of the message of a failure."""
    thrown_type, thrown = span["exception"] or (None, None)
    status = str(span["code"]) if span["code"] is not None and span["code"] >= 400 else None
    message = thrown or span["message"]
    return span["type"] or thrown_type or status, pattern(message) if message else None


def failures(traces):
    """The failures by service, name and cause, and the number of traces with a failure."""
    groups, runs, failed = {}, {}, set()
    for trace, members in traces.items():
        passed_on = {above for place, above in enumerate(parents(members)) if members[place]["error"]}
        for place, span in enumerate(members):
            operation = (span["service"], span["name"])
            runs[operation] = runs.get(operation, 0) + 1
            if span["error"] and place not in passed_on:
                groups.setdefault((*operation, *cause(span)), []).append(span)
                failed.add(trace)
    return len(failed), [{
        "service": key[0], "name": key[1], "error_type": key[2], "message": key[3], "count": len(group), "run_count": runs[key[:2]],
        "first_unix_ns": min((span["start"] for span in group if is_timed(span)), default=None),
        "last_unix_ns": max((span["start"] for span in group if is_timed(span)), default=None),
        "last": [span["id"] for span in sorted(group, key=lambda span: is_timed(span) and span["start"])],
    } for key, group in groups.items()]


def tree(members):
    """The spans of a trace by what a row of `spankit tree` says about them."""
    members = sorted(members, key=order)
    above = parents(members)
    below = children(above)
    rows = []
    for place, span in enumerate(members):
        depth, current = 0, above[place]
        while current is not None:
            depth, current = depth + 1, above[current]
        timed = is_timed(span)
        rows.append({
            "depth": depth, "name": span["name"], "service": span["service"], "span_id": span["id"], "parent_span_id": span["parent"] or None,
            "kind": ["", "internal", "server", "client", "producer", "consumer"][span["kind"]], "status": "error" if span["has_error_status"] else "ok" if span["is_fine"] else "unset",
            "is_error": span["error"], "start_unix_ns": span["start"] if timed else None, "duration_ns": duration(span) if timed else None,
            "self_ns": self_time(members, below, place) if timed else None,
            "error_type": cause(span)[0] if span["error"] else None, "status_message": span["message"],
        })
    return rows


def expected(spans, is_wanted=lambda span: True):
    """The numbers of the spans that are wanted. Times depend on all spans of their traces."""
    traces = {}
    for span in unique(spans):
        traces.setdefault(span["trace"], []).append(span)
    operations, slow, path, impacts = {}, [], {}, {}
    path_count, path_time, detached = 0, 0, 0
    for trace, members in traces.items():
        members.sort(key=order)
        above = parents(members)
        below = children(above)
        timed = [span for span in members if is_timed(span)]
        length = max((span["end"] if span["end"] > span["start"] else span["start"] for span in timed), default=0) - min((span["start"] for span in timed), default=0)
        if not any(is_wanted(span) for span in members):
            continue
        slow.append({"traceId": trace, "duration": length, "isTimed": bool(timed), "spans": len(members), "errors": sum(span["error"] for span in members)})
        for place, span in enumerate(members):
            if not is_wanted(span):
                continue
            zero = {"count": 0, "errors": 0, "durations": [], "self": 0, "untimed": 0, "timed_errors": 0}
            row = operations.setdefault((span["service"], span["name"]), zero)
            row["count"] += 1
            row["timed_errors"] += span["error"] and is_timed(span)
            row["errors"] += span["error"]
            if is_timed(span):
                row["durations"].append(duration(span))
                row["self"] += self_time(members, below, place)
            else:
                row["untimed"] += 1
        roots = [place for place in range(len(members)) if above[place] is None and is_timed(members[place])]
        if roots:
            root = max(roots, key=lambda place: (duration(members[place]), -place))
            path_count, path_time = path_count + 1, path_time + duration(members[root])
            for place in range(len(members)):
                top = place
                while above[top] is not None:
                    top = above[top]
                detached += top != root
            waited = {}
            critical(members, below, root, members[root]["start"], members[root]["start"] + duration(members[root]), waited)
            for place, time in waited.items():
                if not is_wanted(members[place]):
                    continue
                key = (members[place]["service"], members[place]["name"])
                path[key] = path.get(key, 0) + time
            start, whole = members[root]["start"], duration(members[root])
            operation_of = {place: (members[place]["service"], members[place]["name"]) for place in waited}
            for operation in set(operation_of.values()):
                time = sum(time for place, time in waited.items() if operation_of[place] == operation)
                gain = whole - length_without(members, below, root, start, start + whole, operation)
                impacts[operation] = impacts.get(operation, 0) + min(time, gain)
    rows = []
    for (service, name), row in operations.items():
        durations = row["durations"]
        rows.append({
            "service": service, "name": name, "count": row["count"], "errors": row["errors"], "untimed": row["untimed"],
            "total": sum(durations), "self": row["self"], "max": max(durations, default=None),
            "p50": quantile(durations, 0.5) if durations else None, "p95": quantile(durations, 0.95) if durations else None,
            "durations": durations, "timed_errors": row["timed_errors"],
            "critical": path.get((service, name), 0),
        })
    largest = max(slow, key=lambda trace: trace["duration"], default={"traceId": None})["traceId"]
    failed_count, causes = failures(traces)
    return {
        "failedTraces": failed_count, "pathCount": path_count, "pathTime": path_time, "detached": detached,
        "tree": tree(traces[largest]) if largest else [], "treeId": largest, "traces": len(slow), "failures": causes,
        "spans": sum(len(members) for members in traces.values()), "operations": rows, "slow": slow,
        "impacts": [{"service": service, "name": name, "impact": impact} for (service, name), impact in impacts.items()],
    }


def make_dump(random, path):
    """Writes a dump, and returns its spans."""
    spans = [span for _ in range(random.choice([1, 3, 10, 30])) for span in make_trace(random)]
    write_dump(random, spans, path)
    return spans


def make(seed, path):
    """Writes the dump of a seed, and returns the expected numbers."""
    source = random.Random(seed)
    spans = make_dump(source, path)
    text, is_wanted = make_filter(source)
    return {**expected(spans), "where": text, "selected": expected(spans, is_wanted)}


def document(spankit, name, *arguments):
    run = subprocess.run([spankit, name, *arguments, "--format", "json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=True)
    result = json.loads(run.stdout)
    assert result["truncated"] is False and result["total"] == len(result["rows"]), name
    assert result["schema"] == f"spankit.{name}/1", name
    return result


def grouped(rows, keys, numbers):
    """The sums of numbers of rows with the same keys."""
    result = {}
    for row in rows:
        sums = result.setdefault(tuple(row[key] for key in keys), dict.fromkeys(numbers, 0))
        for number in numbers:
            # A bool or a float in place of a whole number is wrong even if it is equal.
            assert type(row[number]) is int, (number, row[number])
            sums[number] += row[number]
    return result


def is_near(quantile, right):
    """Whether a quantile is within the width of a bucket."""
    return abs(quantile - right) <= 0.003 * right + 1


def metric_differences(spankit, path, right):
    """What is wrong in the metrics that `prom` writes."""
    file = path + ".prom"
    run = subprocess.run([spankit, "prom", path, "--out", file], capture_output=True)
    # 65 says that standard error names problems of the data.
    assert run.returncode in (0, 65), run.stderr
    found = {}
    with open(file, encoding="utf-8") as lines:
        for line in lines:
            if not line.startswith(("#", "spankit_textfile_")):
                name, labels, value = re.fullmatch(r"(\w+)\{(.*)\} (\S+)\n", line).groups()
                labels = dict(re.findall(r'(\w+)="((?:[^"\\]|\\.)*)"', labels))
                operation = labels.pop("process"), labels.pop("operation", None)
                found[name.removeprefix("spankit_span_"), operation, *labels.values()] = float(value)
    wanted, near = {}, {}
    for row in right["operations"]:
        operation, durations = (row["service"], row["name"]), row["durations"]
        if not durations:
            continue
        wanted["overflow_total", (row["service"], None)] = wanted["overflow_operations", (row["service"], None)] = 0
        wanted["calls_total", operation, "ok"] = len(durations) - row["timed_errors"]
        wanted["calls_total", operation, "error"] = wanted["errors_total", operation] = row["timed_errors"]
        for name in ("duration_seconds", "duration_quantile_seconds"):
            wanted[name + "_count", operation] = len(durations)
            near[name + "_sum", operation] = sum(durations) / 1e9
        for power in range(-20, 8):
            below = sum(duration <= 2**power * 10**9 for duration in durations)
            wanted["duration_seconds_bucket", operation, f"{2**power:.17g}" if power < 0 else str(2**power)] = below
        wanted["duration_seconds_bucket", operation, "+Inf"] = len(durations)
        for share in ("0.5", "0.9", "0.95", "0.99"):
            near["duration_quantile_seconds", operation, share] = quantile(durations, float(share)) / 1e9
    numbers = {(*key[:2], f"{float(key[2]):.17g}") if key[0].endswith("_bucket") else key: value for key, value in found.items()}
    wanted = {(*key[:2], f"{float(key[2]):.17g}") if key[0].endswith("_bucket") else key: value for key, value in wanted.items()}
    for key in numbers.keys() | wanted.keys() | near.keys():
        if key in near:
            if key not in numbers or abs(numbers[key] - near[key]) > 0.003 * near[key] + 1e-9:
                yield f"{path}: prom {key}: {numbers.get(key)} instead of {near[key]}"
        elif numbers.get(key) != wanted.get(key):
            yield f"{path}: prom {key}: {numbers.get(key)} instead of {wanted.get(key)}"


def differences(spankit, path, right):
    """What is wrong in the JSON of the commands."""
    def compare(what, found, wanted):
        for key in found.keys() | wanted.keys():
            if found.get(key) != wanted.get(key):
                yield f"{path}: {what} {key}: {found.get(key)} instead of {wanted.get(key)}"

    top = document(spankit, "top", path)
    keys = ["service", "name"] if top["rows"] and "service" in top["rows"][0] else ["name"]
    names = {"count": "count", "error_count": "errors", "total_ns": "total", "self_ns": "self"}
    wanted = [{**row, **{name: row[own] for name, own in names.items()}, "critical_ns": row["critical"]} for row in right["operations"]]
    yield from compare("top", grouped(top["rows"], keys, names), grouped(wanted, keys, names))
    if top["span_count"] != right["spans"] or top["unit_count"] != right["traces"]:
        yield f"{path}: top counts {top['span_count']} spans in {top['unit_count']} traces"
    whole = sum(row["self"] for row in right["operations"])
    for row in top["rows"]:
        same = [other for other in right["operations"] if all(other[key] == row[key] for key in keys)]
        longest = max((other["max"] for other in same if other["max"] is not None), default=None)
        if len(same) == 1 and same[0]["p50"] is not None:
            for name, own in (("p50_ns", "p50"), ("p95_ns", "p95")):
                if not is_near(row[name], same[0][own]):
                    yield f"{path}: top {row['name']}: {name} is {row[name]} instead of {same[0][own]}"
        if row["max_ns"] != longest or abs(row["self_fraction"] * whole - row["self_ns"]) > 1e-9 * whole:
            yield f"{path}: top {row}: the maximum is {longest}, all self times are {whole}"

    traces = {trace["traceId"]: (trace["duration"] if trace["isTimed"] else None, trace["spans"], trace["errors"]) for trace in right["slow"]}
    slow = document(spankit, "slow", path)["rows"]
    yield from compare("slow", {row["trace_id"]: (row["duration_ns"], row["span_count"], row["error_count"]) for row in slow}, traces)
    if [row["duration_ns"] or 0 for row in slow] != sorted((duration or 0 for duration, _, _ in traces.values()), reverse=True):
        yield f"{path}: slow is not in order"

    critical = document(spankit, "critical", path)
    paths = grouped(wanted, keys, ["critical_ns"])
    yield from compare("critical", grouped(critical["rows"], keys, ["critical_ns"]), {key: row for key, row in paths.items() if row["critical_ns"]})

    counts = [critical[key] for key in ("trace_count", "untimed_trace_count", "detached_span_count", "total_ns")]
    if counts != [right["pathCount"], right["traces"] - right["pathCount"], right["detached"], right["pathTime"]]:
        yield f"{path}: critical counts {counts}"
    analysis = document(spankit, "analyze", path)
    if [analysis["unit_count"], analysis["untimed_unit_count"]] != counts[:2]:
        yield f"{path}: analyze counts {analysis['unit_count']} traces and {analysis['untimed_unit_count']} without times"

    errors = document(spankit, "errors", path)
    names = [*keys, "error_type", "message"]
    found = {tuple(row[name] for name in names): row for row in errors["rows"]}
    wanted = {tuple(row[name] for name in names): row for row in right["failures"]}
    if errors["failure_count"] != sum(row["count"] for row in right["failures"]) or errors["failed_trace_count"] != right["failedTraces"] or errors["trace_count"] != right["traces"]:
        yield f"{path}: errors counts {errors['failure_count']} failures in {errors['failed_trace_count']} traces"
    numbers = ["count", "run_count", "first_unix_ns", "last_unix_ns"]
    yield from compare("errors", *({key: [row[number] for number in numbers] for key, row in rows.items()} for rows in (found, wanted)))
    for key, row in found.items():
        right_ids = wanted[key]["last"] if key in wanted else [row["span_id"]]
        if row["span_id"] not in (right_ids if row["last_unix_ns"] is None else right_ids[-1:]):
            yield f"{path}: errors {key}: span {row['span_id']} is not the last of {right_ids}"
    yield from metric_differences(spankit, path, right)

    rows = document(spankit, "tree", "--trace", right["treeId"], path)["rows"]
    for row in rows:
        if any(row[key] for key in ("links", "is_unfinished")):
            yield f"{path}: tree {row}"
    found = [json.dumps({key: row[key] for key in right["tree"][0]}) for row in rows]
    wanted = [json.dumps(row) for row in right["tree"]]
    if sorted(found) != sorted(wanted):
        yield f"{path}: tree has {set(found) - set(wanted)} instead of {set(wanted) - set(found)}"


def main():
    if len(sys.argv) == 3:
        json.dump(make(int(sys.argv[1]), sys.argv[2]), sys.stdout)
        return
    first, count, directory = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    if len(sys.argv) == 6:
        spankit, size = sys.argv[4], int(sys.argv[5])
        for begin in range(first, first + count, size):
            path, spans = f"{directory}/{begin}-.jsonl", []
            with open(path, "wb") as file:
                for seed in range(begin, min(begin + size, first + count)):
                    part = f"{directory}/{seed}.jsonl"
                    spans += make_dump(random.Random(seed), part)
                    with open(part, "rb") as dump:
                        file.write(dump.read())
                    os.remove(part)
            for line in differences(spankit, path, expected(spans)):
                print(line)
        return
    for seed in range(first, first + count):
        print(json.dumps({"seed": seed, **make(seed, f"{directory}/{seed}.jsonl")}))


if __name__ == "__main__":
    main()
