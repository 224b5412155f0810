import SpanKitGenAI

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
        var reply = ModelReply(text: "", model: name, stopReason: "", usage: TokenUsage())
        for try await event in stream(prompt) { reply.add(event) }
        // A stream that was cancelled just ends.
        try Task.checkCancellation()
        return reply
    }

    /// The same answer piece by piece: a third of the latency passes before the first word, the rest evenly among the others.
    public func stream(_ prompt: Prompt) -> AsyncThrowingStream<ModelEvent, any Error> {
        .events { give in
            let clock = ContinuousClock()
            let start = clock.now
            let latency = Latency.draw(seed: seed, prompt: prompt)
            let text = OfflineAnswer(prompt).text
            let pieces = Self.pieces(of: text)
            let input = Self.estimatedTokens(
                prompt.messages.reduce(prompt.system.utf8.count) { $0 + $1.text.utf8.count }
            )
            give(.start(id: nil, model: name, usage: TokenUsage(input: input)))
            for (position, piece) in pieces.enumerated() {
                let share = (1 + 2 * Double(position + 1) / Double(pieces.count)) / 3
                // Until a moment, not for a time: what is late once does not delay all the others.
                if latencyScale > 0 {
                    try await Task.sleep(until: start + latency * latencyScale * share, clock: clock)
                }
                try Task.checkCancellation()
                give(.text(piece))
            }
            let usage = TokenUsage(input: input, output: Self.estimatedTokens(text.utf8.count))
            give(.progress(usage: usage, stopReason: "end_turn"))
            give(.end(unscaledLatency: latency))
        }
    }

    /// A chat with a model in this process.
    public func request(for prompt: Prompt) -> ModelRequest {
        var request = ModelRequest.chat(name, from: Provider(rawValue: name))
        request.isInProcess = true
        request.isStreaming = true
        request.maximumTokens = prompt.maximumOutputTokens
        return request
    }

    /// About twenty characters each, cut behind white space.
    static func pieces(of text: String) -> [String] {
        var pieces: [String] = []
        var piece = ""
        for character in text {
            piece.append(character)
            guard character.isWhitespace, piece.count >= 20 else { continue }
            pieces.append(piece)
            piece = ""
        }
        return piece.isEmpty ? pieces : pieces + [piece]
    }

    /// An estimate: English text has about four bytes a token.
    private static func estimatedTokens(_ bytes: Int) -> Int { (bytes + 3) / 4 }
}
