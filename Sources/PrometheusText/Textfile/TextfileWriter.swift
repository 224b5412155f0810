import SpanKitOTLP
import SpanKitPercentiles
import SpanKitPlatform

/// Keeps a `.prom` file for node_exporter's textfile collector up to date.
///
/// ```swift
/// let writer = TextfileWriter(
///     .init(directory: "/var/lib/prometheus/node-exporter", processName: "okr-coach"),
///     log: { print($0) },
///     collect: EngineMetrics(of: engine).metrics
/// )
/// writer.start()
/// …
/// writer.stop(within: .seconds(2))
/// ```
/// A file is replaced as a whole, and only by one of which node_exporter serves everything: what it would lose, drop or misread
/// is an error of the encoder (`ExpositionError`). Whatever goes wrong — no directory, no permission, a full disk — is said
/// once, counted, and tried again at the next interval; the old file stays. Everything happens on one plain thread of its own.
///
/// The file also says when it was written: alert on `time() - spankit_textfile_write_timestamp_seconds`, because
/// node_exporter serves an old file for ever.
public final class TextfileWriter: Sendable {
    private let core: TextfileCore
    private let thread: PeriodicThread
    private let hasStarted = Locked(false)

    /// A writer that does nothing yet.
    /// - Parameters:
    ///   - configuration: where and how often.
    ///   - log: takes single lines, on the writer's thread; only when something changed.
    ///   - collect: gives what to write, on the writer's thread.
    public init(
        _ configuration: Configuration,
        log: @escaping @Sendable (String) -> Void,
        collect: @escaping @Sendable () -> [Metric]
    ) {
        let core = TextfileCore(configuration, log: log, collect: collect)
        self.core = core
        thread = PeriodicThread("spankit-text", every: configuration.interval) { isLast in
            if isLast { core.finish() } else { core.write() }
        }
    }

    deinit {
        // The thread holds what it needs, and ends after a last write; nobody waits here.
        if hasStarted.withLock({ $0 }) { _ = thread.stop(within: .zero) }
    }

    /// Starts writing: at once, then every interval. Has no effect the second time.
    public func start() {
        hasStarted.withLock { hasStarted in
            guard !hasStarted else { return }
            hasStarted = thread.start()
            if !hasStarted { core.report("the system gives no thread; metrics are written at the end only") }
        }
    }

    /// Writes now, on the calling thread.
    /// - Returns: whether the file is in place.
    @discardableResult
    public func writeNow() -> Bool {
        core.write()
    }

    /// Writes a last time, or removes the file if so configured, and ends the thread.
    ///
    /// A writer that was never started does it on the calling thread.
    /// - Parameter deadline: how long to wait for a file system that may hang.
    /// - Returns: whether it was done in time.
    @discardableResult
    public func stop(within deadline: Duration) -> Bool {
        if hasStarted.withLock({ $0 }) { return thread.stop(within: deadline) }
        core.finish()
        return true
    }

    /// What was written so far; never waits for a write.
    public var statistics: Statistics { core.statistics }
}
