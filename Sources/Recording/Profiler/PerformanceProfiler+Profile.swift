import SpanKitPercentiles
import SpanKitPlatform

// `@inlinable`, so that the closure is specialised at the call site, and `profile` is one load and one branch while profiling is
// off (`Benchmarks`: "profile, off" and "profile, 3 attributes").
extension PerformanceProfiler {
    /// Runs a closure in a span that is a child of the current span, and returns its result.
    ///
    /// If the closure throws, the span is marked as failed with the type of the error, unless the error is a
    /// `CancellationError`. The duration is counted in either case.
    /// - Parameters:
    ///   - name: The name of the operation. Use few distinct names, and do not put ids into them.
    ///   - warnThreshold: The duration above which a warning is logged; the profiler's own threshold by default.
    /// - Throws: The error of the closure.
    @inlinable
    public func profile<Result>(
        _ name: StaticString,
        warnThreshold: Duration? = nil,
        _ operation: () throws -> Result
    ) rethrows -> Result {
        guard isEnabled else { return try operation() }
        return try measure(begin(name), warnThreshold) { _ in try operation() }
    }

    /// Runs a closure in a span, and passes it the span so that it can add attributes and events.
    @inlinable
    public func profile<Result>(
        _ name: StaticString,
        warnThreshold: Duration? = nil,
        _ operation: (SpanHandle) throws -> Result
    ) rethrows -> Result {
        guard isEnabled else { return try operation(.none) }
        return try measure(begin(name), warnThreshold, operation)
    }

    /// Runs an asynchronous closure in a span, on the caller's actor.
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

    /// Runs an asynchronous closure in a span, on the caller's actor, and passes it the span so that it can add
    /// attributes and events.
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

// Looking up a name that is known only at run time takes time in proportion to its length. These overloads are disfavoured, so
// that literals use those above.
extension PerformanceProfiler {
    /// Runs a closure in a span whose name is known only at run time.
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

    /// Runs a closure in a span whose name is known only at run time, and passes the span to it.
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

    /// Runs an asynchronous closure in a span whose name is known only at run time, on the caller's actor.
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

    /// Runs an asynchronous closure in a span whose name is known only at run time, on the caller's actor, and passes the span to it.
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
            // Leaving the scope of the span is not part of its duration.
            let (result, now) = try recorder.currentSpan.with(span) { (try operation(span), recorder.clock.now()) }
            if let nanoseconds = finish(span, now), isSlow(nanoseconds, warnThreshold) {
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
            if let nanoseconds = finish(span, now), isSlow(nanoseconds, warnThreshold) {
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
        scope == 0 ? recorder.begin(name) : recorder.begin(name, scope: scope)
    }

    @usableFromInline
    func begin(_ name: String) -> SpanHandle {
        recorder.begin(named: name, scope: scope)
    }

    /// - Returns: The duration in nanoseconds; nil if the closure has ended the span.
    @usableFromInline
    func finish(_ span: SpanHandle, _ now: UInt64) -> UInt64? {
        recorder.end(span, now: now)
    }

    /// Whether an operation took longer than its own threshold, or the profiler's if it has none.
    @inlinable
    @inline(__always)
    func isSlow(_ nanoseconds: UInt64, _ ownThreshold: Duration?) -> Bool {
        guard let ownThreshold else { return nanoseconds > warnThreshold }
        // Converting a `Duration` to nanoseconds would take longer.
        return Duration.nanoseconds(Int64(clamping: nanoseconds)) > ownThreshold
    }

    @usableFromInline
    @inline(never)
    func warn(_ span: SpanHandle, _ nanoseconds: UInt64, _ ownThreshold: Duration?) {
        guard let others = warningLimit.admit() else { return }
        let name = recorder.engine.name(of: OperationID(rawValue: span.operation))
        let threshold = ownThreshold.map { ReadableDuration($0) } ?? ReadableDuration(nanoseconds: warnThreshold)
        let more = others == 0 ? "" : " (\(others) more such \(others == 1 ? "line was" : "lines were") left out)"
        logger(
            .warning,
            "\(name) took \(ReadableDuration(nanoseconds: nanoseconds)), more than its threshold of \(threshold)\(more)"
        )
    }

    @usableFromInline
    @inline(never)
    func fail(_ span: SpanHandle, _ warnThreshold: Duration?, _ error: any Error) {
        if !(error is CancellationError) { span.recordError(error) }
        if let nanoseconds = finish(span, recorder.clock.now()), isSlow(nanoseconds, warnThreshold) {
            warn(span, nanoseconds, warnThreshold)
        }
    }
}
