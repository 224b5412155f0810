import SpanKit
import SpanKitOTLP
import SpanKitPlatform
import SpanKitPrometheusText

/// The instruments of the metrics that ``GenAIMetricDefinition`` describes, created by their first measurement.
///
/// Each measurement is recorded twice, so that the textfile has exact counts at the bounds of the conventions, and OTLP has exponential
/// histograms.
final class DefinedInstruments: Sendable {
    /// Its histograms have the bounds of the conventions.
    private let classic: TelemetryMeter
    /// Its histograms are exponential.
    private let exponential: TelemetryMeter
    private let text: (@Sendable (String) -> String)?

    /// - Parameters:
    ///   - limit: the largest number of series of a metric.
    ///   - text: redacts a value of an attribute; nil to use all values as they are.
    init(limit: Int, text: (@Sendable (String) -> String)?) {
        var configuration = MeterConfiguration()
        configuration.cardinalityLimit = max(1, limit)
        configuration.exemplarFilter = .alwaysOff
        classic = TelemetryMeter(configuration)
        exponential = TelemetryMeter(configuration, log: .silent)
        self.text = text
    }

    /// The current metrics; none before the first call.
    func metrics(_ form: DistributionForm) -> [Metric] {
        (form == .classic ? classic : exponential).collect(takesExemplars: false)
    }

    /// Counts a call that has ended.
    func record(_ call: GenAICall, nanoseconds: UInt64) {
        for metric in GenAIMetricDefinition.all(call.conventions, of: call.type) {
            record(metric, call, seconds: Double(nanoseconds) / 1e9)
        }
        record(gaps: call.chunkGaps, of: call)
    }

    /// Counts the times between chunks of a streamed answer.
    func record(gaps: [Duration], of call: GenAICall) {
        guard !gaps.isEmpty else { return }
        for metric in GenAIMetricDefinition.all(call.conventions, of: call.type)
        where metric.measure == .timePerOutputChunk {
            let attributes = attributes(metric, call)
            for gap in gaps { distribute(metric, gap.seconds, attributes) }
        }
    }

    private func record(_ metric: GenAIMetricDefinition, _ call: GenAICall, seconds: Double) {
        let attributes = attributes(metric, call)
        switch metric.measure {
        case .duration: distribute(metric, seconds, attributes)
        case .timeToFirstChunk:
            guard let time = call.timeToFirstChunkNanoseconds else { return }
            distribute(metric, Double(time) / 1e9, attributes)
        case .inferenceCalls: distribute(metric, (call.agentCounts?.inference).map(Double.init), attributes)
        case .toolCalls: distribute(metric, (call.agentCounts?.tool).map(Double.init), attributes)
        // A call whose provider reports no tokens counts as 0, so that the number of calls is right.
        case .operationTokens(let tokens): distribute(metric, Double(call.count(tokens) ?? 0), attributes)
        case .tokens:
            for tokens in [GenAIMetricDefinition.Tokens.input, .output] {
                let type = attribute(.tokenType, tokens == .input ? "input" : "output")
                distribute(metric, call.count(tokens).map(Double.init), Attributes(attributes.elements + [type]))
            }
        case .usage(let tokens):
            for (modality, count) in call.parts(tokens) {
                let attributes = Attributes(attributes.elements + [attribute(.tokenModality, modality)])
                for meter in [classic, exponential] {
                    meter.counter(metric.name, unit: metric.unit, description: metric.description)
                        .add(Int64(count), attributes: attributes)
                }
            }
        // `record(gaps:of:)` counts the gaps.
        case .timePerOutputChunk: break
        }
    }

    /// Records a value with attributes that the metric does not derive from a call.
    func distribute(_ metric: GenAIMetricDefinition, _ value: Double?, _ attributes: Attributes) {
        guard let value, let bounds = metric.bounds else { return }
        for (meter, buckets) in [(classic, HistogramBuckets.explicit(bounds)), (exponential, .exponential)] {
            meter.histogram(metric.name, unit: metric.unit, description: metric.description, buckets: buckets)
                .record(value, attributes: attributes)
        }
    }

    /// An attribute with a value of limited length, because the model's name may come from a user.
    func attribute(_ attribute: GenAIAttribute, _ value: String) -> Attribute {
        Attribute(attribute.rawValue, .string((text?(value) ?? value).bounded(bytes: 128)))
    }

    private func attributes(_ metric: GenAIMetricDefinition, _ call: GenAICall) -> Attributes {
        var attributes = metric.attributes.compactMap { name in
            call.value(name).flatMap { $0.isEmpty ? nil : attribute(name, $0) }
        }
        if metric.attributes.contains(.serverPort), call.serverAddress != nil, let port = call.serverPort {
            attributes.append(Attribute(GenAIAttribute.serverPort.rawValue, port.attributeValue))
        }
        return Attributes(attributes)
    }
}

extension GenAICall {
    /// The number of tokens of one kind; nil if it is not known.
    func count(_ tokens: GenAIMetricDefinition.Tokens) -> Int? {
        switch tokens {
        case .input: usage.input ?? inputTokens.flatMap { $0 < 0 ? nil : $0 }
        case .output: usage.output ?? outputTokens.flatMap { $0 < 0 ? nil : $0 }
        case .cacheRead: usage.cacheRead
        case .cacheWrite: usage.cacheWrite
        case .reasoning: usage.reasoning
        }
    }

    /// The tokens of one kind by modality. What the provider does not assign to a modality is `unknown`. A call without input and output
    /// tokens counts 0.
    func parts(_ tokens: GenAIMetricDefinition.Tokens) -> [(modality: String, count: Int)] {
        let unknown = "unknown"
        guard let total = count(tokens) else { return tokens == .input || tokens == .output ? [(unknown, 0)] : [] }
        var parts = TokenModality.allCases.compactMap { modality -> (modality: String, count: Int)? in
            let count =
                switch tokens {
                case .input: usage[modality].input
                case .output: usage[modality].output
                case .cacheRead: usage[modality].cacheRead
                case .cacheWrite, .reasoning: nil as Int?
                }
            return count.map { (modality.rawValue, $0) }
        }
        let rest = total - parts.reduce(0) { $0 + $1.count }
        if rest > 0 || parts.isEmpty { parts.append((unknown, rest)) }
        return parts
    }
}
