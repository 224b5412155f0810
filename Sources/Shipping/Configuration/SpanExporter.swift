import SpanKitOTLP
import SpanKitPlatform
import SpanKitRecording

/// A destination of spans, log records or metrics. Each exporter has its own queue. Exporters with the same format share the encoded bytes.
public enum SpanExporter: Sendable, Hashable {
    /// An OpenTelemetry Collector or a backend that receives OTLP over HTTP or gRPC.
    case otlp(OTLPExporter)
    /// A file of OTLP JSON lines.
    case linesFile(LinesFileConfiguration)
    /// Standard output, as readable text.
    case console
    /// Your own code, which gets batches.
    case custom(CustomExporter)

    /// The receiver; nil for a file, the console and your own code.
    package var receiver: OTLPExporter? {
        if case .otlp(let receiver) = self { receiver } else { nil }
    }
}

/// How log records are exported.
package struct LogShipping: Sendable {
    package var exporters: [SpanExporter]
    package var batch: BatchSettings

    package init(_ exporters: [SpanExporter], _ batch: BatchSettings) {
        self.exporters = exporters
        self.batch = batch
    }
}

extension Shipper {
    /// Creates a shipper and starts all its threads.
    /// - Parameters:
    ///   - exporters: the destinations of spans; empty to export none.
    ///   - logs: the destinations of log records; nil to export none.
    ///   - tailSampling: decides which traces are kept; nil keeps all.
    ///   - redaction: the rules for removing sensitive data; nil redacts nothing.
    ///   - pool: where to look for connections to the same receiver.
    ///   - replayInterval: the pause between two bodies of earlier processes, so that they do not delay new spans.
    /// - Returns: nil if a thread could not be created or memory could not be allocated; check the limits of the process (ulimit -a).
    package static func start(
        recorder: Recorder,
        exporters: [SpanExporter],
        logs: LogShipping? = nil,
        resource: Resource,
        scope: InstrumentationScope,
        batch: BatchSettings,
        tailSampling: TailSampling? = nil,
        redaction: Redaction? = nil,
        spool: Spool? = nil,
        replayInterval: Duration = .milliseconds(100),
        pool: ConnectionPool = ConnectionPool(),
        log: ProfilerLog
    ) -> Shipper? {
        var allStarted = true
        let redactor = redaction.map { Redactor($0) }
        let (redactedResource, redactedScope) = (
            redactor?.resource(resource) ?? resource, redactor?.scope(scope) ?? scope
        )
        let shipper = Shipper(
            recorder: recorder,
            resource: resource,
            scope: scope,
            tailSampling: tailSampling,
            redaction: redaction,
            spool: spool,
            log: log
        ) { roomChanged in
            let wanted: [(OTLPSignal, [SpanExporter], BatchSettings)] = [
                (.traces, exporters, batch), (.logs, logs?.exporters ?? [], logs?.batch ?? batch),
            ]
            return wanted.filter { !$0.1.isEmpty }.map { signal, exporters, batch in
                let destinations = exporters.compactMap { exporter -> (any Destination)? in
                    let (destination, hasStarted) = destination(
                        exporter,
                        signal,
                        spool,
                        pool,
                        log,
                        replayInterval,
                        batch,
                        { SpanBatch(resource: redactedResource, scope: redactedScope, spans: $0) },
                        roomChanged
                    )
                    allStarted = allStarted && hasStarted
                    return destination
                }
                return LaneSettings(
                    signal: signal,
                    batch: batch,
                    bodyBytes: bodyBytes(exporters),
                    destinations: destinations
                )
            }
        }
        guard allStarted, shipper.start() else {
            log(
                .error,
                "\(logs == nil ? "spans" : "spans and log records") are not exported: "
                    + "a thread could not be created or memory could not be allocated; check the limits of the process (ulimit -a)"
            )
            return nil
        }
        return shipper
    }

    /// Creates a destination and starts its thread.
    private static func destination(
        _ exporter: SpanExporter,
        _ signal: OTLPSignal,
        _ spool: Spool?,
        _ pool: ConnectionPool,
        _ log: ProfilerLog,
        _ replayInterval: Duration,
        _ batch: BatchSettings,
        _ makeBatch: @escaping @Sendable ([RecordedSpan]) -> SpanBatch,
        _ roomChanged: @escaping @Sendable () -> Void
    ) -> (destination: (any Destination)?, hasStarted: Bool) {
        func writer(_ name: String, _ content: BodyFormat.Content, to file: LinesFileConfiguration) -> (
            any Destination, Bool
        ) {
            let name = "\(signal.rawValue) → \(name)"
            let destination = WriterDestination(
                name: name,
                signal,
                format: BodyFormat(content, gzipLevel: file.isFolder ? 1 : nil),
                log: log,
                roomChanged: roomChanged,
                to: file.makeFile { log(.info, "\(name): \($0)") }
            )
            return (destination, destination.start())
        }
        switch exporter {
        case .otlp(let configuration):
            let destination = HTTPDestination(
                configuration,
                signal,
                spool: spool,
                pool: pool,
                log: log,
                replayInterval: replayInterval,
                maximumSpans: batch.maximumSpans,
                roomChanged: roomChanged
            )
            return (destination, destination?.start() ?? false)
        case .linesFile(let configuration):
            let name = configuration.path == "-" ? "standard output" : configuration.path
            return writer(name, .otlp(.json), to: configuration)
        case .custom(let configuration):
            let destination = CustomDestination(configuration, log: log, makeBatch: makeBatch, roomChanged: roomChanged)
            return (destination, destination.start())
        case .console:
            return writer("console", .console, to: LinesFileConfiguration(path: "-"))
        }
    }

    private static func bodyBytes(_ exporters: [SpanExporter]) -> Int {
        exporters.compactMap { exporter -> Int? in
            switch exporter {
            case .otlp(let configuration): configuration.bodyBytes
            case .custom(let configuration): configuration.bodyBytes
            case .linesFile, .console: nil
            }
        }.min() ?? OTLPExporter(url: "").bodyBytes
    }
}
