import SpanKitPercentiles

// `@inlinable`, so that the closure is specialised at the call site and the disabled path is one load and one branch there
// (`Benchmarks`: "profile, off" and "profile, 3 attributes").
extension PerformanceProfiler {
    /// Measures a closure as a span named `name`, a child of the current one.
    ///
    /// The result and the error pass through; on an error the duration is recorded as well, and the span is marked as
    /// failed with the type of the error (a `CancellationError` is not a failure).
    /// - Parameters:
    ///   - name: the operation; few distinct ones, without ids in them.
    ///   - warnThreshold: logs a warning when the operation took longer; the profiler's own threshold by default.
    @inlinable
    public func profile<Result>(
        _ name: StaticString,
        warnThreshold: Duration? = nil,
        _ operation: () throws -> Result
    ) rethrows -> Result {
        guard isEnabled else { return try operation() }
        return try measure(begin(name), warnThreshold) { _ in try operation() }
    }

    /// Measures a closure as a span named `name`; the closure gets the span, for attributes and events.
    @inlinable
    public func profile<Result>(
        _ name: StaticString,
        warnThreshold: Duration? = nil,
        _ operation: (SpanHandle) throws -> Result
    ) rethrows -> Result {
        guard isEnabled else { return try operation(.none) }
        return try measure(begin(name), warnThreshold, operation)
    }

    /// Measures an asynchronous closure as a span named `name`. Runs on the caller's actor.
    @inlinable
    public func profile<Result>(
        _ name: StaticString,
        warnThreshold: Duration? = nil,
        isolation: isolated (any Actor)? = #isolation,
        _ operation: () async throws -> Result
    ) async rethrows -> Result {
        guard isEnabled else { return try await operation() }
        return try await measure(begin(name), warnThreshold) { _ in try await operation() }
    }

    /// Measures an asynchronous closure as a span named `name`; the closure gets the span, for attributes and events.
    @inlinable
    public func profile<Result>(
        _ name: StaticString,
        warnThreshold: Duration? = nil,
        isolation: isolated (any Actor)? = #isolation,
        _ operation: (SpanHandle) async throws -> Result
    ) async rethrows -> Result {
        guard isEnabled else { return try await operation(.none) }
        return try await measure(begin(name), warnThreshold, operation)
    }
}

// Names known at run time only: each costs a look at its bytes. Disfavoured, so that literals take the way above.
extension PerformanceProfiler {
    /// Measures a closure as a span whose name is known at run time only.
    @_disfavoredOverload
    @inlinable
    public func profile<Result>(
        _ name: String,
        warnThreshold: Duration? = nil,
        _ operation: () throws -> Result
    ) rethrows -> Result {
        guard isEnabled else { return try operation() }
        return try measure(begin(name), warnThreshold) { _ in try operation() }
    }

    /// Measures a closure as a span whose name is known at run time only; the closure gets the span.
    @_disfavoredOverload
    @inlinable
    public func profile<Result>(
        _ name: String,
        warnThreshold: Duration? = nil,
        _ operation: (SpanHandle) throws -> Result
    ) rethrows -> Result {
        guard isEnabled else { return try operation(.none) }
        return try measure(begin(name), warnThreshold, operation)
    }

    /// Measures an asynchronous closure as a span whose name is known at run time only. Runs on the caller's actor.
    @_disfavoredOverload
    @inlinable
    public func profile<Result>(
        _ name: String,
        warnThreshold: Duration? = nil,
        isolation: isolated (any Actor)? = #isolation,
        _ operation: () async throws -> Result
    ) async rethrows -> Result {
        guard isEnabled else { return try await operation() }
        return try await measure(begin(name), warnThreshold) { _ in try await operation() }
    }

    /// Measures an asynchronous closure as a span whose name is known at run time only; the closure gets the span.
    @_disfavoredOverload
    @inlinable
    public func profile<Result>(
        _ name: String,
        warnThreshold: Duration? = nil,
        isolation: isolated (any Actor)? = #isolation,
        _ operation: (SpanHandle) async throws -> Result
    ) async rethrows -> Result {
        guard isEnabled else { return try await operation(.none) }
        return try await measure(begin(name), warnThreshold, operation)
    }
}

extension PerformanceProfiler {
    @inlinable
    @inline(__always)
    func measure<Result>(
        _ span: SpanHandle,
        _ warnThreshold: Duration?,
        _ operation: (SpanHandle) throws -> Result
    ) rethrows -> Result {
        do {
            // Read before the span's scope is left, which is not the caller's time.
            let (result, now) = try recorder.currentSpan.with(span) { (try operation(span), recorder.clock.now()) }
            if let nanoseconds = finish(span, now), warnings.isDue(nanoseconds, warnThreshold) {
                warn(span, nanoseconds, warnThreshold)
            }
            return result
        } catch {
            fail(span, warnThreshold, error)
            throw error
        }
    }

    @inlinable
    @inline(__always)
    func measure<Result>(
        _ span: SpanHandle,
        _ warnThreshold: Duration?,
        isolation: isolated (any Actor)? = #isolation,
        _ operation: (SpanHandle) async throws -> Result
    ) async rethrows -> Result {
        do {
            let (result, now) = try await SpanHandle.$current.withValue(span) {
                (try await operation(span), recorder.clock.now())
            }
            if let nanoseconds = finish(span, now), warnings.isDue(nanoseconds, warnThreshold) {
                warn(span, nanoseconds, warnThreshold)
            }
            return result
        } catch {
            fail(span, warnThreshold, error)
            throw error
        }
    }

    @usableFromInline
    func begin(_ name: StaticString) -> SpanHandle {
        recorder.begin(name)
    }

    @usableFromInline
    func begin(_ name: String) -> SpanHandle {
        recorder.begin(named: name)
    }

    /// - Returns: the duration in nanoseconds; nil when the closure ended the span itself.
    @usableFromInline
    func finish(_ span: SpanHandle, _ now: UInt64) -> UInt64? {
        recorder.end(span, now: now)
    }

    @usableFromInline
    @inline(never)
    func warn(_ span: SpanHandle, _ nanoseconds: UInt64, _ warnThreshold: Duration?) {
        warnings.warn(recorder.engine.name(of: OperationID(rawValue: span.operation)), nanoseconds, warnThreshold)
    }

    @usableFromInline
    @inline(never)
    func fail(_ span: SpanHandle, _ warnThreshold: Duration?, _ error: any Error) {
        if !(error is CancellationError) { span.recordError(error) }
        if let nanoseconds = finish(span, recorder.clock.now()), warnings.isDue(nanoseconds, warnThreshold) {
            warn(span, nanoseconds, warnThreshold)
        }
    }
}
