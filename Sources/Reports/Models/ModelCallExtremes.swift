import Percentiles
import Recording
import Summaries

/// The calls of one model that took most, and what is usual, so that those that stand out can be named; bounded.
struct ModelCallExtremes: Sendable {
    /// What a call can stand out with.
    enum Measure: String, Sendable, CaseIterable {
        case inputTokens, outputTokens, firstToken, duration
    }

    /// A call that stands out.
    struct Outlier: Sendable {
        let model: String
        let measure: Measure
        /// Tokens, or nanoseconds.
        let value: UInt64
        /// Of all calls of the model.
        let median: UInt64
        let conversation: String?
        let traceID: TraceID
        let spanID: UInt64

        /// Of the call: spans of different traces may have the same id.
        var id: String { "\(traceID) \(spanID)" }
        var ratio: Double { Double(value) / Double(max(1, median)) }
    }

    private struct Candidate {
        let value: UInt64
        let conversation: String?
        let traceID: TraceID
        let spanID: UInt64
    }

    private struct Seen {
        var values = ExponentialHistogram()
        /// The largest first.
        var largest: [Candidate] = []
    }

    private let model: String
    private var seen: [Measure: Seen] = [:]

    init(model: String) {
        self.model = model
    }

    mutating func add(_ call: ModelCallFacts, _ span: TraceSpan, _ trace: TraceID) {
        for measure in Measure.allCases {
            guard let value = measure.value(of: call, span) else { continue }
            seen[measure, default: Seen()].values.record(nanoseconds: value)
            let largest = seen[measure]?.largest ?? []
            guard largest.count < ModelOutlier.limit || value > largest.last?.value ?? 0 else { continue }
            let place = largest.firstIndex { $0.value < value } ?? largest.count
            seen[measure]?.largest.insert(
                Candidate(value: value, conversation: call.conversation, traceID: trace, spanID: span.spanID),
                at: place
            )
            if largest.count == ModelOutlier.limit { seen[measure]?.largest.removeLast() }
        }
    }

    /// Calls with several times the median; few calls say nothing about what is usual.
    var outliers: [Outlier] {
        seen.flatMap { measure, seen -> [Outlier] in
            guard seen.values.count >= UInt64(ModelOutlier.smallestSample),
                let median = seen.values.quantile(0.5)?.estimate, median > 0
            else { return [] }
            return seen.largest.filter { Double($0.value) >= ModelOutlier.factor * median }.map {
                Outlier(
                    model: model,
                    measure: measure,
                    value: $0.value,
                    median: wholeNanoseconds(median),
                    conversation: $0.conversation,
                    traceID: $0.traceID,
                    spanID: $0.spanID
                )
            }
        }
    }
}

extension ModelCallExtremes.Measure {
    fileprivate func value(of call: ModelCallFacts, _ span: TraceSpan) -> UInt64? {
        switch self {
        case .inputTokens: call.inputTokens.map { UInt64($0) }
        case .outputTokens: call.outputTokens.map { UInt64($0) }
        case .firstToken: call.firstTokenNanoseconds
        case .duration: span.duration
        }
    }
}
