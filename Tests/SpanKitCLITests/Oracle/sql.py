"""Runs the SQL of collector-config/clickhouse in chDB, and compares the answers with `spankit` and with exact numbers.

    sql.py SPANKIT FOLDER SPANS CHECK...

SPANKIT is the program, FOLDER an empty folder for data, SPANS the number of spans of the larger checks. CHECK is the name of a function below.
Prints a line for each difference on standard output, and what it compared on standard error.
"""
import gzip
import json
import pathlib
import random
import re
import subprocess
import sys
import time

import chdb
import shop
from chdb import session

SQL = pathlib.Path(__file__).resolve().parents[3] / "collector-config" / "clickhouse"
TABLES = ("otel_traces", "otel_traces_trace_id_ts", "spankit_histograms", "spankit_histograms_hour", "otel_metrics_exp_histogram")
# The quotient of the edges of a bucket at scale 8.
WIDTH = 2 ** (1 / 256)
complaints = []


def complain(*what):
    complaints.append(" ".join(map(str, what)))


def same(what, mine, theirs):
    if mine != theirs:
        complain(what, "is", str(mine)[:300], "instead of", str(theirs)[:300])


def say(what, start=None):
    print(what + ("" if start is None else f": {time.monotonic() - start:.3f} s"), file=sys.stderr, flush=True)


class Database:
    """A database of chDB in a folder, with the functions, tables and views."""

    def __init__(self, folder, options=""):
        self.session = session.Session(f"{folder}{options}")
        for file in ("functions.sql", "schema.sql", "histograms.sql"):
            self.run(file)

    def ask(self, text, **parameters):
        texts = {name: str(value) for name, value in parameters.items()}
        answer = str(self.session.query(text, "JSON", params=texts) if texts else self.session.query(text, "JSON"))
        return json.loads(answer)["data"] if answer.startswith("{") else []

    def one(self, text, **parameters):
        return list(self.ask(text, **parameters)[0].values())[0]

    def run(self, file, **parameters):
        """Runs the statements of a file. Returns the rows of the last one. Parameters that are not given have their defaults."""
        text, rows = (SQL / file).read_text(encoding="utf-8"), []
        for statement in statements(text):
            used = set(re.findall(r"\{(\w+):", statement))
            rows = self.ask(statement, **{key: value for key, value in (defaults(text) | parameters).items() if key in used})
        return rows

    def load(self, *files):
        for name in TABLES:
            self.ask(f"TRUNCATE TABLE {name}")
        for file in files:
            self.run("from-files.sql", files=file)


def statements(text):
    """The statements of a file without comments."""
    return [part for part in re.sub(r"(?m)^\s*--.*\n", "", text).split(";\n") if part.strip()]


def defaults(text):
    """The parameters that the comment of a file describes, with their defaults."""
    found = {}
    for name, value in re.findall(r"(?m)^-- Parameter (\w+) \(default (.*?)\):", text):
        found[name] = "" if value == "empty" else value
    return found


class SpanKit:
    def __init__(self, program, *files):
        self.program, self.files = program, files

    def rows(self, command, *options):
        run = subprocess.run([self.program, command, "--format", "json", *options, *self.files], capture_output=True, check=False)
        if run.returncode:
            raise RuntimeError(f"{command} {options}: {run.stderr.decode()}")
        return json.loads(run.stdout)["rows"]


def by_operation(rows):
    # An operation without a service has none in our documents, and an empty one in tables.
    return {(row["service"] or "", row["name"]): row for row in rows}


def compare_top(what, rows, top):
    """Counts, sums and extremes have to be equal, and percentiles in whole nanoseconds."""
    mine, theirs = by_operation(rows), by_operation(top)
    same(f"{what}: operations", sorted(mine), sorted(theirs))
    for key in mine.keys() & theirs.keys():
        for column in ("count", "error_count", "max_ns", "total_ns"):
            same(f"{what}: {key} {column}", int(mine[key][column]), theirs[key][column])
        for column in ("p50_ns", "p90_ns", "p95_ns", "p99_ns"):
            one, other = mine[key][column], theirs[key][column]
            # The logarithms of two libraries may differ in the last bit, which may change how half a nanosecond is rounded.
            if (one is None) != (other is None) or one is not None and abs(int(one) - other) > 1 + other // 10**14:
                complain(f"{what}: {key} {column} is {one} instead of {other}")


