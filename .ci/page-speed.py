#!/usr/bin/env python3
"""Prints how fast a browser opens the page of `spankit report` for 100,000 spans, and how fast its search is; then how fast it opens a trace
of 50,000 spans in `spankit serve`, and how smoothly that trace and the map of the durations of all spans move.

The times come from the browser's own clock. They vary with the machine and its load, so each of the report is also printed as a ratio to an
empty page, which is opened alternately with the page. The script needs Chromium.

usage: page-speed.py SPANKIT [SPANS]
"""

import fcntl
import json
import os
import pathlib
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request

REPETITIONS = 7
SEARCHES = ["e", "quote", "request.id", "connection refused", "no such text", "duration>500ms",
            "http.response.status_code>=500", "service=payments status=error",
            "not (name~quote or request.id~a) and duration<2s or user.id<5"]
OPENED = """new Promise(done => requestAnimationFrame(() => setTimeout(() => done(
    performance.getEntriesByType("navigation")[0].loadEventEnd), 50)))"""
SEARCH = """(text => {
    const search = document.getElementById("trace-search");
    // The page does not search again for the same text.
    for (const value of ["", text]) {
        performance.clearMeasures();
        search.value = value;
        search.dispatchEvent(new Event("input"));
    }
    return performance.getEntriesByName("spankit search")[0].duration;
})"""


# Resolves to the milliseconds since the navigation when the condition holds and the page is drawn.
DRAWN = """new Promise(done => {{ const look = () => {condition}
    ? requestAnimationFrame(() => setTimeout(() => done(performance.now()))) : setTimeout(look, 5); look(); }})"""
# Notes the time of each frame until `frameTimes()` is called, which returns the sorted times between two frames.
FRAMES = """(() => { const times = []; let last = 0, ends = false;
    const frame = now => { if (last) times.push(now - last); last = now; if (!ends) requestAnimationFrame(frame); };
    requestAnimationFrame(frame); window.frameTimes = () => { ends = true; return times.sort((a, b) => a - b); }; return true; })()"""


