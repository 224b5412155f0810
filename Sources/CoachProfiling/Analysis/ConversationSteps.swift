import SpanKitPercentiles
import SpanKitReports

/// The groups of steps for which the analysis compares shares of the time.
enum StepGroup: String, Codable, Sendable, CaseIterable {
    /// The call of the language model.
    case modelCall
    /// The search in the knowledge base.
    case knowledgeSuggestions
    /// Loading and storing sessions.
    case database
    /// Scoring the OKR.
    case qualityAssessment
    /// The other steps, and the time outside the steps.
    case rest
}

extension StepGroup {
    /// The name in reports.
    var title: String {
        switch self {
        case .modelCall: "Claude API call"
        case .knowledgeSuggestions: "Knowledge suggestions"
        case .database: "Database"
        case .qualityAssessment: "Quality assessment"
        case .rest: "Everything else"
        }
    }

    /// The kind of step for the generic analysis.
    fileprivate var step: StepMap.Step {
        switch self {
        case .modelCall: .init(.api, isModelCall: true)
        case .database: .init(.database)
        case .knowledgeSuggestions:
            .init(
                .computation,
                hint:
                    "run it at the same time as the model's call, whose answer it does not need, or cache the results by topic"
            )
        case .qualityAssessment, .rest: .init(.computation)
        }
    }
}

/// The spans of a conversation.
///
/// The steps are consecutive children of ``total``. An operation that is not listed here may be nested in any of them, so reports
/// show its statistics but no share.
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

    /// The steps for the generic analysis.
    static let map = StepMap(whole: total, steps: groups.mapValues(\.step))

    /// The measured totals of operations.
    static func totals(of operations: [OperationSnapshot], messageCount: Int) -> TraceTotals {
        let profiles = map.profiles(of: operations, count: messageCount)
        return TraceTotals(operations, profiles: profiles, whole: total, count: (messageCount, noun: "message"))
    }
}