def compare_truth(database, what, rows):
    """Every percentile is in the bucket of the true value, and as near to it as promised."""
    exact = by_operation(database.ask(
        "SELECT service, name, truth, arrayMap(d -> spankit_bucket(d), truth) AS buckets FROM ("
        "SELECT ServiceName AS service, SpanName AS name, arraySort(groupArray(spankit_duration(Duration))) AS sorted,"
        " arrayMap(q -> sorted[spankit_rank(q, length(sorted))], [0.5, 0.9, 0.95, 0.99]) AS truth FROM otel_traces GROUP BY service, name)"))
    columns = ("p50_ns", "p90_ns", "p95_ns", "p99_ns")
    estimates = [int(row[column] or 0) for row in rows for column in columns]
    found = iter(database.one("SELECT arrayMap(d -> spankit_bucket(d), {d:Array(UInt64)})", d=estimates))
    for key, row in by_operation(rows).items():
        for column, truth, bucket in zip(columns, exact[key]["truth"], exact[key]["buckets"]):
            own, truth = next(found), int(truth)
            if row[column] is None:
                continue
            if abs(int(row[column]) - truth) > 1 + truth * (WIDTH - 1):
                complain(f"{what}: {key} {column} is {row[column]}, too far from {truth}")
            same(f"{what}: bucket of {key} {column}", own, bucket)


def at(seconds):
    return time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(seconds))


def percentiles(program, folder, count):
    """From files, compressed files, both tables of the view and spans, for all spans, a service and parts of the time."""
    file = folder / "spans.jsonl"
    say(f"{shop.write([file], count)} spans, {file.stat().st_size >> 20} MiB")
    with gzip.open(folder / "spans.jsonl.gz", "wb", compresslevel=1) as packed:
        packed.write(file.read_bytes())
    start = time.monotonic()
    top = SpanKit(program, file).rows("top")
    say("spankit top", start)
    database = Database(folder / "database")
    start = time.monotonic()
    database.load(file)
    say("from-files.sql with both views", start)
    same("spans", int(database.one("SELECT count() FROM otel_traces")), sum(row["count"] for row in top))
    for file_name, more in (
        ("percentiles-files.sql", {"files": file}), ("percentiles-files.sql", {"files": folder / "spans.jsonl.gz"}),
        ("percentiles.sql", {}), ("percentiles.sql", {"histograms": "spankit_histograms_hour"}), ("percentiles-raw.sql", {}),
    ):
        start = time.monotonic()
        rows = database.run(file_name, **more)
        say(f"{file_name} {' '.join(str(value) for value in more.values())}", start)
        compare_top(f"{file_name} {more}", rows, top)
        shortest = by_operation(database.ask("SELECT ServiceName AS service, SpanName AS name, min(Duration) AS least FROM otel_traces GROUP BY ALL"))
        for key, row in by_operation(rows).items():
            same(f"{file_name}: {key} min_ns", int(row["min_ns"]), int(shortest[key]["least"]))
    compare_truth(database, "percentiles.sql", rows)
    window = {"since": at(shop.START + 2400), "until": at(shop.START + 6000)}
    part = ("--utc", "--since", window["since"], "--until", window["until"])
    theirs = SpanKit(program, file).rows("top", *part)
    for file_name in ("percentiles.sql", "percentiles-raw.sql"):
        compare_top(f"{file_name} of an hour", database.run(file_name, **window), theirs)
        compare_top(f"{file_name} of a service", database.run(file_name, service="web"), [row for row in top if row["service"] == "web"])
    hour = {"since": at(shop.START + 3600), "until": at(shop.START + 7200)}
    theirs = SpanKit(program, file).rows("top", "--utc", "--since", hour["since"], "--until", hour["until"])
    compare_top("percentiles.sql of an hour", database.run("percentiles.sql", histograms="spankit_histograms_hour", **hour), theirs)
    compare(program, file, database)


def compare(program, file, database):
    """compare.sql has the numbers of `spankit top` of both times."""
    middle = shop.START + 5400
    rows = database.run("compare.sql", before_until=at(middle), since=at(middle))
    halves = [by_operation(SpanKit(program, file).rows("top", "--utc", option, at(middle))) for option in ("--until", "--since")]
    same("compare.sql: operations", sorted(by_operation(rows)), sorted(halves[0].keys() | halves[1].keys()))
    for key, row in by_operation(rows).items():
        for half, name in zip(halves, ("before", "after")):
            other = half.get(key, {"count": 0, "error_count": 0, "p50_ns": None, "p95_ns": None, "p99_ns": None})
            for column in ("count", "error_count", "p50_ns", "p95_ns", "p99_ns"):
                mine = row[f"{name}_{column}"]
                same(f"compare.sql: {key} {name}_{column}", None if mine is None else int(mine), other[column])
        if all(key in half for half in halves):
            before, after = (half[key] for half in halves)
            impact = after["total_ns"] - before["total_ns"] / before["count"] * after["count"]
            if abs(int(row["impact_ns"]) - impact) > 2 + abs(impact) / 1e9:
                complain(f"compare.sql: {key} impact_ns is {row['impact_ns']} instead of {impact}")


