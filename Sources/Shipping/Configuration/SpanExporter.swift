import SpanKitOTLP
import SpanKitPlatform
import SpanKitRecording

/// Where spans go. Several may be used at once: each has a queue of its own over the same bytes.
public enum SpanExporter: Sendable, Hashable {
    /// To a collector or a back end, OTLP over HTTP.
    case otlp(OTLPExporter)
    /// To a file of OTLP JSON lines.
    case linesFile(LinesFileConfiguration)
    /// To standard output, for people.
    case console
}

extension Shipper {
    /// Makes a shipper and starts all its threads.
    /// - Parameters:
    ///   - tailSampling: which traces are kept at their end; nil keeps all.
    ///   - redaction: what may not leave; nil lets everything through.
    ///   - replayInterval: between two bodies of earlier processes, so that they do not stand in the way of new spans.
    /// - Returns: nil when there is nowhere to ship to, or the system gives no thread.
    package static func start(
        recorder: Recorder,
        exporters: [SpanExporter],
        resource: Resource,
        scope: InstrumentationScope,
        batch: BatchSettings,
        tailSampling: TailSampling? = nil,
        redaction: Redaction? = nil,
        spool: SpoolHandle? = nil,
        replayInterval: Duration = .milliseconds(100),
        log: ProfilerLog
    ) -> Shipper? {
        var allStarted = true
        let shipper = Shipper(
            recorder: recorder,
            resource: resource,
            scope: scope,
            batch: batch,
            bodyBytes: bodyBytes(exporters),
            tailSampling: tailSampling,
            redaction: redaction,
            spool: spool?.spool,
            log: log
        ) { roomChanged in
            exporters.compactMap { exporter -> (any Destination)? in
                switch exporter {
                case .otlp(let configuration):
                    guard
                        let destination = HTTPDestination(
                            configuration,
                            spool: spool?.spool,
                            log: log,
                            replayInterval: replayInterval,
                            maximumSpans: batch.maximumSpans,
                            roomChanged: roomChanged
                        ), destination.start()
                    else {
                        allStarted = false
                        return nil
                    }
                    return destination
                case .linesFile(let configuration):
                    let destination = lines(configuration, log, roomChanged)
                    allStarted = destination.start() && allStarted
                    return destination
                case .console:
                    let destination = console(log, roomChanged)
                    allStarted = destination.start() && allStarted
                    return destination
                }
            }
        }
        guard allStarted, shipper.start() else {
            log(.error, "spans are not exported: the system gives no thread or no memory")
            return nil
        }
        return shipper
    }

    private static func bodyBytes(_ exporters: [SpanExporter]) -> Int {
        exporters.compactMap { exporter -> Int? in
            if case .otlp(let configuration) = exporter { configuration.bodyBytes } else { nil }
        }.min() ?? OTLPExporter(url: "").bodyBytes
    }

    private static func lines(
        _ configuration: LinesFileConfiguration,
        _ log: ProfilerLog,
        _ roomChanged: @escaping @Sendable () -> Void
    ) -> WriterDestination {
        let file = LinesFile(configuration)
        return WriterDestination(
            name: "traces → \(configuration.path == "-" ? "standard output" : configuration.path)",
            format: BodyFormat(.otlp(.json)),
            log: log,
            roomChanged: roomChanged,
            write: { file.write($0) }
        )
    }

    private static func console(
        _ log: ProfilerLog,
        _ roomChanged: @escaping @Sendable () -> Void
    ) -> WriterDestination {
        let file = LinesFile(LinesFileConfiguration(path: "-"))
        return WriterDestination(
            name: "traces → console",
            format: BodyFormat(.console),
            log: log,
            roomChanged: roomChanged,
            write: { file.write($0) }
        )
    }
}

/// The spool as those see it who only pass it on.
package struct SpoolHandle: Sendable {
    let spool: Spool

    /// Makes this process's folder in the spool; says why it cannot be made.
    package static func make(_ configuration: SpoolConfiguration, _ log: ProfilerLog) -> SpoolHandle? {
        switch Spool.make(configuration) {
        case .success(let spool): return SpoolHandle(spool: spool)
        case .failure(let problem):
            log(.error, "spool: \(problem); spans that cannot be delivered wait in memory only")
            return nil
        }
    }

    /// Why no folder can be made and locked in the spool; nil when it can. Leaves nothing behind.
    package static func problem(of configuration: SpoolConfiguration) -> String? {
        // A directory that somebody else's check has made may be closed to the program that is to use it.
        let missing = FileSystem.missingDirectories(configuration.directory)
        defer { for path in missing { FileSystem.removeDirectory(path) } }
        switch Spool.make(configuration) {
        case .success(let spool):
            spool.close(isDrained: true)
            return nil
        case .failure(let problem):
            return problem.description
        }
    }

    /// Where the folders of all processes are.
    package var directory: String { spool.configuration.directory }

    /// In the child of a fork: lets go of the parent's folders, whose locks came along. The parent keeps them.
    package func releaseInChild() {
        spool.releaseInChild()
    }

    /// Opens the file in which the recording region shall stand; -1 when it cannot be made.
    package func makeRegionFile(_ log: ProfilerLog) -> Int32 {
        if let descriptor = spool.own.makeRegionFile() { return descriptor }
        log(.error, "spool: \(spool.own.regionPath) cannot be made; spans in memory do not survive a crash")
        return -1
    }
}
