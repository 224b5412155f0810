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
/// try await importer.run()
/// writer.stop(within: .seconds(2))
/// ```
/// The file is replaced atomically, and only if node_exporter would serve the new text completely. A problem, such as
/// invalid metrics, a missing directory or a full disk, is logged once and counted. The old file then stays, and the
/// write is tried again after the interval. The writer has its own thread.
///
/// node_exporter serves an old file forever, so the file contains the time of its last write: alert on
/// `time() - spankit_textfile_write_timestamp_seconds`.
public final class TextfileWriter: Sendable {
    private let core: TextfileCore
    private let thread: PeriodicThread
    private let hasStarted = Locked(false)

    /// Creates a writer. ``start()`` starts it.
    /// - Parameters:
    ///   - configuration: the path, the interval and the labels.
    ///   - log: called with one line for each new problem and each recovery, on the writer's thread.
    ///   - collect: returns the metrics to write, on the writer's thread.
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
        // The thread ends by itself after a last write.
        if hasStarted.withLock({ $0 }) { _ = thread.stop(within: .zero) }
    }

    /// Writes the file at once and then once per interval, on the writer's thread. A second call has no effect.
    public func start() {
        hasStarted.withLock { hasStarted in
            guard !hasStarted else { return }
            hasStarted = thread.start()
            if !hasStarted {
                core.report(
                    "a thread could not be created, so "
                        + "metrics are only written at the end; check the limits of the process (ulimit -a)"
                )
            }
        }
    }

    /// Writes the file now, on the calling thread.
    /// - Returns: whether that succeeded.
    @discardableResult
    public func writeNow() -> Bool {
        core.write()
    }

    /// Writes the file one last time, or removes it if so configured, and ends the thread.
    ///
    /// If the writer was never started, this happens on the calling thread.
    /// - Parameter deadline: the time limit, in case the file system hangs.
    /// - Returns: whether this was done in time.
    @discardableResult
    public func stop(within deadline: Duration) -> Bool {
        if hasStarted.withLock({ $0 }) { return thread.stop(within: deadline) }
        core.finish()
        return true
    }

    /// The numbers of writes so far, and the result of the last one. Reading them never waits for a write.
    public var statistics: Statistics { core.statistics }
}