def shards(program, folder, count):
    """Eight shards by trace, each with its own tables, add up to the whole in any order."""
    files = [folder / f"shard{number}.jsonl" for number in range(8)]
    say(f"{shop.write(files, count)} spans in 8 shards")
    start = time.monotonic()
    top = SpanKit(program, *files).rows("top")
    say("spankit top", start)
    database = Database(folder / "database")
    start = time.monotonic()
    rows = database.run("percentiles-files.sql", files=folder / "shard*.jsonl")
    say("percentiles-files.sql", start)
    compare_top("percentiles-files.sql", rows, top)
    start = time.monotonic()
    for number, file in enumerate(files):
        database.load(file)
        database.ask(f"CREATE TABLE shard{number} AS spankit_histograms")
        database.ask(f"INSERT INTO shard{number} SELECT * FROM spankit_histograms")
    say("from-files.sql of 8 shards", start)
    dice, answers = random.Random(3), []
    for order in (list(range(8)), list(range(7, -1, -1)), dice.sample(range(8), 8), dice.sample(range(8), 8)):
        database.ask("CREATE OR REPLACE TABLE merged AS spankit_histograms")
        for number in order:
            database.ask(f"INSERT INTO merged SELECT * FROM shard{number}")
        start = time.monotonic()
        answers.append(database.run("percentiles.sql", histograms="merged"))
        say(f"percentiles.sql of shards {order}", start)
        # A merge in the background changes nothing.
        database.ask("OPTIMIZE TABLE merged FINAL")
        answers.append(database.run("percentiles.sql", histograms="merged"))
    compare_top("percentiles.sql of 8 shards", answers[0], top)
    for number, answer in enumerate(answers):
        same(f"percentiles.sql of order {number}", answer, answers[0])


def tools(program, folder, count):
    """errors.sql, slowest.sql, critical.sql, traces.sql, trace.sql and conversations.sql say what the commands say."""
    file = folder / "spans.jsonl"
    shop.write([file], count)
    database, spankit = Database(folder / "database"), SpanKit(program, file)
    database.load(file)
    compare_errors(database, spankit)
    slow = spankit.rows("slow", "--limit", "500")
    rows = {row["trace_id"]: row for row in database.run("slowest.sql", limit=2000)}
    columns = ("start_unix_ns", "name", "service", "duration_ns", "span_count", "error_count", "slowest_self_ns")
    for theirs in slow:
        mine = rows.get(theirs["trace_id"])
        if mine is None:
            complain(f"slowest.sql: trace {theirs['trace_id']} is missing")
            continue
        for column in columns:
            same(f"slowest.sql: {theirs['trace_id']} {column}", str(mine[column]), str(theirs[column]))
    same("slowest.sql: order", sorted((-int(row["duration_ns"]) for row in rows.values())), [-int(row["duration_ns"]) for row in rows.values()])
    say(f"slowest.sql: {len(slow)} traces, {sum(row['span_count'] > 1 for row in slow)} with children")
    for root, options in (("", ()), ("POST /order", ("--where", "name='POST /order'"))):
        theirs, mine = by_operation(spankit.rows("critical", *options)), by_operation(database.run("critical.sql", root=root))
        same(f"critical.sql {root}: operations", sorted(mine), sorted(theirs))
        for key in theirs.keys() & mine.keys():
            same(f"critical.sql {root}: {key}", int(mine[key]["critical_ns"]), theirs[key]["critical_ns"])
            for one, other in (("critical_per_trace_ns", "critical_ns_per_trace"), ("critical_fraction", "critical_fraction"), ("trace_fraction", "trace_fraction")):
                if abs(mine[key][one] - theirs[key][other]) > 0.51 + 1e-9 * theirs[key][other] if one.endswith("_ns") else abs(mine[key][one] - theirs[key][other]) > 1e-9:
                    complain(f"critical.sql {root}: {key} {one} is {mine[key][one]} instead of {theirs[key][other]}")
        say(f"critical.sql {root}: {len(mine)} operations")
    compare_traces(database, spankit)
    prices = "{%s}" % ", ".join(f"'{model}': {price}" for model, price in shop.MODELS.items())
    table = {model: dict(zip(("input", "output", "cache_read", "cache_write"), price)) for model, price in shop.MODELS.items()}
    (folder / "prices.json").write_text(json.dumps({"version": "1", "currency": "USD", "models": table}), encoding="utf-8")
    for by in ("conversation", "model"):
        theirs = {row["name"]: row for row in spankit.rows("top", "--by", by, "--prices", str(folder / "prices.json"))}
        mine = {row["name"]: row for row in database.run("conversations.sql", by=by, prices=prices)}
        same(f"conversations.sql by {by}", sorted(mine), sorted(theirs))
        for name in theirs.keys() & mine.keys():
            for column in ("call_count", "error_count", "input_tokens", "cache_read_tokens", "cache_write_tokens", "output_tokens"):
                same(f"conversations.sql: {name} {column}", str(mine[name][column]), str(theirs[name][column]))
            # Without output tokens, the cost of a call is not known.
            if abs((mine[name]["cost"] or 0) - (theirs[name]["cost"] or 0)) > 1e-9:
                complain(f"conversations.sql: {name} cost is {mine[name]['cost']} instead of {theirs[name]['cost']}")
        say(f"conversations.sql by {by}: {len(mine)} rows")


