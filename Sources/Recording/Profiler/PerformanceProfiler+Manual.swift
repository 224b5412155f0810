extension PerformanceProfiler {
    /// Starts a span. End it with ``end(_:warnThreshold:)``, on any thread or task.
    ///
    /// The span is a child of the current span, but does not become the current span of any task.
    public func start(_ name: StaticString) -> SpanHandle {
        guard isEnabled else { return .none }
        return begin(name)
    }

    /// Starts a span as ``start(_:)-(StaticString)`` does, with a name that is known only at run time.
    @_disfavoredOverload
    public func start(_ name: String) -> SpanHandle {
        startSpan(name)
    }

    /// Starts a span with a kind, a parent, attributes and a start time.
    /// - Parameters:
    ///   - name: The name of the operation. Use few distinct names, and do not put ids into them.
    ///   - kind: The role of the span in a call between services.
    ///   - parent: The parent; the current span by default.
    ///   - attributes: The attributes at the start. Samplers see these and inherited attributes, but not those that are
    ///     set later.
    ///   - startUnixNanoseconds: The start in nanoseconds since 1970-01-01 UTC; now by default.
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
            startUnixNanoseconds: startUnixNanoseconds,
            scope: scope
        )
    }

    /// Runs `operation` on the caller's actor in a span with a kind, a parent and attributes.
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

    /// Ends a span that this profiler started.
    ///
    /// If the span has already ended or another profiler started it, the call is ignored, counted, and logged at most once a minute.
    /// - Parameter warnThreshold: The duration above which a warning is logged; the profiler's own threshold by default.
    /// - Returns: Whether the span was open.
    @discardableResult
    public func end(_ span: SpanHandle, warnThreshold: Duration? = nil) -> Bool {
        guard isEnabled else { return false }
        guard let nanoseconds = recorder.end(span, now: recorder.clock.now()) else { return false }
        if isSlow(nanoseconds, warnThreshold) { warn(span, nanoseconds, warnThreshold) }
        return true
    }
}
