import SpanKitOTLP

/// How a destination wants its bodies. Destinations with the same format share the same bytes.
package struct BodyFormat: Sendable, Hashable {
    package enum Content: Sendable, Hashable {
        /// An OTLP request.
        case otlp(Encoding)
        /// Text for people.
        case console
    }

    package var content: Content
    /// zlib's level for gzip, nil for none.
    package var gzipLevel: Int32?

    /// Of the requests; nil for text for people.
    var encoding: Encoding? {
        if case .otlp(let encoding) = content { encoding } else { nil }
    }

    package init(_ content: Content, gzipLevel: Int32? = nil) {
        self.content = content
        self.gzipLevel = gzipLevel
    }
}

/// Whether bodies are compressed (`OTEL_EXPORTER_OTLP_COMPRESSION`).
public enum Compression: Sendable, Hashable {
    /// As they are.
    case none
    /// gzip with zlib's levels, from 1 (fast) to 9 (small). Bodies under 1 KiB are sent as they are.
    case gzip(level: Int = 1)

    /// As `OTEL_EXPORTER_OTLP_COMPRESSION` names it.
    package var name: String { self == .none ? "none" : "gzip" }

    package var level: Int32? {
        switch self {
        case .none: nil
        case .gzip(let level): Int32(min(9, max(1, level)))
        }
    }
}
