import Foundation
import SpanKitTestSupport
import Testing

@Suite("Traces with odd times, names and sizes on the HTML page", .generousTimeLimit)
struct UntidyPageTests {
    private static let origin: Int64 = 1_790_000_000_000_000_000

    /// A span in OTLP JSON. Times are in nanoseconds after ``origin``.
    private func span(
        _ trace: Int,
        _ id: Int,
        _ name: String,
        from start: Int64?,
        for duration: Int64 = 1_000_000,
        _ more: [String: Any] = [:]
    ) -> [String: Any] {
        var span: [String: Any] = [
            "traceId": String(format: "%032x", trace), "spanId": String(format: "%016x", id), "name": name,
        ]
        if id > 1 { span["parentSpanId"] = String(format: "%016x", 1) }
        if let start {
            span["startTimeUnixNano"] = "\(Self.origin + start)"
            span["endTimeUnixNano"] = "\(Self.origin + start + duration)"
        }
        return span.merging(more) { $1 }
    }

    /// Writes the report of some spans by service, and uses its page.
    private func visit(
        _ services: [String: [[String: Any]]],
        width: Int = 1_080,
        driver: String
    ) async throws -> PageVisit {
        let folder = TemporaryFolder()
        let directory = URL(filePath: folder.path)
        let resources = services.sorted { $0.key < $1.key }.map { name, spans -> [String: Any] in
            let resource = ["attributes": [["key": "service.name", "value": ["stringValue": name]]]]
            return ["resource": resource, "scopeSpans": [["spans": spans]]]
        }
        let json = try JSONSerialization.data(withJSONObject: ["resourceSpans": resources])
        try json.write(to: directory.appending(path: "in.json"))
        let run = try await SpanKitProcess.run("report", "in.json", in: directory)
        #expect(run.status == 0, "\(run.error)")
        let visit = try await PageVisit(directory.appending(path: "report.html"), width: width, driver: driver)
        #expect(visit.problems.isEmpty, "\(visit.problems)")
        folder.remove()
        return visit
    }

    private static let doubleClick = """
        const zoomRow=(name)=>rows("waterfall").find(r=>nameOf(Number(r.id.slice(5)))===name).dispatchEvent(new MouseEvent("dblclick",{bubbles:true}));
        const ticks=()=>[...document.querySelectorAll("#ruler span")].map(t=>t.textContent).filter(Boolean);
        """

    @Test("A trace in which a clock was in milliseconds can be zoomed", .needs(.chromium))
    func wrongUnit() async throws {
        let early: [String: Any] = ["startTimeUnixNano": "1790000000000", "endTimeUnixNano": "1790000000005"]
        let spans = [
            span(1, 1, "root", from: 0, for: 1_000_000_000), span(1, 2, "early", from: 0, early),
            span(1, 3, "marker", from: 500_000_000, for: 0),
        ]
        let visit = try await visit(
            ["s": spans],
            driver: Self.doubleClick + """
                verdict.whole=ticks().length;zoomRow("marker");verdict.ticks=ticks();verdict.width=zoom.to-zoom.from;
                verdict.isInside=zoom.from<=store.starts[2]&&store.starts[2]<=zoom.to;
                """
        )
        #expect(1...30 ~= visit.number("whole"))
        #expect(visit.number("width") > 10_000, "times of this size differ by 256 ns")
        #expect((visit.verdict["ticks"] as? [String])?.count ?? 99 <= 30)
        #expect(visit.verdict["isInside"] as? Bool == true)
    }

    @Test(
        "The ruler's labels differ however far the trace is zoomed, and the time zone keeps the zoom",
        .needs(.chromium)
    )
    func ruler() async throws {
        let spans = [
            span(1, 1, "root", from: 0, for: 5_400_000_000_000), span(1, 2, "child", from: 61_530_000_000, for: 90),
        ]
        let visit = try await visit(
            ["s": spans],
            driver: Self.doubleClick + """
                const all=[ticks()];zoomRow("child");all.push(ticks());for(let i=0;i<25;i++){zoomBy(2);all.push(ticks())}
                verdict.fewest=Math.min(...all.map(t=>t.length));
                verdict.repeated=all.filter(t=>new Set(t).size<t.length).map(t=>t.join());
                setZoom(1e9,2e9);verdict.ticks=ticks();
                document.getElementById("zone").value="utc";document.getElementById("zone").onchange();verdict.from=zoom.from;
                verdict.facts=shown("trace-facts");
                """
        )
        #expect(visit.number("fewest") >= 1)
        #expect((visit.verdict["repeated"] as? [String])?.isEmpty == true, "\(visit.verdict["repeated"] ?? "")")
        let ticks = try #require(visit.verdict["ticks"] as? [String])
        #expect(ticks.allSatisfy { $0.hasSuffix(" s") }, "\(ticks)")
        #expect(visit.number("from") == 1e9)
        #expect(visit.text("facts").contains("UTC"))
    }

