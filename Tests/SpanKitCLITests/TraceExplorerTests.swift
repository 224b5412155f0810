import Foundation
import SpanKitSummaries
import SpanKitTestSupport
import Testing

@Suite("Exploring traces on the HTML page", .generousTimeLimit)
struct TraceExplorerTests {
    /// Writes the report of the sample of the documentation.
    private func sampleReport(in directory: URL, _ arguments: String...) async throws -> URL {
        let sample = PackageFiles.url("docs/samples/requests.jsonl").path
        let run = try await SpanKitProcess(["report", sample] + arguments, in: directory).finish()
        #expect(run.status == 0, "\(run.error)")
        return directory.appending(path: "report.html")
    }

    /// The rows that a command prints as JSON.
    private func rows(_ arguments: String..., in directory: URL) async throws -> [[String: Any]] {
        let sample = PackageFiles.url("docs/samples/requests.jsonl").path
        let run = try await SpanKitProcess(arguments + [sample, "--format", "json"], in: directory).finish()
        #expect(run.status == 0, "\(run.error)")
        let json = try JSONSerialization.jsonObject(with: Data(run.output.utf8))
        if let rows = json as? [[String: Any]] { return rows }
        let object = try #require(json as? [String: Any])
        return try #require(object.values.compactMap { $0 as? [[String: Any]] }.first { !$0.isEmpty })
    }

    private func number(_ value: Any?) -> Double? { (value as? NSNumber)?.doubleValue }

    @Test("The page shows the numbers of top, errors, slow and tree", .needs(.chromium))
    func numbers() async throws {
        try await withTemporaryDirectory { directory in
            let visit = try await PageVisit(
                try await sampleReport(in: directory),
                driver: """
                    const read=(id)=>{const t=document.querySelector("#"+id+" table"),keys=[...t.tHead.rows[0].cells].map(h=>h.dataset.key);
                    return [...t.tBodies[0].rows].map(r=>Object.fromEntries(keys.map((k,i)=>[k,r.cells[i].dataset.v===undefined
                      ?(r.cells[i].querySelector("a")?.title??r.cells[i].textContent):Number(r.cells[i].dataset.v)])))};
                    verdict.operations=read("operations");verdict.errors=read("errors");
                    verdict.slow=rows("trace-list").slice(0,5).map(r=>[r.id.slice(6),r.querySelector(".span-time").textContent].join(" "));
                    verdict.ids=store.traceIDs;
                    verdict.spans=rows("waterfall").map(r=>[r.children[2].textContent,r.children[3].textContent].join("|"));
                    verdict.names=rows("waterfall").map(r=>nameOf(Number(r.id.slice(5))));
                    """
            )
            #expect(visit.problems.isEmpty, "\(visit.problems)")
            let operations = try #require(visit.verdict["operations"] as? [[String: Any]])
            let top = try await rows("top", in: directory)
            #expect(operations.count == top.count && top.count == 8)
            for (shown, expected) in zip(operations, top) {
                #expect(shown["name"] as? String == expected["name"] as? String)
                for key in [
                    "count", "error_count", "p50_ns", "p95_ns", "self_ns", "total_ns",
                ] {
                    // The page contains estimates as they are; JSON rounds to whole nanoseconds.
                    #expect(abs((number(shown[key]) ?? -1) - (number(expected[key]) ?? -2)) < 0.6, "\(key)")
                }
            }
            let errors = try #require(visit.verdict["errors"] as? [[String: Any]])
            let causes = try await rows("errors", in: directory)
            #expect(errors.count == causes.count && causes.count == 3)
            for (shown, expected) in zip(errors, causes) {
                for key in ["service", "name", "error_type", "message", "trace_id"] {
                    #expect(shown[key] as? String == expected[key] as? String, "\(key)")
                }
                for key in ["count", "run_count", "run_fraction"] {
                    #expect(number(shown[key]) == number(expected[key]), "\(key)")
                }
            }
            let ids = try #require(visit.verdict["ids"] as? [String])
            #expect(ids.count == 30)
            let slow = try await rows("slow", in: directory)
            let slowest = slow.prefix(5).map { row -> String in
                let place = ids.firstIndex { $0 == row["trace_id"] as? String } ?? -1
                return "\(place) \(duration(row["duration_ns"]))"
            }
            #expect(visit.verdict["slow"] as? [String] == slowest)
            let tree = try await rows("tree", in: directory)
            let names = tree.map { row -> String in row["name"] as? String ?? "" }
            #expect(visit.verdict["names"] as? [String] == names)
            let times = tree.map { row -> String in
                "\(duration(row["duration_ns"]))|\(duration(row["self_ns"]))"
            }
            #expect(visit.verdict["spans"] as? [String] == times)
        }
    }

