#!/usr/bin/env python3
"""Compares what a Prometheus serves of a textfile with what was measured. It uses nothing of SpanKit.

Usage: instruments.py URL FILE MEASURED

URL is the address of a Prometheus that has scraped FILE through node_exporter at least twice. MEASURED is a JSON file:
- "histograms": for each base name of a family, a list of {"labels", "values"} with every measured value, in the file's unit.
- "totals": for each sample name of a counter or gauge, a list of {"labels", "value"}.
- "steps": for each sample name, the values that it may have had over time.

Prints one line for each fault, and at last the number of compared values. The exit status is 1 if there was a fault.
"""
import json
import math
import re
import sys
import time
import urllib.parse
import urllib.request

OWN = {"__name__", "instance", "job"}
# A bucket of scale 8 is 0.27 % wide.
QUANTILE_ERROR = 0.0028
faults = []
compared = 0


def expect(holds, line):
    global compared
    compared += 1
    if not holds:
        faults.append(line)


def is_close(left, right, error=1e-9):
    return left == right or abs(left - right) <= error * max(abs(left), abs(right)) or left != left and right != right


def query(expression, at):
    parameters = urllib.parse.urlencode({"query": expression, "time": at})
    with urllib.request.urlopen(f"{sys.argv[1]}/api/v1/query?{parameters}", timeout=60) as answer:
        document = json.load(answer)
    if document["status"] != "success":
        raise SystemExit(f"{expression}: {document}")
    return document["data"]["result"]


def key(labels):
    """The labels without those of the scrape, with `le` and `quantile` as numbers."""
    kept = {name: value for name, value in labels.items() if name not in OWN}
    for name in ("le", "quantile"):
        if name in kept:
            kept[name] = float(kept[name])
    return tuple(sorted(kept.items()))


