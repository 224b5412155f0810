import Foundation
import SpanKitTestSupport
import Testing

@testable import SpanKitServe

/// Drives the page with a browser, against a real server.
@Suite("The page of spankit serve", .needs(.chromium), .generousTimeLimit)
struct PageTests {
    private static let slow = "#/trace/\(PageSample.hex(1, 32))"

    /// Runs a test with a server and a browser. Afterwards, nothing may have gone wrong in the browser.
    private func withPage(
        width: Int = 1_280,
        dark: Bool = false,
        shop traces: Int = 0,
        _ test: (RunningBackend, Browser, String) async throws -> Void
    ) async throws {
        let backend = try await RunningBackend()
        let browser = try await Browser(width: width, isDark: dark)
        let origin = "http://127.0.0.1:\(backend.port)"
        if traces > 0 { try await send(PageSample.shop(traces: traces, end: Self.now), to: backend) }
        try await test(backend, browser, origin)
        let problems = try await browser.problems(origin: origin)
        #expect(problems.isEmpty, "\(problems)")
        browser.stop()
        try await backend.stop()
    }

    private static var now: Int64 { Int64(Date().timeIntervalSince1970 * 1e9) }

    private func send(_ body: String, to backend: RunningBackend, _ signal: String = "traces") async throws {
        let answer = try await backend.exchange(
            "POST",
            "/v1/\(signal)",
            headers: ["Content-Type: application/json"],
            body: Array(body.utf8)
        )
        #expect(answer.status == 200, "\(answer.text)")
    }

    private static let rows = "document.querySelectorAll('#trace-list .row').length"

    @Test("an empty page says what to do, and shows traces as they arrive, unless it is paused")
    func live() async throws {
        try await withPage { backend, browser, origin in
            try await browser.visit(origin + "/")
            try await browser.wait(
                for: "document.querySelector('.empty')?.textContent.includes('OTEL_EXPORTER_OTLP_ENDPOINT=\(origin)')"
            )
            try await send(PageSample.shop(traces: 5, end: Self.now), to: backend)
            try await browser.wait(for: "\(Self.rows)===5")
            try await browser.wait(for: "document.getElementById('status').textContent.includes('5 traces, 15 spans')")
            try await browser.evaluate("document.getElementById('pause').click()")
            for part in PageSample.large(spans: 3, trace: PageSample.hex(500, 32), end: Self.now) {
                try await send(part, to: backend)
            }
            try await browser.wait(for: "document.getElementById('pause').textContent.includes('•')")
            #expect(try await browser.evaluate("String(\(Self.rows))") == "5")
            try await browser.evaluate("document.getElementById('pause').click()")
            try await browser.wait(for: "\(Self.rows)===6")
        }
    }

    @Test("the filter is completed, limits the list, and is in the address")
    func filter() async throws {
        try await withPage(shop: 20) { _, browser, origin in
            try await browser.visit(origin + "/")
            try await browser.wait(for: "\(Self.rows)===20")
            try await browser.press("/")
            try await browser.wait(for: "document.activeElement.id==='query'")
            try await browser.type("regi")
            try await browser.wait(for: "document.querySelector('#completions li')?.textContent.startsWith('region')")
            try await browser.press("ArrowDown")
            try await browser.press("Enter")
            try await browser.type("eu")
            try await browser.press("Enter")
            try await browser.wait(for: "\(Self.rows)===2")
            #expect(try await browser.evaluate("location.hash") == "#/traces?q=region%3Deu")
            try await browser.evaluate("history.back()")
            try await browser.wait(for: "\(Self.rows)===20&&document.getElementById('query').value===''")
        }
    }

