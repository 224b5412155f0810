import CCurl
import OTLP

/// The header fields of requests, as libcurl wants them: one list for each kind of body.
///
/// The user's fields come first, then those that the protocol demands, which no setting can change.
final class HTTPHeaderLists: @unchecked Sendable {
    private var lists: [Kind: UnsafeMutablePointer<curl_slist>] = [:]

    private struct Kind: Hashable {
        var encoding: Encoding
        var isCompressed: Bool
    }

    init(_ exporter: OTLPExporter) {
        let reserved: Set = [
            "content-type", "content-encoding", "content-length", "host", "transfer-encoding", "expect",
        ]
        let own = exporter.headers.filter { !reserved.contains($0.name.lowercased()) }.map { header in
            // With a semicolon curl sends a field without value; with a colon it would leave the field out.
            header.value.isEmpty ? "\(header.name);" : "\(header.name): \(header.value)"
        }
        for encoding in Encoding.allCases {
            for isCompressed in [false, true] {
                // Without the empty `Expect` curl waits a second for "100 Continue" before a long body.
                var lines = own + ["Content-Type: \(encoding.contentType)", "Expect:"]
                if isCompressed { lines.append("Content-Encoding: gzip") }
                lists[Kind(encoding: encoding, isCompressed: isCompressed)] = Self.list(lines)
            }
        }
    }

    deinit {
        for list in lists.values { curl_slist_free_all(list) }
    }

    func list(for body: Body) -> UnsafeMutablePointer<curl_slist>? {
        body.encoding.flatMap { lists[Kind(encoding: $0, isCompressed: body.isCompressed)] }
    }

    private static func list(_ lines: [String]) -> UnsafeMutablePointer<curl_slist>? {
        lines.reduce(nil) { curl_slist_append($0, $1) }
    }
}