    @Test("Without a start, traces are listed but not in the chart", .needs(.chromium))
    func noTimes() async throws {
        let visit = try await visit(
            ["s": [span(1, 1, "a", from: nil), span(2, 1, "b", from: nil)]],
            driver: """
                document.getElementById("zone").value="utc";document.getElementById("zone").onchange();
                verdict.chart=document.getElementById("chart").hidden;verdict.rows=rows("trace-list").length;
                query("name=b");verdict.status=shown("trace-status");
                """
        )
        #expect(visit.verdict["chart"] as? Bool == true && visit.number("rows") == 2)
        #expect(visit.text("status") == "1 of 2 traces match the search.")
    }

    @Test(
        "A click on an operation finds the traces of its service, also with line breaks and quotation marks in the name",
        .needs(.chromium)
    )
    func operations() async throws {
        let names = [
            "GET /", "SELECT *\nFROM t", "tab\tname", "evil \u{202E}gnp.exe", "two  blanks ", "\"quoted\\", "<b>",
        ]
        var services: [String: [[String: Any]]] = [:]
        for (place, service) in ["alpha", "beta", "new\nline"].enumerated() {
            for (number, name) in names.enumerated() {
                for run in 0...place {
                    services[service, default: []].append(
                        span(place * 1_000 + number * 10 + run + 1, 1, name, from: Int64(number))
                    )
                }
            }
        }
        let visit = try await visit(
            services,
            driver: """
                verdict.found=[...document.querySelectorAll("#operations tbody tr")].map((row,place)=>{row.querySelector("button.link").click();
                const {name,service,count}=data.operations[place];
                return view.shown.length===count&&[...view.shown].every(t=>store.texts[store.names[rootOf(t)]]===name)?"":name+" "+service+" "+view.shown.length});
                verdict.chips=[...document.querySelectorAll("#services button")].map(chip=>{chip.click();return view.shown.length});
                query("");list.select(0);verdict.list=shown("trace-list")+shown("trace-title")+shown("waterfall")+shown("services")+shown("flame");
                """
        )
        let found = try #require(visit.verdict["found"] as? [String])
        #expect(found.count == 21 && found.allSatisfy(\.isEmpty), "\(found)")
        #expect(visit.verdict["chips"] as? [Int] == [7, 14, 21])
        #expect(!visit.text("list").contains("\u{202E}"), "it would reverse the rest of the line")
    }

