import SpanKitOTLP

/// The style sheet and the script of the HTML report. They are part of the page, which needs no network.
enum ReportAssets {
    static let style = pageStyle + explorerStyle

    /// The whole script, in the order in which its parts use each other.
    static let script = [
        pageScript, tablesScript, flameScript, storeScript, searchScript, conditionScript, queryScript,
        zoomScript, listScript, scatterScript,
        waterfallScript,
        detailsScript, mainScript,
    ].joined(separator: "\n")

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
