/// An objective with its key results, as far as the conversation has produced them.
public struct OKRDraft: Sendable, Equatable, Codable {
    /// The qualitative goal, or nil before there is one.
    public var objective: String?
    /// In the order in which they were first mentioned.
    public var keyResults: [KeyResult]

    /// Creates a draft, empty by default.
    public init(objective: String? = nil, keyResults: [KeyResult] = []) {
        self.objective = objective
        self.keyResults = keyResults
    }

    /// The OKR as people write it: "Objective: …", "KR1: …", a line each. ``OKRExtractor`` reads it back.
    var labelledLines: String {
        let lines = (objective.map { ["Objective: \($0)"] } ?? [])
        return (lines + keyResults.enumerated().map { "KR\($0.offset + 1): \($0.element.text)" })
            .joined(separator: "\n")
    }
}

/// One measurable result.
public struct KeyResult: Sendable, Equatable, Codable {
    /// The sentence as it was written.
    public var text: String
    /// The value of the metric now, in ``unit``.
    public var baseline: Double?
    /// Where the metric should be, in ``unit``.
    public var target: Double?
    /// The unit of ``baseline`` and ``target``, such as `%`, `ms`, `€`; empty for plain counts.
    public var unit: String

    /// Creates a key result.
    public init(text: String, baseline: Double? = nil, target: Double? = nil, unit: String = "") {
        self.text = text
        self.baseline = baseline
        self.target = target
        self.unit = unit
    }
}
