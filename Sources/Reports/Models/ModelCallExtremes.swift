import SpanKitPercentiles
import SpanKitRecording
import SpanKitSummaries

/// Where a call is to be found.
package enum CallPlace: Sendable, Hashable {
    case span(trace: TraceID, id: UInt64)
    /// Of its conversation, from 1.
    case message(Int)
}

/// A call of a language model that stands out from the others of the same model.
package struct ModelOutlier: Sendable {
    /// What a call can stand out with.
    package enum Measure: String, Codable, Sendable, CaseIterable {
        case inputTokens, outputTokens
        /// Nanoseconds to the first piece of the answer.
        case firstToken
        /// Nanoseconds.
        case duration
    }

    package let model: String
    package let measure: Measure
    /// Tokens, or nanoseconds.
    package let value: UInt64
    /// Of all calls of the model.
    package let median: UInt64
    package let conversation: String?
    package let place: CallPlace

    /// From how many calls on a median says anything.
    static let smallestSample = 8
    /// How many times the median is out of the ordinary.
    static let factor = 3.0
    /// How many are named.
    static let limit = 5

    /// Value over median.
    var ratio: Double { Double(value) / Double(max(1, median)) }

    /// Of the call: spans of different traces may have the same id, messages of different conversations the same place.
    var id: String { "\(conversation ?? "") \(place)" }
}

/// The calls of one model that took most, and what is usual, so that those that stand out can be named; bounded.
struct ModelCallExtremes: Sendable {
    typealias Measure = ModelOutlier.Measure

    private struct Candidate {
        let value: UInt64
        let conversation: String?
        let place: CallPlace
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

    mutating func add(_ call: ModelCallFacts, duration: UInt64, at place: CallPlace) {
        for measure in Measure.allCases {
            guard let value = measure.value(of: call, duration) else { continue }
            seen[measure, default: Seen()].values.record(nanoseconds: value)
            let largest = seen[measure]?.largest ?? []
            guard largest.count < ModelOutlier.limit || value > largest.last?.value ?? 0 else { continue }
            seen[measure]?.largest.insert(
                Candidate(value: value, conversation: call.conversation, place: place),
                at: largest.firstIndex { $0.value < value } ?? largest.count
            )
            if largest.count == ModelOutlier.limit { seen[measure]?.largest.removeLast() }
        }
    }

    /// Calls with several times the median; few calls say nothing about what is usual.
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
    fileprivate func value(of call: ModelCallFacts, _ duration: UInt64) -> UInt64? {
        switch self {
        case .inputTokens: call.inputTokens.map { UInt64($0) }
        case .outputTokens: call.outputTokens.map { UInt64($0) }
        case .firstToken: call.firstTokenNanoseconds
        case .duration: duration
        }
    }
}
