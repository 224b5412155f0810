import Foundation
import OKRCoach

extension ProfileOptions {
    /// The language model that was asked for.
    /// - Throws: ``CommandFailure`` with status 64 when something it needs is missing.
    func makeModel() throws(CommandFailure) -> any LanguageModel {
        switch model {
        case .offline:
            do { return try OfflineModel(latencyScale: latencyScale, seed: seed) } catch {
                throw CommandFailure(.usage, "--latency-scale: \(error)")
            }
        case .anthropic:
            do { return try AnthropicModel(environment: ProcessInfo.processInfo.environment) } catch {
                throw CommandFailure(error.status, "--model anthropic: \(error)")
            }
        }
    }
}
