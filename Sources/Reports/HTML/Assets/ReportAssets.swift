import SpanKitOTLP

/// The style sheet and the script of the HTML report. They are part of the page, which needs no network.
///
/// The page of `spankit serve` uses the same parts for its view of a trace, as modules.
package enum ReportAssets {
    package static let style = pageStyle + explorerStyle

    /// The whole script, in the order in which its parts use each other.
    static let script = [
        pageScript, hostScript, tablesScript, flameScript, storeScript, searchScript, conditionScript, queryScript,
        zoomScript, listScript, scatterScript,
        waterfallScript,
        detailsScript, selectionScript, mainScript,
    ].joined(separator: "\n")

    /// A module with the functions that all parts of the script use.
    package static let pageModule = pageScript.replacing("\"use strict\";\n", with: "") + "\nexport { \(pageNames) };\n"

    /// A module with the view of one trace. `startTrace` takes a document of ``PageData`` and what differs from a report (``hostScript``).
    /// The elements of ``traceMarkup`` are in the document by then.
    package static let traceModule =
        "import { \(pageNames) } from \"./page.js\";\nexport const startTrace = (content, host) => {\nconst store = readStore(content);\n"
        + [
            storeScript, searchScript, conditionScript, queryScript, zoomScript, waterfallScript, detailsScript,
            selectionScript,
        ].joined(separator: "\n")
            + """

            return { store, view, fall, zoom, startZoom, openZoom, setZoom, zoomBy, zoomOut, zoomTo, pan, isZoomed, showFacts, showDetails, \
            showMatches, stepMatch, selectSpan, matchingSpans, idOf, isFailed, nameOf };
            };

            """

    private static let pageNames = """
        element, make, time, grouped, counted, quoted, readable, readableLines, shortened, zone, pad, clock, moment, virtualRows, canvasOf, roundStep, \
        timeStep, multiples, tickTime
        """

    /// Allows this script only, and no connection. Even markup that came from a span could not run a script.
    static var securityPolicy: String {
        let digest = base64(SHA256.digest(Array(script.utf8)))
        return
            "default-src 'none'; script-src 'sha256-\(digest)'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
    }

    private static func base64(_ bytes: [UInt8]) -> String {
        let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
        var text = ""
        for first in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[first..<min(first + 3, bytes.count)]
            let bits = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
            for place in 0..<4 {
                text.append(place > group.count ? "=" : digits[bits >> (18 - 6 * place) & 63])
            }
        }
        return text
    }
}
