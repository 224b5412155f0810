/// How much one span may hold. What goes over is dropped and counted in the span (OpenTelemetry SDK, "Span Limits").
public struct SpanLimits: Hashable, Sendable {
    /// Attributes of a span, 128 by default. A key that is already there may always be overwritten.
    public var attributeCount = 128
    /// Characters (Unicode scalars) of a string, or bytes of a byte array, that are kept; nil keeps all.
    ///
    /// It applies to every element of arrays and maps.
    public var attributeValueLength: Int?
    /// How deep arrays and maps may nest; what lies deeper becomes ``AttributeValue/null``. 64 by default.
    public var attributeValueDepth = 64
    /// Events of a span, 128 by default.
    public var eventCount = 128
    /// Links of a span, 128 by default.
    public var linkCount = 128
    /// Attributes of one event, 128 by default.
    public var attributeCountPerEvent = 128
    /// Attributes of one link, 128 by default.
    public var attributeCountPerLink = 128

    /// The limits of the OpenTelemetry specification.
    public init() {}

    /// Bytes that all attributes, events and links of one span may take together, in the layout of the span log.
    ///
    /// A string that no longer fits is cut to what does, and `spankit.truncated` names it with its length; anything else is
    /// dropped and counted. Fixed, because one record
    /// has to fit into one chunk of the log.
    public static let payloadBytes = 60 * 1_024

    /// Of ``payloadBytes``: what a text that has to be cut leaves for the attributes, events and links that come after it.
    static let reservedBytes = 8 * 1_024
}