    @Test("a part of the heat map filters every view and shows what is different in it")
    func selection() async throws {
        try await withPage(shop: 300) { _, browser, origin in
            try await browser.visit(origin + "/")
            try await browser.wait(
                for: "document.getElementById('heat-facts').textContent.startsWith('300 traces, 30 with errors')"
            )
            // The slow traces are in the upper part.
            try await browser.drag(in: "#heat", from: (0.001, 0.02), to: (0.999, 0.4))
            try await browser.wait(for: "document.getElementById('trace-list').getAttribute('aria-rowcount')==='30'")
            try await browser.wait(for: "document.querySelector('#differences li')?.textContent.includes('100 %')")
            #expect(
                try await browser.evaluate("document.getElementById('differences').textContent").contains("region = eu")
            )
            try await browser.evaluate("document.querySelector('#tabs a[href*=operations]').click()")
            try await browser.wait(
                for: "document.querySelector('.view-operations tbody')?.textContent.includes('charge card')"
            )
            #expect(try await browser.evaluate("location.hash").contains("sel="))
            try await browser.evaluate("document.querySelector('#tabs a').click()")
            try await browser.press("Escape")
            try await browser.wait(for: "document.getElementById('trace-list')?.getAttribute('aria-rowcount')==='300'")
            try await browser.evaluate("document.getElementById('heat').focus()")
            try await browser.press("ArrowRight")
            try await browser.wait(for: "location.hash.includes('sel=')&&!document.getElementById('heat-tools').hidden")
        }
    }

    @Test(
        "a trace opens with its log records, and is searched, zoomed and folded with the keyboard; a link shows the same"
    )
    func trace() async throws {
        try await withPage(shop: 1) { backend, browser, origin in
            try await send(PageSample.log("the bank said no", in: 0, at: Self.now), to: backend, "logs")
            try await browser.visit(origin + "/")
            try await browser.wait(for: "\(Self.rows)===1")
            try await browser.press("ArrowDown")
            try await browser.press("Enter")
            try await browser.wait(for: "document.querySelectorAll('#waterfall .row').length===4")
            #expect(
                try await browser.evaluate("document.querySelector('#waterfall .row.log').textContent").contains(
                    "the bank said no"
                )
            )
            try await browser.press("e")
            try await browser.wait(for: "document.querySelector('#details h4')?.textContent==='charge card'")
            #expect(
                try await browser.evaluate("document.getElementById('details').textContent").contains("card declined")
            )
            try await browser.press("+")
            try await browser.wait(for: "location.hash.includes('zoom=')&&location.hash.includes('span=')")
            let link = try await browser.evaluate("location.href")
            let ruler = try await browser.evaluate("document.getElementById('ruler').textContent")
            try await browser.visit(link)
            try await browser.wait(for: "document.querySelector('#details h4')?.textContent==='charge card'")
            #expect(try await browser.evaluate("document.getElementById('ruler').textContent") == ruler)
            try await browser.press("0")
            try await browser.wait(for: "!location.hash.includes('zoom=')")
            try await browser.press("/")
            try await browser.type("cart.id=c-0")
            try await browser.wait(for: "document.querySelector('.row.hit')?.textContent.includes('place order')")
            try await browser.press("Enter")
            try await browser.wait(for: "document.querySelector('#details h4')?.textContent==='place order'")
            try await browser.evaluate("document.getElementById('waterfall').focus()")
            try await browser.press("ArrowLeft")
            try await browser.wait(for: "document.querySelectorAll('#waterfall .row:not(.log)').length===2")
            try await browser.evaluate("[...document.querySelectorAll('#details .actions a')][0].click()")
            try await browser.wait(for: "location.hash==='#/traces?q=cart.id%3D%22c-0%22'&&\(Self.rows)===1")
        }
    }

    @Test(
        "the parts of a span are shares of its bar, in its details, and read aloud; other traces have none",
        arguments: [false, true]
    )
    func parts(isDark: Bool) async throws {
        try await withPage(dark: isDark, shop: 1) { backend, browser, origin in
            let trace = PageSample.hex(400, 32)
            try await send(PageSample.measured(trace: trace, end: Self.now), to: backend)
            try await browser.visit("\(origin)/#/trace/\(trace)?span=\(PageSample.hex(1, 16))")
            try await browser.wait(for: "document.querySelector('#details h4')?.textContent==='GET /price'")
            // Percent of the bar, rounded to multiples of 5.
            let shares =
                "[...document.querySelectorAll('#waterfall .bar')].map(bar=>[...bar.children].map(b=>b.className+' '"
                + "+5*Math.round(20*b.offsetWidth/bar.clientWidth)).join(', ')).join(' | ')"
            let drawn = "running 20, queued 40, suspended 40 | running 25, queued 75 | "
            #expect(try await browser.evaluate(shares) == drawn)
            // They are told apart without colours: plain, striped, framed.
            let looks =
                "['running','queued','suspended'].map(name=>{const s=getComputedStyle(document.querySelector('.lane .'+name));"
                + "return (s.backgroundImage==='none'?'':'striped')+(s.borderLeftWidth==='0px'?'':'framed')}).join()"
            #expect(try await browser.evaluate(looks) == ",striped,framed")
            let label = try await browser.evaluate("document.querySelector('#waterfall .row').ariaLabel")
            let text =
                "20.0 ms running + 30.0 ms queued for an actor + 10.0 ms queued for a thread + 40.0 ms suspended"
            #expect(label.hasSuffix("100 ms, \(text)"), "\(label)")
            let title = try await browser.evaluate("document.querySelector('#waterfall .lane').title")
            #expect(title == "\(text) (shares of the span, not points in time)")
            let facts =
                "[...document.querySelector('#details table').rows].map(row=>[...row.cells].map(c=>c.textContent).join(': ')).join('; ')"
            #expect(
                try await browser.evaluate(facts).contains(
                    "running: 20.0 ms (20.0 %); queued for an actor: 30.0 ms (30.0 %); queued for a thread: 10.0 ms (10.0 %); "
                        + "suspended: 40.0 ms (40.0 %)"
                )
            )
            #expect(try await browser.evaluate("String(document.getElementById('part-key').hidden)") == "false")
            // A bar that is only partly visible has the same shares.
            try await browser.press("+")
            try await browser.wait(for: "location.hash.includes('zoom=')")
            #expect(try await browser.evaluate(shares).hasPrefix("running 20, queued 40, suspended 40 | "))
            try await browser.visit("\(origin)/\(Self.slow)")
            try await browser.wait(for: "document.querySelectorAll('#waterfall .bar').length===3")
            #expect(try await browser.evaluate(shares) == " |  | ")
            #expect(try await browser.evaluate("String(document.getElementById('part-key').hidden)") == "true")
        }
    }

    @Test("every view opens, in light and dark, in narrow and wide windows", arguments: [(390, true), (1_600, false)])
    func views(_ width: Int, _ isDark: Bool) async throws {
        try await withPage(width: width, dark: isDark, shop: 20) { backend, browser, origin in
            try await send(PageSample.log("said", in: 0, at: Self.now), to: backend, "logs")
            try await send(PageSample.metric("queue.length", end: Self.now), to: backend, "metrics")
            let views = [
                ("#/operations", "document.querySelectorAll('.view-operations tbody tr').length===3"),
                ("#/errors", "document.querySelector('.view-errors tbody').textContent.includes('card declined')"),
                (
                    "#/services",
                    "document.querySelectorAll('.map .node').length===3&&document.querySelector('tbody').rows.length===2"
                ),
                ("#/conversations", "document.querySelector('.view-conversations .empty')"),
                ("#/open", "document.querySelector('.view-open .empty').textContent.includes('--spool')"),
                ("#/logs", "document.querySelector('#log-list .row').textContent.includes('said')"),
                ("#/metrics", "document.querySelector('.metrics .series').textContent.includes('5')"),
                (Self.slow, "document.querySelectorAll('#waterfall .row').length===4"),
                (
                    "#/compare/\(PageSample.hex(1, 32))/\(PageSample.hex(2, 32))",
                    "document.querySelectorAll('.compare tbody tr').length===3"
                ),
                (
                    // Only the requests have a region, not the operations below them.
                    "#/compare?before=region%3Dus&after=region%3Deu",
                    "document.querySelector('.compare tbody')?.rows.length===1&&document.querySelector('.compare tbody').textContent.includes('18 → 2')"
                ),
                ("#/traces", "\(Self.rows)>5"),
            ]
            for (hash, condition) in views {
                try await browser.visit(origin + "/" + hash)
                try await browser.wait(for: condition)
                // Only tables and lists scroll sideways.
                #expect(
                    try await browser.evaluate("String(document.documentElement.scrollWidth<=innerWidth)") == "true",
                    "\(hash)"
                )
                let unnamed = try await browser.evaluate(
                    "[...document.querySelectorAll('button,a,input,select,canvas')].filter(e=>!(e.hidden||e.textContent.trim()||e.getAttribute('aria-label')||e.title||e.labels?.length||e.ariaHidden)).map(e=>e.outerHTML).join()"
                )
                #expect(unnamed.isEmpty, "\(hash): \(unnamed)")
            }
            let background = try await browser.evaluate("getComputedStyle(document.body).backgroundColor")
            #expect(background == (isDark ? "rgb(18, 21, 24)" : "rgb(255, 255, 255)"))
        }
    }

    @Test(
        "nothing that a span contains becomes markup or breaks a view",
        arguments: [
            "<img src=x onerror=pwned=1><script>pwned=1</script>", "\"'><svg/onload=pwned=1>", "javascript:pwned=1",
            "\u{202E}\u{0}\u{1B}[31m\u{FEFF}\u{2028}", String(repeating: "<b>x</b>", count: 125_000),
        ]
    )
    func hostile(_ text: String) async throws {
        try await withPage { backend, browser, origin in
            let trace = PageSample.hex(77, 32)
            try await send(PageSample.hostile(text, trace: trace, end: Self.now), to: backend)
            try await send(PageSample.log(text, in: 76, at: Self.now), to: backend, "logs")
            // The name of a metric is in addresses, which have at most 80 KiB.
            try await send(PageSample.metric(String(text.prefix(2_000)), end: Self.now), to: backend, "metrics")
            let views = [
                ("traces", "\(Self.rows)===1"), ("operations", "document.querySelector('.view-operations tbody tr')"),
                ("errors", "document.querySelector('.view-errors tbody tr')"),
                ("services", "document.querySelector('.map .node')"),
                ("trace/\(trace)?span=\(PageSample.hex(1, 16))", "document.querySelector('#details table')"),
                ("conversations", "document.querySelector('.view-conversations tbody tr')"),
                ("logs", "document.querySelector('#log-list .row')"),
                ("metrics", "document.querySelector('.metric-list a')"),
                ("compare/\(trace)/\(trace)", "document.querySelector('.compare tbody tr')"),
            ]
            for (view, condition) in views {
                try await browser.visit("\(origin)/#/\(view)")
                try await browser.wait(for: condition)
                let markup =
                    "document.querySelectorAll('img,b.x,script:not([src]),iframe,svg[onload],a[href^=\"javascript\"]').length"
                #expect(try await browser.evaluate("typeof pwned+' '+\(markup)") == "undefined 0", "\(view)")
            }
            #expect(try await browser.evaluate("String(/[\\u202e\\0\\x1b]/.test(document.body.innerText))") == "false")
        }
    }

    @Test("a trace of 50,000 spans is searched, and only the rows in view are in the document")
    func large() async throws {
        try await withPage { backend, browser, origin in
            let trace = PageSample.hex(9, 32)
            for part in PageSample.large(spans: 50_000, trace: trace, end: Self.now) {
                try await send(part, to: backend)
            }
            try await browser.visit("\(origin)/#/trace/\(trace)")
            try await browser.wait(for: "document.getElementById('trace-facts')?.textContent.includes('50 000 spans')")
            #expect(
                try await browser.evaluate("String(document.querySelectorAll('#waterfall .row').length<100)") == "true"
            )
            try await browser.evaluate("document.getElementById('in-trace').focus()")
            try await browser.type("number=49999")
            try await browser.press("Enter")
            try await browser.wait(for: "document.querySelector('#details')?.textContent.includes('49999')")
            #expect(try await browser.evaluate("document.getElementById('match-facts').textContent") == "match 1 of 1")
        }
    }

    @Test("a filter that is not understood is explained, and can be removed")
    func refusal() async throws {
        let backend = try await RunningBackend()
        let browser = try await Browser()
        try await send(PageSample.shop(traces: 3, end: Self.now), to: backend)
        try await browser.visit("http://127.0.0.1:\(backend.port)/#/traces?q=duration%3E%3E")
        try await browser.wait(for: "document.getElementById('query-problem').textContent.includes('>>')")
        try await browser.evaluate("document.querySelector('#query-problem a').click()")
        try await browser.wait(for: "\(Self.rows)===3&&document.getElementById('query-problem').hidden")
        browser.stop()
        try await backend.stop()
    }

    @Test("the page says that the server is gone")
    func gone() async throws {
        let backend = try await RunningBackend()
        let browser = try await Browser()
        try await browser.visit("http://127.0.0.1:\(backend.port)/")
        try await browser.wait(for: "document.querySelector('.empty')")
        try await backend.stop()
        try await browser.wait(for: "!document.getElementById('lost').hidden")
        browser.stop()
    }
}
