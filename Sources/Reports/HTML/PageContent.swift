import SpanKitInputs
import SpanKitRecording

/// The attributes, events and links of a span for the HTML page.
///
/// It is a class, so that a ``TraceSpan`` stays small in the commands that do not need it.
package final class PageContent: Sendable {
    let span: RecordedSpan
    let origin: SpanOrigin
    /// The approximate size of the texts in bytes.
    let byteCount: Int

    init(_ decoded: DecodedSpan, from origin: SpanOrigin) {
        span = decoded.span
        self.origin = origin
        byteCount =
            span.attributes.byteCount + span.events.reduce(0) { $0 + $1.name.utf8.count + $1.attributes.byteCount }
            + span.links.reduce(0) { $0 + 32 + $1.attributes.byteCount }
    }
}

extension InstrumentationScope {
    /// The attributes of the scope, then its version and its name, under the names that filters have for them. If a key occurs twice,
    /// the search of the page uses the last one.
    var attributesOfPage: [Attribute] {
        let fields = [("otel.scope.version", version), ("otel.scope.name", name)]
        return attributes + fields.filter { !$1.isEmpty }.map { Attribute($0, .string($1)) }
    }
}

extension [Attribute] {
    var byteCount: Int { reduce(0) { $0 + $1.key.utf8.count + $1.value.byteCount } }
}

extension AttributeValue {
    /// The decoder limits the depth of values.
    var byteCount: Int {
        switch self {
        case .string(let text): text.utf8.count
        case .bytes(let bytes): bytes.count
        case .array(let values): values.reduce(16) { $0 + $1.byteCount }
        case .map(let members): 16 + members.byteCount
        default: 8
        }
    }
}
