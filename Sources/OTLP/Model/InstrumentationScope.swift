import SpanKitRecording

/// The library that made the spans (OpenTelemetry `InstrumentationScope`).
public struct InstrumentationScope: Sendable, Hashable {
    /// Empty when nobody said.
    public var name: String
    /// The library's version, empty when nobody said.
    public var version: String
    /// More about the library.
    public var attributes: [Attribute]
    /// Where the meaning of its spans' attributes is defined; empty when nobody said.
    public var schemaURL: String

    /// Creates a scope.
    public init(name: String = "", version: String = "", attributes: [Attribute] = [], schemaURL: String = "") {
        self.name = name
        self.version = version
        self.attributes = attributes
        self.schemaURL = schemaURL
    }
}
