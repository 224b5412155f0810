/// What travels with a request (`OTEL_PROPAGATORS`).
///
/// ```swift
/// let incoming = Propagators.default.extract { request.headers.values(named: $0) }
/// Propagators.default.inject(outgoing) { name, value in request.headers[name] = value }
/// ```
public struct Propagators: OptionSet, Hashable, Sendable {
    /// A bit for each.
    public let rawValue: UInt8

    /// Creates a set from its bits.
    public init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    /// `tracecontext`: the parent, by ``TraceContextPropagator``.
    public static let traceContext = Propagators(rawValue: 1)
    /// `baggage`: names and values, by ``BaggagePropagator``.
    public static let baggage = Propagators(rawValue: 2)
    /// `tracecontext,baggage`.
    public static let `default`: Propagators = [.traceContext, .baggage]

    /// Reads a list such as `tracecontext,baggage`; `none` adds nothing.
    /// - Parameter unknown: called with every name that is not one of ours.
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

    /// What a request brings along.
    /// - Parameter values: all values of the headers of a name, in order; the name is in lower case and headers are to be
    ///   found in any case.
    public func extract(_ values: (_ header: String) -> [String]) -> PropagatedContext {
        PropagatedContext(
            parent: contains(.traceContext) ? TraceContextPropagator.extract(values) : nil,
            baggage: contains(.baggage) ? BaggagePropagator.extract(values) : nil
        )
    }

    /// Sends along what is there.
    /// - Parameter set: sets the header of a name, in place of those that there are.
    public func inject(_ context: PropagatedContext, _ set: (_ header: String, _ value: String) -> Void) {
        if contains(.traceContext), let parent = context.parent { TraceContextPropagator.inject(parent, set) }
        if contains(.baggage), let baggage = context.baggage { BaggagePropagator.inject(baggage, set) }
    }
}

/// What travels with a request: the parent of what the receiver does, and baggage.
public struct PropagatedContext: Hashable, Sendable {
    /// The span that the receiver's spans hang below; nil when there is none.
    public var parent: SpanContext?
    /// nil when there is none.
    public var baggage: W3CBaggage?

    /// Creates a context; what is not given is not there.
    public init(parent: SpanContext? = nil, baggage: W3CBaggage? = nil) {
        self.parent = parent
        self.baggage = baggage
    }
}

extension Propagators {
    /// What the process that started this one left in the environment: `TRACEPARENT`, `TRACESTATE`, `BAGGAGE`
    /// (OpenTelemetry, "Environment Variables as Context Propagation Carriers").
    ///
    /// A command that reads it at its start hangs its spans below the script or the job that runs it.
    public func extract(environment: [String: String]) -> PropagatedContext {
        extract { name in environment[name.uppercased()].map { [$0] } ?? [] }
    }

    /// The variables to start a child process with.
    public func environment(_ context: PropagatedContext) -> [String: String] {
        var variables: [String: String] = [:]
        inject(context) { name, value in variables[name.uppercased()] = value }
        return variables
    }
}
