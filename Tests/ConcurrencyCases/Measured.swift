import SpanKitConcurrency
import SpanKitPlatform

/// A telemetry that measures task times and exports nothing.
struct Measured {
    let telemetry: Telemetry
    private let lines = Locked<[String]>([])

    var profiler: PerformanceProfiler { telemetry.profiler }
    /// What was logged so far.
    var logged: [String] { lines.withLock { $0 } }

    /// - Parameter prepare: runs between the configuration and the start.
    init(_ times: TaskTimesConfiguration = TaskTimesConfiguration(), prepare: () -> Void = {}) {
        var configuration = TelemetryConfiguration()
        configuration.exporters = []
        configuration.shutsDownAtExit = false
        configuration.warnThreshold = .seconds(3_600)
        configuration.measureTaskTimes(times)
        prepare()
        let lines = lines
        telemetry = Telemetry.start(
            configuration,
            log: ProfilerLog { level, line in lines.withLock { $0.append("\(level.rawValue): \(line)") } }
        )
    }

    /// Waits for the end of the self-test.
    func begins() async {
        while !TaskTimes.isActive, logged.allSatisfy({ !$0.contains("not measured") }) {
            try? await Task.sleep(for: .milliseconds(2))
        }
    }

    /// Prints why nothing is measured. A busy machine may cause other warnings.
    func printProblems() {
        for line in logged where line.contains("not measured") { print(line) }
    }

    /// Waits until something is logged about the measurement being off, and prints it.
    func printNextProblem() async {
        while !logged.contains(where: { $0.contains("not measured") }) { try? await Task.sleep(for: .milliseconds(2)) }
        printProblems()
    }
}

/// Milliseconds of the monotonic clock.
func milliseconds() -> Double {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    return Double(now.tv_sec) * 1e3 + Double(now.tv_nsec) / 1e6
}

/// Keeps the thread for some milliseconds.
func burn(_ duration: Double) {
    let end = milliseconds() + duration
    while milliseconds() < end {}
}

func sleep(_ duration: Double) async {
    try? await Task.sleep(for: .microseconds(Int64(duration * 1e3)))
}

/// Runs a closure on a thread outside of the pool, after some milliseconds.
func onThread(after duration: Double, _ body: @escaping @Sendable () -> Void) {
    _ = Thread("after") {
        usleep(UInt32(duration * 1e3))
        body()
    }
}

/// Blocks every thread of the pool four times for some milliseconds.
func blockPool(for duration: Double) {
    for _ in 0..<4 * max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) { Task.detached { usleep(UInt32(duration * 1e3)) } }
}

actor Worker {
    func perform(_ body: @Sendable () -> Void) { body() }

    /// Suspends the caller until the closure that `body` gets is called.
    func suspends(_ body: (@escaping @Sendable () -> Void) -> Void) async {
        await withCheckedContinuation { continuation in body { continuation.resume() } }
    }
}

@MainActor func performOnMain(_ body: @Sendable () -> Void) { body() }

/// An actor whose executor is a thread of its own.
actor OwnThreadWorker {
    private let executor = OwnThread()

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    func perform(_ body: @Sendable () -> Void) { body() }
}

private final class OwnThread: SerialExecutor {
    private let jobs = Monitor<[UnownedJob]>([])

    init() {
        // The thread lasts as long as the process.
        _ = Thread("own-executor") { [self] in
            while let job = jobs.wait(until: nil, { $0.isEmpty ? nil : $0.removeFirst() }) {
                job.runSynchronously(on: asUnownedSerialExecutor())
            }
        }
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        jobs.change { $0.append(job) }
    }
}