    @Test("A link to something that is not on the page says so, and links work repeatedly", .needs(.chromium))
    func addresses() async throws {
        let failed: [String: Any] = ["status": ["code": 2]]
        let spans = [span(1, 1, "a", from: 0, for: 9_000), span(1, 2, "b", from: 10, failed), span(2, 1, "c", from: 0)]
        let visit = try await visit(
            ["s": spans],
            driver: """
                const at=(hash)=>{history.replaceState(null,"",hash);readAddress();return ["address-problem","span-problem"].map(id=>document.getElementById(id).hidden?"":shown(id)).join("|")};
                verdict.span=at("#trace="+store.traceIDs[0]+"&span=00000000000000aa");
                selectSpan(1);verdict.selected=document.getElementById("span-problem").hidden;
                verdict.trace=at("#trace=ffff");document.querySelectorAll("#trace-list .row")[1].click();
                verdict.other=document.getElementById("address-problem").hidden;
                const link=document.querySelector("#errors td a");verdict.known=at(link.hash);const span=view.span;
                view.span=-1;link.click();verdict.again=span>=0&&view.span===span;
                """
        )
        #expect(visit.text("span") == "|Span 00000000000000aa is not on the page.")
        #expect(visit.text("trace") == "Trace ffff is not on the page.|")
        #expect(visit.text("known") == "|")
        for key in ["selected", "other", "again"] { #expect(visit.verdict[key] as? Bool == true, "\(key)") }
    }

    @Test("A search that is not understood limits nothing and says why", .needs(.chromium))
    func problems() async throws {
        let visit = try await visit(
            ["s": [span(1, 1, "a", from: 0), span(2, 1, "b", from: 0)]],
            driver: """
                verdict.said=["kind>server","duration>500","duration!=3x","(a","a)","a =~ b","status=bad","a or","name=","!a","a & b",'"size">1.2.3','"size"<2026-01-01',"((".repeat(200)].map(text=>{query(text);return shown("trace-status")});
                verdict.invalid=document.getElementById("trace-search").getAttribute("aria-invalid");
                query("foo.bar=1");verdict.unknown=shown("trace-status");query("");verdict.empty=shown("trace-status");
                """
        )
        let said = try #require(visit.verdict["said"] as? [String])
        #expect(said.count == 14)
        for text in said { #expect(text.hasPrefix("2 traces. Search not understood: "), "\(text)") }
        #expect(visit.text("invalid") == "true")
        #expect(
            visit.text("unknown")
                == "0 of 2 traces match the search. No span on the page has the attribute foo.bar, so foo.bar=1 is searched as text."
        )
        #expect(visit.text("empty") == "2 traces.")
    }

    @Test("Events are before or after the start of their span, and of many only a part is drawn", .needs(.chromium))
    func events() async throws {
        func event(_ name: String, _ time: Int64?) -> [String: Any] {
            time.map { ["name": name, "timeUnixNano": "\(Self.origin + $0)"] } ?? ["name": name]
        }
        let few = [event("early", 10_000_000), event("timeless", nil), event("in", 55_000_000)]
        let many = (0..<5_000).map { event("token", Int64($0) * 20_000) }
        let attributes = (0..<700).map { ["key": "k\($0)", "value": ["intValue": "\($0)"]] as [String: Any] }
        let spans = [
            span(1, 1, "root", from: 0, for: 100_000_000, ["events": many, "attributes": attributes]),
            span(1, 2, "child", from: 50_000_000, for: 10_000_000, ["events": few]),
        ]
        let visit = try await visit(
            ["s": spans],
            driver: """
                verdict.marks=document.querySelectorAll("#waterfall .event").length;
                selectSpan(1);verdict.few=[...document.querySelectorAll("#details p")].map(p=>p.textContent);
                selectSpan(0);const count=()=>[...document.querySelectorAll("#details b")].length,cells=()=>document.querySelectorAll("#details tr").length;
                verdict.first=count();const before=cells();
                const buttons=()=>[...document.querySelectorAll("#details button")].filter(b=>!b.hidden);verdict.buttons=buttons().map(b=>b.textContent);
                buttons()[0].click();verdict.attributes=cells()-before;buttons()[0].click();verdict.second=count();
                """
        )
        #expect(100...1_500 ~= visit.number("marks"))
        #expect(
            visit.verdict["few"] as? [String] == [
                "early 40.0 ms before the span's start", "timeless no time", "in 5.00 ms after the span's start",
            ]
        )
        #expect(visit.number("first") == 200 && visit.number("second") == 1_200)
        #expect(visit.number("attributes") == 500)
        #expect(
            visit.verdict["buttons"] as? [String] == [
                "Show 500 more of 700 attributes", "Show 1 000 more of 5 000 events",
            ]
        )
    }

    @Test("The flame graph's totals include boxes that are too small to be drawn", .needs(.chromium))
    func flame() async throws {
        let items = (2...2_501).map { span(1, $0, "GET /user/\($0)", from: Int64($0) * 3_800_000, for: 3_800_000) }
        let visit = try await visit(
            ["s": [span(1, 1, "batch", from: 0, for: 10_000_000_000)] + items],
            driver: """
                verdict.titles=boxes().map(b=>b.title.split(",")[0].replace("\\n",": "));
                type("/user");verdict.facts=shown("facts");verdict.help=shown("help");
                """
        )
        #expect(
            visit.verdict["titles"] as? [String] == [
                "all: 10.0 s self time with callees", "batch: 10.0 s self time with callees",
                "(2 500 smaller): 9.50 s self time with callees",
            ]
        )
        #expect(
            visit.text("facts")
                == "0 boxes match; 0.0 % of the time is in matching operations; 95.0 % is in boxes below 0.05 %, which are grouped and not searched"
        )
        #expect(!visit.text("help").contains("j k"), "a single trace has no list")
    }

    @Test("Folding all spans selects the nearest one that stays visible", .needs(.chromium))
    func foldAll() async throws {
        func child(_ id: Int, of parent: Int) -> [String: Any] {
            span(1, id, "step \(id)", from: Int64(id), for: 500, ["parentSpanId": String(format: "%016x", parent)])
        }
        let visit = try await visit(
            ["s": [span(1, 1, "root", from: 0), child(2, of: 1), child(3, of: 2), child(4, of: 3)]],
            driver: """
                selectSpan(3);document.getElementById("fold-all").click();verdict.selected=nameOf(view.span);
                verdict.rows=rows("waterfall").map(r=>r.getAttribute("aria-selected"));
                press("waterfall","ArrowUp");verdict.up=nameOf(view.span);
                """
        )
        #expect(visit.text("selected") == "step 2" && visit.verdict["rows"] as? [String] == ["false", "true"])
        #expect(visit.text("up") == "root")
    }

    @Test("Long names without blanks stay within a narrow window", .needs(.chromium))
    func longNames() async throws {
        let name = "com.example.shop.checkout.internal.CheckoutServiceImpl.placeOrderWithDiscountAndVoucher"
        let visit = try await visit(
            ["s": [span(1, 1, name, from: 0), span(2, 1, name, from: 0)]],
            width: 500,
            driver: "const all=document.documentElement;verdict.overflow=all.scrollWidth-all.clientWidth;"
        )
        #expect(visit.number("overflow") == 0)
    }
}
