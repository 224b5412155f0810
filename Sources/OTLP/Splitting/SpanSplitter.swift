/// Makes request bodies smaller after the fact, for receivers that take less than we send. Works on the bytes: the spans
/// themselves are long gone from the log.
///
/// Knows bodies of ``TraceEncoder`` only: one resource, one scope.
package enum SpanSplitter {
    /// Two bodies with half of the spans each; empty when the bytes are not such a body.
    package static func halves(of body: [UInt8], _ encoding: Encoding) -> [(bytes: [UInt8], spanCount: Int)] {
        switch encoding {
        case .json: JSONBody(body).map { $0.halves() } ?? []
        case .protobuf: ProtobufBody(body).map { $0.halves() } ?? []
        }
    }

    /// One body with the spans of all, in their order; nil when one of them is not such a body. Each keeps its resource and scope.
    package static func joined(_ bodies: [[UInt8]], _ encoding: Encoding) -> [UInt8]? {
        guard encoding == .json else { return Array(bodies.joined()) }
        let (before, behind) = (Array("{\"resourceSpans\":[".utf8), Array("]}".utf8))
        var joined = before
        for body in bodies {
            guard body.starts(with: before), body.suffix(behind.count).elementsEqual(behind),
                body.count > before.count + behind.count
            else { return nil }
            if joined.count > before.count { joined.append(UInt8(ascii: ",")) }
            joined += body[before.count..<body.count - behind.count]
        }
        return joined + behind
    }

    /// The same body of one span with every text beyond 1,024 bytes cut to that, and ``TruncatedTexts`` on the span; nil when
    /// there is none to cut.
    package static func trimmed(_ body: [UInt8], _ encoding: Encoding) -> [UInt8]? {
        switch encoding {
        case .json: JSONBody(body)?.trimmed(to: longestText)
        case .protobuf: ProtobufBody(body)?.trimmed(to: longestText)
        }
    }

    private static let longestText = 1_024
    /// Ends a text that was cut; it counts as part of it, so that nothing is cut again.
    static let ellipsis = "…"
}
