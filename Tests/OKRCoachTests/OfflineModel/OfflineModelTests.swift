import Testing

@testable import OKRCoach

@Suite("The offline model")
struct OfflineModelTests {
    private func prompt(_ text: String, phase: Phase = .exploration, system: String = "") -> Prompt {
        Prompt(system: system, messages: [.init(role: .user, text: text)], phase: phase)
    }

    @Test("Answers depend on the prompt only, and latencies also on the seed")
    func determinism() async throws {
        let prompt = prompt("Our checkout loses shoppers.")
        let first = try await OfflineModel(latencyScale: 0, seed: 7).complete(prompt)
        let second = try await OfflineModel(latencyScale: 0, seed: 7).complete(prompt)
        let other = try await OfflineModel(latencyScale: 0, seed: 8).complete(prompt)
        #expect(first == second)
        #expect(first.text == other.text)
        #expect(first.unscaledLatency != other.unscaledLatency)
    }

    @Test("The stream has the same text and tokens as the complete answer")
    func stream() async throws {
        let prompt = prompt("Our checkout loses shoppers.")
        let model = try OfflineModel(latencyScale: 0, seed: 7)
        var streamed: [[ModelEvent]] = [[], []]
        for run in 0...1 { for try await event in model.stream(prompt) { streamed[run].append(event) } }
        #expect(streamed[0] == streamed[1])
        let pieces = streamed[0].compactMap { if case .text(let text) = $0 { text } else { nil } }
        #expect(pieces.count > 3 && pieces.allSatisfy { $0.count < 60 })
        let reply = try await model.complete(prompt)
        #expect(pieces.joined() == reply.text)
        #expect(streamed[0].contains(.progress(usage: reply.usage, stopReason: "end_turn")))
        #expect(model.request(for: prompt).spanKind() == .internal)
        #expect(OfflineModel.pieces(of: "").isEmpty)
    }

    @Test("Latencies have a median of 2.4 s and are between 1.6 s and 3.6 s in 95 % of cases")
    func latencies() throws {
        let draws = (0..<10_000).map { Latency.draw(seed: 1, prompt: prompt("message \($0)")) / .seconds(1) }.sorted()
        #expect(abs(draws[5_000] - 2.4) < 0.02)
        let inside = draws.filter { (1.6...3.6).contains($0) }.count
        #expect(abs(Double(inside) / 10_000 - 0.95) < 0.01)
        #expect(draws.allSatisfy { $0 > 0.5 && $0 < 10 })
    }

    @Test("A scale that is negative or not a number is rejected")
    func scale() {
        for bad in [-1, -0.001, .nan, .infinity] {
            #expect(throws: OfflineModel.Failure.self) { try OfflineModel(latencyScale: bad) }
        }
        #expect(
            OfflineModel.Failure.invalidLatencyScale(-1).description
                == "the latency scale is -1.0; give 0 (no waiting) or more"
        )
    }

    @Test("The proposed objective uses the person's words, and the extractor reads it", arguments: Phase.allCases)
    func readable(phase: Phase) async throws {
        let model = try OfflineModel(latencyScale: 0)
        let reply = try await model.complete(
            prompt(
                "The onboarding is slow. Onboarding takes customers weeks. KR1: Onboarding from 21 days to 7 days",
                phase: phase
            )
        )
        let draft = OKRExtractor().extract(from: reply.text)
        if phase == .discovery {
            #expect(draft == OKRDraft())
            #expect(reply.text.contains("What goes wrong with onboarding today, and for whom?"))
        } else {
            #expect(draft.objective == "Make onboarding something customers can rely on")
        }
        if phase > .exploration { #expect(draft.keyResults.first?.target == 7) }
    }

    @Test("The draft in the prompt is kept")
    func keepsDraft() async throws {
        let system = "Objective so far: Sellers sleep well\n\nKey results so far:\n- Returns from 9 % to 4 %\n\nMore."
        let reply = try await OfflineModel(latencyScale: 0).complete(
            prompt("And now?", phase: .quality, system: system)
        )
        let draft = OKRExtractor().extract(from: reply.text)
        #expect(draft.objective == "Sellers sleep well")
        #expect(draft.keyResults == [KeyResult(text: "Returns from 9 % to 4 %", baseline: 9, target: 4, unit: "%")])
    }
}
