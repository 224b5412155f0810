/// Makes encoded request bodies smaller, for receivers that reject them as too large.
///
/// It works on the bytes, because the spans are no longer in the log. A body has one scope for each element of `resourceSpans`, as
/// ``TraceEncoder`` and `spankit ship` write it.
package enum SpanSplitter {
    /// Two bodies with half of the spans each, or half of the resources each if there are several; empty if the body
    /// has only one span.
    package static func halves(of body: [UInt8], _ encoding: Encoding) -> [(bytes: [UInt8], spanCount: Int)] {
        switch encoding {
        case .json: JSONBody(body).map { $0.halves() } ?? []
        case .protobuf: ProtobufBody(body).map { $0.halves() } ?? []
        }
    }

    /// One body with the spans of all bodies in order, each with its resource and scope; nil if ``TraceEncoder`` did
    /// not write one of them.
    package static func joined(_ bodies: [[UInt8]], _ encoding: Encoding) -> [UInt8]? {
        guard encoding == .json else { return Array(bodies.joined()) }
        let (before, after) = (Array("{\"resourceSpans\":[".utf8), Array("]}".utf8))
        var joined = before
        for body in bodies {
            guard body.starts(with: before), body.suffix(after.count).elementsEqual(after),
                body.count > before.count + after.count
            else { return nil }
            if joined.count > before.count { joined.append(UInt8(ascii: ",")) }
            joined += body[before.count..<body.count - after.count]
        }
        return joined + after
    }

    /// A body of one span with every text cut to 1,024 bytes, and an attribute that lists these texts
    /// (``TruncatedTexts``).
    ///
    /// Returns nil if there is nothing to cut, or if the body does not have exactly one span.
    package static func trimmed(_ body: [UInt8], _ encoding: Encoding) -> [UInt8]? {
        switch encoding {
        case .json: JSONBody(body)?.trimmed(to: longestText)
        case .protobuf: ProtobufBody(body)?.trimmed(to: longestText)
        }
    }

    private static let longestText = 1_024
    /// The end of a text that was cut. It counts towards the limit, so that the text is not cut again.
    static let ellipsis = "…"
}
