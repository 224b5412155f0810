import Foundation
import SpanKitTestSupport
import Testing

@Suite("The HTML report in a browser", .generousTimeLimit)
struct HTMLReportTests {
    private func reportOfRun(in directory: URL) async throws -> URL {
        for seed in ["1", "2"] {
            let run = try await SpanKitProcess.run(
                "profile",
                "--otlp-file",
                "run\(seed).jsonl",
                "--latency-scale",
                "0",
                "--seed",
                seed,
                "--quiet",
                in: directory
            )
            #expect(run.status == 0, "\(run.error)")
        }
        let results = try #require(try resultsFiles(in: directory).last).path
        let report = try await SpanKitProcess.run(
            "report",
            results,
            "run2.jsonl",
            "--before",
            "run1.jsonl",
            in: directory
        )
        #expect(report.status == 0, "\(report.error)")
        return directory.appending(path: "report.html")
    }

    /// A file with one trace: a root with children of these names.
    private func writeTrace(_ names: [String], to file: URL) throws {
        var spans: [[String: Any]] = []
        for (number, name) in (["root"] + names).enumerated() {
            var span: [String: Any] = [
                "traceId": "0000000000000000000000000000abcd", "spanId": String(format: "%016x", number + 1),
                "name": name, "startTimeUnixNano": "\(1_700_000_000_000_000_000 + number * 1_000_000)",
                "endTimeUnixNano":
                    "\(1_700_000_000_000_000_000 + (number == 0 ? names.count + 2 : number + 1) * 1_000_000)",
                "attributes": [["key": name, "value": ["stringValue": name]]],
                "status": ["code": number == 1 ? 2 : 0, "message": name],
            ]
            if number > 0 { span["parentSpanId"] = String(format: "%016x", 1) }
            spans.append(span)
        }
        let resource: [String: Any] = ["attributes": [["key": "service.name", "value": ["stringValue": names[0]]]]]
        let object = ["resourceSpans": [["resource": resource, "scopeSpans": [["spans": spans]]]]]
        try JSONSerialization.data(withJSONObject: object).write(to: file)
    }

