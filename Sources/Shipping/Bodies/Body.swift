import SpanKitOTLP
import SpanKitRecording

/// Spans or log records in the form in which they are sent. They are encoded once; every attempt and the spool use the same bytes.
package final class Body: Sendable {
    let bytes: [UInt8]
    /// Nil for console text and spans, which are never posted.
    let encoding: Encoding?
    /// What it contains, which decides the path of the request.
    let signal: OTLPSignal
    let isCompressed: Bool
    /// The number of spans, log records or data points.
    let spanCount: Int
    /// The spans themselves, for an exporter that takes spans. There are no bytes then.
    let spans: [RecordedSpan]?
    /// The memory that it takes, in bytes.
    let memoryBytes: Int

    init(
        _ bytes: [UInt8],
        _ encoding: Encoding?,
        _ signal: OTLPSignal = .traces,
        isCompressed: Bool,
        spanCount: Int
    ) {
        spans = nil
        memoryBytes = bytes.count
        self.bytes = bytes
        self.encoding = encoding
        self.signal = signal
        self.isCompressed = isCompressed
        self.spanCount = spanCount
    }

    /// Spans that are not encoded.
    init(_ decoded: DecodedSpans) {
        bytes = []
        encoding = nil
        signal = .traces
        isCompressed = false
        spanCount = decoded.spans.count
        spans = decoded.spans
        memoryBytes = decoded.memoryBytes
    }

    /// A body without bytes. ``DeliveryQueue`` only looks at the counts, so simulations need no more.
    package init(spanCount: Int, memoryBytes: Int) {
        bytes = []
        encoding = nil
        signal = .traces
        isCompressed = false
        self.spanCount = spanCount
        spans = nil
        self.memoryBytes = memoryBytes
    }

    /// The output of an encoder, compressed unless it is small or does not get smaller.
    convenience init(
        _ encoder: any RecordEncoder,
        _ encoding: Encoding?,
        _ signal: OTLPSignal = .traces,
        compressor: GzipCompressor?
    ) {
        if let decoded = encoder.decoded {
            self.init(decoded)
            return
        }
        self.init(
            encoding: encoding,
            signal,
            plain: encoder.bytes,
            hints: encoder.hints,
            spanCount: encoder.spanCount,
            compressor: compressor
        )
    }

    /// Compresses a body, unless it is small or does not get smaller.
    convenience init(
        encoding: Encoding?,
        _ signal: OTLPSignal = .traces,
        plain: UnsafeRawBufferPointer,
        hints: UnsafeBufferPointer<RepeatHint> = UnsafeBufferPointer(start: nil, count: 0),
        spanCount: Int,
        compressor: GzipCompressor?
    ) {
        let compressed = plain.count >= Self.smallestCompressed ? compressor?.compress(plain, hints: hints) : nil
        if let compressed, compressed.count < plain.count {
            self.init(compressed, encoding, signal, isCompressed: true, spanCount: spanCount)
        } else {
            self.init(Array(plain), encoding, signal, isCompressed: false, spanCount: spanCount)
        }
    }

    /// Below this size, gzip costs more than it saves.
    private static let smallestCompressed = 1_024

    /// The bytes before compression; nil if the body was damaged on disk.
    func plainBytes() -> [UInt8]? {
        isCompressed ? Inflater.inflate(bytes, limit: 256 * 1_024 * 1_024) : bytes
    }

    /// Splits a body that was too large for its receiver into two. Cuts the long values of a single span, if
    /// `trimming`.
    /// - Returns: the parts; empty if the body cannot be made smaller.
    func split(trimming: Bool, level: Int32) -> [Body] {
        guard let encoding, let plain = plainBytes() else { return [] }
        let parts: [(bytes: [UInt8], spanCount: Int)]
        if spanCount > 1 {
            parts = BodySplitter.halves(of: plain, encoding, signal.frame)
        } else if trimming, let cut = BodySplitter.trimmed(plain, encoding, signal.frame) {
            parts = [(cut, 1)]
        } else {
            return []
        }
        guard parts.reduce(0, { $0 + $1.spanCount }) == spanCount else { return [] }
        let compressor = isCompressed ? GzipCompressor(level: level) : nil
        return parts.map { part in
            part.bytes.withUnsafeBytes {
                Body(encoding: encoding, signal, plain: $0, spanCount: part.spanCount, compressor: compressor)
            }
        }
    }
}

/// The format in which a destination wants its bodies. Destinations with equal formats share bodies.
package struct BodyFormat: Sendable, Hashable {
    package enum Content: Sendable, Hashable {
        /// An OTLP request.
        case otlp(Encoding)
        /// Human-readable text.
        case console
        /// Spans that are not encoded, for a ``CustomExporter``.
        case spans
    }

    package var content: Content
    /// The compression level (``Compression/gzip(level:)``); nil for no compression.
    package var gzipLevel: Int32?

    /// The encoding of requests; nil for console text and spans.
    var encoding: Encoding? {
        if case .otlp(let encoding) = content { encoding } else { nil }
    }

    /// Whether its encoder collects hints for the compressor.
    var usesHints: Bool { gzipLevel.map { GzipCompressor.usesHints(level: $0) } ?? false }

    package init(_ content: Content, gzipLevel: Int32? = nil) {
        self.content = content
        self.gzipLevel = gzipLevel
    }
}

/// The compression of request bodies (`OTEL_EXPORTER_OTLP_COMPRESSION`).
public enum Compression: Sendable, Hashable {
    /// No compression.
    case none
    /// gzip with a level from 1 (fast) to 9 (small). Bodies under 1 KiB are sent uncompressed.
    ///
    /// SpanKit itself compresses JSON bodies up to level 6. It is several times as fast as zlib at level 1, and the
    /// result is about as small as that of zlib at level 6. zlib compresses all other bodies.
    case gzip(level: Int = 1)

    /// The value of `OTEL_EXPORTER_OTLP_COMPRESSION`.
    package var name: String { self == .none ? "none" : "gzip" }

    package var level: Int32? {
        switch self {
        case .none: nil
        case .gzip(let level): Int32(min(9, max(1, level)))
        }
    }
}
