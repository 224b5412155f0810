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
        return try profile(name, warnThreshold: warnThreshold) { _ in try operation() }
    }

    /// Measures a closure as a span named `name`; the closure gets the span, for attributes and events.
    @inlinable
    public func profile<Result>(
        _ name: StaticString,
        warnThreshold: Duration? = nil,
        _ operation: (Span) throws -> Result
    ) rethrows -> Result {
        guard isEnabled else { return try operation(.none) }
        let span = begin(name)
        do {
            // Read before the span's scope is left, which is not the caller's time.
            let (result, now) = try recorder.currentSpan.with(span) { (try operation(span), recorder.clock.now()) }
            if let nanoseconds = finish(span, now), warnings.isDue(nanoseconds, warnThreshold) {
                warn(name, nanoseconds, warnThreshold)
            }
            return result
        } catch {
            fail(span, name, warnThreshold, error)
            throw error
        }
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
        return try await profile(name, warnThreshold: warnThreshold) { _ in try await operation() }
    }

    /// Measures an asynchronous closure as a span named `name`; the closure gets the span, for attributes and events.
    @inlinable
    public func profile<Result>(
        _ name: StaticString,
        warnThreshold: Duration? = nil,
        isolation: isolated (any Actor)? = #isolation,
        _ operation: (Span) async throws -> Result
    ) async rethrows -> Result {
        guard isEnabled else { return try await operation(.none) }
        let span = begin(name)
        do {
            let (result, now) = try await Span.$current.withValue(span) {
                (try await operation(span), recorder.clock.now())
            }
            if let nanoseconds = finish(span, now), warnings.isDue(nanoseconds, warnThreshold) {
                warn(name, nanoseconds, warnThreshold)
            }
            return result
        } catch {
            fail(span, name, warnThreshold, error)
            throw error
        }
    }

    @usableFromInline
    func begin(_ name: StaticString) -> Span {
        recorder.begin(name)
    }

    /// - Returns: the duration in nanoseconds; nil when the closure ended the span itself.
    @usableFromInline
    func finish(_ span: Span, _ now: UInt64) -> UInt64? {
        recorder.end(span, now: now)
    }

    @usableFromInline
    @inline(never)
    func warn(_ name: StaticString, _ nanoseconds: UInt64, _ warnThreshold: Duration?) {
        warnings.warn(name.description, nanoseconds, warnThreshold)
    }

    @usableFromInline
    @inline(never)
    func fail(_ span: Span, _ name: StaticString, _ warnThreshold: Duration?, _ error: any Error) {
        if !(error is CancellationError) { span.recordError(error) }
        if let nanoseconds = finish(span, recorder.clock.now()), warnings.isDue(nanoseconds, warnThreshold) {
            warn(name, nanoseconds, warnThreshold)
        }
    }
}
