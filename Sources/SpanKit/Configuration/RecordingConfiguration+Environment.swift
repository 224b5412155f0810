import SpanKitRecording
import SpanKitShipping

extension RecordingConfiguration {
    /// Reads samplers, limits and the size of the queue (OpenTelemetry SDK environment variables).
    mutating func readEnvironment(_ environment: inout EnvironmentValues) {
        readLimits(&environment)
        readSampler(&environment)
        readExceptionSignal(&environment)
        readLogRecords(&environment)
        if let spans = environment.integer("OTEL_BSP_MAX_QUEUE_SIZE", in: 1...100_000_000) { readQueueSize(spans) }
    }

    /// Sets the size of the span log, which is the queue. A span with a few attributes takes about 200 bytes.
    package mutating func readQueueSize(_ spans: Int) {
        logBytes = max(1_024 * 1_024, spans * 256)
    }

    /// Sets the size of the log of log records. A record with a few attributes takes about 256 bytes.
    package mutating func readLogQueueSize(_ records: Int) {
        logRecords.bytes = max(1_024 * 1_024, records * 256)
    }

    private mutating func readLogRecords(_ environment: inout EnvironmentValues) {
        if let records = environment.integer("OTEL_BLRP_MAX_QUEUE_SIZE", in: 1...100_000_000) {
            readLogQueueSize(records)
        }
        for name in ["OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT", "OTEL_ATTRIBUTE_COUNT_LIMIT"] {
            guard let count = environment.integer(name, in: 0...1_000_000) else { continue }
            logRecords.limits.attributeCount = count
            break
        }
        for name in ["OTEL_LOGRECORD_ATTRIBUTE_VALUE_LENGTH_LIMIT", "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT"] {
            guard let length = environment.integer(name, in: 0...1_000_000_000) else { continue }
            logRecords.limits.attributeValueLength = length
            break
        }
        let variable = "SPANKIT_LOGS_MINIMUM_SEVERITY"
        if let name = environment.text(variable) {
            logRecords.standard.minimumSeverity = LogSeverity(name: name)
            if logRecords.standard.minimumSeverity == nil {
                environment.warn(
                    "\(variable): '\(name)' is not one of trace, debug, info, warn, error, fatal, each also with 2, 3 or 4 appended; recording all severities"
                )
            }
        }
        if environment.text("SPANKIT_LOGS_TRACE_BASED") != nil {
            logRecords.standard.isTraceBased = environment.isTrue("SPANKIT_LOGS_TRACE_BASED")
        }
    }

    private mutating func readLimits(_ environment: inout EnvironmentValues) {
        func read(_ limit: WritableKeyPath<SpanLimits, Int>, _ names: String...) {
            for name in names {
                guard let count = environment.integer(name, in: 0...1_000_000) else { continue }
                return limits[keyPath: limit] = count
            }
        }
        read(\.attributeCount, "OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", "OTEL_ATTRIBUTE_COUNT_LIMIT")
        read(\.eventCount, "OTEL_SPAN_EVENT_COUNT_LIMIT")
        read(\.linkCount, "OTEL_SPAN_LINK_COUNT_LIMIT")
        read(\.attributeCountPerEvent, "OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT", "OTEL_ATTRIBUTE_COUNT_LIMIT")
        read(\.attributeCountPerLink, "OTEL_LINK_ATTRIBUTE_COUNT_LIMIT", "OTEL_ATTRIBUTE_COUNT_LIMIT")
        for name in ["OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT", "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT"] {
            guard let length = environment.integer(name, in: 0...1_000_000_000) else { continue }
            limits.attributeValueLength = length
            break
        }
    }

    /// The variable is a list, because other conventions may use it as well.
    private mutating func readExceptionSignal(_ environment: inout EnvironmentValues) {
        guard let list = environment.text("OTEL_SEMCONV_EXCEPTION_SIGNAL_OPT_IN") else { return }
        for item in list.split(separator: ",") {
            switch item.trimmingWhitespace().lowercased() {
            case "logs": exceptionSignal = .logRecords
            case "logs/dup": exceptionSignal = .both
            default:
                environment.warn(
                    "OTEL_SEMCONV_EXCEPTION_SIGNAL_OPT_IN: '\(item)' is neither logs nor logs/dup; exceptions are events of their spans"
                )
            }
        }
    }

    private mutating func readSampler(_ environment: inout EnvironmentValues) {
        guard let name = environment.text("OTEL_TRACES_SAMPLER")?.lowercased() else { return }
        func ratio() -> any Sampler {
            environment.share("OTEL_TRACES_SAMPLER_ARG").flatMap { TraceIDRatioSampler(ratio: $0) } ?? AlwaysOnSampler()
        }
        switch name {
        case "always_on": sampler = AlwaysOnSampler()
        case "always_off": sampler = AlwaysOffSampler()
        case "traceidratio": sampler = ratio()
        case "parentbased_always_on": sampler = ParentBasedSampler(root: AlwaysOnSampler())
        case "parentbased_always_off": sampler = ParentBasedSampler(root: AlwaysOffSampler())
        case "parentbased_traceidratio": sampler = ParentBasedSampler(root: ratio())
        case "jaeger_remote", "parentbased_jaeger_remote", "xray": sampler = initialSampler(of: name, &environment)
        default:
            environment.warn(
                "OTEL_TRACES_SAMPLER: '\(name)' is not one of always_on, always_off, traceidratio, parentbased_always_on, parentbased_always_off, parentbased_traceidratio; using parentbased_always_on"
            )
        }
    }

    /// The sampler that a remote sampler uses until its server answers. Remote sampling itself is not supported.
    private func initialSampler(of name: String, _ environment: inout EnvironmentValues) -> any Sampler {
        let options = environment.text("OTEL_TRACES_SAMPLER_ARG")?.split(separator: ",") ?? []
        let rate = options.first { $0.hasPrefix("initialSamplingRate=") }.flatMap { Double($0.dropFirst(20)) }
        guard let rate, let ratio = TraceIDRatioSampler(ratio: rate) else {
            environment.warn(
                "OTEL_TRACES_SAMPLER: '\(name)' gets its settings from a server, which is not supported; using parentbased_always_on"
            )
            return ParentBasedSampler(root: AlwaysOnSampler())
        }
        environment.warn(
            "OTEL_TRACES_SAMPLER: '\(name)' gets its settings from a server, which is not supported; using its initialSamplingRate, "
                + "parentbased_traceidratio with \(rate)"
        )
        return ParentBasedSampler(root: ratio)
    }
}
