/// Stand-in while the rooms are built side by side; replaced by the recording core.
public final class PerformanceProfiler: Sendable {
    public init() {}

    @inlinable
    public func profile<Result>(
        _ name: StaticString, warnThreshold: Duration? = nil, _ operation: () throws -> Result
    ) rethrows -> Result {
        try operation()
    }

    @inlinable
    public func profile<Result>(
        _ name: StaticString, warnThreshold: Duration? = nil, isolation: isolated (any Actor)? = #isolation,
        _ operation: () async throws -> Result
    ) async rethrows -> Result {
        try await operation()
    }
}
