import SpanKitPercentiles
import SpanKitReports

/// The parts of a conversation that the time is divided among.
package enum StepGroup: String, Codable, Sendable, CaseIterable {
    /// The call of the language model.
    case modelCall
    /// Looking up and ranking knowledge.
    case knowledgeSuggestions
    /// Loading and storing the session.
    case database
    /// Scoring the user's draft.
    case qualityAssessment
    /// The other steps, and what the whole spends outside its steps.
    case rest
}

extension StepGroup {
    /// As people call it.
    var title: String {
        switch self {
        case .modelCall: "Claude API call"
        case .knowledgeSuggestions: "Knowledge suggestions"
        case .database: "Database"
        case .qualityAssessment: "Quality assessment"
        case .rest: "Everything else"
        }
    }

    /// What the generic analysis is told of a step.
    fileprivate var step: StepMap.Step {
        switch self {
        case .modelCall: .init(.api, isModelCall: true)
        case .database: .init(.database)
        case .knowledgeSuggestions:
            .init(
                .computation,
                hint: "run it beside the model's call, whose answer it does not need, or keep what was found by topic"
            )
        case .qualityAssessment, .rest: .init(.computation)
        }
    }
}

/// Which spans a conversation consists of.
///
/// ``total`` contains all others as direct children, one after the other. A name that is not listed here may lie inside any
/// of them: it is shown with its statistics and has no share of its own.
enum ConversationSteps {
    static let total = "conversation_processing_total"

    static let groups: [String: StepGroup] = [
        "step_1_load_session": .database,
        "step_2_load_messages": .database,
        "step_3_anti_pattern_detection": .rest,
        "step_4_quality_assessment": .qualityAssessment,
        "step_5_altitude_drift": .rest,
        "step_6_checkpoint_detection": .rest,
        "step_7_prompt_engineering": .rest,
        "step_7_claude_api_call": .modelCall,
        "step_7_5_knowledge_suggestions": .knowledgeSuggestions,
        "step_8_okr_extraction": .rest,
        "step_9_response_building": .rest,
        "step_10_phase_evaluation": .rest,
        "step_11_state_persistence": .database,
    ]

    /// The same for the generic analysis.
    static let map = StepMap(whole: total, steps: groups.mapValues(\.step))

    /// What operations cost, as measured.
    static func totals(of operations: [OperationSnapshot], messageCount: Int) -> TraceTotals {
        let profiles = map.profiles(of: operations, count: messageCount)
        return TraceTotals(operations, profiles: profiles, whole: total, count: (messageCount, noun: "message"))
    }
}
