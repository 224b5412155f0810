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

    private static let firstLetters: [UInt8] = Array("dhrmg".utf8)

    /// Determines the category by attributes of OpenTelemetry's conventions or else by the span's kind.
    /// - Parameter isModelCall: Whether the span is a call of a model.
    init(of span: RecordedSpan, isModelCall: Bool) {
        let isServer = span.kind == .server || span.kind == .consumer
        var category: WorkCategory = span.kind == .client || span.kind == .producer ? .api : .computation
        if isModelCall, !isServer { category = .api }
        for attribute in span.attributes {
            // Most attributes are told apart by their first letter.
            guard let first = attribute.key.utf8.first, Self.firstLetters.contains(first) else { continue }
            if attribute.key.hasPrefix("db.") {
                category = .database
                break
            }
            // Version 0.1.0 of the GenAI conventions gives a retrieval the kind `internal`, earlier ones `client`.
            if attribute.key == "gen_ai.operation.name", attribute.value == .string("retrieval"), !isServer {
                category = .api
            }
            let isCall = ["http.request.", "rpc.", "messaging."].contains { attribute.key.hasPrefix($0) }
            if isCall, !isServer { category = .api }
        }
        self = category
    }
}
