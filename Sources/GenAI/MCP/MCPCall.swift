import SpanKit
import SpanKitPlatform

/// A request of the Model Context Protocol in progress.
///
/// ``ModelTelemetry/mcpClient(_:isolation:_:)`` and ``ModelTelemetry/mcpServer(_:meta:isolation:_:)`` create it. All methods can be
/// called from any thread or task.
public final class MCPCall: Sendable {
    /// The span. For a client's tool call within `execute_tool`, it is the span of the tool.
    public let span: SpanHandle
    private let configuration: ModelTelemetry.Configuration
    /// The tool call whose span this is; nil if the request has a span of its own.
    private let tool: ModelCall?
    private let state = Locked(State())

    private struct State {
        var statusCode: String?
        var errorType: String?
        var content = CallContent()
    }

    init(_ span: SpanHandle, _ configuration: ModelTelemetry.Configuration, in tool: ModelCall? = nil) {
        self.span = span
        self.configuration = configuration
        self.tool = tool
    }

    /// The trace context to send in `params._meta` of a client's request: `traceparent` and, if there is one, `tracestate`.
    public var meta: [String: String] {
        var meta: [String: String] = [:]
        TraceContextPropagator.inject(span.context) { meta[$0] = $1 }
        return meta
    }

    /// Marks the request as failed with a JSON-RPC error.
    /// - Parameter code: the error's code, such as -32602.
    public func fail(code: Int) { fail(errorType: "\(code)", statusCode: "\(code)") }

    /// Marks a tool call as failed by the tool: its result has `isError`.
    public func failTool() { fail(errorType: "tool_error", statusCode: nil) }

    /// Sets the arguments or the result of a tool call, or the arguments of a prompt (``ContentPart/promptVariable(_:)``). It is added to
    /// the span when the request ends.
    ///
    /// The text is only evaluated if content is recorded (``ModelTelemetry/Configuration/content``).
    /// - Parameters:
    ///   - part: what the text is.
    ///   - text: the text, which is JSON where ``ContentPart`` says so.
    public func setContent(_ part: ContentPart, _ text: @autoclosure () -> String) {
        if let tool { return tool.setContent(part, text()) }
        guard configuration.content != nil, span.isRecording,
            let name = part.name(of: .tool, in: configuration.conventions)
        else { return }
        let text = text()
        state.withLock { $0.content.parts[name] = (text, part.isJSON) }
    }

    /// Ends the span, unless it is that of a tool call.
    func end(_ profiler: PerformanceProfiler) {
        guard tool == nil else { return }
        if let limits = configuration.content {
            state.withLock { $0.content }.record(on: span, limits, .tool, configuration.conventions)
        }
        profiler.end(span)
    }

    func fail(errorType: String, statusCode: String?) {
        state.withLock { ($0.errorType, $0.statusCode) = (errorType, statusCode) }
        span.set(GenAIAttribute.errorType.rawValue, errorType)
        span.set(GenAIAttribute.rpcStatus.rawValue, statusCode)
        span.setStatus(.error(""))
    }

    var outcome: (statusCode: String?, errorType: String?) { state.withLock { ($0.statusCode, $0.errorType) } }
}

extension ModelTelemetry {
    /// Records a request that this process sends as an MCP client.
    ///
    /// The span is the current span in the closure. If the request calls a tool within the span of its execution
    /// (``ModelRequest/tool(_:callID:description:type:skill:executable:from:)``), that span gets the attributes, and there is no second
    /// span.
    /// - Parameters:
    ///   - request: the request, which becomes attributes.
    ///   - isolation: the actor that runs the closure; the caller's by default.
    ///   - operation: sends the request with ``MCPCall/meta`` in `params._meta`, and reports errors to the call.
    /// - Returns: the result of the closure. If it throws, the request fails with that error, which is rethrown.
    public func mcpClient<Result>(
        _ request: MCPRequest,
        isolation: isolated (any Actor)? = #isolation,
        _ operation: (MCPCall) async throws -> Result
    ) async rethrows -> Result {
        let attributes = request.attributes(isServer: false)
        if request.toolName != nil, let tool = CallScope.current.call, tool.type == .tool {
            tool.span.set(attributes)
            return try await run(MCPCall(tool.span, configuration, in: tool), request, isServer: false, operation)
        }
        if request.toolName != nil { AgentScope.current?.count(.tool) }
        let span = profiler.startSpan(request.spanName, kind: .client, attributes: attributes)
        return try await run(MCPCall(span, configuration), request, isServer: false, operation)
    }

