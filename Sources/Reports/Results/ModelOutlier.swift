/// A call of a language model that stands out from the others of the same model.
package struct ModelOutlier: Codable, Sendable, Equatable {
    /// What stands out.
    package enum Measure: String, Codable, Sendable, CaseIterable {
        case inputTokens
        case outputTokens
        /// Nanoseconds to the first piece of the answer, as measured.
        case firstToken
    }

    /// The scenario's short name.
    package var scenario: String
    /// The message's place in it, from 1.
    package var message: Int
    /// The model that answered.
    package var model: String
    /// What stands out.
    package var measure: Measure
    /// Tokens, or nanoseconds.
    package var value: UInt64
    /// The median of the model's calls.
    package var median: UInt64

    /// From how many calls on a median says anything.
    static let smallestSample = 8
    /// How many times the median is out of the ordinary.
    static let factor = 3.0
    /// How many are named.
    static let limit = 5

    /// Value over median.
    var ratio: Double { Double(value) / Double(max(1, median)) }

    /// The calls that stand out most, each by what it stands out most with.
    package static func outliers(in scenarios: [ProfilingResults.Scenario]) -> [ModelOutlier] {
        var all: [ModelOutlier] = []
        for measure in Measure.allCases {
            var values: [String: [(scenario: String, message: Int, value: UInt64)]] = [:]
            for scenario in scenarios {
                for message in scenario.messages {
                    guard let model = message.model, let value = measure.value(of: message) else { continue }
                    values[model, default: []].append((scenario.name, message.index, value))
                }
            }
            for (model, calls) in values where calls.count >= smallestSample {
                let median = calls.map(\.value).sorted()[(calls.count - 1) / 2]
                for call in calls where median > 0 && Double(call.value) >= factor * Double(median) {
                    all.append(
                        ModelOutlier(
                            scenario: call.scenario,
                            message: call.message,
                            model: model,
                            measure: measure,
                            value: call.value,
                            median: median
                        )
                    )
                }
            }
        }
        var named: Set<String> = []
        return all.sorted { left, right in
            left.ratio != right.ratio
                ? left.ratio > right.ratio
                : (left.scenario, left.message, left.measure.rawValue) < (
                    right.scenario, right.message, right.measure.rawValue
                )
        }
        .filter { named.insert("\($0.scenario) \($0.message) \($0.model)").inserted }
        .prefix(limit).map { $0 }
    }
}

extension ModelOutlier.Measure {
    fileprivate func value(of message: ProfilingResults.Message) -> UInt64? {
        switch self {
        case .inputTokens: message.inputTokens.map { UInt64(max(0, $0)) }
        case .outputTokens: message.outputTokens.map { UInt64(max(0, $0)) }
        case .firstToken: message.timeToFirstTokenNanoseconds
        }
    }
}
