/// A model that needs no network and no key: answers by rule, from the words of the prompt, the same way every time.
///
/// It exists so that everything around a real model can be run, measured and tested. Its latency is drawn from a lognormal
/// distribution with a median of 2.4 s and 95 % between 1.6 s and 3.6 s, as a hosted model answers, times the latency
/// scale. The draw depends on the seed and the prompt alone, so that two runs with one seed wait alike, whatever runs beside them.
public struct OfflineModel: LanguageModel {
    /// Why a model cannot be made.
    public enum Failure: Error, Equatable, CustomStringConvertible {
        /// The scale is negative or not a number.
        case invalidLatencyScale(Double)

        /// One line: what, and what to do.
        public var description: String {
            switch self {
            case .invalidLatencyScale(let scale): "the latency scale is \(scale); give 0 (no waiting) or more"
            }
        }
    }

    /// `offline`.
    public let name = "offline"
    /// What the drawn latency is multiplied with; 0 answers at once.
    public let latencyScale: Double
    /// Chooses the sequence of latencies.
    public let seed: UInt64

    /// Creates a model.
    public init(latencyScale: Double = 0.02, seed: UInt64 = 1) throws(Failure) {
        guard latencyScale >= 0, latencyScale.isFinite else { throw .invalidLatencyScale(latencyScale) }
        self.latencyScale = latencyScale
        self.seed = seed
    }

    /// Answers by phase, after waiting as long as the latency scale says.
    public func complete(_ prompt: Prompt) async throws -> ModelReply {
        let latency = Latency.draw(seed: seed, prompt: prompt)
        if latencyScale > 0 { try await Task.sleep(for: latency * latencyScale) }
        try Task.checkCancellation()
        let text = OfflineAnswer(prompt).text
        return ModelReply(
            text: text,
            model: name,
            stopReason: "end_turn",
            inputTokens: Self.estimatedTokens(
                prompt.messages.reduce(prompt.system.utf8.count) { $0 + $1.text.utf8.count }
            ),
            outputTokens: Self.estimatedTokens(text.utf8.count),
            unscaledLatency: latency
        )
    }

    /// An estimate: English text has about four bytes a token.
    private static func estimatedTokens(_ bytes: Int) -> Int { (bytes + 3) / 4 }
}
