"""Generates spans of a small shop as OTLP JSON lines: the same spans for the same arguments.

The traces have calls one after the other and side by side, children that outlive their parents, errors with and without exceptions, and
calls of language models. Two names test the arithmetic: `edge` has durations at and next to the edges of SpanKit's buckets, from 1 ns to
39 h, and `instant` takes 0 ns.
"""
import decimal
import json
import math
import random

START = 1_790_000_000 // 3600 * 3600
MODELS = {"claude-sonnet-4-5": (3, 15, 0.3, 3.75), "claude-haiku-4-5": (1, 5, 0.1, 1.25)}


def edges(last=2**47):
    """The bucket of every duration at an edge and one nanosecond on either side of it, by exact arithmetic."""
    decimal.getcontext().prec = 90
    first = {}
    for index in range(-7654, 8704):
        # The last index wins where several edges are between two whole numbers.
        first[int(decimal.Decimal(2) ** (decimal.Decimal(index) / 256) * 10**9) + 1] = index
    starts, found, place = sorted(first), {}, 0
    for value in sorted({start + more for start in starts for more in (-1, 0, 1)} | {2**63 - 1}):
        while place + 1 < len(starts) and starts[place + 1] <= value:
            place += 1
        if 1 <= value <= last:
            found[value] = first[starts[place]]
    return found


def attribute(key, value):
    kind = "boolValue" if isinstance(value, bool) else "intValue" if isinstance(value, int) else "stringValue"
    return {"key": key, "value": {kind: str(value) if kind == "intValue" else value}}


class Trace:
    def __init__(self, dice, sink):
        self.id, self.dice, self.sink = "%032x" % (dice.getrandbits(128) | 1), dice, sink

    def span(self, service, name, parent, start, duration, kind=1, error=None, exception=None, **more):
        span_id = "%016x" % (self.dice.getrandbits(64) | 1)
        span = {"traceId": self.id, "spanId": span_id, "name": name, "kind": kind, "startTimeUnixNano": str(start),
                "endTimeUnixNano": str(start + duration)}
        if parent:
            span["parentSpanId"] = parent
        attributes = [attribute(key.replace("__", "."), value) for key, value in more.items()]
        if error and not exception:
            attributes.append(attribute("error.type", error))
        if attributes:
            span["attributes"] = attributes
        if exception:
            span["events"] = [{"timeUnixNano": str(start + duration // 2), "name": "exception", "attributes": [
                attribute("exception.type", error), attribute("exception.message", exception)]}]
        # An exception without a status is a failure as well.
        if error and not (exception and self.dice.random() < 0.5):
            span["status"] = {"code": 2}
        self.sink(service, span)
        return span_id


