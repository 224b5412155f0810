import Foundation

/// The process that records the spans or log records of a scenario. It prints `name=number` pairs.
enum ScenarioProcess {
    static let argument = "spankit-scenario"
    private static let timeLimit = 120.0

    // MARK: In the process of the scenario

    static func run(_ scenario: Scenario, _ exporter: Scenarios.Exporter) async -> Never {
        guard let recordOne = scenario.signal == .spans ? exporter.record : exporter.recordLog else {
            FileHandle.standardError.write(Data("the exporter of '\(scenario.name)' records no log records\n".utf8))
            exit(64)
        }
        // The first spans of a process pay for tables and caches that later ones find.
        for number in 0..<100 { recordOne(number) }
        let memory = memory("VmRSS:")
        let before = processorNanoseconds()
        let times = await withCheckedContinuation { done in
            // A thread, so that the load does not take the place of the exporter in Swift's pool.
            Thread.detachNewThread { done.resume(returning: record(scenario.load, recordOne)) }
        }
        print("recorded=\(scenario.load.spanCount + 100) p99=\(times.isEmpty ? 0 : times[times.count * 99 / 100])")
        fflush(nil)
        let start = ContinuousClock.now
        await exporter.shutdown()
        let shutdown = (ContinuousClock.now - start) / .milliseconds(1)
        let growth = max(0, self.memory("VmHWM:") - memory)
        print("processor=\(processorNanoseconds() - before) memory=\(growth) shutdown=\(Int(shutdown))")
        exit(0)
    }

    /// Records the spans.
    /// - Returns: the sorted recording times of every sixteenth span, in nanoseconds.
    private static func record(_ load: Scenario.Load, _ record: @escaping @Sendable (Int) -> Void) -> [Int] {
        switch load {
        case .burst(let spans, let threads):
            let group = DispatchGroup()
            let times = SampledTimes()
            for thread in 0..<threads {
                group.enter()
                Thread.detachNewThread {
                    times.add(Self.record(spans / threads, from: thread, record))
                    group.leave()
                }
            }
            group.wait()
            return times.sorted()
        case .paced(let rate, let seconds):
            var times: [Int] = []
            let start = ContinuousClock.now
            for tick in 0..<seconds * 100 {
                times += Self.record(rate / 100, from: tick, record)
                let left = ContinuousClock.now.duration(to: start.advanced(by: .milliseconds(10 * (tick + 1))))
                if left > .zero { usleep(UInt32(left / .microseconds(1))) }
            }
            return times.sorted()
        }
    }

    /// Records spans, and measures the time of every sixteenth.
    private static func record(_ count: Int, from first: Int, _ record: (Int) -> Void) -> [Int] {
        var times: [Int] = []
        times.reserveCapacity(count / 16 + 1)
        for number in first..<first + count {
            guard (number - first) % 16 == 8 else {
                record(number)
                continue
            }
            let start = ContinuousClock.now
            record(number)
            times.append(Int((ContinuousClock.now - start) / .nanoseconds(1)))
        }
        return times
    }

    private static func memory(_ key: String) -> Int {
        let text = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let line = text.split(separator: "\n").first { $0.hasPrefix(key) }
        return (line.flatMap { Int($0.split(separator: " ").dropLast().last ?? "") } ?? 0) * 1_024
    }

    private static func processorNanoseconds() -> Int {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }

    // MARK: In the process that started it

    /// Starts this program for a scenario, and waits for its end. A process that does not end is killed.
    static func run(_ name: String, endpoint: String) -> [String: Int] {
        let process = Process()
        process.executableURL = executable
        process.arguments = [argument, name, endpoint]
        var environment = ProcessInfo.processInfo.environment
        environment["OTEL_EXPORTER_OTLP_ENDPOINT"] = endpoint
        environment["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"] = "\(endpoint)/v1/traces"
        process.environment = environment
        let output = Pipe()
        process.standardOutput = output
        do {
            try process.run()
        } catch {
            FileHandle.standardError.write(Data("the scenario '\(name)' did not start: \(error)\n".utf8))
            return [:]
        }
        let timer = DispatchSource.makeTimerSource(queue: .global())
        timer.schedule(deadline: .now() + timeLimit)
        timer.setEventHandler { kill(process.processIdentifier, SIGKILL) }
        timer.resume()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        timer.cancel()
        var numbers: [String: Int] = [:]
        for pair in text.split(whereSeparator: \.isWhitespace) {
            let parts = pair.split(separator: "=")
            if parts.count == 2, let number = Int(parts[1]) { numbers[String(parts[0])] = number }
        }
        return numbers
    }

    static var executable: URL { URL(filePath: "/proc/self/exe").resolvingSymlinksInPath() }
}

/// Times that several threads add to.
private final class SampledTimes: @unchecked Sendable {
    private let lock = NSLock()
    private var times: [Int] = []

    func add(_ more: [Int]) { lock.withLock { times += more } }
    func sorted() -> [Int] { lock.withLock { times.sorted() } }
}