class Browser:
    """A headless Chromium that is controlled through two pipes (Chrome DevTools Protocol)."""

    def __init__(self, program, profile):
        from_us, self.output = os.pipe()
        self.input, to_us = os.pipe()
        # The browser reads from descriptor 3 and writes to 4.
        from_us, to_us = (fcntl.fcntl(one, fcntl.F_DUPFD, 20) for one in (from_us, to_us))

        def connect():
            os.dup2(from_us, 3)
            os.dup2(to_us, 4)

        arguments = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
                     "--remote-debugging-pipe", f"--user-data-dir={profile}", "--window-size=1280,1000"]
        self.process = subprocess.Popen([program, *arguments], preexec_fn=connect, close_fds=False,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(from_us)
        os.close(to_us)
        self.buffer, self.number, self.session, self.events = b"", 0, None, []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self.call("Page.enable")

    def read(self):
        while b"\0" not in self.buffer:
            data = os.read(self.input, 1 << 20)
            if not data:
                sys.exit("page-speed: the browser ended; start it by hand to see why")
            self.buffer += data
        message, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(message)

    def call(self, method, **parameters):
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.output, json.dumps(message).encode() + b"\0")
        while True:
            answer = self.read()
            if answer.get("id") == self.number:
                if "error" in answer:
                    sys.exit(f"page-speed: {method}: {answer['error']['message']}")
                return answer["result"]
            self.events.append(answer)

    def evaluate(self, expression):
        answer = self.call("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in answer:
            sys.exit(f"page-speed: the page reported {answer['exceptionDetails']}")
        return answer["result"]["value"]

    def milliseconds_to_open(self, file):
        self.events = []
        self.call("Page.navigate", url=file.as_uri())
        while not any(event.get("method") == "Page.loadEventFired" for event in self.events):
            self.events.append(self.read())
        return self.evaluate(OPENED)


def write_spans(file, count):
    """Writes traces of a shop with six services. A few spans fail, and for a while all are slow."""
    draw = random.Random(7)
    services = ["gateway", "checkout", "catalog", "payments", "inventory", "shipping"]
    operations = ["GET /cart", "place order", "load product", "charge card", "reserve items", "quote rates"]
    written, trace = 0, 0
    with file.open("w") as lines:
        while written < count:
            trace += 1
            begin = 1_790_000_000_000_000_000 + trace * 900_000_000
            length = int(draw.lognormvariate(17.5, 0.9)) * (6 if 3000 < trace < 3600 else 1)
            trace_id, ids = f"{draw.getrandbits(128):032x}", []
            for place in range(min(16, count - written)):
                service = 0 if place == 0 else draw.randrange(1, 6)
                failed = draw.random() < 0.004
                start = begin if place == 0 else begin + draw.randrange(length // 2)
                span = {
                    "traceId": trace_id, "spanId": f"{draw.getrandbits(64):016x}", "name": operations[service], "kind": 2,
                    "startTimeUnixNano": str(start), "endTimeUnixNano": str(start + length // (1 + place)),
                    "attributes": [
                        {"key": "http.response.status_code", "value": {"intValue": "500" if failed else "200"}},
                        {"key": "http.route", "value": {"stringValue": operations[service]}},
                        {"key": "request.id", "value": {"stringValue": f"{draw.getrandbits(48):012x}"}},
                        {"key": "user.id", "value": {"intValue": str(draw.randrange(5000))}},
                    ],
                }
                if place:
                    span["parentSpanId"] = draw.choice(ids)
                if failed:
                    span["status"] = {"code": 2, "message": "connect to payments:8443: connection refused"}
                ids.append(span["spanId"])
                resource = {"attributes": [{"key": "service.name", "value": {"stringValue": services[service]}}]}
                lines.write(json.dumps({"resourceSpans": [{"resource": resource, "scopeSpans": [{"spans": [span]}]}]}) + "\n")
                written += 1


def write_large_trace(file, count, now):
    """Writes one trace with spans inside of each other, up to 40 levels deep."""
    draw = random.Random(9)
    trace_id, parents = f"{draw.getrandbits(128):032x}", []
    begin, length = now - 60 * 10**9, 30 * 10**9
    with file.open("a") as lines:
        for place in range(count):
            depth = min(len(parents), draw.randrange(40))
            span_id, start = f"{draw.getrandbits(64):016x}", begin + length * place // count
            end = begin + length if place == 0 else min(begin + length, start + int(draw.lognormvariate(16, 1.5)))
            span = {"traceId": trace_id, "spanId": span_id, "name": f"step {place % 50}", "startTimeUnixNano": str(start),
                    "endTimeUnixNano": str(end), "attributes": [{"key": "number", "value": {"intValue": str(place)}}]}
            if place:
                span["parentSpanId"] = parents[depth - 1] if depth else parents[0]
            parents[depth:] = [span_id]
            lines.write(json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": [span]}]}]}) + "\n")
    return trace_id


def zoom_and_scroll(browser):
    for text in ["+"] * 12 + ["-"] * 12:
        browser.call("Input.dispatchKeyEvent", type="keyDown", key=text, text=text)
    for _ in range(60):
        browser.call("Input.dispatchMouseEvent", type="mouseWheel", x=500, y=600, deltaX=0, deltaY=4000)


def drag_over_map(browser):
    box = browser.evaluate("(box => [box.x, box.y, box.width, box.height])(document.getElementById('heat').getBoundingClientRect())")
    x, y = box[0] + 80, box[1] + 20
    browser.call("Input.dispatchMouseEvent", type="mousePressed", x=x, y=y, button="left", clickCount=1)
    for step in range(60):
        browser.call("Input.dispatchMouseEvent", type="mouseMoved", x=x + step * 10, y=y + step, button="left")
    browser.call("Input.dispatchMouseEvent", type="mouseReleased", x=x + 600, y=y + 60, button="left", clickCount=1)


def stored_spans(origin):
    with urllib.request.urlopen(f"{origin}/api/status") as answer:
        return json.load(answer)["kept"]["spans"]


def serve_speed(spankit, browser, file, count):
    """Prints the times of the page of `spankit serve` for the spans of a file, and for a trace of 50,000 spans."""
    trace = write_large_trace(file, 50_000, time.time_ns())
    server = subprocess.Popen([spankit, "serve", "--port", "0", "--max-age", "3650", file], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        origin = next(found[0] for found in (re.search(r"http://127\.0\.0\.1:\d+", line) for line in server.stdout) if found)
        deadline = time.monotonic() + 120
        while stored_spans(origin) < count + 50_000:
            if time.monotonic() > deadline:
                sys.exit(f"page-speed: spankit serve has stored {stored_spans(origin)} spans instead of {count + 50_000} after two minutes")
            time.sleep(0.2)
        facts = "(document.getElementById('trace-facts')?.textContent ?? '').replace(/\\s/g, '').includes('50000spans')"
        drawn = "document.querySelector('#waterfall .row') !== null"
        listed = "/\\d/.test(document.getElementById('heat-facts')?.textContent ?? '')"
        print(f"\n{'page of spankit serve':44}{'open':>12}{'median frame':>15}{'longest frame':>15}")
        for name, url, condition, move in (
            ("a trace of 50,000 spans: zoom, scroll", f"{origin}/#/trace/{trace}", f"{facts} && {drawn}", zoom_and_scroll),
            (f"map of the durations of {count + 50_000:,} spans: select", f"{origin}/#/traces", listed, drag_over_map),
        ):
            opened = []
            for _ in range(REPETITIONS):
                browser.call("Page.navigate", url="about:blank")
                browser.call("Page.navigate", url=url)
                opened.append(browser.evaluate(DRAWN.format(condition=condition)))
            browser.evaluate(FRAMES)
            move(browser)
            frames = browser.evaluate("frameTimes()")
            print(f"{name:44}{min(opened):9.0f} ms{frames[len(frames) // 2]:12.0f} ms{frames[-1]:12.0f} ms")
    finally:
        server.terminate()
        server.wait()


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__.rstrip().splitlines()[-1])
    spankit = pathlib.Path(sys.argv[1]).resolve()
    count = int(sys.argv[2]) if len(sys.argv) == 3 else 100_000
    browser_program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not browser_program:
        print("page-speed: skipped because there is no chromium; to install it: apt-get install chromium")
        return
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        folder = pathlib.Path(folder)
        empty, page = folder / "empty.html", folder / "report.html"
        empty.write_text("<!DOCTYPE html><title>empty</title><p>empty")
        write_spans(folder / "spans.jsonl", count)
        subprocess.run([spankit, "report", folder / "spans.jsonl", "--complete", "--out", page], check=True, stdout=subprocess.DEVNULL)
        browser = Browser(browser_program, folder / "profile")
        times = {empty: [], page: []}
        for _ in range(REPETITIONS):
            for file, list_of_times in times.items():
                list_of_times.append(browser.milliseconds_to_open(file))
        reference, opened = min(times[empty]), min(times[page])
        searches = {text: min(browser.evaluate(f"{SEARCH}({json.dumps(text)})") for _ in range(3)) for text in SEARCHES}
        text, slowest = max(searches.items(), key=lambda one: one[1])
        print(f"report page of {count:,} spans, {page.stat().st_size / 1e6:.1f} MB")
        print(f"{'':44}{'measured':>12}{'empty page':>12}{'ratio':>8}")
        print(f"{'open, to the end of the load event':44}{opened:9.0f} ms{reference:9.0f} ms{opened / reference:8.1f}")
        print(f"{'slowest search: ' + text:44}{slowest:9.1f} ms{reference:9.0f} ms{slowest / reference:8.1f}")
        serve_speed(spankit, browser, folder / "spans.jsonl", count)
        browser.process.terminate()
        browser.process.wait()


main()
