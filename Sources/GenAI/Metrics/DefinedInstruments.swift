import SpanKit
import SpanKitOTLP
import SpanKitPlatform
import SpanKitPrometheusText

/// The instruments of metrics that ``GenAIMetricDefinition`` describes: those of v0.1.0, and those of MCP in both versions.
final class DefinedInstruments: Sendable {
    private let meter: TelemetryMeter
    private let text: (@Sendable (String) -> String)?

    /// - Parameters:
    ///   - limit: the largest number of series of a metric.
    ///   - text: redacts a value of an attribute; nil to use all values as they are.
    init(limit: Int, text: (@Sendable (String) -> String)?) {
        var configuration = MeterConfiguration()
        configuration.cardinalityLimit = max(1, limit)
        configuration.exemplarFilter = .alwaysOff
        meter = TelemetryMeter(configuration)
        self.text = text
    }

    /// The current metrics; none before the first call.
    var metrics: [Metric] { meter.collect(takesExemplars: false) }

    /// Counts a call that has ended, except for the times between its chunks.
    func record(_ call: GenAICall, nanoseconds: UInt64) {
        for metric in GenAIMetricDefinition.all(call.conventions, of: call.type) {
            record(metric, call, seconds: Double(nanoseconds) / 1e9)
        }
    }

    /// Counts the times between chunks of a streamed answer.
    func record(gaps: [Duration], of call: GenAICall) {
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
        case .usage(let tokens):
            let counter = meter.counter(metric.name, unit: metric.unit, description: metric.description)
            for (modality, count) in call.parts(tokens) {
                counter.add(
                    Int64(count),
                    attributes: Attributes(attributes.elements + [attribute(.tokenModality, modality)])
                )
            }
        // `record(gaps:of:)` counts the gaps. `tokens` is a metric of v1.41.1, which `GenAIMetrics` counts.
        case .timePerOutputChunk, .tokens: break
        }
    }

    /// Records a value with attributes that the metric does not derive from a call.
    func distribute(_ metric: GenAIMetricDefinition, _ value: Double?, _ attributes: Attributes) {
        guard let value, let bounds = metric.bounds else { return }
        meter.histogram(
            metric.name,
            unit: metric.unit,
            description: metric.description,
            buckets: .explicit(bounds)
        ).record(value, attributes: attributes)
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
