import Foundation
import Testing

/// What a page looks like when a script has used it, and what the browser complained about.
public struct PageVisit {
    /// What the driver wrote into `verdict`.
    public let verdict: [String: Any]
    private let dump: String

    /// A text of the verdict.
    public func text(_ key: String) -> String { verdict[key] as? String ?? "missing: \(verdict)" }
    /// A number of the verdict; NaN without one.
    public func number(_ key: String) -> Double { (verdict[key] as? NSNumber)?.doubleValue ?? .nan }
    /// What the browser or the driver complained about.
    public var problems: [String] {
        verdict["problems"] as? [String] ?? ["the driver did not come to its end: \(dump.suffix(300))"]
    }

    /// Opens a report, and does in it what the driver says; the driver fills `verdict`.
    public init(_ report: URL, width: Int = 1_080, driver: String) async throws {
        let listening = """
            <script>window.problems=[];window.addEventListener("error",e=>problems.push(e.message),true);\
            window.addEventListener("unhandledrejection",e=>problems.push(String(e.reason)));\
            for(const level of ["error","warn"])console[level]=(...all)=>problems.push(all.join(" "));</script>
            """
        let driving = """
            <script>{const verdict={};const type=(text)=>{const s=document.getElementById("search");s.value=text;s.oninput()};
            const key=(key)=>document.dispatchEvent(new KeyboardEvent("keydown",{key,bubbles:true}));
            const boxes=()=>[...document.querySelectorAll("#flame button")];
            const query=(text)=>{const s=document.getElementById("trace-search");s.value=text;s.dispatchEvent(new Event("input"))};
            const press=(id,key,more={})=>document.getElementById(id).dispatchEvent(new KeyboardEvent("keydown",{key,bubbles:true,...more}));
            const rows=(id)=>[...document.querySelectorAll("#"+id+" .row")];
            const shown=(id)=>document.getElementById(id).textContent;
            // The flame graph is drawn when it comes near the window.
            if(document.getElementById("by"))document.getElementById("by").onchange();
            try{\(driver)}catch(e){problems.push("driver: "+e)}
            verdict.problems=problems;const out=document.createElement("pre");out.id="verdict";
            out.textContent=btoa(unescape(encodeURIComponent(JSON.stringify(verdict))));document.body.append(out)}</script>
            """
        let page = try String(contentsOf: report, encoding: .utf8)
        #expect(page.hasSuffix("</body></html>\n"))
        // The policy of the page allows its own script only.
        let used = page.replacing(#/<meta http-equiv="Content-Security-Policy"[^>]*>/#, with: "")
            .replacing("<style>", with: listening + "<style>", maxReplacements: 1)
            .replacing("</body></html>\n", with: driving + "</body></html>\n")
        dump = try await Self.dump(used, beside: report, width: width)
        let encoded = dump.firstMatch(of: #/<pre id="verdict">([^<]*)</#)?.1 ?? ""
        let decoded = Data(base64Encoded: String(encoded)).flatMap { try? JSONSerialization.jsonObject(with: $0) }
        verdict = decoded as? [String: Any] ?? [:]
    }

    /// The document after the browser opened a page.
    public static func dump(_ page: String, beside report: URL, width: Int = 1_080) async throws -> String {
        let copy = report.deletingLastPathComponent().appending(path: "used.html")
        try page.write(to: copy, atomically: true, encoding: .utf8)
        let arguments = [
            "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
            "--user-data-dir=\(report.deletingLastPathComponent().path)/profile", "--window-size=\(width),900",
            "--virtual-time-budget=3000", "--dump-dom", copy.absoluteString,
        ]
        return try await Command.run(.chromium, arguments).output
    }
}
