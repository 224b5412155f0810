import SpanKitOTLP
import SpanKitPlatform
import SpanKitRecording

/// A destination of spans or metrics. Each exporter has its own queue. Exporters with the same format share the encoded bytes.
public enum SpanExporter: Sendable, Hashable {
    /// An OpenTelemetry Collector or a backend that receives OTLP over HTTP.
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

extension Shipper {
    /// Creates a shipper and starts all its threads.
    /// - Parameters:
    ///   - tailSampling: decides which traces are kept; nil keeps all.
    ///   - redaction: the rules for removing sensitive data; nil redacts nothing.
    ///   - replayInterval: the pause between two bodies of earlier processes, so that they do not delay new spans.
    /// - Returns: nil if a thread could not be created or memory could not be allocated; check the limits of the process (ulimit -a).
    package static func start(
        recorder: Recorder,
        exporters: [SpanExporter],
        resource: Resource,
        scope: InstrumentationScope,
        batch: BatchSettings,
        tailSampling: TailSampling? = nil,
        redaction: Redaction? = nil,
        spool: Spool? = nil,
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
            spool: spool,
            log: log
        ) { roomChanged in
            exporters.compactMap { exporter -> (any Destination)? in
                func writer(_ name: String, _ content: BodyFormat.Content, to file: LinesFile) -> WriterDestination {
                    let destination = WriterDestination(
                        name: "traces → \(name)",
                        format: BodyFormat(content),
                        log: log,
                        roomChanged: roomChanged,
                        write: { file.write($0) }
                    )
                    allStarted = destination.start() && allStarted
                    return destination
                }
                switch exporter {
                case .otlp(let configuration):
                    let destination = HTTPDestination(
                        configuration,
                        spool: spool,
                        log: log,
                        replayInterval: replayInterval,
                        maximumSpans: batch.maximumSpans,
                        roomChanged: roomChanged
                    )
                    allStarted = (destination?.start() ?? false) && allStarted
                    return destination
                case .linesFile(let configuration):
                    let name = configuration.path == "-" ? "standard output" : configuration.path
                    return writer(name, .otlp(.json), to: LinesFile(configuration))
                case .custom(let configuration):
                    let redactor = redaction.map { Redactor($0) }
                    let (resource, scope) = (redactor?.resource(resource) ?? resource, redactor?.scope(scope) ?? scope)
                    let destination = CustomDestination(configuration, log: log) { spans in
                        SpanBatch(resource: resource, scope: scope, spans: spans)
                    } roomChanged: {
                        roomChanged()
                    }
                    allStarted = destination.start() && allStarted
                    return destination
                case .console:
                    return writer("console", .console, to: LinesFile(LinesFileConfiguration(path: "-")))
                }
            }
        }
        guard allStarted, shipper.start() else {
            log(
                .error,
                "spans are not exported: "
                    + "a thread could not be created or memory could not be allocated; check the limits of the process (ulimit -a)"
            )
            return nil
        }
        return shipper
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
