import SpanKitRecording

/// The library that recorded the spans (OpenTelemetry `InstrumentationScope`).
public struct InstrumentationScope: Sendable, Hashable {
    /// The library's name; empty if not specified.
    public var name: String
    /// The library's version; empty if not specified.
    public var version: String
    /// Additional attributes of the library.
    public var attributes: [Attribute]
    /// The URL of the schema that defines the attributes of the library's spans; empty if not specified.
    public var schemaURL: String

    /// Creates a scope.
    public init(name: String = "", version: String = "", attributes: [Attribute] = [], schemaURL: String = "") {
        self.name = name
        self.version = version
        self.attributes = attributes
        self.schemaURL = schemaURL
    }
}
