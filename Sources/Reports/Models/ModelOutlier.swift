import SpanKitPercentiles
import SpanKitRecording
import SpanKitSummaries

/// The span or message of a model call.
package enum CallPlace: Sendable, Hashable {
    case span(trace: TraceID, id: UInt64)
    /// The number of the message in its conversation, from 1.
    case message(Int)
}

/// A model call that is far above the median of its model's calls.
package struct ModelOutlier: Sendable {
    package enum Measure: String, Codable, Sendable, CaseIterable {
        case inputTokens, outputTokens
        /// Nanoseconds to the first chunk of the answer.
        case firstToken
        /// Nanoseconds.
        case duration
    }

    package let model: String
    package let measure: Measure
    /// Tokens or nanoseconds.
    package let value: UInt64
    /// The median of the model's calls.
    package let median: UInt64
    package let conversation: String?
    package let place: CallPlace

    /// The minimum number of calls of a model.
    static let smallestSample = 8
    /// The multiple of the median from which a call is an outlier.
    static let factor = 3.0
    /// The maximum number of outliers in a report.
    static let limit = 5

    /// The value as a multiple of the median.
    var ratio: Double { Double(value) / Double(max(1, median)) }

    /// Identifies the call. ``place`` alone is not unique across traces and conversations.
    var id: String { "\(conversation ?? "") \(place)" }
}

/// The distribution of one model's calls and the largest of them, in bounded memory.
struct ModelCallExtremes: Sendable {
    typealias Measure = ModelOutlier.Measure

    private struct Seen {
        var values = ExponentialHistogram()
        /// The largest values in descending order.
        var largest: [(value: UInt64, conversation: String?, place: CallPlace)] = []
    }

    private let model: String
    private var seen: [Measure: Seen] = [:]

    init(model: String) {
        self.model = model
    }

    mutating func add(_ call: ModelCallFacts, duration: UInt64?, at place: CallPlace) {
        for measure in Measure.allCases {
            guard let value = measure.value(of: call, duration) else { continue }
            seen[measure, default: Seen()].values.record(nanoseconds: value)
            let largest = seen[measure]?.largest ?? []
            let index = largest.firstIndex { $0.value < value } ?? largest.count
            guard index < ModelOutlier.limit else { continue }
            seen[measure]?.largest.insert((value, call.conversation, place), at: index)
            if largest.count == ModelOutlier.limit { seen[measure]?.largest.removeLast() }
        }
    }

    /// The calls far above the median; empty if there are too few calls for a meaningful median.
    var outliers: [ModelOutlier] {
        seen.flatMap { measure, seen -> [ModelOutlier] in
            guard seen.values.count >= UInt64(ModelOutlier.smallestSample),
                let median = seen.values.quantile(0.5)?.estimate, median > 0
            else { return [] }
            return seen.largest.filter { Double($0.value) >= ModelOutlier.factor * median }.map {
                ModelOutlier(
                    model: model,
                    measure: measure,
                    value: $0.value,
                    median: wholeNanoseconds(median),
                    conversation: $0.conversation,
                    place: $0.place
                )
            }
        }
    }
}

extension ModelOutlier.Measure {
    fileprivate func value(of call: ModelCallFacts, _ duration: UInt64?) -> UInt64? {
        switch self {
        case .inputTokens: call.inputTokens.map { UInt64($0) }
        case .outputTokens: call.outputTokens.map { UInt64($0) }
        case .firstToken: call.firstTokenNanoseconds
        case .duration: duration
        }
    }
}