def samples(text):
    """All samples of a file: name, labels, value."""
    for line in text.split("\n"):
        if not line or line.startswith("#"):
            continue
        name, labels, value = re.fullmatch(r"([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)", line).groups()
        pairs = re.findall(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"', labels or "")
        unescape = {"\\\\": "\\", '\\"': '"', "\\n": "\n"}
        yield name, {n: re.sub(r'\\[\\"n]', lambda found: unescape[found.group()], v) for n, v in pairs}, float(value)


def histogram_quantile(share, buckets):
    """Prometheus' function, for buckets as (upper bound, cumulative count)."""
    buckets = sorted(buckets)
    total = buckets[-1][1]
    if total == 0:
        return math.nan
    rank = share * total
    place = next(number for number, (_, count) in enumerate(buckets) if count >= rank)
    if place == len(buckets) - 1:
        return buckets[-2][0]
    upper, count = buckets[place]
    if place == 0 and upper <= 0:
        return upper
    lower, before = buckets[place - 1] if place > 0 else (0.0, 0)
    return lower + (upper - lower) * (rank - before) / (count - before)


def rates(points, start, end):
    """Prometheus' `rate`, as older and as newer versions extrapolate: the results differ if the first sample is far from the start."""
    first, last = points[0], points[-1]
    increase = last[1] - first[1]
    for (_, before), (_, after) in zip(points, points[1:]):
        if after < before:
            increase += before
    interval = last[0] - first[0]
    average = interval / (len(points) - 1)
    results = []
    for is_newer in (False, True):
        to_start, to_end = first[0] - start, end - last[0]
        if is_newer and to_start >= average * 1.1:
            to_start = average / 2
        if increase > 0 and first[1] >= 0:
            to_start = min(to_start, interval * first[1] / increase)
        whole = interval + (to_start if to_start < average * 1.1 else average / 2)
        whole += to_end if to_end < average * 1.1 else average / 2
        results.append(increase * whole / interval / (end - start))
    return results


def check_served(text, at):
    names = set()
    for name, labels, value in samples(text):
        names.add(name)
        served = {key(series["metric"]): float(series["value"][1]) for series in query(f'{{__name__="{name}"}}', at)}
        found = served.get(key(labels))
        expect(found is not None and is_close(found, value, 0), f"{name}{labels}: served {found}, written {value}")
    return names


def check_histogram(name, entry, at):
    labels, values = entry["labels"], sorted(entry["values"])

    def selected(suffix, unit_name=name, more=()):
        found = []
        for series in query(f'{{__name__="{unit_name}{suffix}"}}', at):
            own = {n: v for n, v in series["metric"].items() if n not in OWN and n not in more}
            if own.items() >= labels.items():
                found.append((series["metric"], float(series["value"][1])))
        return found

    counts = [value for _, value in selected("_count")]
    expect(counts == [len(values)], f"{name}{labels}: count {counts}, measured {len(values)}")
    sums = [value for _, value in selected("_sum")]
    expect(len(sums) == 1 and is_close(sums[0], math.fsum(values)), f"{name}{labels}: sum {sums}, measured {math.fsum(values)}")
    buckets = [(float(metric["le"]), value) for metric, value in selected("_bucket", more=("le",))]
    for upper, count in buckets:
        expected = sum(value <= upper for value in values)
        expect(count == expected, f"{name}{labels} le={upper}: {count}, measured {expected}")
    exact = [(upper, sum(value <= upper for value in values)) for upper, _ in buckets]
    matchers = ",".join(f"{n}={json.dumps(v)}" for n, v in labels.items())
    for share in (0.1, 0.5, 0.9, 0.95, 0.99):
        answer = query(f"histogram_quantile({share}, {name}_bucket{{{matchers}}})", at)
        theirs, ours = float(answer[0]["value"][1]), histogram_quantile(share, exact)
        expect(is_close(theirs, ours, 1e-6), f"{name}{labels}: histogram_quantile({share}) {theirs}, computed {ours}")
    if entry.get("quantiles"):
        for metric, value in selected("", entry["quantiles"], ("quantile",)):
            share = float(metric["quantile"])
            expected = values[max(0, math.ceil(share * len(values)) - 1)]
            expect(is_close(value, expected, QUANTILE_ERROR), f"{entry['quantiles']}{labels} {share}: {value}, exact {expected}")
            compared_quantiles.append(share)


def check_rate(name, steps, at):
    window = 60
    for series in query(f"{name}[{window}s]", at):
        points = [(moment, float(value)) for moment, value in series["values"]]
        expect({value for _, value in points} <= set(steps), f"{name}: had values {points}, expected only {steps}")
        expect([value for _, value in points] == sorted(value for _, value in points), f"{name} falls: {points}")
        if len(points) < 2:
            faults.append(f"{name} was scraped less than twice")
            continue
        matchers = ",".join(f"{n}={json.dumps(v)}" for n, v in series["metric"].items() if n != "__name__")
        answer = query(f"rate({name}{{{matchers}}}[{window}s])", at)
        theirs = float(answer[0]["value"][1])
        ours = rates(points, at - window, at)
        expect(any(is_close(theirs, one, 1e-6) for one in ours), f"rate({name}): {theirs}, computed {ours} of {points}")
        expect(points[-1][1] == points[0][1] or theirs > 0, f"rate({name}) is {theirs} although it increased")


compared_quantiles = []
with open(sys.argv[2], encoding="utf-8") as file:
    text = file.read()
with open(sys.argv[3], encoding="utf-8") as file:
    measured = json.load(file)
now = round(time.time(), 3)
names = check_served(text, now)
for name, entries in measured["histograms"].items():
    for entry in entries:
        check_histogram(name, entry, now)
for name, entries in measured["totals"].items():
    for entry in entries:
        found = [
            float(series["value"][1]) for series in query(f'{{__name__="{name}"}}', now)
            if series["metric"].items() >= entry["labels"].items()
        ]
        expect(found == [entry["value"]], f"{name}{entry['labels']}: {found}, measured {entry['value']}")
for name, steps in measured["steps"].items():
    expect(name in names, f"{name} is not in the file")
    check_rate(name, steps, now)
expect(len(compared_quantiles) > 0, "no quantile was compared")
for fault in faults[:50]:
    print(fault)
print(f"{compared} values compared, {len(faults)} wrong")
sys.exit(1 if faults else 0)