    /// Records a request that this process answers as an MCP server.
    ///
    /// The span is the current span in the closure.
    /// - Parameters:
    ///   - request: the request, which becomes attributes.
    ///   - meta: the members of `params._meta` of the request whose values are strings. The client's span that they name becomes the parent.
    ///   - isolation: the actor that runs the closure; the caller's by default.
    ///   - operation: answers the request, and reports errors to the call.
    /// - Returns: the result of the closure. If it throws, the request fails with that error, which is rethrown.
    public func mcpServer<Result>(
        _ request: MCPRequest,
        meta: [String: String] = [:],
        isolation: isolated (any Actor)? = #isolation,
        _ operation: (MCPCall) async throws -> Result
    ) async rethrows -> Result {
        let parent = TraceContextPropagator.extract { name in meta[name].map { [$0] } ?? [] }
        let span = profiler.startSpan(
            request.spanName,
            kind: .server,
            parent: parent.map { .context($0) } ?? .current,
            attributes: request.attributes(isServer: true)
        )
        return try await run(MCPCall(span, configuration), request, isServer: true, operation)
    }

    /// Counts the duration of an MCP session that has ended (`mcp.client.session.duration`, `mcp.server.session.duration`).
    /// - Parameters:
    ///   - duration: the duration.
    ///   - isServer: whether this process is the server.
    ///   - session: a request of the session, whose version, transport and peer become attributes.
    ///   - errorType: the reason why the session ended, from a small set of values; nil if it ended normally.
    public func recordMCPSession(
        _ duration: Duration,
        isServer: Bool,
        like session: MCPRequest,
        errorType: String? = nil
    ) {
        record(.mcp(isServer: isServer, "session"), duration, session, isServer: isServer, (nil, errorType))
    }

    private func run<Result>(
        _ call: MCPCall,
        _ request: MCPRequest,
        isServer: Bool,
        isolation: isolated (any Actor)? = #isolation,
        _ operation: (MCPCall) async throws -> Result
    ) async rethrows -> Result {
        let start = ContinuousClock.now
        defer {
            call.end(profiler)
            let definition = GenAIMetricDefinition.mcp(isServer: isServer, "operation")
            record(definition, start.duration(to: .now), request, isServer: isServer, call.outcome)
        }
        do {
            return try await SpanHandle.$current.withValue(call.span) { try await operation(call) }
        } catch {
            if call.outcome.errorType == nil { call.fail(errorType: ErrorType.of(error), statusCode: nil) }
            throw error
        }
    }

    private func record(
        _ metric: GenAIMetricDefinition,
        _ duration: Duration,
        _ request: MCPRequest,
        isServer: Bool,
        _ outcome: (statusCode: String?, errorType: String?)
    ) {
        guard let instruments = metrics?.instruments else { return }
        let names = Set(metric.attributes.map(\.rawValue))
        var attributes = request.attributes(isServer: isServer).elements.filter { names.contains($0.key) }
        for place in attributes.indices {
            guard case .string(let text) = attributes[place].value,
                let name = GenAIAttribute(rawValue: attributes[place].key)
            else { continue }
            attributes[place] = instruments.attribute(name, text)
        }
        if names.contains(GenAIAttribute.rpcStatus.rawValue), let code = outcome.statusCode {
            attributes.append(instruments.attribute(.rpcStatus, code))
        }
        if let type = outcome.errorType { attributes.append(instruments.attribute(.errorType, type)) }
        instruments.distribute(metric, duration.seconds, Attributes(attributes))
    }
}
