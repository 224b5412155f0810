import SpanKitOTLP

/// Makes two bodies of one that was too large for its receiver; or, where it holds a single span, one whose long values are
/// cut.
enum BodySplitter {
    /// The parts; empty when it cannot be made smaller.
    static func split(_ body: Body, trimming: Bool, level: Int32) -> [Body] {
        guard let encoding = body.encoding, let plain = body.plainBytes() else { return [] }
        let parts: [(bytes: [UInt8], spanCount: Int)]
        if body.spanCount > 1 {
            parts = SpanSplitter.halves(of: plain, encoding)
        } else if trimming, let cut = SpanSplitter.trimmed(plain, encoding) {
            parts = [(cut, 1)]
        } else {
            return []
        }
        guard parts.reduce(0, { $0 + $1.spanCount }) == body.spanCount else { return [] }
        let compressor = body.isCompressed ? GzipCompressor(level: level) : nil
        return parts.map { part in
            part.bytes.withUnsafeBytes {
                Body(encoding: encoding, plain: $0, spanCount: part.spanCount, compressor: compressor)
            }
        }
    }
}
