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

/// Which spans a conversation consists of.
///
/// ``total`` contains all others as direct children, one after the other. A name that is not listed here may lie inside any
/// of them: it is shown with its statistics and has no share of its own.
enum ConversationSteps {
    static let total = "conversation_processing_total"
    static let modelCall = "step_7_claude_api_call"

    static let groups: [String: StepGroup] = [
        "step_1_load_session": .database,
        "step_2_load_messages": .database,
        "step_3_anti_pattern_detection": .rest,
        "step_4_quality_assessment": .qualityAssessment,
        "step_5_altitude_drift": .rest,
        "step_6_checkpoint_detection": .rest,
        "step_7_prompt_engineering": .rest,
        modelCall: .modelCall,
        "step_7_5_knowledge_suggestions": .knowledgeSuggestions,
        "step_8_okr_extraction": .rest,
        "step_9_response_building": .rest,
        "step_10_phase_evaluation": .rest,
        "step_11_state_persistence": .database,
    ]
}
