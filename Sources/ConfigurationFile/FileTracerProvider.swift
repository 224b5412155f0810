import SpanKit
import SpanKitOTLP
import SpanKitRecording
import SpanKitShipping

/// The schedule delay for a `simple` processor. A separate request for each span, as the format defines it, would be
/// too expensive.
let simpleDelay = Duration.milliseconds(100)

extension SettingReader {
    /// Reads `tracer_provider`.
    func readTracerProvider(_ configuration: inout TelemetryConfiguration, _ limits: inout SpanLimits) {
        guard
            let members = self.members(
                ["processors", "limits", "sampler"],
                ignoring: ["tracer_configurator", "id_generator"]
            )
        else { return }
        guard let processors = members["processors"]?.elements(), !processors.isEmpty else {
            return fail("has no processors; it needs at least one, such as batch")
        }
        var batches: [BatchSettings] = []
        for processor in processors { processor.readProcessor(&configuration, &batches) }
        if let first = batches.first {
            configuration.batch = first
            if batches.contains(where: { $0 != first }) {
                members["processors"]?.warn(
                    "have different delays or sizes; all exporters use those of the first"
                )
            }
        }
        members["limits"].map { limits.read($0) }
        if let sampler = members["sampler"], !sampler.isNull {
            configuration.recording.sampler = sampler.sampler()
            report.set(.sampler, configuration.recording.sampler.description, sampler.path)
        }
    }

    private func readProcessor(_ configuration: inout TelemetryConfiguration, _ batches: inout [BatchSettings]) {
        guard let processor = self.processor(.traces, delay: BatchSettings().scheduleDelay) else { return }
        if let spans = processor.queueSize { configuration.recording.readQueueSize(spans) }
        if !configuration.exporters.contains(processor.exporter) { configuration.exporters.append(processor.exporter) }
        batches.append(processor.batch)
    }

    /// A processor of spans or log records.
    struct Processor {
        var exporter: SpanExporter
        var batch: BatchSettings
        /// The number of records that can wait; nil for the default.
        var queueSize: Int?
    }

    /// Reads a processor; nil, after a report, if it cannot be used.
    /// - Parameter delay: the schedule delay of a `batch` processor without one.
    func processor(_ signal: OTLPSignal, delay: Duration) -> Processor? {
        guard let (kind, value) = component() else { return nil }
        var batch = BatchSettings()
        batch.scheduleDelay = delay
        let exporter: SettingReader?
        var timeout: Duration?
        var queueSize: Int?
        switch kind {
        case "batch":
            guard
                let members = value.members([
                    "schedule_delay", "export_timeout", "max_queue_size", "max_export_batch_size", "exporter",
                ])
            else { return nil }
            if let delay = members["schedule_delay"]?.milliseconds(), delay > .zero { batch.scheduleDelay = delay }
            batch.maximumSpans = members["max_export_batch_size"]?.integer(in: 1...1_000_000)
            timeout = members["export_timeout"]?.milliseconds()
            queueSize = members["max_queue_size"]?.integer(in: 1...100_000_000)
            exporter = members["exporter"]
        case "simple":
            batch.scheduleDelay = simpleDelay
            exporter = value.members(["exporter"])?["exporter"]
        default:
            fail("is '\(kind)', which is not a processor; use batch or simple")
            return nil
        }
        guard let exporter, !exporter.isNull else {
            value.fail("has no exporter; add one, such as otlp_http")
            return nil
        }
        guard var made = exporter.exporter(signal) else { return nil }
        if case .otlp(var otlp) = made, let timeout, timeout > .zero, otlp.timeout == .zero || timeout < otlp.timeout {
            otlp.timeout = timeout
            made = .otlp(otlp)
        }
        return Processor(exporter: made, batch: batch, queueSize: queueSize)
    }
}
