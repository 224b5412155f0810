import SpanKitGenAI
import SpanKitInputs
import SpanKitOTLP
import SpanKitPercentiles
import SpanKitPrometheusText
import SpanKitRecording
import SpanKitReports

/// Metrics of spans that were recorded before, by anybody: the same families as of a running process.
///
/// Each service counts as a process of its own. What is kept grows with the number of different series, and with spans only as
/// far as a ``TraceAssembler`` holds them: which of them stand for calls of language models is seen in whole traces.
struct SpanFileMetrics {
    /// Services that are kept apart; further ones share ``OperationSnapshot/overflowName``.
    static let maximumServices = 100
    /// As many operations of a service as a ``PercentileEngine`` keeps apart.
    static let maximumSeries = 2_000

    fileprivate struct Service {
        var series: [Key: OperationSnapshot] = [:]
        var overflow = OperationSnapshot(name: OperationSnapshot.overflowName, histogram: ExponentialHistogram())
        let calls = GenAIMetrics()
    }

    fileprivate struct Key: Hashable {
        var name: String
        var attributes: [String: String]
    }

    private let policy: AttributePolicy
    private var services: [String: Service] = [:]
    private(set) var assembler = TraceAssembler()

    /// - Parameter attributes: which of them become labels.
    init(attributes: AttributePolicy = AttributePolicy()) {
        policy = attributes
    }

    var isEmpty: Bool { services.isEmpty }

    /// Counts a span; a call of a language model with its trace.
    mutating func add(_ decoded: DecodedSpan) {
        let name = Self.name(of: decoded.serviceName, among: services)
        let span = decoded.span
        let nanoseconds = UInt64(max(0, span.endUnixNanoseconds - span.startUnixNanoseconds))
        services[name, default: Service()].add(span, nanoseconds, labels(of: decoded))
        assembler.add(decoded) { [services] in Self.countCalls(of: $0, $1, services) }
    }

    /// Says that there is no further span.
    mutating func finish() {
        assembler.finish { [services] in Self.countCalls(of: $0, $1, services) }
    }

    private static func countCalls(of trace: Trace, _ names: NameTable, _ services: [String: Service]) {
        trace.forEachModelCall { call, span in
            let service = services[name(of: names[span.service], among: services)]
            service?.calls.record(GenAICall(call, isError: span.isError), nanoseconds: span.duration)
        }
    }

    /// What a service is called here. One that has a series keeps it.
    private static func name(of service: String, among services: [String: Service]) -> String {
        let name = service.isEmpty ? "unknown_service" : service
        return services[name] == nil && services.count >= maximumServices ? OperationSnapshot.overflowName : name
    }

    /// Adds what a run has counted already.
    /// - Throws: ``HistogramError`` when it has another resolution than what is there.
    mutating func merge(_ operations: [OperationSnapshot], service name: String) throws(HistogramError) {
        var service = services[name] ?? Service()
        for operation in operations {
            let key = Key(name: operation.name, attributes: [:])
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
            configuration.constantLabels = Self.labels(name)
            var series = service.series.sorted { $0.key.name < $1.key.name }
                .map { SpanSeries($0.value, attributes: $0.key.attributes) }
            // Who comes first has a series of its own: those with most time, not those with the first letter.
            series.sort { $0.snapshot.histogram.sumNanoseconds > $1.snapshot.histogram.sumNanoseconds }
            if !service.overflow.histogram.isEmpty { series.append(SpanSeries(service.overflow)) }
            let calls = service.calls.metrics(.classic).map { metric in
                metric.with(metric.points.map { .init($0.value, attributes: Self.labels(name) + $0.attributes) })
            }
            for metric in SpanMetrics(configuration).metrics(of: series) + calls {
                metrics[metric.name, default: metric.with([])].points += metric.points
            }
        }
        return Array(metrics.values)
    }

    private func labels(of decoded: DecodedSpan) -> [String: String] {
        var labels: [String: String] = [:]
        for key in policy.allowed {
            guard let value = decoded.span[key] ?? decoded.resource[key] else { continue }
            labels[key] = value.labelText
        }
        return labels
    }

    private static func labels(_ service: String) -> [Attribute] { [Attribute("process", .string(service))] }
}

extension SpanFileMetrics.Service {
    fileprivate mutating func add(_ span: RecordedSpan, _ nanoseconds: UInt64, _ labels: [String: String]) {
        var delta = span.heapDeltaBytes
        if case .int(let bytes) = span[HeapAttribute.name] { delta = bytes }
        var isError = false
        if case .error = span.status { isError = true }
        let key = SpanFileMetrics.Key(name: span.name, attributes: labels)
        if series[key] == nil, series.count >= SpanFileMetrics.maximumSeries {
            overflow.histogram.record(nanoseconds: nanoseconds, memoryDelta: delta)
            overflow.errorCount += isError ? 1 : 0
            return
        }
        let empty = OperationSnapshot(name: span.name, histogram: ExponentialHistogram())
        series[key, default: empty].histogram.record(nanoseconds: nanoseconds, memoryDelta: delta)
        if isError { series[key]?.errorCount += 1 }
    }
}
