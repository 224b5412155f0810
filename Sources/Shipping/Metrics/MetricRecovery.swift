import SpanKitMetrics
import SpanKitOTLP
import SpanKitPlatform
import SpanKitRecording

/// What the readers of a killed process would have sent next.
///
/// Each reader gets the values in the form in which the process sent them: with its temporality, its kind of histograms, its resource,
/// and the start of each series. Values that a reader has sent completely are left out.
struct MetricRecovery {
    let process: ProcessFacts
    /// The metrics to send, by the number of the reader.
    private(set) var metrics: [Int: [Metric]] = [:]
    /// What cannot be recovered.
    private(set) var remarks: [String] = []

    /// - Parameter states: the stored state of the deltas of each reader (``DeltaState/attributes``).
    init(_ file: MetricFileReader, _ states: [Int: [Attribute]]) {
        process = ProcessFacts(file.process)
        if file.lostSeries > 0 || file.outsideCount > 0 {
            let count = max(UInt64(file.lostSeries), file.outsideCount)
            remarks.append(
                "what \(count) or more series of process \(file.processID) counted last is lost, because the file is damaged or had no room for it"
            )
        }
        for (number, reader) in process.readers.enumerated() where reader.isSpooled {
            let (state, collected) = number < file.readers.count ? file.readers[number] : (.none, 0)
            guard state != .finished else { continue }
            var deltas: DeltaState?
            if let attributes = states[number] {
                deltas = DeltaState(reader.configuration.temporality, attributes)
            }
            let isUnknown = state == .unknownDeltas || state == .active && deltas == nil
            if isUnknown, reader.configuration.temporality != .cumulative {
                remarks.append(
                    "the last deltas of process \(file.processID) are lost, because the spool does not say which ones were sent"
                )
            }
            var preparation = MetricPreparation(
                reader.configuration,
                start: file.createdUnixNanoseconds,
                deltas: deltas,
                lastReading: collected > 0 ? collected : nil
            )
            let recovered = file.metrics(forReader: number)
            let lastEnd = recovered.flatMap(\.points).compactMap(\.time).max() ?? 0
            // Later than the last values that were sent and than the ends of series, also for receivers that know only milliseconds.
            let time = max(
                file.lastSeen,
                collected.addingSaturating(2_000_000),
                lastEnd.addingSaturating(1_000_000)
            )
            metrics[number] = preparation.prepare(recovered, now: time, includingDeltas: !isUnknown)
        }
    }
}

/// What the file of a process's metrics says about the process.
struct ProcessFacts: Equatable {
    var resource: Resource
    var scope: InstrumentationScope
    var readers: [ReaderFacts]

    var attributes: [Attribute] {
        [
            Attribute("resource", .map(resource.attributes)), Attribute("resource.schema", .string(resource.schemaURL)),
            Attribute("scope", .string(scope.name)), Attribute("scope.version", .string(scope.version)),
            Attribute("scope.attributes", .map(scope.attributes)),
            Attribute("scope.schema", .string(scope.schemaURL)),
            Attribute("readers", .array(readers.map { .map($0.attributes) })),
        ]
    }
}

extension ProcessFacts {
    init(_ attributes: [Attribute]) {
        func text(_ key: String) -> String { if case .string(let text)? = attributes.value(key) { text } else { "" } }
        func map(_ key: String) -> [Attribute] { if case .map(let map)? = attributes.value(key) { map } else { [] } }
        resource = Resource(attributes: map("resource"), schemaURL: text("resource.schema"))
        scope = InstrumentationScope(
            name: text("scope"),
            version: text("scope.version"),
            attributes: map("scope.attributes"),
            schemaURL: text("scope.schema")
        )
        readers = []
        guard case .array(let all)? = attributes.value("readers") else { return }
        for case .map(let facts) in all { readers.append(ReaderFacts(facts)) }
    }
}

/// How a reader sends its values.
struct ReaderFacts: Equatable {
    /// The settings of the reader. If they were read from a file, their exporter is a placeholder.
    var configuration: MetricReaderConfiguration
    /// See ``MetricSpool/Target/isSpooled``.
    var isSpooled: Bool

    init(_ configuration: MetricReaderConfiguration) {
        self.configuration = configuration
        isSpooled = MetricSpool.Target(configuration).isSpooled
    }

    init(_ attributes: [Attribute]) {
        configuration = MetricReaderConfiguration(OTLPExporter(url: ""))
        isSpooled = attributes.value("spooled") == .bool(true)
        if case .string(let name)? = attributes.value("temporality"), let value = TemporalityPreference(rawValue: name)
        {
            configuration.temporality = value
        }
        if case .string(let name)? = attributes.value("aggregation"), let value = HistogramAggregation(rawValue: name) {
            configuration.histogramAggregation = value
        }
        if case .int(let count)? = attributes.value("buckets") {
            configuration.maximumBuckets = Int(clamping: count)
        } else {
            configuration.maximumBuckets = nil
        }
    }

    var attributes: [Attribute] {
        [
            Attribute("spooled", .bool(isSpooled)),
            Attribute("temporality", .string(configuration.temporality.rawValue)),
            Attribute("aggregation", .string(configuration.histogramAggregation.rawValue)),
            Attribute("buckets", configuration.maximumBuckets.map { .int(Int64($0)) } ?? .null),
        ]
    }
}
