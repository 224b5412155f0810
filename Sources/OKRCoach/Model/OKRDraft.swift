/// The objective and the key results that a conversation has produced so far.
public struct OKRDraft: Sendable, Equatable, Codable {
    /// The qualitative goal; nil until there is one.
    public var objective: String?
    /// The key results in the order in which they were first mentioned.
    public var keyResults: [KeyResult]

    /// Creates a draft, empty by default.
    public init(objective: String? = nil, keyResults: [KeyResult] = []) {
        self.objective = objective
        self.keyResults = keyResults
    }

    /// One line for the objective ("Objective: …") and for each key result ("KR1: …"). ``OKRExtractor`` reads these lines.
    var labelledLines: String {
        let results = keyResults.enumerated().map { "KR\($0.offset + 1): \($0.element.text)" }
        return ((objective.map { ["Objective: \($0)"] } ?? []) + results).joined(separator: "\n")
    }
}

/// A measurable result.
public struct KeyResult: Sendable, Equatable, Codable {
    /// The text as it was written.
    public var text: String
    /// The current value of the metric in ``unit``, or nil if it is unknown.
    public var baseline: Double?
    /// The value to reach in ``unit``, or nil if it is unknown.
    public var target: Double?
    /// The unit of ``baseline`` and ``target``, such as `%`, `ms` or `€`. It is empty for counts.
    public var unit: String

    /// Creates a key result.
    public init(text: String, baseline: Double? = nil, target: Double? = nil, unit: String = "") {
        self.text = text
        self.baseline = baseline
        self.target = target
        self.unit = unit
    }
}
