import Recording

/// What kind of work a span is; what helps depends on it.
package enum WorkCategory: String, Sendable, CaseIterable, Codable {
    /// Reads or writes stored data.
    case database
    /// Waits for another service, a language model among them.
    case api
    /// Works by itself.
    case computation
    /// Takes memory that it does not give back: above all of its time.
    case memory

    /// By the attributes that OpenTelemetry's conventions ask for, and else by the span's kind.
    init(of span: RecordedSpan) {
        var category: WorkCategory = span.kind == .client || span.kind == .producer ? .api : .computation
        for attribute in span.attributes {
            if attribute.key.hasPrefix("db.") {
                category = .database
                break
            }
            let isCall = ["http.request.", "rpc.", "messaging."].contains { attribute.key.hasPrefix($0) }
            if isCall || ModelCallAttributes.areOn(attribute.key), span.kind != .server, span.kind != .consumer { category = .api }
        }
        self = category
    }

    /// Of a step of a conversation, which has no such attributes in a results file.
    init(of group: StepGroup) {
        switch group {
        case .modelCall: self = .api
        case .database: self = .database
        case .knowledgeSuggestions, .qualityAssessment, .rest: self = .computation
        }
    }
}

/// What only the call of a language model says; `gen_ai.conversation.id` stands on everything around it, too.
enum ModelCallAttributes {
    static func areOn(_ key: String) -> Bool {
        key.hasPrefix("gen_ai.request.") || key == "gen_ai.operation.name" || key == "gen_ai.provider.name"
    }
}
