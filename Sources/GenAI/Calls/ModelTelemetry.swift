import Foundation
import SpanKit

/// Records a span and client metrics for each call of a language model, as OpenTelemetry's GenAI conventions define them.
///
/// ```swift
/// let models = ModelTelemetry(telemetry)
/// let answer = try await models.call(.chat("claude-sonnet-4-5", from: .anthropic)) { call in
///     let answer = try await client.send(prompt)
///     call.update { $0 = ModelResponse(model: answer.model, usage: answer.usage.total) }
///     return answer
/// }
/// ```
/// The content of messages is not recorded unless ``Configuration/content`` is set. All methods can be called from any thread or task.
public struct ModelTelemetry: Sendable {
    /// The settings for what is recorded.
    public struct Configuration: Sendable, Hashable {
        /// The version of the conventions that defines the names of attributes and metrics. The default is the one that the environment
        /// of the process selects (`OTEL_SEMCONV_STABILITY_OPT_IN`).
        public var conventions = Conventions.ofEnvironment
        /// Whether and how much content of messages is recorded in spans. The default, nil, records none.
        public var content: ContentCapture?

        /// Creates the default configuration.
        public init() {}

        /// Returns the configuration from environment variables.
        ///
        /// `OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT=true` turns on the recording of content.
        /// `OTEL_SEMCONV_STABILITY_OPT_IN=gen_ai_latest_experimental` selects ``Conventions/v0_1_0``.
        /// - Parameter variables: the variables; the environment of the process by default.
        public static func environment(
            _ variables: [String: String] = ProcessInfo.processInfo.environment
        ) -> Configuration {
            var configuration = Configuration()
            configuration.conventions = .environment(variables)
            let value = variables["OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT"]
            if value?.lowercased() == "true" { configuration.content = ContentCapture() }
            return configuration
        }
    }

    /// The profiler that records the spans.
    public let profiler: PerformanceProfiler
    /// The metrics that record the calls; nil for none.
    public let metrics: GenAIMetrics?
    /// The settings for what is recorded.
    public let configuration: Configuration

    /// Creates a recorder of model calls for a profiler.
    /// - Parameters:
    ///   - profiler: the profiler that records the spans.
    ///   - metrics: the metrics that record the calls; nil for none.
    ///   - configuration: what is recorded.
    public init(
        _ profiler: PerformanceProfiler,
        metrics: GenAIMetrics? = nil,
        configuration: Configuration = Configuration()
    ) {
        self.profiler = profiler
        self.metrics = metrics
        self.configuration = configuration
    }

    /// Creates a recorder of model calls that uses the profiler and metrics of `telemetry`.
    /// - Parameters:
    ///   - telemetry: records the spans and sends the metrics.
    ///   - configuration: what is recorded.
    public init(_ telemetry: Telemetry, configuration: Configuration = Configuration()) {
        self.init(telemetry.profiler, metrics: telemetry.modelMetrics, configuration: configuration)
    }

    /// Starts a call.
    ///
    /// It ends when ``ModelCall/end()`` or ``ModelCall/fail(_:includingMessage:)`` is called, when its stream ends, or
    /// when its last reference is released.
    ///
    /// The call's span does not become the current span, because a function cannot change its caller's current span.
    /// Use ``call(_:named:parent:warnThreshold:isolation:_:)`` for a response that is not streamed and
    /// ``ModelCall/stream(_:endIsMarked:observe:)`` for a stream. Both run the client in the call's span, so that the
    /// spans of the client's HTTP requests become children. Otherwise run the client in ``ModelCall/withSpan(isolation:_:)``.
    /// - Parameters:
    ///   - request: the request, which becomes attributes.
    ///   - name: the name of the span; ``ModelRequest/spanName(_:)`` by default.
    ///   - parent: the parent of the span; the current span by default.
    ///   - warnThreshold: the duration above which a warning is logged; the profiler's own threshold by default.
    public func start(
        _ request: ModelRequest,
        named name: String? = nil,
        parent: SpanParent = .current,
        warnThreshold: Duration? = nil
    ) -> ModelCall {
        ModelCall(
            request,
            telemetry: self,
            name: name ?? request.spanName(configuration.conventions),
            parent: parent,
            warnThreshold: warnThreshold
        )
    }

    /// Records a call around a closure, in which the call's span is the current span.
    /// - Parameters:
    ///   - request: the request, which becomes attributes.
    ///   - name: the name of the span; ``ModelRequest/spanName(_:)`` by default.
    ///   - parent: the parent of the span; the current span by default.
    ///   - warnThreshold: the duration above which a warning is logged; the profiler's own threshold by default.
    ///   - isolation: the actor that runs the closure; the caller's by default.
    ///   - operation: calls the model and updates the call with the response.
    /// - Returns: the result of the closure. If it throws, the call fails with that error, which is rethrown.
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
            let result = try await call.withSpan { try await operation(call) }
            call.end()
            return result
        } catch {
            call.fail(error)
            throw error
        }
    }
}
