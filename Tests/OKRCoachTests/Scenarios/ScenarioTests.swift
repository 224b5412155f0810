import SpanKit
import Testing

@testable import OKRCoach

@Suite("The eight scenarios find what they are there to find")
struct ScenarioTests {
    @Test("there are eight, in their order, with 39 messages")
    func inventory() {
        #expect(Scenario.all.map(\.number) == Array(1...8))
        #expect(Scenario.all.map(\.steps.count) == [3, 4, 5, 7, 7, 4, 5, 4])
        #expect(Set(Scenario.all.map(\.name)).count == 8)
    }

    @Test("a scenario is found by number and by name; a wrong name lists the right ones")
    func names() throws {
        #expect(try Scenario.named("4").name == "refinement")
        #expect(try Scenario.named("Quality-Poor").number == 6)
        #expect(throws: UnknownScenario.self) { try Scenario.named("9") }
        #expect(UnknownScenario(name: "x").description.contains("8 anti-patterns"))
    }

    @Test("every message leads to the expected findings and phase", arguments: Scenario.all)
    func expectations(scenario: Scenario) async throws {
        let store = MemoryStore()
        try await store.create(scenario.session(id: "s", atUnixNanoseconds: 0))
        let manager = ConversationManager(
            store: store,
            knowledge: FixedKnowledge(),
            model: try OfflineModel(latencyScale: 0),
            profiler: PerformanceProfiler(.on, log: .silent)
        )
        for (index, step) in scenario.steps.enumerated() {
            let result = try await manager.processMessage(sessionId: "s", userMessage: step.message)
            let input = Set(result.findings.filter { $0.source == .input }.map(\.kind))
            let output = Set(result.findings.filter { $0.source == .output }.map(\.kind))
            #expect(input == step.expectedFindings, "message \(index + 1): \(step.message)")
            #expect(output == step.expectedOutputFindings, "answer \(index + 1): \(result.reply)")
            #expect(result.phase == step.expectedPhase, "message \(index + 1): \(result.phaseReason)")
        }
    }
}

extension Scenario: CustomTestStringConvertible {
    /// The scenario's short name, instead of its whole conversation.
    public var testDescription: String { name }
}
