import Recording

/// A span read from OTLP JSON, with who made it.
public struct DecodedSpan: Sendable, Hashable {
    /// The service.
    public var resource: Resource
    /// The library.
    public var scope: InstrumentationScope
    /// The span.
    public var span: RecordedSpan

    /// Creates a span with who made it.
    public init(resource: Resource, scope: InstrumentationScope, span: RecordedSpan) {
        self.resource = resource
        self.scope = scope
        self.span = span
    }
}

/// What is wrong at one place of the input.
public struct DecodingProblem: Error, Sendable, Hashable, CustomStringConvertible {
    /// Counted from 1.
    public var line: Int
    /// Counted from 1, in bytes.
    public var column: Int
    /// One sentence; nothing in it that a terminal would obey.
    public var reason: String

    /// `line 3, column 17: …`
    public var description: String { "line \(line), column \(column): \(reason)" }
}
