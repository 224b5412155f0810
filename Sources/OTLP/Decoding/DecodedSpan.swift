import Recording

/// A span read from OTLP JSON, with who made it.
public struct DecodedSpan: Sendable, Hashable {
    /// The service.
    public var resource: Resource
    /// The library.
    public var scope: InstrumentationScope
    /// The span.
    public var span: RecordedSpan
}

/// What is wrong at one place of the input.
public struct DecodingProblem: Error, Sendable, Hashable, CustomStringConvertible {
    /// Counted from 1: where the value begins that could not be read.
    public var line: Int
    /// One sentence.
    public var reason: String

    /// `line 3: …`
    public var description: String { "line \(line): \(reason)" }
}
