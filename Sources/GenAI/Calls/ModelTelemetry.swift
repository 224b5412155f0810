import Foundation
import SpanKit

/// Records calls of language models: a span and the client metrics of each, as OpenTelemetry's GenAI conventions ask for.
///
/// ```swift
/// let models = ModelTelemetry(telemetry)
/// let answer = try await models.call(.chat("claude-sonnet-4-5", from: .anthropic)) { call in
///     let answer = try await client.send(prompt)
///     call.update { $0 = ModelResponse(model: answer.model, usage: answer.usage.total) }
///     return answer
/// }
/// ```
/// What was said goes nowhere unless ``Configuration/content`` asks for it. Everything may be called from any thread or task.
public struct ModelTelemetry: Sendable {
    /// What is recorded.
    public struct Configuration: Sendable, Hashable {
        /// Whose names the attributes have.
        public var conventions = Conventions.v1_41_1
        /// What of the content goes into spans; nil, the default, for nothing.
        public var content: ContentCapture?

        /// The defaults.
        public init() {}

        /// What the environment says: `OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT=true` turns content on.
        public static func environment(
            _ variables: [String: String] = ProcessInfo.processInfo.environment
        ) -> Configuration {
            var configuration = Configuration()
            let value = variables["OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT"]
            if value?.lowercased() == "true" { configuration.content = ContentCapture() }
            return configuration
        }
    }

    /// Where the spans go.
    public let profiler: PerformanceProfiler
    /// Where the metrics go; nil for nowhere.
    public let metrics: GenAIMetrics?
    /// What is recorded.
    public let configuration: Configuration

    /// Records into a profiler, and into metrics where there are some.
    public init(
        _ profiler: PerformanceProfiler,
        metrics: GenAIMetrics? = nil,
        configuration: Configuration = Configuration()
    ) {
        self.profiler = profiler
        self.metrics = metrics
        self.configuration = configuration
    }

    /// Records into a telemetry's profiler and metrics.
    public init(_ telemetry: Telemetry, configuration: Configuration = Configuration()) {
        self.init(telemetry.profiler, metrics: telemetry.modelMetrics, configuration: configuration)
    }

    /// Starts a call. It ends with ``ModelCall/end()``, ``ModelCall/fail(_:includingMessage:)``, with its stream, or when the last
    /// reference to it goes away.
    ///
    /// The call's span is not the current one afterwards, because a function cannot change the caller's current span. Use
    /// ``call(_:named:parent:warnThreshold:isolation:_:)`` for an answer in one piece and
    /// ``ModelCall/stream(_:endIsMarked:observe:)`` for a stream: both run the client in the call's span, so that the spans of
    /// its HTTP requests become children. Otherwise run the client in `SpanHandle.$current.withValue(call.span) { … }`.
    /// - Parameters:
    ///   - request: what is asked of the model; becomes attributes.
    ///   - name: the span's; what the conventions ask for by default.
    ///   - parent: the current span by default.
    ///   - warnThreshold: logs a warning when the call took longer; the profiler's own threshold by default.
    public func start(
        _ request: ModelRequest,
        named name: String? = nil,
        parent: SpanParent = .current,
        warnThreshold: Duration? = nil
    ) -> ModelCall {
        ModelCall(
            request,
            telemetry: self,
            name: name ?? request.spanName,
            parent: parent,
            warnThreshold: warnThreshold
        )
    }

    /// Records a call around a closure, in which its span is the current one. An error passes through, and is the call's.
    public func call<Result>(
        _ request: ModelRequest,
        named name: String? = nil,
        parent: SpanParent = .current,
        warnThreshold: Duration? = nil,
        isolation: isolated (any Actor)? = #isolation,
        _ operation: (ModelCall) async throws -> Result
    ) async rethrows -> Result {
        let call = start(request, named: name, parent: parent, warnThreshold: warnThreshold)
        do {
            let result = try await SpanHandle.$current.withValue(call.span) { try await operation(call) }
            call.end()
            return result
        } catch {
            call.fail(error)
            throw error
        }
    }
}
