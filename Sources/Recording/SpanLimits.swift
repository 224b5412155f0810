/// Limits on the contents of one span (OpenTelemetry SDK, "Span Limits"). Excess attributes, events and links are
/// dropped and counted in the span.
public struct SpanLimits: Hashable, Sendable {
    /// The maximum number of attributes of a span, 128 by default. The value of an existing key can always be replaced.
    public var attributeCount = 128
    /// The maximum length of a string in Unicode scalars, and of a byte array in bytes. Nil, the default, means no limit.
    ///
    /// Longer values are truncated, including elements of arrays and maps.
    public var attributeValueLength: Int?
    /// The maximum nesting depth of arrays and maps, 64 by default. Deeper values become ``AttributeValue/null``.
    public var attributeValueDepth = 64
    /// The maximum number of events of a span, 128 by default.
    public var eventCount = 128
    /// The maximum number of links of a span, 128 by default.
    public var linkCount = 128
    /// The maximum number of attributes of one event, 128 by default.
    public var attributeCountPerEvent = 128
    /// The maximum number of attributes of one link, 128 by default.
    public var attributeCountPerLink = 128

    /// Creates the limits of the OpenTelemetry specification.
    public init() {}

    /// The maximum size of all attributes, events and links of one span, in bytes, as stored in the span log.
    ///
    /// A string that does not fit is truncated, and the attribute `spankit.truncated` lists its key and its original length.
    /// Anything else that does not fit is dropped and counted. The limit is fixed because a span has to fit into one chunk of the
    /// log.
    public static let payloadBytes = 60 * 1_024

    /// The number of bytes that remain free for later attributes, events and links when a text is truncated.
    static let reservedBytes = 8 * 1_024
}
