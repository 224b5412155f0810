import SpanKitRecording

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
            let isCall =
                Self.tellsModelCall(attribute.key)
                || ["http.request.", "rpc.", "messaging."].contains { attribute.key.hasPrefix($0) }
            if isCall, span.kind != .server, span.kind != .consumer { category = .api }
        }
        self = category
    }

    /// Whether an attribute says that its span calls a language model. The id of the conversation says so of none: every span
    /// within it carries the same.
    static func tellsModelCall(_ key: String) -> Bool {
        ["gen_ai.request.", "gen_ai.usage.", "gen_ai.response."].contains { key.hasPrefix($0) }
            || ["gen_ai.operation.name", "gen_ai.provider.name", "gen_ai.system"].contains(key)
    }
}
