import SpanKitOTLP

/// Spans in the form in which they are sent: encoded once, the same bytes on every attempt, into the spool and out of it.
final class Body: Sendable {
    let bytes: [UInt8]
    /// Nil for text for people, which is written to the console and never posted.
    let encoding: Encoding?
    let isCompressed: Bool
    let spanCount: Int

    init(_ bytes: [UInt8], _ encoding: Encoding?, isCompressed: Bool, spanCount: Int) {
        self.bytes = bytes
        self.encoding = encoding
        self.isCompressed = isCompressed
        self.spanCount = spanCount
    }

    /// Compresses a body, unless it is small or does not get smaller.
    convenience init(
        encoding: Encoding?,
        plain: UnsafeRawBufferPointer,
        spanCount: Int,
        compressor: GzipCompressor?
    ) {
        let compressed = plain.count >= Self.smallestCompressed ? compressor?.compress(plain) : nil
        if let compressed, compressed.count < plain.count {
            self.init(compressed, encoding, isCompressed: true, spanCount: spanCount)
        } else {
            self.init(Array(plain), encoding, isCompressed: false, spanCount: spanCount)
        }
    }

    /// Below this, gzip costs more than it saves.
    private static let smallestCompressed = 1_024

    /// The bytes before compression; nil when they cannot be had, which means the body was damaged on disk.
    func plainBytes() -> [UInt8]? {
        isCompressed ? Inflater.inflate(bytes, limit: 256 * 1_024 * 1_024) : bytes
    }
}
