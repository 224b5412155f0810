import Foundation
import OKRCoach
import SpanKitCLI

extension ProfileOptions {
    /// The language model of the run.
    /// - Throws: ``CommandFailure`` with status 64 when an option cannot be used or a setting is missing.
    func makeModel() throws(CommandFailure) -> any LanguageModel {
        if let modelTimeout {
            guard modelTimeout > 0, modelTimeout <= Self.longestModelTimeout else {
                throw CommandFailure(
                    .usage,
                    "--model-timeout: \(Self.text(modelTimeout)) is not a number of seconds above 0, at most "
                        + "\(Self.text(Self.longestModelTimeout)) (a day); 60 is the default"
                )
            }
            guard model == .anthropic else {
                throw CommandFailure(.usage, "--model-timeout: the offline model needs none; add --model anthropic")
            }
        }
        switch model {
        case .offline:
            do { return try OfflineModel(latencyScale: latencyScale, seed: seed) } catch {
                throw CommandFailure(.usage, "--latency-scale: \(error)")
            }
        case .anthropic:
            let timeout = modelTimeout.map { Duration.seconds($0) } ?? AnthropicModel.Configuration().timeout
            do {
                return try AnthropicModel(environment: ProcessInfo.processInfo.environment, timeout: timeout)
            } catch {
                throw CommandFailure(error.status, "--model anthropic: \(error)")
            }
        }
    }

    /// Longer is a mistake: an answer takes seconds.
    private static let longestModelTimeout = 86_400.0

    /// Whole numbers without a fraction.
    private static func text(_ seconds: Double) -> String {
        seconds == seconds.rounded() && abs(seconds) < 1e15 ? String(Int(seconds)) : String(seconds)
    }
}
