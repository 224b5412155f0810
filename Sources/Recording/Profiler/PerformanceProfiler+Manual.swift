extension PerformanceProfiler {
    /// Starts a span that ends with ``end(_:warnThreshold:)``, on any thread, before or after any `await`.
    ///
    /// It is a child of the current span but does not become the current one: nobody could say for which task.
    public func start(_ name: StaticString) -> SpanHandle {
        guard isEnabled else { return .none }
        return recorder.begin(name)
    }

    /// Starts a span whose name is known at run time only, as ``start(_:)-(StaticString)`` does.
    @_disfavoredOverload
    public func start(_ name: String) -> SpanHandle {
        startSpan(name)
    }

    /// Starts a span with all that OpenTelemetry lets a span start with.
    /// - Parameters:
    ///   - name: the operation; few distinct ones, without ids in them.
    ///   - kind: its role between services.
    ///   - parent: the current span by default.
    ///   - attributes: what is known already; samplers see only these.
    ///   - startUnixNanoseconds: nanoseconds since 1970-01-01 UTC, for work that has begun already; now by default.
    public func startSpan(
        _ name: String,
        kind: RecordedSpan.Kind = .internal,
        parent: SpanParent = .current,
        attributes: Attributes = [:],
        startUnixNanoseconds: Int64? = nil
    ) -> SpanHandle {
        guard isEnabled else { return .none }
        return recorder.begin(
            named: name,
            kind: kind,
            parent: parent,
            attributes: attributes,
            startUnixNanoseconds: startUnixNanoseconds
        )
    }

    /// Runs `operation` in a span with all that OpenTelemetry lets a span start with.
    public func withSpan<Result>(
        _ name: String,
        kind: RecordedSpan.Kind = .internal,
        parent: SpanParent = .current,
        attributes: Attributes = [:],
        isolation: isolated (any Actor)? = #isolation,
        _ operation: (SpanHandle) async throws -> Result
    ) async rethrows -> Result {
        guard isEnabled else { return try await operation(.none) }
        let span = startSpan(name, kind: kind, parent: parent, attributes: attributes)
        return try await measure(span, nil, operation)
    }

    /// Ends a span that was started by this profiler.
    ///
    /// A span that has ended already, or is another profiler's, is left alone: it is counted, and logged at most once a minute.
    /// - Returns: whether the span was open, and is now recorded.
    @discardableResult
    public func end(_ span: SpanHandle, warnThreshold: Duration? = nil) -> Bool {
        guard isEnabled else { return false }
        guard let nanoseconds = recorder.end(span, now: recorder.clock.now()) else { return false }
        if warnings.isDue(nanoseconds, warnThreshold) { warn(span, nanoseconds, warnThreshold) }
        return true
    }
}
