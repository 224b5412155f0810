/// A list of propagators, which read and write the headers that carry the context between processes (`OTEL_PROPAGATORS`).
///
/// ```swift
/// let incoming = Propagators.default.extract { request.headers.values(named: $0) }
/// Propagators.default.inject(PropagatedContext(parent: span.context)) { name, value in request.headers[name] = value }
/// ```
///
/// Every propagator in the list reads and writes its headers. If several find a parent, the last one in the list wins, as OpenTelemetry
/// defines for composite propagators.
///
/// You can combine your own propagators with those of ``StandardPropagator``:
/// `Propagators([StandardPropagator.traceContext, CompanyPropagator()])`.
public struct Propagators: Sendable, ExpressibleByArrayLiteral {
    /// The propagators, in order. Each has a different name.
    public private(set) var elements: [any ContextPropagator] = []

    /// Creates a list. If several propagators have the same name, only the first is kept.
    public init(_ elements: [any ContextPropagator]) {
        for element in elements { append(element) }
    }

    /// Creates a list from a literal such as `[.b3, .baggage]`.
    public init(arrayLiteral elements: StandardPropagator...) {
        self.init(elements)
    }

    /// A list with only `tracecontext`.
    public static let traceContext: Propagators = [.traceContext]
    /// A list with only `baggage`.
    public static let baggage: Propagators = [.baggage]
    /// The default list: `tracecontext,baggage`.
    public static let `default`: Propagators = [.traceContext, .baggage]

    /// Adds a propagator at the end, unless the list already has one with the same name.
    public mutating func append(_ propagator: some ContextPropagator) {
        guard !elements.contains(where: { $0.name == propagator.name }) else { return }
        elements.append(propagator)
    }

    /// Adds the propagators of a list of names such as `tracecontext,b3`. The name `none` adds nothing.
    /// - Parameter unknown: Called with every unknown name.
    package mutating func append(names: String, unknown: (String) -> Void) {
        for name in HeaderText([names]).members.map({ String(decoding: $0, as: UTF8.self) }) {
            if let known = StandardPropagator(rawValue: name.lowercased()) {
                append(known)
            } else if name.lowercased() != "none" {
                unknown(name)
            }
        }
    }

    /// The names that `OTEL_PROPAGATORS` accepts, for messages.
    package static var knownNames: String {
        (StandardPropagator.allCases.map(\.rawValue) + ["none"]).joined(separator: ", ")
    }

    /// Reads the context from a request. Invalid and missing headers are ignored.
    /// - Parameter values: Returns the values of all headers with the given name, in order. The given name is in lower case, so ignore
    ///   case when you compare it with the names of the request's headers.
    public func extract(_ values: (_ header: String) -> [String]) -> PropagatedContext {
        var context = PropagatedContext()
        for element in elements { element.extract(values, into: &context) }
        return context
    }

    /// Writes a context into a request.
    /// - Parameter set: Sets a header, replacing existing headers with the same name.
    public func inject(_ context: PropagatedContext, _ set: (_ header: String, _ value: String) -> Void) {
        for element in elements { element.inject(context, set) }
    }
}

extension Propagators: Equatable {
    /// Compares the names of the propagators, in order.
    public static func == (left: Propagators, right: Propagators) -> Bool {
        left.elements.map(\.name) == right.elements.map(\.name)
    }
}

/// Reads and writes the headers of one format.
///
/// All methods may be called on any thread at the same time, and must not block.
public protocol ContextPropagator: Sendable {
    /// The name in `OTEL_PROPAGATORS`, in lower case.
    var name: String { get }

    /// Reads the headers into the context. It must not change the context if the headers are missing or invalid.
    /// - Parameter values: Returns the values of all headers with the given name. Pass the name in lower case.
    func extract(_ values: (_ header: String) -> [String], into context: inout PropagatedContext)

    /// Writes the context into headers. An invalid parent must not be written.
    /// - Parameter set: Sets a header, replacing existing headers with the same name.
    func inject(_ context: PropagatedContext, _ set: (_ header: String, _ value: String) -> Void)
}

/// The propagators that `OTEL_PROPAGATORS` can name.
public enum StandardPropagator: String, ContextPropagator, CaseIterable {
    /// The W3C headers `traceparent` and `tracestate`, with ``TraceContextPropagator``.
    case traceContext = "tracecontext"
    /// The W3C header `baggage`, with ``BaggagePropagator``.
    case baggage
    /// Writes the header `b3`. Reads `b3`, or the headers `X-B3-…` if there is no valid `b3`. See ``B3Propagator``.
    case b3
    /// Writes the headers `X-B3-…`. Reads the same headers as ``b3``.
    case b3Multi = "b3multi"
    /// The header `uber-trace-id` of Jaeger's former clients, with ``JaegerPropagator``.
    case jaeger
    /// The header `X-Amzn-Trace-Id` of AWS X-Ray, with ``XRayPropagator``.
    case xray

    /// The name in `OTEL_PROPAGATORS`.
    public var name: String { rawValue }

    /// Reads the headers of the format.
    public func extract(_ values: (_ header: String) -> [String], into context: inout PropagatedContext) {
        let parent: SpanContext?
        switch self {
        case .traceContext: parent = TraceContextPropagator.extract(values)
        case .baggage:
            context.baggage = BaggagePropagator.extract(values) ?? context.baggage
            return
        case .b3, .b3Multi: parent = B3Propagator.extract(values)
        case .jaeger: parent = JaegerPropagator.extract(values)
        case .xray: parent = XRayPropagator.extract(values)
        }
        context.parent = parent ?? context.parent
    }

    /// Writes the headers of the format.
    public func inject(_ context: PropagatedContext, _ set: (_ header: String, _ value: String) -> Void) {
        if self == .baggage {
            if let baggage = context.baggage { BaggagePropagator.inject(baggage, set) }
            return
        }
        guard let parent = context.parent, parent.isValid else { return }
        switch self {
        case .traceContext: TraceContextPropagator.inject(parent, set)
        case .b3: B3Propagator.inject(parent, set)
        case .b3Multi: B3Propagator.injectMultiple(parent, set)
        case .jaeger: JaegerPropagator.inject(parent, set)
        case .xray: XRayPropagator.inject(parent, set)
        case .baggage: break
        }
    }
}

/// The context that is sent with a request: the parent of the receiver's spans, and baggage.
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
    /// Use it in a command, so that its spans become children of the span of the script or job that runs it.
    public func extract(environment: [String: String]) -> PropagatedContext {
        extract { name in
            let variable = Self.variable(name)
            // AWS Lambda sets the variable with a leading underscore.
            return (environment[variable] ?? environment["_\(variable)"]).map { [$0] } ?? []
        }
    }

    /// Returns the environment variables that pass a context to a child process.
    public func environment(_ context: PropagatedContext) -> [String: String] {
        var variables: [String: String] = [:]
        inject(context) { name, value in variables[Self.variable(name)] = value }
        return variables
    }

    /// The variable for a header: upper case, with `_` for all characters that are not letters or digits.
    private static func variable(_ header: String) -> String {
        String(header.uppercased().map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" })
    }
}
