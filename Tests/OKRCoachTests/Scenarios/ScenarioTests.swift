import SpanKit
import Testing

@testable import OKRCoach

@Suite("The eight scenarios")
struct ScenarioTests {
    @Test("There are eight scenarios with 39 messages in order")
    func inventory() {
        #expect(Scenario.all.map(\.number) == Array(1...8))
        #expect(Scenario.all.map(\.messages.count) == [3, 4, 5, 7, 7, 4, 5, 4])
        #expect(Set(Scenario.all.map(\.name)).count == 8)
    }

    @Test("A scenario is found by number and name; the error for a wrong name lists the valid ones")
    func names() throws {
        #expect(try Scenario.named("4").name == "refinement")
        #expect(try Scenario.named("Quality-Poor").number == 6)
        #expect(throws: UnknownScenario.self) { try Scenario.named("9") }
        #expect(UnknownScenario(name: "x").description.contains("8 anti-patterns"))
    }

    @Test("Every message leads to the expected findings and phase", arguments: Scenario.all)
    func expectations(scenario: Scenario) async throws {
        let store = MemoryStore()
        try await store.create(scenario.session(id: "s", atUnixNanoseconds: 0))
        let manager = ConversationManager(
            store: store,
            knowledge: FixedKnowledge(),
            model: try OfflineModel(latencyScale: 0),
            profiler: PerformanceProfiler(.on, log: .silent)
        )
        let steps = try #require(Self.steps[scenario.name])
        #expect(steps.count == scenario.messages.count)
        for (index, (message, step)) in zip(scenario.messages, steps).enumerated() {
            let result = try await manager.processMessage(sessionId: "s", userMessage: message)
            let input = Set(result.findings.filter { $0.source == .input }.map(\.kind))
            let output = Set(result.findings.filter { $0.source == .output }.map(\.kind))
            #expect(input == step.finds, "message \(index + 1): \(message)")
            #expect(output == step.answerShows, "answer \(index + 1): \(result.reply)")
            #expect(result.phase == step.leadsTo, "message \(index + 1): \(result.phaseReason)")
        }
    }

    /// What a message leads to with the offline model.
    private struct Step {
        /// The mistakes found in the message, and no others.
        var finds: Set<AntiPattern> = []
        /// The mistakes found in the answer, and no others.
        var answerShows: Set<AntiPattern> = []
        var leadsTo: Phase
    }

    /// The model repeats the draft in every answer, and its mistakes with it.
    private static let poorDraft: Set<AntiPattern> = [
        .activityInsteadOfOutcome, .vagueWords, .noNumber, .binaryGoal, .vanityMetric,
    ]

    private static let steps: [String: [Step]] = [
        "discovery-simple": [
            .init(leadsTo: .discovery),
            .init(leadsTo: .exploration),
            .init(leadsTo: .refinement),
        ],
        "discovery-complex": [
            .init(leadsTo: .discovery),
            .init(leadsTo: .discovery),
            .init(leadsTo: .exploration),
            .init(leadsTo: .refinement),
        ],
        "exploration": [
            .init(leadsTo: .refinement),
            .init(leadsTo: .refinement),
            .init(leadsTo: .refinement),
            .init(leadsTo: .refinement),
            .init(leadsTo: .quality),
        ],
        "refinement": [
            .init(finds: [.vagueWords, .noNumber], leadsTo: .refinement),
            .init(leadsTo: .refinement),
            .init(leadsTo: .refinement),
            .init(
                finds: [.activityInsteadOfOutcome, .outputAsKeyResult],
                answerShows: [.activityInsteadOfOutcome, .outputAsKeyResult],
                leadsTo: .refinement
            ),
            .init(answerShows: [.activityInsteadOfOutcome, .outputAsKeyResult], leadsTo: .refinement),
            .init(leadsTo: .quality),
            .init(leadsTo: .quality),
        ],
        "quality-good": [
            .init(leadsTo: .refinement),
            .init(leadsTo: .quality),
            .init(leadsTo: .quality),
            .init(leadsTo: .quality),
            .init(leadsTo: .quality),
            .init(leadsTo: .quality),
            .init(leadsTo: .done),
        ],
        "quality-poor": [
            .init(finds: [.vagueWords], answerShows: Self.poorDraft, leadsTo: .quality),
            .init(
                finds: [.vagueWords, .noNumber, .vanityMetric, .noTimeFrame],
                answerShows: Self.poorDraft,
                leadsTo: .quality
            ),
            .init(
                finds: [.activityInsteadOfOutcome, .noNumber, .binaryGoal, .noTimeFrame],
                answerShows: Self.poorDraft,
                leadsTo: .quality
            ),
            .init(answerShows: Self.poorDraft, leadsTo: .quality),
        ],
        "knowledge": [
            .init(leadsTo: .discovery),
            .init(leadsTo: .exploration),
            .init(leadsTo: .refinement),
            .init(leadsTo: .refinement),
            .init(leadsTo: .quality),
        ],
        "anti-patterns": [
            .init(finds: [.activityInsteadOfOutcome, .noNumber, .businessAsUsual], leadsTo: .refinement),
            .init(
                finds: [.activityInsteadOfOutcome, .noNumber, .outputAsKeyResult, .noBaseline, .noTimeFrame],
                answerShows: [.activityInsteadOfOutcome, .noNumber, .outputAsKeyResult, .noBaseline],
                leadsTo: .refinement
            ),
            .init(
                finds: [.activityInsteadOfOutcome, .sandbagging, .outputAsKeyResult, .noTimeFrame],
                answerShows: [
                    .activityInsteadOfOutcome, .noNumber, .tooManyKeyResults, .sandbagging, .outputAsKeyResult,
                    .noBaseline,
                ],
                leadsTo: .refinement
            ),
            .init(
                finds: [.tooManyKeyResults, .multipleObjectives],
                answerShows: [
                    .activityInsteadOfOutcome, .noNumber, .tooManyKeyResults, .sandbagging, .outputAsKeyResult,
                    .multipleObjectives, .noBaseline,
                ],
                leadsTo: .refinement
            ),
        ],
    ]
}

extension Scenario: CustomTestStringConvertible {
    /// The scenario's short name.
    public var testDescription: String { name }
}
