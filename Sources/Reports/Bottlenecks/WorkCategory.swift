import SpanKitRecording

/// The kind of work of a span, on which the advice depends.
package enum WorkCategory: String, Sendable, CaseIterable, Codable {
    /// Reads or writes stored data.
    case database
    /// Waits for another service, such as a language model.
    case api
    /// Computes within the process.
    case computation
    /// Mainly allocates memory that it does not release.
    case memory

    /// Determines the category by attributes of OpenTelemetry's conventions or else by the span's kind.
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

    /// Whether an attribute marks its span as a model call. The id of the conversation does not, because every span in a
    /// conversation has it.
    static func tellsModelCall(_ key: String) -> Bool {
        ["gen_ai.request.", "gen_ai.usage.", "gen_ai.response."].contains { key.hasPrefix($0) }
            || ["gen_ai.operation.name", "gen_ai.provider.name", "gen_ai.system"].contains(key)
    }
}