    @Test("Search, zoom, Escape, colours, sorting and the download work without errors", .needs(.chromium))
    func interactions() async throws {
        try await withTemporaryDirectory { directory in
            let report = try await reportOfRun(in: directory)
            let visit = try await PageVisit(
                report,
                driver: """
                    verdict.boxes=boxes().length;verdict.first=boxes()[0].textContent;
                    type("claude");verdict.misses=boxes().filter(b=>b.className==="miss").length;
                    verdict.facts=document.getElementById("facts").textContent;
                    key("Escape");verdict.afterEscape=boxes().filter(b=>b.className==="miss").length;
                    boxes().find(b=>b.title.startsWith("step_7_claude_api_call")).click();
                    verdict.zoomed=boxes()[0].textContent;verdict.zoomedWidth=boxes()[0].style.width;
                    verdict.focused=document.activeElement===boxes()[0];
                    boxes()[0].click();verdict.out=boxes().length;
                    key("/");verdict.slash=document.activeElement.id;
                    const by=document.getElementById("by");const colours=()=>boxes().map(b=>b.style.background).join();
                    const own=colours();by.value="name";by.onchange();verdict.recoloured=own!==colours();
                    by.value="change";by.onchange();verdict.changeColours=boxes().length;
                    document.getElementById("reset").click();
                    const table=document.querySelector("#operations table");
                    const column=(n)=>[...table.tBodies[0].rows].map(r=>r.cells[n].textContent);
                    const names=table.tHead.rows[0].cells[0];names.querySelector("button").click();verdict.upwards=names.getAttribute("aria-sort");verdict.names=column(0);
                    names.querySelector("button").click();
                    verdict.sortedNames=column(0);
                    const heads=[...table.tHead.rows[0].cells];const max=heads.findIndex(h=>h.textContent==="Max");
                    heads[max].querySelector("button").click();verdict.roles=heads.filter(h=>h.getAttribute("role")).length;
                    verdict.maxima=[...table.tBodies[0].rows].map(r=>Number(r.cells[max].dataset.v));
                    verdict.aria=heads[max].getAttribute("aria-sort");
                    for(const id of ["save","save-csv"])document.getElementById(id).onclick();
                    verdict.save=document.getElementById("save").href;
                    verdict.csv=document.getElementById("save-csv").href;
                    const folded=()=>document.querySelectorAll("details:not([open])").length;verdict.folded=folded();
                    window.dispatchEvent(new Event("beforeprint"));verdict.foldedInPrint=folded();
                    window.dispatchEvent(new Event("afterprint"));verdict.foldedAfterwards=folded();
                    const talk=document.querySelector("#run1-scenario6");talk.querySelector("summary").click();
                    verdict.isOpen=talk.open;verdict.turns=talk.querySelectorAll(".turn").length;
                    verdict.findings=talk.querySelectorAll(".findings li").length;
                    verdict.dataKeys=Object.keys(data).sort().join();
                    verdict.external=[...document.querySelectorAll("[src],link[href],a[href]")].map(e=>e.src||e.href).filter(u=>/^https?:/.test(u));
                    """
            )
            #expect(visit.problems.isEmpty, "\(visit.problems)")
            #expect(visit.text("first") == "all")
            #expect(visit.number("boxes") >= 5)
            #expect(visit.number("misses") == visit.number("boxes") - 1)
            #expect(visit.text("facts").hasSuffix(" % of the time is in matching operations"))
            #expect(visit.number("afterEscape") == 0)
            #expect(visit.text("zoomed") == "step_7_claude_api_call")
            #expect(visit.text("zoomedWidth") == "100%")
            #expect(visit.verdict["focused"] as? Bool == true, "the keyboard goes on where it was")
            #expect(visit.number("out") == visit.number("boxes"))
            #expect(visit.text("slash") == "trace-search")
            #expect(visit.verdict["recoloured"] as? Bool == true)
            #expect(visit.number("changeColours") == visit.number("boxes"))
            let names = try #require(visit.verdict["sortedNames"] as? [String])
            #expect(names.count == 14)
            #expect(names.reversed() == visit.verdict["names"] as? [String])
            #expect(visit.text("upwards") == "ascending" && names.last == "conversation_processing_total")
            #expect(visit.number("roles") == 0, "the heads of columns are heads for screen readers")
            let maxima = try #require(visit.verdict["maxima"] as? [Double])
            #expect(maxima == maxima.sorted(by: >))
            #expect(visit.text("aria") == "descending")
            #expect(visit.text("save").hasPrefix("blob:") && visit.text("csv").hasPrefix("blob:"))
            #expect(
                visit.text("dataKeys") == "bottlenecks,changes,conversations,errors,flame,models,operations,scenarios"
            )
            #expect(visit.number("folded") == 8, "eight scenarios")
            #expect(visit.number("foldedInPrint") == 0, "what is folded is printed, too")
            #expect(visit.number("foldedAfterwards") == visit.number("folded"))
            #expect(visit.verdict["isOpen"] as? Bool == true)
            #expect(visit.number("turns") == 8, "four messages and their answers")
            #expect(visit.number("findings") > 20)
            #expect((visit.verdict["external"] as? [String])?.isEmpty == true, "nothing comes from a network")
        }
    }

    @Test(
        "Nothing is wider than the window, on a screen or a telephone",
        .needs(.chromium),
        arguments: [1_280, 500]
    )
    func fits(width: Int) async throws {
        try await withTemporaryDirectory { directory in
            let report = try await reportOfRun(in: directory)
            let visit = try await PageVisit(
                report,
                width: width,
                driver: """
                    document.querySelectorAll("details").forEach(d=>d.open=true);
                    const all=document.documentElement;verdict.overflow=all.scrollWidth-all.clientWidth;
                    verdict.wide=[...document.querySelectorAll("body *")].filter(e=>!e.closest(".scroll")&&!e.closest(".hidden")&&!e.closest(".lane")&&
                      e.getBoundingClientRect().right>all.clientWidth+1).map(e=>e.tagName+" "+e.textContent.slice(0,30)).slice(0,5);
                    verdict.lanes=[...document.querySelectorAll(".lane")].map(e=>e.getBoundingClientRect().width).reduce((a,b)=>Math.min(a,b));
                    """
            )
            #expect(visit.problems.isEmpty, "\(visit.problems)")
            #expect(visit.number("overflow") == 0)
            #expect((visit.verdict["wide"] as? [String])?.isEmpty == true, "\(visit.verdict["wide"] ?? "")")
            #expect(visit.number("lanes") > 150, "bars of a waterfall have room")
        }
    }

    @Test("Names are shown as text, whatever they contain", .needs(.chromium))
    func hostileNames() async throws {
        try await withTemporaryDirectory { directory in
            let names = [
                "<img src=x onerror=\"window.hacked=1\">", "</script><script>window.hacked=2</script>",
                "\" onmouseover=\"window.hacked=3", "constructor", "__proto__", "<!--", "'&amp;`${window.hacked=4}`",
            ]
            try writeTrace(names, to: directory.appending(path: "hostile.json"))
            let run = try await SpanKitProcess.run(
                "report",
                "hostile.json",
                "--before",
                "hostile.json",
                "--title",
                names[1],
                in: directory
            )
            #expect(run.status == 0, "\(run.error)")
            let visit = try await PageVisit(
                directory.appending(path: "report.html"),
                driver: """
                    const by=document.getElementById("by");by.value="change";by.onchange();
                    boxes().forEach(b=>{b.onmouseenter();b.focus()});type("<");
                    verdict.hacked=String(window.hacked);verdict.images=document.querySelectorAll("img").length;
                    verdict.scripts=document.querySelectorAll("script").length;
                    verdict.title=document.querySelector("h1").textContent;verdict.documentTitle=document.title;
                    verdict.names=[...document.querySelectorAll("#operations tbody tr")].map(r=>r.cells[0].textContent);
                    verdict.titles=boxes().map(b=>b.title.split("\\n")[0]);
                    """
            )
            #expect(visit.problems.isEmpty, "\(visit.problems)")
            #expect(visit.text("hacked") == "undefined")
            #expect(visit.number("images") == 0)
            #expect(visit.number("scripts") == 5, "the numbers, the traces, the page's own, and the two of this test")
            #expect(visit.text("title") == names[1])
            #expect(visit.text("documentTitle").hasPrefix(names[1]))
            #expect(Set(visit.verdict["names"] as? [String] ?? []) == Set(names + ["root"]))
            #expect(Set(visit.verdict["titles"] as? [String] ?? []) == Set(names + ["root", "all"]))
        }
    }

    @Test("All tables are there without scripts")
    func withoutScripts() async throws {
        try await withTemporaryDirectory { directory in
            let report = try await reportOfRun(in: directory)
            let page = try String(contentsOf: report, encoding: .utf8)
            let still = page.replacing(#/<script[\s\S]*?<\/script>/#, with: "")
            for name in ["step_7_claude_api_call", "step_2_load_messages", "conversation_processing_total"] {
                #expect(still.contains("<td>\(name)</td>"))
            }
            #expect(still.components(separatedBy: "<svg ").count > 10)
            #expect(still.contains("<td>6. Quality – poor OKR</td>"))
            #expect(still.contains("<p>KR1: More followers</p>"), "what was said is there")
            #expect(still.contains("<b class=\"high\">no number</b> <q>KR1: More followers</q>"))
            #expect(still.contains("<caption>By conversation, the one with the most tokens first</caption>"))
            #expect(still.contains("<td>Claude API call</td>"), "the hypotheses")
            #expect(
                still.contains("<noscript><p>The traces can be explored with JavaScript. These are the slowest.</p>")
            )
            #expect(still.contains("<caption>Slowest traces; 20 of"))
        }
    }
}
