/// The headers that are read from and written to requests (`OTEL_PROPAGATORS`).
///
/// ```swift
/// let incoming = Propagators.default.extract { request.headers.values(named: $0) }
/// Propagators.default.inject(PropagatedContext(parent: span.context)) { name, value in request.headers[name] = value }
/// ```
public struct Propagators: OptionSet, Hashable, Sendable {
    /// One bit for each propagator.
    public let rawValue: UInt8

    /// Creates a set from its bits.
    public init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    /// `tracecontext`: the parent, with ``TraceContextPropagator``.
    public static let traceContext = Propagators(rawValue: 1)
    /// `baggage`: names and values, with ``BaggagePropagator``.
    public static let baggage = Propagators(rawValue: 2)
    /// The default: `tracecontext,baggage`.
    public static let `default`: Propagators = [.traceContext, .baggage]

    /// Creates a set from a list of names such as `tracecontext,baggage`, or `none`.
    /// - Parameter unknown: Called with every unknown name.
    package init(names: String, unknown: (String) -> Void) {
        self = []
        for name in HeaderText([names]).members.map({ String(decoding: $0, as: UTF8.self) }) {
            switch name.lowercased() {
            case "tracecontext": insert(.traceContext)
            case "baggage": insert(.baggage)
            case "none": break
            default: unknown(name)
            }
        }
    }

    /// Reads the context from a request.
    /// - Parameter values: Returns the values of all headers with the given name, in order. It receives the name in lower case;
    ///   ignore case when you compare it with the names of the request's headers.
    public func extract(_ values: (_ header: String) -> [String]) -> PropagatedContext {
        PropagatedContext(
            parent: contains(.traceContext) ? TraceContextPropagator.extract(values) : nil,
            baggage: contains(.baggage) ? BaggagePropagator.extract(values) : nil
        )
    }

    /// Writes a context into a request.
    /// - Parameter set: Sets a header, replacing existing headers with the same name.
    public func inject(_ context: PropagatedContext, _ set: (_ header: String, _ value: String) -> Void) {
        if contains(.traceContext), let parent = context.parent { TraceContextPropagator.inject(parent, set) }
        if contains(.baggage), let baggage = context.baggage { BaggagePropagator.inject(baggage, set) }
    }
}

/// The context that is sent with a request: the parent for the receiver's spans, and baggage.
public struct PropagatedContext: Hashable, Sendable {
    /// The parent of the receiver's spans, if any.
    public var parent: SpanContext?
    /// The baggage, if any.
    public var baggage: W3CBaggage?

    /// Creates a context.
    public init(parent: SpanContext? = nil, baggage: W3CBaggage? = nil) {
        self.parent = parent
        self.baggage = baggage
    }
}

extension Propagators {
    /// Reads the context from environment variables that the parent process set: `TRACEPARENT`, `TRACESTATE` and `BAGGAGE`
    /// (OpenTelemetry, "Environment Variables as Context Propagation Carriers").
    ///
    /// The spans of a command then become children of the span of the script or job that runs the command.
    public func extract(environment: [String: String]) -> PropagatedContext {
        extract { name in environment[name.uppercased()].map { [$0] } ?? [] }
    }

    /// The environment variables that pass a context to a child process.
    public func environment(_ context: PropagatedContext) -> [String: String] {
        var variables: [String: String] = [:]
        inject(context) { name, value in variables[name.uppercased()] = value }
        return variables
    }
}
