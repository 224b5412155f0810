/// Makes encoded request bodies smaller, for receivers that reject them as too large.
///
/// It works on the bytes, because the spans or log records are no longer in the log.
package enum BodySplitter {
    /// Two bodies with half of the resources each. If there is only one resource, they have half of the scopes each; if
    /// there is also only one scope, half of the spans or log records each. Empty if the body has only one span or log
    /// record.
    package static func halves(
        of body: [UInt8],
        _ encoding: Encoding,
        _ signal: BodyFrame.Signal = .spans
    ) -> [(bytes: [UInt8], spanCount: Int)] {
        switch encoding {
        case .json: JSONBody(body, signal).map { $0.halves() } ?? []
        case .protobuf: ProtobufBody(body, signal).map { $0.halves() } ?? []
        }
    }

    /// One body with the spans or log records of all bodies in order, each with its resource and scope; nil if one of
    /// the bodies is JSON that no encoder of this module wrote.
    package static func joined(
        _ bodies: [[UInt8]],
        _ encoding: Encoding,
        _ signal: BodyFrame.Signal = .spans
    ) -> [UInt8]? {
        guard encoding == .json else { return Array(bodies.joined()) }
        let (before, after) = (Array("{\"resource\(signal.title)\":[".utf8), Array("]}".utf8))
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

    /// A body of one span or log record with every text cut to 1,024 bytes, and an attribute that lists these texts
    /// (``TruncatedTexts``).
    ///
    /// Returns nil if there is nothing to cut, or if the body does not have exactly one span or log record.
    package static func trimmed(
        _ body: [UInt8],
        _ encoding: Encoding,
        _ signal: BodyFrame.Signal = .spans
    ) -> [UInt8]? {
        switch encoding {
        case .json: JSONBody(body, signal)?.trimmed(to: longestText)
        case .protobuf: ProtobufBody(body, signal)?.trimmed(to: longestText)
        }
    }

    private static let longestText = 1_024
    /// The end of a text that was cut. It counts towards the limit, so that the text is not cut again.
    static let ellipsis = "…"
}
