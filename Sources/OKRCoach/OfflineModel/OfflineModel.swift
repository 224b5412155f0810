import Foundation
import SpanKitGenAI

/// A model that needs no network and no API key. It derives its answers from the words of the prompt by fixed rules, so
/// they are deterministic.
///
/// Use it to run, measure and test everything around a model. Its latency resembles the latency of a hosted model: it
/// is lognormally distributed, with a median of 2.4 s and 95 % of the values between 1.6 s and 3.6 s, and is multiplied
/// by the latency scale. The latency depends only on the seed and the prompt, so two runs with the same seed have the
/// same latencies.
public struct OfflineModel: LanguageModel {
    /// The error for settings that cannot be used.
    public enum Failure: Error, Equatable, CustomStringConvertible {
        /// The scale is negative or not a number.
        case invalidLatencyScale(Double)

        /// What is wrong, and what to do, in one line.
        public var description: String {
            switch self {
            case .invalidLatencyScale(let scale): "the latency scale is \(scale); give 0 (no waiting) or more"
            }
        }
    }

    /// `offline`.
    public let name = "offline"
    /// The factor for the latency. At 0 the model answers immediately.
    public let latencyScale: Double
    /// The seed of the latencies.
    public let seed: UInt64

    /// Creates a model.
    /// - Throws: ``Failure/invalidLatencyScale(_:)`` if the scale is negative or not a number.
    public init(latencyScale: Double = 0.02, seed: UInt64 = 1) throws(Failure) {
        guard latencyScale >= 0, latencyScale.isFinite else { throw .invalidLatencyScale(latencyScale) }
        self.latencyScale = latencyScale
        self.seed = seed
    }

    /// Answers a prompt after the scaled latency.
    public func complete(_ prompt: Prompt) async throws -> ModelReply {
        var reply = ModelReply(text: "", model: name, stopReason: "", usage: TokenUsage())
        for try await event in stream(prompt) { reply.add(event) }
        // A cancelled stream ends without an error.
        try Task.checkCancellation()
        return reply
    }

    /// Streams the answer. A third of the latency passes before the first piece, and the rest is spread evenly over the pieces.
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
                // Sleeping until a fixed time keeps one late piece from delaying all later ones.
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

    /// What telemetry records about a call: a chat with a model in this process.
    public func request(for prompt: Prompt) -> ModelRequest {
        var request = ModelRequest.chat(name, from: Provider(rawValue: name))
        request.isInProcess = true
        request.isStreaming = true
        request.maximumTokens = prompt.maximumOutputTokens
        return request
    }

    /// Pieces of about twenty characters that end in white space.
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

    /// An estimate at four bytes a token, as in English text.
    private static func estimatedTokens(_ bytes: Int) -> Int { (bytes + 3) / 4 }
}

/// The simulated latency of the offline model, lognormally distributed.
enum Latency {
    /// The median, which is the exponential of the mean of the logarithms.
    static let medianSeconds = 2.4
    /// ln(3.6 / 2.4) / 1.96, so that 95 % of the latencies are between 1.6 s and 3.6 s.
    static let sigma = 0.2069

    static func draw(seed: UInt64, prompt: Prompt) -> Duration {
        var state = seed ^ 0xCBF2_9CE4_8422_2325
        for turn in prompt.messages {
            for byte in turn.text.utf8 { state = (state ^ UInt64(byte)) &* 0x100_0000_01B3 }
            state = (state ^ 0xFF) &* 0x100_0000_01B3
        }
        // Box–Muller, from two numbers in (0, 1].
        let radius = (-2 * log(uniform(&state))).squareRoot()
        let normal = radius * cos(2 * .pi * uniform(&state))
        return .seconds(medianSeconds * exp(sigma * normal))
    }

    /// The next number in (0, 1], by SplitMix64.
    private static func uniform(_ state: inout UInt64) -> Double {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        mixed ^= mixed >> 31
        return (Double(mixed >> 11) + 1) * 0x1p-53
    }
}
