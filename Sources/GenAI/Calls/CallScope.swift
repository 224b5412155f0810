import SpanKit
import SpanKitPlatform

/// The calls around the current task: the innermost call and the innermost agent of this process.
struct CallScope: Sendable {
    @TaskLocal static var current = CallScope()

    /// The innermost call whose closure or stream is running. Its span need not be the current one: in it, an HTTP client may have a span.
    var call: ModelCall?
    var agent: AgentScope?

    /// The span of the innermost call; the current span outside calls.
    static var span: SpanHandle { current.call?.span ?? .current }
}

/// The innermost agent or workflow of this process, which counts its calls (`gen_ai.invoke_agent.inference_calls`, `….tool_calls`).
///
/// If this agent runs another one, calls of the inner agent are counted only there, so that each call is counted once.
final class AgentScope: Sendable {
    struct Counts: Sendable, Hashable {
        var inference = 0
        var tool = 0
    }

    static var current: AgentScope? { CallScope.current.agent }

    let name: String?
    private let state = Locked(Counts())

    init(name: String?) {
        self.name = name
    }

    var counts: Counts { state.withLock { $0 } }

    func count(_ type: SpanType) {
        switch type {
        case .inference: state.withLock { $0.inference += 1 }
        case .tool: state.withLock { $0.tool += 1 }
        case .embeddings, .retrieval, .remoteAgent, .localAgent, .plan, .fetchResponse, .memory: break
        }
    }
}

extension ModelCall {
    /// Runs a closure in which the call's span is the current span, so that the spans of an HTTP client become its children.
    ///
    /// ```swift
    /// let models = ModelTelemetry(telemetry)
    /// let call = models.start(.chat("claude-sonnet-4-5", from: .anthropic))
    /// let answer = try await call.withSpan { try await client.send(prompt) }
    /// ```
    /// It does not end the call, and can be called several times. ``ModelRetry/record(on:)`` finds the call in the closure.
    /// - Parameters:
    ///   - isolation: the actor that runs the closure; the caller's by default.
    ///   - operation: the code to run.
    /// - Returns: the result of the closure. Its errors are rethrown, and do not end the call.
    public func withSpan<Result>(
        isolation: isolated (any Actor)? = #isolation,
        _ operation: () async throws -> Result
    ) async rethrows -> Result {
        try await CallScope.$current.withValue(scope) {
            try await SpanHandle.$current.withValue(span, operation: operation)
        }
    }

    /// Runs a closure in which the call's span is the current span, like the asynchronous
    /// ``withSpan(isolation:_:)``.
    public func withSpan<Result>(_ operation: () throws -> Result) rethrows -> Result {
        try CallScope.$current.withValue(scope) { try SpanHandle.$current.withValue(span, operation: operation) }
    }

    private var scope: CallScope { CallScope(call: self, agent: agent ?? CallScope.current.agent) }
}
