import SpanKitGenAI
import SpanKitInputs
import SpanKitOTLP
import SpanKitPercentiles
import SpanKitPlatform
import SpanKitPrometheusText
import SpanKitRecording
import SpanKitReports

/// The metrics of recorded spans, with the metric families of a running process, and metrics that were read.
///
/// Each service is treated as a process. The memory grows with the number of series, and with the spans that a
/// ``TraceAssembler`` holds, because model calls can be found only in whole traces.
struct SpanFileMetrics {
    /// The maximum number of services. Further ones share ``OperationSnapshot/overflowName``.
    static let maximumServices = 100
    /// The maximum number of operations of a service, as in a ``PercentileEngine``.
    static let maximumSeries = 2_000

    fileprivate struct Service {
        var series: [Key: OperationSnapshot] = [:]
        var overflow = OperationSnapshot(name: OperationSnapshot.overflowName, histogram: ExponentialHistogram())
        let calls = GenAIMetrics()
    }

    fileprivate struct Key: Hashable {
        var name: ByteText
        var attributes: [String: ByteText]
    }

    private let policy: AttributePolicy
    private var services: [ByteText: Service] = [:]
    private var assembler = TraceAssembler()
    private var measured = MetricTotals()

    /// - Parameter attributes: The attributes that become labels.
    init(attributes: AttributePolicy = AttributePolicy()) {
        policy = attributes
    }

    var isEmpty: Bool { services.isEmpty && measured.isEmpty }

    /// Counts a span, or adds points of a metric.
    mutating func add(_ element: InputFile.Element) {
        switch element {
        case .span(let span): add(span)
        case .metric(let metric): measured.add(metric)
        }
    }

    /// Counts a span, unless it is repeated or has no times.
    mutating func add(_ decoded: DecodedSpan) {
        let isNew = assembler.add(decoded) { [services] in Self.countCalls(of: $0, $1, services) }
        guard isNew, decoded.span.startUnixNanoseconds > 0, decoded.span.endUnixNanoseconds > 0 else { return }
        let name = Self.name(of: decoded.serviceName, among: services)
        let span = decoded.span
        let nanoseconds = UInt64(max(0, span.endUnixNanoseconds - span.startUnixNanoseconds))
        services[name, default: Service()].add(span, nanoseconds, labels(of: decoded))
    }

    /// Ends the input.
    mutating func finish() {
        assembler.finish { [services] in Self.countCalls(of: $0, $1, services) }
        assembler.reportProblems(untimed: "left out", showsNames: false)
        for line in measured.notes { StandardStreams.note(line) }
    }

    private static func countCalls(of trace: Trace, _ names: NameTable, _ services: [ByteText: Service]) {
        trace.forEachModelCall { call, span in
            guard span.hasTimes else { return }
            let service = services[name(of: names[span.service], among: services)]
            service?.calls.record(GenAICall(call, isError: span.isError), nanoseconds: span.duration)
        }
    }

    /// The name under which a service is counted. A service that is already counted keeps its name.
    private static func name(of service: String, among services: [ByteText: Service]) -> ByteText {
        let name = ByteText(service.isEmpty ? "unknown_service" : service)
        let isOver = services[name] == nil && services.count >= maximumServices
        return isOver ? ByteText(OperationSnapshot.overflowName) : name
    }

    /// Adds the operations of a run.
    /// - Throws: ``HistogramError`` if their histograms have another resolution.
    mutating func merge(_ operations: [OperationSnapshot], service serviceName: String) throws(HistogramError) {
        let name = ByteText(serviceName)
        var service = services[name] ?? Service()
        for operation in operations {
            let key = Key(name: ByteText(operation.name), attributes: [:])
            if service.series[key] == nil {
                service.series[key] = operation
            } else {
                try service.series[key]?.histogram.merge(operation.histogram)
                service.series[key]?.errorCount &+= operation.errorCount
            }
        }
        services[name] = service
    }

    /// The metrics of all services.
    func metrics() -> [Metric] {
        var metrics: [String: Metric] = [:]
        for (name, service) in services.sorted(by: { $0.key < $1.key }) {
            var configuration = SpanMetrics.Configuration()
            configuration.constantLabels = Self.labels(name.text)
            var series = service.series.sorted { $0.key.name < $1.key.name }
                .map { SpanSeries($0.value, attributes: $0.key.attributes.mapValues(\.text)) }
            // If there are too many series, those with the most time are kept.
            series.sort { $0.snapshot.histogram.sumNanoseconds > $1.snapshot.histogram.sumNanoseconds }
            if !service.overflow.histogram.isEmpty { series.append(SpanSeries(service.overflow)) }
            let calls = service.calls.metrics(.classic).map { metric in
                metric.with(metric.points.map { .init($0.value, attributes: Self.labels(name.text) + $0.attributes) })
            }
            // A file has no last minute: its quantiles are those of all its spans.
            for metric in SpanMetrics(configuration).metrics(of: series, window: series) + calls {
                metrics[metric.name, default: metric.with([])].points += metric.points
            }
        }
        let own = Array(metrics.values)
        let text = InstrumentText { StandardStreams.note("metric \($0)") }
        return own + text.metrics(of: measured.metrics(labels: Self.labels), besides: own)
    }

    private func labels(of decoded: DecodedSpan) -> [String: ByteText] {
        var labels: [String: ByteText] = [:]
        for key in policy.allowed {
            guard let value = decoded.span[key] ?? decoded.resource[key] else { continue }
            labels[key] = ByteText(value.labelText)
        }
        return labels
    }

    private static func labels(_ service: String) -> [Attribute] { [Attribute("process", .string(service))] }
}

extension SpanFileMetrics.Service {
    fileprivate mutating func add(_ span: RecordedSpan, _ nanoseconds: UInt64, _ labels: [String: ByteText]) {
        var delta = span.heapDeltaBytes
        if case .int(let bytes) = span[HeapAttribute.name] { delta = bytes }
        func count(_ snapshot: inout OperationSnapshot) {
            snapshot.histogram.record(nanoseconds: nanoseconds, memoryDelta: delta)
            if span.isError { snapshot.errorCount += 1 }
        }
        let key = SpanFileMetrics.Key(name: ByteText(span.name), attributes: labels)
        if series[key] == nil, series.count >= SpanFileMetrics.maximumSeries { return count(&overflow) }
        count(&series[key, default: OperationSnapshot(name: span.name, histogram: ExponentialHistogram())])
    }
}

extension GenAICall {
    /// OpenTelemetry's value for an attribute that is not known.
    private static let other = "_OTHER"

    /// Creates a call from the attributes of its span.
    fileprivate init(_ facts: ModelCallFacts, isError: Bool) {
        self.init(operationName: facts.operation ?? Self.other, providerName: facts.provider ?? Self.other)
        requestModel = facts.requestModel
        responseModel = facts.responseModel
        if isError { errorType = facts.errorType ?? Self.other }
        inputTokens = facts.inputTokens
        outputTokens = facts.outputTokens
        usage = TokenUsage(
            input: facts.inputTokens,
            output: facts.outputTokens,
            cacheRead: facts.cacheReadTokens,
            cacheWrite: facts.cacheWriteTokens,
            reasoning: facts.reasoningTokens
        )
    }
}