def compare_errors(database, spankit):
    mine = {(row["service"], row["name"], row["error_type"], row["message"]): row for row in database.run("errors.sql", limit=100_000)}
    theirs = {(row["service"], row["name"], row["error_type"] or "", row["message"] or ""): row for row in spankit.rows("errors")}
    same("errors.sql: causes", sorted(mine), sorted(theirs))
    for key in mine.keys() & theirs.keys():
        for column in ("count", "run_count", "first_unix_ns", "last_unix_ns", "trace_id", "span_id"):
            same(f"errors.sql: {key} {column}", str(mine[key][column]), str(theirs[key][column]))
    say(f"errors.sql: {sum(row['count'] for row in theirs.values())} failures, {len(mine)} causes")


def compare_traces(database, spankit):
    for key, value in (("http.route", "/chat"), ("order.id", None), ("service.name", "payment")):
        condition = f"{key}='{value}'" if value else f"{key}"
        theirs = {row["trace_id"]: row for row in spankit.rows("slow", "--where", condition)}
        mine = {row["trace_id"]: row for row in database.run("traces.sql", key=key, value=value or "", limit=1_000_000)}
        same(f"traces.sql {condition}", sorted(mine), sorted(theirs))
        for trace in theirs.keys() & mine.keys():
            for column in ("start_unix_ns", "name", "service", "duration_ns", "span_count", "error_count"):
                same(f"traces.sql: {trace} {column}", str(mine[trace][column]), str(theirs[trace][column]))
        say(f"traces.sql {condition}: {len(mine)} traces")
    for trace in list(mine)[:5]:
        spans = {row["span_id"]: row for row in spankit.rows("tree", "--trace", trace)}
        rows = {row["span_id"]: row for row in database.run("trace.sql", trace=trace)}
        same(f"trace.sql {trace}", sorted(rows), sorted(spans))
        for span in rows.keys() & spans.keys():
            for column in ("name", "service", "start_unix_ns", "duration_ns"):
                same(f"trace.sql: {span} {column}", str(rows[span][column]), str(spans[span][column]))