    /// Nanoseconds as Swift writes them in tables.
    private func duration(_ value: Any?) -> String { Readable.durationInText(UInt64(number(value) ?? 0)) }

    @Test("Searching, services, the chart, folding, zoom and the keyboard work", .needs(.chromium))
    func interactions() async throws {
        try await withTemporaryDirectory { directory in
            let visit = try await PageVisit(
                try await sampleReport(in: directory),
                driver: """
                    const status=()=>shown("trace-status");
                    verdict.all=status();
                    const found={};for(const text of ["overloaded","team","session.id=s-0","http.response.status_code>=400","duration>2s name=save",
                      "status=error service=gateway","kind=client name~chat","no such thing","db.system.name~sqli","\\"POST /chat\\"",store.traceIDs[3].slice(4,20),
                      "trace="+store.traceIDs[5].slice(0,7),"span="+store.ids[2].slice(16,32),"a/b?x=1"]){query(text);found[text]=view.shown.length}
                    verdict.found=Object.values(found);
                    query("budget");verdict.limited=status();verdict.matches=shown("match-facts");
                    document.getElementById("clear").click();verdict.cleared=status();
                    document.getElementById("only-errors").click();verdict.failed=view.shown.length;document.getElementById("only-errors").click();
                    const chips=[...document.querySelectorAll("#services button")];verdict.services=chips.map(c=>c.textContent);
                    chips[1].click();verdict.ofService=view.shown.length;verdict.pressed=chips[1].getAttribute("aria-pressed");chips[1].click();
                    view.brush={from:0,to:20e9,least:0,most:1e18};list.filter();verdict.brushed=view.shown.length;
                    verdict.brushedStarts=Math.max(...[...view.shown].map(t=>store.traceStarts[t]));
                    key("Escape");verdict.afterEscape=view.shown.length;
                    press("trace-list","ArrowDown");press("trace-list","ArrowDown");verdict.second=view.shown.indexOf(view.trace);
                    press("trace-list","Enter");verdict.focus=document.activeElement.id;verdict.address=location.hash.slice(1,7);
                    press("waterfall","ArrowDown");verdict.selected=nameOf(view.span);verdict.details=shown("details");
                    const count=rows("waterfall").length;press("waterfall","ArrowLeft");verdict.folded=rows("waterfall").length;
                    press("waterfall","ArrowRight");verdict.unfolded=rows("waterfall").length===count;
                    press("waterfall","End");press("waterfall","Enter");verdict.zoomed=isZoomed();
                    verdict.bars=rows("waterfall").filter(r=>r.querySelector(".bar")).length<count;
                    key("Escape");key("Escape");verdict.escaped=!isZoomed()&&view.span===-1;
                    key("?");verdict.help=document.getElementById("help").open;document.getElementById("help").close();
                    key("+");verdict.plus=zoom.to-zoom.from<zoom.whole;key("0");
                    verdict.path=document.querySelectorAll("#waterfall .path").length;
                    document.getElementById("zone").value="utc";document.getElementById("zone").onchange();verdict.utc=shown("trace-facts");
                    location.hash="#trace="+store.traceIDs[7]+"&span="+store.ids[7].slice(16,32);readAddress();
                    verdict.linked=view.trace===7&&view.span===store.firstSpans[7]+1;
                    """
            )
            #expect(visit.problems.isEmpty, "\(visit.problems)")
            #expect(visit.text("all") == "30 traces.")
            let found = (visit.verdict["found"] as? [NSNumber])?.map(\.intValue)
            #expect(found == [2, 1, 5, 4, 0, 3, 30, 0, 30, 30, 1, 1, 1, 0], "\(String(describing: found))")
            #expect(visit.text("limited") == "1 of 30 traces match the search.")
            #expect(visit.text("matches") == "0 spans match", "the slowest trace is selected")
            #expect(visit.text("cleared") == "30 traces.")
            #expect(visit.number("failed") == 4)
            #expect(visit.verdict["services"] as? [String] == ["gateway", "coach"])
            #expect(visit.number("ofService") > 0 && visit.text("pressed") == "true")
            #expect(1..<30 ~= visit.number("brushed") && visit.number("brushedStarts") <= 20e9)
            #expect(visit.number("afterEscape") == 30)
            #expect(visit.number("second") == 2)
            #expect(visit.text("focus") == "waterfall" && visit.text("address") == "trace=")
            #expect(visit.text("selected") == "POST /chat")
            #expect(visit.text("details").contains("http.route/chat"))
            #expect(visit.number("folded") == 1)
            for key in ["unfolded", "zoomed", "bars", "escaped", "help", "plus", "linked"] {
                #expect(visit.verdict[key] as? Bool == true, "\(key)")
            }
            #expect(visit.number("path") > 3)
            #expect(visit.text("utc").contains("2026-09-21 14:"))
        }
    }