def traces(count, seed=7, hours=3):
    """Yields the number of each trace and its spans as (service, span), until there are at least `count` spans."""
    dice = random.Random(seed)
    hurting = [value for value in edges() if value > 0]
    step = hours * 3600 * 10**9 * 5 // max(5, count)
    written = number = 0

    def time(median, spread):
        return max(1, int(median * math.exp(dice.gauss(0, spread))))

    while written < count:
        spans = []
        trace = Trace(dice, lambda service, span: spans.append((service, span)))
        now = START * 10**9 + number * step + dice.randrange(10**6)
        which = dice.random()
        if which < 0.5:
            hit, cache, query = dice.random() < 0.8, time(60e3, 0.4), time(1.4e6, 0.9)
            failed = not hit and dice.random() < 0.05
            inner = cache + (0 if hit else query)
            root = trace.span("web", "GET /items/{id}", None, now, inner + time(400e3, 0.5), 2, http__route="/items/{id}",
                              http__response__status_code=500 if failed else 200, error="500" if failed else None)
            server = trace.span("catalogue", "load item", root, now + 100_000, inner + 100_000, 2, item__id=number)
            trace.span("catalogue", "cache get", server, now + 120_000, cache, 3)
            if not hit:
                trace.span("catalogue", "SELECT item", server, now + 130_000 + cache, query, 3, error="timeout" if failed else None,
                           exception=f"item {number} after {query}ms: 'lock {number}'" if failed else None)
        elif which < 0.8:
            calls = [time(8e6, 0.6), time(12e6, 0.7), time(6e6, 0.4)]
            writes = [time(350e3, 0.5) for _ in range(dice.choice((1, 2, 8)))]
            failed = dice.random() < 0.03
            total = max(calls) + sum(writes) + 40_000 * len(writes) + time(900e3, 0.4)
            root = trace.span("web", "POST /order", None, now, total, 2, http__route="/order", order__id=f"o-{number}",
                              error="402" if failed else None)
            for (service, name), took in zip((("stock", "reserve"), ("payment", "authorize"), ("user", "load user")), calls):
                bad = "declined" if failed and service == "payment" else None
                call = trace.span("web", name, root, now + 50_000, took, 3, error=bad)
                trace.span(service, "handle", call, now + 50_000 + took // 8, took * 6 // 8, 2, error=bad,
                           exception=f'card "{number}" of user{number + 1000} declined' if bad else None)
            at = now + 60_000 + max(calls)
            for took in writes:
                trace.span("web", "INSERT line", root, at, took, 3)
                at += took + 40_000
            if dice.random() < 0.1:  # goes on after the answer
                trace.span("web", "send mail", root, at - 100_000, time(5e6, 0.5), 1)
        elif which < 0.97:
            first, load, save = time(1.1e9, 0.5), time(9e6, 0.5), time(30e6, 0.3)
            again = dice.random() < 0.1
            second = time(0.9e9, 0.4) if again else 0
            root = trace.span("coach", "POST /chat", None, now, load + first + second + save + time(2e6, 0.4), 2, http__route="/chat")
            trace.span("coach", "load session", root, now + 10_000, load)
            at = now + 20_000 + load
            for took, bad in ((first, again), (second, False)):
                if not took:
                    continue
                model, cached = dice.choice(list(MODELS)), dice.randrange(300) if dice.random() < 0.3 else 0
                usage = {} if bad else {"gen_ai__usage__output_tokens": dice.randrange(20, 900)}
                if cached:
                    usage["gen_ai__usage__cache_read__input_tokens"] = cached
                # The names of both versions of the conventions.
                stored = number * 37 % 200 if number % 3 == 0 else 0
                if stored:
                    usage[f"gen_ai__usage__cache_{'write' if number % 2 else 'creation'}__input_tokens"] = stored
                trace.span("coach", "chat " + model, root, at, took, 3, error="overloaded" if bad else None,
                           gen_ai__operation__name="chat", gen_ai__provider__name="anthropic", gen_ai__conversation__id=f"c{number // 70}",
                           gen_ai__request__model=model, gen_ai__usage__input_tokens=cached + stored + dice.randrange(400, 9_000), **usage)
                at += took
            trace.span("coach", "save", root, at + 5_000, save)
        elif which < 0.995:
            trace.span("batch", "edge", None, now, hurting[number * 7 % len(hurting)])
        else:
            trace.span("batch", "instant", None, now, 0)
        yield number, spans
        written += len(spans)
        number += 1


def line(service, spans):
    """A line with encoded spans of one service."""
    return ('{"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":%s}}]},"scopeSpans":[{"scope":'
            '{"name":"shop","version":"1"},"spans":[%s]}]}]}\n' % (json.dumps(service), ",".join(spans)))


def write(paths, count, **more):
    """Writes spans into files, trace k into file k mod N, in batches of one service as exporters do. Returns the number of spans."""
    files = [open(path, "w", encoding="utf-8") for path in paths]
    waiting = [{} for _ in paths]
    written = 0
    for number, spans in traces(count, **more):
        batches, file = waiting[number % len(paths)], files[number % len(paths)]
        for service, span in spans:
            batch = batches.setdefault(service, [])
            batch.append(json.dumps(span, separators=(",", ":")))
            if len(batch) == 512:
                file.write(line(service, batches.pop(service)))
        written += len(spans)
    for file, batches in zip(files, waiting):
        for service, batch in batches.items():
            file.write(line(service, batch))
        file.close()
    return written
