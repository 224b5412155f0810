import SpanKitOTLP
import SpanKitPlatform
import SpanKitRecording

/// Metrics of the running process, `process.*` of the OpenTelemetry semantic conventions, which Linux counts (`/proc/self`).
struct ProcessMetrics: Sendable {
    private let folder: String
    private let ticksPerSecond: Double
    private let pageBytes: Int64
    /// The start of the process in nanoseconds since 1970. Read once, because the system gives it in hundredths of a second.
    private var start: Int64?

    /// - Parameter root: a prefix of every path; empty for the system's files.
    init(root: String = "") {
        folder = root + "/proc"
        ticksPerSecond = Double(max(1, sysconf(Int32(_SC_CLK_TCK))))
        pageBytes = Int64(max(1, sysconf(Int32(_SC_PAGESIZE))))
        start = uptime.map { UnixTime.nanoseconds() - Int64($0 * 1e9) }
    }

    /// The files that cannot be read. Their metrics are left out.
    var unreadable: [String] {
        ["self/stat", "self/statm", "self/io", "self/fd", "uptime"].map { "\(folder)/\($0)" }
            .filter { !FileSystem.isReadable($0) }
    }

    /// The current values.
    func metrics() -> [Metric] {
        [
            ofStat, ofMemory, ofDisk,
            ofDescriptors, contextSwitches,
            uptime.map { [gauge("process.uptime", "The time since the process was started.", "s", .double($0))] } ?? [],
        ].flatMap(\.self)
    }

    // MARK: Files

    /// CPU time, page faults and threads.
    private var ofStat: [Metric] {
        guard let fields = stat, fields.count > 17 else { return [] }
        func integer(_ number: Int) -> Int64 { Int64(fields[number - 3]) ?? 0 }
        func seconds(_ number: Int) -> Metric.Value { .double(Double(integer(number)) / ticksPerSecond) }
        return [
            counter(
                "process.cpu.time",
                "CPU time that the process has used.",
                "s",
                [
                    point(seconds(14), Attribute("cpu.mode", "user")),
                    point(seconds(15), Attribute("cpu.mode", "system")),
                ]
            ),
            counter(
                "process.paging.faults",
                "Page faults of the process; major ones needed the disk.",
                "{fault}",
                [
                    point(integer(10), Attribute("system.paging.fault.type", "minor")),
                    point(integer(12), Attribute("system.paging.fault.type", "major")),
                ]
            ),
            sum("process.thread.count", "Threads of the process.", "{thread}", [point(integer(20))]),
        ]
    }

    private var ofMemory: [Metric] {
        let pages = words("self/statm").compactMap { Int64($0) }
        guard pages.count > 1 else { return [] }
        return [
            sum("process.memory.usage", "Physical memory that the process uses.", "By", [point(pages[1] * pageBytes)]),
            sum("process.memory.virtual", "Virtual memory of the process.", "By", [point(pages[0] * pageBytes)]),
        ]
    }

    private var ofDescriptors: [Metric] {
        guard case .success(let names) = FileSystem.listing(of: "\(folder)/self/fd") else { return [] }
        // Reading the folder opens a descriptor, which is not counted.
        let count = max(0, names.count - 1)
        return [
            sum("process.unix.file_descriptor.count", "Open file descriptors.", "{file_descriptor}", [point(count)])
        ]
    }

    private var ofDisk: [Metric] {
        let words = words("self/io")
        func value(_ name: String) -> Int64? {
            words.firstIndex(of: "\(name):").flatMap { place in place + 1 < words.count ? Int64(words[place + 1]) : nil
            }
        }
        guard let read = value("read_bytes"), let written = value("write_bytes") else { return [] }
        return [
            counter(
                "process.disk.io",
                "Bytes that the process has read from disks and written to them.",
                "By",
                [
                    point(read, Attribute("disk.io.direction", "read")),
                    point(written, Attribute("disk.io.direction", "write")),
                ]
            )
        ]
    }

    /// The context switches of all threads. `/proc/self/status` has only those of the main thread.
    private var contextSwitches: [Metric] {
        var usage = rusage()
        // RUSAGE_SELF, which has another type in each C library.
        guard getrusage(0, &usage) == 0 else { return [] }
        return [
            counter(
                "process.context_switches",
                "Context switches of the threads of the process; voluntary ones because the thread waited.",
                "{context_switch}",
                [
                    point(Int64(usage.ru_nvcsw), Attribute("process.context_switch.type", "voluntary")),
                    point(Int64(usage.ru_nivcsw), Attribute("process.context_switch.type", "involuntary")),
                ]
            )
        ]
    }

    /// The seconds since the process was started.
    private var uptime: Double? {
        guard let system = words("uptime").first.flatMap({ Double($0) }), let fields = stat, fields.count > 19,
            let started = Double(fields[19])
        else { return nil }
        // Both values have a resolution of hundredths of a second.
        return max(0, ((system - started / ticksPerSecond) * 100).rounded() / 100)
    }

    /// The fields of `stat` from the third on. The second, the name, may contain anything up to the last parenthesis.
    private var stat: [Substring]? {
        let text = text("self/stat")
        return text.lastIndex(of: ")").map { text[text.index(after: $0)...].split(separator: " ") }
    }

    private func words(_ file: String) -> [Substring] { text(file).split { $0 == " " || $0 == "\n" } }

    private func text(_ file: String) -> String {
        let bytes = try? FileSystem.read("\(folder)/\(file)", limit: 1 << 20).get()
        return String(decoding: bytes ?? [], as: UTF8.self)
    }

    // MARK: Rows

    private func point(_ value: some BinaryInteger, _ attributes: Attribute...) -> Metric.Point {
        Metric.Point(.int(Int64(clamping: value)), attributes: attributes, start: start)
    }

    private func point(_ value: Metric.Value, _ attributes: Attribute...) -> Metric.Point {
        Metric.Point(value, attributes: attributes, start: start)
    }

    private func counter(_ name: String, _ description: String, _ unit: String, _ points: [Metric.Point]) -> Metric {
        row(name, description, unit, .sum(isMonotonic: true), points)
    }

    private func sum(_ name: String, _ description: String, _ unit: String, _ points: [Metric.Point]) -> Metric {
        row(name, description, unit, .sum(isMonotonic: false), points)
    }

    private func gauge(_ name: String, _ description: String, _ unit: String, _ value: Metric.Value) -> Metric {
        row(name, description, unit, .gauge, [Metric.Point(value)])
    }

    private func row(
        _ name: String,
        _ description: String,
        _ unit: String,
        _ kind: Metric.Kind,
        _ points: [Metric.Point]
    )
        -> Metric
    {
        var metric = Metric(name, description: description, unit: unit, kind: kind, points: points)
        metric.isObservable = true
        return metric
    }
}