    @Test(
        "The details of a span show its scope and its resource, and the search compares the scope first",
        .needs(.chromium)
    )
    func scope() async throws {
        try await withTemporaryDirectory { directory in
            func span(_ id: Int, of trace: String = "abcd", until end: String = "1700000000001000000") -> String {
                #"{"traceId":"0000000000000000000000000000\#(trace)","spanId":"000000000000000\#(id)","name":"span \#(id)","#
                    + #""startTimeUnixNano":"1700000000000000000","endTimeUnixNano":"\#(end)"}"#
            }
            func attributes(_ pairs: (String, String)...) -> String {
                let list = pairs.map { #"{"key":"\#($0)","value":{"stringValue":"\#($1)"}}"# }
                return #""attributes":[\#(list.joined(separator: ","))]"#
            }
            let json = """
                {"resourceSpans":[{"resource":{\(attributes(("service.name", "shop"), ("channel", "stable")))},"scopeSpans":[
                {"scope":{"name":"db","version":"1.2",\(attributes(("channel", "beta")))},"spans":[\(span(1))]},
                {"spans":[\(span(2))]}]},
                {"scopeSpans":[{"spans":[\(span(3, of: "abce", until: "1700000000000500000"))]}]}]}
                """
            try json.write(to: directory.appending(path: "scopes.json"), atomically: true, encoding: .utf8)
            let run = try await SpanKitProcess.run("report", "scopes.json", in: directory)
            #expect(run.status == 0, "\(run.error)")
            let visit = try await PageVisit(
                directory.appending(path: "report.html"),
                driver: """
                    const parts=()=>{const parts={};for(const h of document.querySelectorAll("#details h4:not(.title)"))
                      parts[h.textContent]=[...h.nextElementSibling.rows].map(r=>r.cells[0].textContent+"="+r.cells[1].firstChild.textContent);return parts};
                    for(const span of [0,1]){selectSpan(span);verdict[nameOf(span)]=parts()}
                    verdict.found=["channel=beta","channel=stable","otel.scope.name=db","otel.scope.version=1.2"].map(
                      text=>{query(text);return view.shown.length+" trace, "+shown("match-facts")});
                    """
            )
            #expect(visit.problems.isEmpty, "\(visit.problems)")
            let resource = ["service.name=shop", "channel=stable"]
            #expect(
                visit.verdict["span 1"] as? [String: [String]] == [
                    "Instrumentation scope": ["otel.scope.name=db", "otel.scope.version=1.2", "channel=beta"],
                    "Resource": resource,
                ]
            )
            #expect(visit.verdict["span 2"] as? [String: [String]] == ["Resource": resource])
            // The second span is selected.
            let (other, selected) = ("1 trace, 1 span matches", "1 trace, match 1 of 1")
            #expect(visit.verdict["found"] as? [String] == [other, selected, other, other])
        }
    }

    @Test("The page allows no script but its own", .needs(.chromium))
    func policy() async throws {
        try await withTemporaryDirectory { directory in
            let report = try await sampleReport(in: directory)
            let page = try String(contentsOf: report, encoding: .utf8)
            let attack =
                "<script>document.title='attacked'</script><img src=x onerror=\"document.title='attacked'\"></main>"
            let dump = try await PageVisit.dump(
                page.replacing("</main>", with: attack, maxReplacements: 1),
                beside: report
            )
            #expect(dump.contains("<title>requests.jsonl – SpanKit</title>"), "the other script did not run")
            #expect(dump.contains("<div id=\"explorer\">"), "the page's own script did")
        }
    }

    @Test("What the page leaves out is reported on standard error")
    func leftOut() async throws {
        try await withTemporaryDirectory { directory in
            let long = String(repeating: "x", count: 5_000)
            let line = """
                {"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"0000000000000000000000000000abcd","spanId":"0000000000000001",\
                "name":"chat","startTimeUnixNano":"1700000000000000000","endTimeUnixNano":"1700000000001000000",\
                "attributes":[{"key":"prompt","value":{"stringValue":"\(long)"}}]}]}]}]}
                """
            try line.write(to: directory.appending(path: "long.json"), atomically: true, encoding: .utf8)
            let run = try await SpanKitProcess.run("report", "long.json", in: directory)
            #expect(run.error.contains("report.html: 1 text is cut after 4 096 bytes. --complete includes everything."))
            #expect(run.output.hasPrefix("Report written to report.html, "))
            let whole = try await SpanKitProcess.run("report", "long.json", "--complete", in: directory)
            #expect(whole.error == "")
            let page = try String(contentsOf: directory.appending(path: "report.html"), encoding: .utf8)
            #expect(page.contains(long))
        }
    }
}