def edges(program, folder, count):
    """The bucket of every duration at an edge, up to 2^63 ns, and ranks."""
    database, known = Database(folder / "database"), shop.edges(2**63 - 1)
    (folder / "edges.tsv").write_text("".join(f"{value}\t{bucket}\n" for value, bucket in known.items()), encoding="ascii")
    source = f"file('{folder}/edges.tsv', TSV, 'd UInt64, bucket Int16')"
    same("buckets at edges that are wrong", int(database.one(f"SELECT countIf(spankit_bucket(d) != bucket) FROM {source}")), 0)
    same("the bucket of 0 ns", database.one("SELECT spankit_bucket(toUInt64(0))"), -32768)
    naive = database.one(f"SELECT countIf(toInt32(ceil(log2(d / 1e9) * 256)) - 1 != bucket) FROM {source}")
    say(f"{len(known)} durations at edges; log2 alone is wrong for {naive}")
    dice = random.Random(5)
    for _ in range(200):
        n, q = dice.choice([1, 2, 99, 100, 10**6, 2**62 + dice.randrange(10**6)]), dice.choice([0.5, 0.9, 0.95, 0.99, 0.999, 1.0])
        rank = max(1, -(-round(q * 10**12) * n // 10**12))
        same(f"rank of {q} of {n}", int(database.one(f"SELECT spankit_rank({q}, toUInt64({n}))")), rank)


def untidy(program, folder, count):
    """Nulls, missing members, hostile names, wrong clocks, names instead of numbers, and damaged lines."""
    hostile = ["'; DROP TABLE otel_traces; --", '"', "\\", "a\nb", "\u0000", "日本 🎯", "{files:String}", "%s", "x" * 5000, "é", "e\u0301", "", " ", "NULL", "\\N"]
    good = {"traceId": "1" * 32, "startTimeUnixNano": "1790000000000000000", "endTimeUnixNano": "1790000000001000000"}
    spans = [good | {"spanId": "%016x" % (number + 1), "name": name} for number, name in enumerate(hostile)]
    spans += [
        good | {"spanId": "a" * 16, "name": "nulls", "kind": None, "attributes": None, "events": None, "links": None, "status": None, "parentSpanId": None, "traceState": None},
        good | {"spanId": "b" * 16, "name": "null value", "attributes": [{"key": "k", "value": None}, {"key": "e", "value": {}}]},
        good | {"spanId": "c" * 16, "name": "names", "kind": "SPAN_KIND_SERVER", "status": {"code": "STATUS_CODE_ERROR"}},
        good | {"spanId": "d" * 16, "name": "numbers", "startTimeUnixNano": 1790000000000000000, "endTimeUnixNano": 1790000000000000007, "kind": 3, "status": {"code": 2}},
        good | {"spanId": "e" * 16, "name": "end before start", "endTimeUnixNano": "1789999999000000000"},
        good | {"spanId": "f" * 16, "name": "a hundred years", "endTimeUnixNano": "4944000000000000000"},
        good | {"spanId": "1f" * 8, "name": "exception, no status", "events": [{"timeUnixNano": "1790000000000000001", "name": "exception"}]},
        good | {"spanId": "2f" * 8, "name": "exception, ok", "status": {"code": 1}, "events": [{"timeUnixNano": "1790000000000000001", "name": "exception"}]},
        good | {"spanId": "3f" * 8, "name": "key twice", "attributes": [shop.attribute("k", "first"), shop.attribute("k", "last")]},
        good | {"spanId": "4f" * 8, "name": "list", "attributes": [{"key": "k", "value": {"arrayValue": {"values": [{"stringValue": "a"}]}}}]},
        good | {"spanId": "5f" * 8, "name": "unknown member", "somethingNew": {"a": [1]}},
    ]
    # Each on another day, more than the hundred partitions that an insert may have by default.
    spans += [good | {"spanId": "%016x" % (1000 + day), "name": "wrong clock", "startTimeUnixNano": str((1_000_000_000 + day * 86_400) * 10**9),
                      "endTimeUnixNano": str((1_000_000_000 + day * 86_400) * 10**9 + 5)} for day in range(150)]
    lines = [json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": spans}]}]})]
    lines += [json.dumps({"resourceSpans": [{"resource": None, "scopeSpans": [{"scope": None, "spans": [good | {"spanId": "6f" * 8, "name": "no resource"}]}]}]})]
    lines += ['{"resourceSpans":[]}', '{"resourceSpans":null}', '{"resourceLogs":[{"scopeLogs":[]}]}', "{}"]
    lines += [json.dumps({"resourceSpans": [{"resource": {"attributes": [shop.attribute("service.name", name)]}, "scopeSpans": [
        {"spans": [good | {"spanId": "%016x" % (5000 + number), "name": "hostile service"}]}]}]}) for number, name in enumerate(hostile)]
    file = folder / "untidy.jsonl"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    top = SpanKit(program, file).rows("top")
    database = Database(folder / "database")
    database.load(file)
    compare_top("percentiles.sql of untidy spans", database.run("percentiles.sql"), top)
    compare_top("percentiles-raw.sql of untidy spans", database.run("percentiles-raw.sql"), top)
    compare_top("percentiles-files.sql of untidy spans", database.run("percentiles-files.sql", files=file), top)
    say(f"{len(top)} untidy operations")
    for name, column, value in (
        ("nulls", "SpanKind", "Unspecified"), ("nulls", "StatusCode", "Unset"), ("nulls", "length(SpanAttributes)", 0),
        ("null value", "SpanAttributes['k']", ""), ("names", "SpanKind", "Server"), ("names", "StatusCode", "Error"),
        ("numbers", "SpanKind", "Client"), ("numbers", "Duration", 7), ("end before start", "Duration", 0),
        ("key twice", "SpanAttributes['k']", "last"),
        ("list", "JSONExtractString(SpanAttributes['k'], 'values', 1, 'stringValue')", "a"),
    ):
        same(f"{column} of '{name}'", database.one(f"SELECT {column} FROM otel_traces WHERE SpanName = {{name:String}}", name=name), value)
    # The exporter of the Collector stores negative durations in an unsigned column.
    database.ask("INSERT INTO otel_traces (Timestamp, ServiceName, SpanName, Duration) VALUES ('2026-09-21 10:00:00', 'skewed', 'skewed', 18446744073709551615)")
    row = by_operation(database.run("percentiles.sql", service="skewed"))["skewed", "skewed"]
    same("a duration below 0", (int(row["p50_ns"]), int(row["max_ns"]), int(row["total_ns"])), (0, 0, 0))
    # A torn last line is left out. A second damaged line is an error.
    torn = folder / "torn.jsonl"
    torn.write_text(lines[1] + "\n" + lines[1][:80], encoding="utf-8")
    database.load(torn)
    same("spans before a torn line", int(database.one("SELECT count() FROM otel_traces")), 1)
    torn.write_text(2 * '{"resourceSpans": damaged}\n' + lines[1] + "\n", encoding="utf-8")
    try:
        database.load(torn)
        complain("two damaged lines are not reported")
    except RuntimeError as error:
        if "torn.jsonl" not in str(error):
            complain("the error of two damaged lines does not name the file:", error)


def operations(program, folder, count):
    """100,000 operations: SQL lists all of them. `spankit top` merges those beyond its limits, but counts every span."""
    file, many = folder / "many.jsonl", 100_000
    with open(file, "w", encoding="utf-8") as output:
        for first in range(0, many, 500):
            output.write(shop.line("many", [json.dumps({
                "traceId": "%032x" % (number + 1), "spanId": "%016x" % (number + 1), "name": f"operation {number}",
                "startTimeUnixNano": "1790000000000000000", "endTimeUnixNano": str(1790000000000000000 + number + 1)})
                for number in range(first, first + 500)]))
    database = Database(folder / "database")
    database.load(file)
    for rows in (database.run("percentiles.sql"), database.run("percentiles-files.sql", files=file)):
        same("operations", len(rows), many)
        same("the longest of 100,000", (rows[0]["name"], int(rows[0]["p50_ns"]), int(rows[0]["max_ns"])), (f"operation {many - 1}", many, many))
        same("the sum of 100,000", sum(int(row["total_ns"]) for row in rows), many * (many + 1) // 2)
    top = SpanKit(program, file).rows("top")
    same("the sum of top", sum(row["total_ns"] for row in top), many * (many + 1) // 2)
    say(f"100,000 operations; spankit top lists {len(top)}")


def duplicates(program, folder, count):
    """What happens to a batch that arrives twice: in the same blocks, or cut differently."""
    file = folder / "spans.jsonl"
    shop.write([file], 2000)
    database, spankit = Database(folder / "database"), SpanKit(program, file)
    database.load(file)
    once = {name: database.run(name, limit=100_000) for name in ("errors.sql", "slowest.sql", "critical.sql", "conversations.sql")}
    clean = database.run("percentiles.sql")
    same("repeated spans before", database.run("duplicates.sql"), [])
    database.run("from-files.sql", files=file)
    twice = database.run("percentiles.sql")
    same("spans that the view counts", sum(int(row["count"]) for row in twice), 2 * sum(int(row["count"]) for row in clean))
    same("percentiles of spans that arrived twice keep their bucket",
         [row["name"] for row, other in zip(twice, clean) if abs(int(row["p50_ns"]) - int(other["p50_ns"])) > 1 + int(other["p50_ns"]) * (WIDTH - 1)], [])
    found = database.run("duplicates.sql")
    same("spans that duplicates.sql finds", sum(int(row["repeated_count"]) for row in found), sum(int(row["count"]) for row in clean))
    for name, rows in once.items():
        def countless(rows):
            # The number of runs is that of stored rows.
            return [{key: value for key, value in row.items() if key not in ("run_count", "run_fraction")} for row in rows]
        same(f"{name} of spans that arrived twice", countless(database.run(name, limit=100_000)), countless(rows))
    # The commands leave repeated spans out.
    compare_top("percentiles.sql before", clean, SpanKit(spankit.program, file, file).rows("top"))
    # Where the engine remembers blocks, the same block again is left out, and the view does not count it either.
    for table, like in (("again", "otel_traces"), ("counted", "spankit_histograms")):
        database.ask(f"CREATE TABLE {table} AS {like}")
        database.ask(f"ALTER TABLE {table} MODIFY SETTING non_replicated_deduplication_window = 100")
    view = (SQL / "histograms.sql").read_text(encoding="utf-8").split("CREATE MATERIALIZED VIEW")[1].split(";")[0]
    view = view.replace("spankit_histograms_mv TO spankit_histograms", "counted_mv TO counted").replace("FROM otel_traces", "FROM again")
    database.ask("CREATE MATERIALIZED VIEW" + view)
    for _ in range(2):
        database.ask("INSERT INTO again SELECT * FROM otel_traces ORDER BY ALL SETTINGS deduplicate_blocks_in_dependent_materialized_views = 1, deduplicate_insert_select = 'force_enable'")
    stored = 2 * sum(int(row["count"]) for row in clean)
    same("rows after the same block again", int(database.one("SELECT count() FROM again")), stored)
    same("spans that the view counts after the same block again", int(database.one("SELECT sum(arraySum(mapValues(Buckets))) FROM counted")), stored)


def histograms(program, folder, count):
    """exponential-histograms.sql merges histograms of scale 8 and 6, with zeros, and is as exact as it says."""
    file = folder / "spans.jsonl"
    shop.write([file], 20_000)
    database = Database(folder / "database")
    database.load(file)
    for instance, scale in ((0, 8), (1, 6)):
        database.ask(f"""
            INSERT INTO otel_metrics_exp_histogram (ServiceName, MetricName, MetricUnit, Attributes, TimeUnix, Count, Scale, ZeroCount,
                PositiveOffset, PositiveBucketCounts, Min, Max)
            SELECT 'p{instance}', 'spankit.span.duration', 's', map('operation', SpanName), now64(9), sum(n), {scale}, sumIf(n, i = -32768),
                minIf(i, i != -32768), if(countIf(i != -32768) = 0, [], arrayMap(k -> sumMapIf(map(i, n), i != -32768)[toInt32(k)],
                    range(minIf(i, i != -32768), maxIf(i, i != -32768) + 1))), min(least) / 1e9, max(most) / 1e9
            FROM (SELECT SpanName, toInt32(if(Duration = 0, -32768, bitShiftRight(toInt32(spankit_bucket(Duration)), 8 - {scale}))) AS i,
                    count() AS n, min(Duration) AS least, max(Duration) AS most
                FROM otel_traces WHERE cityHash64(SpanId) % 2 = {instance} GROUP BY SpanName, i)
            GROUP BY SpanName""")
    rows = database.run("exponential-histograms.sql")
    exact = {row["name"]: row for row in database.ask(
        "SELECT SpanName AS name, count() AS count, min(Duration) AS least, max(Duration) AS most, arraySort(groupArray(Duration)) AS sorted,"
        " arrayMap(q -> sorted[spankit_rank(q, count)], [0.5, 0.9, 0.95, 0.99]) AS truth FROM otel_traces GROUP BY name")}
    same("histograms", sorted(row["name"] for row in rows), sorted(exact))
    worst = 0
    for row in rows:
        other = exact[row["name"]]
        same(f"{row['name']}", [int(row[key]) for key in ("count", "min_ns", "max_ns", "scale")], [int(other["count"]), int(other["least"]), int(other["most"]), 6])
        for column, truth in zip(("p50_ns", "p90_ns", "p95_ns", "p99_ns"), other["truth"]):
            if int(truth) > 1000:
                worst = max(worst, abs(int(row[column]) - int(truth)) / int(truth))
    if not 0 < worst < 2 ** (1 / 64) - 1:
        complain("exponential-histograms.sql is off by", worst)
    say(f"{len(rows)} merged histograms, off by at most {worst:.2%}")


def files(program, folder, count):
    """Every statement parses, comments name every parameter, and the columns are those of the Collector's exporter."""
    database = Database(folder / "database")
    paths = sorted(SQL.glob("*.sql"))
    for path in paths:
        text = path.read_text(encoding="utf-8")
        described = set(re.findall(r"(?m)^-- Parameter (\w+)[ :]", text))
        used = set()
        for statement in statements(text):
            used |= set(re.findall(r"\{(\w+):", statement))
            try:
                values = {"files": "spans.jsonl", "trace": "1" * 32} | defaults(text)
                database.ask("EXPLAIN AST " + statement, **{name: values[name] for name in re.findall(r"\{(\w+):", statement)})
            except RuntimeError as error:
                complain(f"{path.name}: {str(error)[:300]}")
        same(f"parameters that {path.name} describes", sorted(described), sorted(used))
        if not re.search(r"(?m)^-- Tested: ", text):
            complain(f"{path.name} does not say how it is tested")
    columns = {
        "otel_traces": "Timestamp TraceId SpanId ParentSpanId TraceState SpanName SpanKind ServiceName ResourceAttributes ScopeName ScopeVersion "
        "SpanAttributes Duration StatusCode StatusMessage Events.Timestamp Events.Name Events.Attributes Links.TraceId Links.SpanId "
        "Links.TraceState Links.Attributes",
        "otel_traces_trace_id_ts": "TraceId Start End",
        "otel_metrics_exp_histogram": "ResourceAttributes ResourceSchemaUrl ScopeName ScopeVersion ScopeAttributes ScopeDroppedAttrCount "
        "ScopeSchemaUrl ServiceName MetricName MetricDescription MetricUnit Attributes StartTimeUnix TimeUnix Count Sum Scale ZeroCount "
        "PositiveOffset PositiveBucketCounts NegativeOffset NegativeBucketCounts Exemplars.FilteredAttributes Exemplars.TimeUnix "
        "Exemplars.Value Exemplars.SpanId Exemplars.TraceId Flags Min Max AggregationTemporality",
    }
    for table, names in columns.items():
        found = [row["name"] for row in database.ask("SELECT name FROM system.columns WHERE table = {table:String} ORDER BY position", table=table)]
        same(f"columns of {table}", found, names.split())
    say(f"{len(paths)} files")


def retention(program, folder, count):
    """retention.sql moves old spans to the cold disk of storage.xml, and deletes older ones. The histograms stay."""
    policy = re.sub(r"(?s)<type>s3</type>.*?</cold>", f"<type>local</type><path>{folder}/cold/</path></cold>", (SQL / "storage.xml").read_text(encoding="utf-8"), count=1)
    (folder / "storage.xml").write_text(policy, encoding="utf-8")
    (folder / "cold").mkdir()
    database = Database(folder / "database", f"?config-file={folder}/storage.xml")
    database.ask("INSERT INTO otel_traces (Timestamp, SpanName, Duration) SELECT now64(9) - toIntervalDay(number), 'a', 5 FROM numbers(20)")
    database.run("retention.sql")
    database.ask("OPTIMIZE TABLE otel_traces FINAL")
    # Moves happen in the background.
    for _ in range(600):
        rows = database.ask("SELECT disk_name, sum(rows) AS spans FROM system.parts WHERE table = 'otel_traces' AND active AND rows > 0 GROUP BY disk_name ORDER BY disk_name")
        if rows == [{"disk_name": "cold", "spans": 12}, {"disk_name": "default", "spans": 2}]:
            break
        time.sleep(0.1)
    same("spans by disk after two weeks", rows, [{"disk_name": "cold", "spans": 12}, {"disk_name": "default", "spans": 2}])
    same("spans that the histograms still count", int(database.one("SELECT sum(arraySum(mapValues(Buckets))) FROM spankit_histograms")), 20)
    for table in ("otel_traces_trace_id_ts", "otel_metrics_exp_histogram", "spankit_histograms", "spankit_histograms_hour"):
        if "TTL" not in database.one("SELECT create_table_query FROM system.tables WHERE name = {table:String}", table=table):
            complain(f"retention.sql sets no time for {table}")


def cluster(program, folder, count):
    """cluster.sql in one process: one shard, no replicas. The exporter's and the queries' tables are the distributed ones."""
    # The engine recognizes its own port, so it opens no connection, and nothing listens there.
    shard = "<shard><replica><host>127.0.0.1</host><port>9000</port></replica></shard>"
    (folder / "cluster.xml").write_text(
        f"<clickhouse><tcp_port>9000</tcp_port><remote_servers><traces>{shard}</traces></remote_servers></clickhouse>", encoding="utf-8")
    database = Database(folder / "database", f"?config-file={folder}/cluster.xml")
    text = (SQL / "cluster.sql").read_text(encoding="utf-8").replace(" ON CLUSTER traces", "")
    for statement in statements(re.sub(r"Replicated(\w+)\([^)]*\)", r"\1", text)):
        database.ask(statement)
    file = folder / "spans.jsonl"
    shop.write([file], 2000)
    database.ask("SET distributed_foreground_insert = 1")
    database.run("from-files.sql", files=file)
    spankit = SpanKit(program, file)
    top = spankit.rows("top")
    same("spans of the shard", int(database.one("SELECT count() FROM otel_traces_local")), sum(row["count"] for row in top))
    for name in ("percentiles.sql", "percentiles-raw.sql"):
        compare_top(f"{name} of a cluster", database.run(name), top)
    compare_top("percentiles.sql of a cluster by hours", database.run("percentiles.sql", histograms="spankit_histograms_hour"), top)
    database.ask("SET distributed_product_mode = 'local'")
    compare_errors(database, spankit)
    compare_traces(database, spankit)
    slow = {row["trace_id"]: row["duration_ns"] for row in spankit.rows("slow", "--limit", "50")}
    mine = {row["trace_id"]: int(row["duration_ns"]) for row in database.run("slowest.sql", limit=100)}
    same("slowest.sql of a cluster", {trace: mine.get(trace) for trace in slow}, slow)


def unsampled(program, folder, count):
    """unsampled.sql counts all spans while only some are stored."""
    database = Database(folder / "database")
    database.run("unsampled.sql")
    row = "INSERT INTO {} (Timestamp, SpanName, Duration) SELECT now64(9), 'a', number + 1 FROM numbers({})"
    database.ask(row.format("otel_traces_all", 1000))
    database.ask(row.format("otel_traces", 50))
    counted = database.run("percentiles.sql")
    same("spans that the histograms count", [(int(row["count"]), int(row["max_ns"])) for row in counted], [(1000, 1000)])
    same("spans that are stored", int(database.one("SELECT count() FROM otel_traces")), 50)
    same("spans in otel_traces_all", int(database.one("SELECT count() FROM otel_traces_all")), 0)


def main():
    program, folder, count = sys.argv[1], pathlib.Path(sys.argv[2]), int(sys.argv[3])
    say(f"chDB {chdb.__version__}")
    for name in sys.argv[4:]:
        place = folder / name
        place.mkdir()
        CHECKS[name](program, place, count)
    print("\n".join(complaints[:50]))


CHECKS = {check.__name__: check for check in (
    percentiles, shards, tools, edges, untidy, operations, duplicates, histograms, files, retention, unsampled, cluster)}
if __name__ == "__main__":
    main()
