import SpanKitInputs
import SpanKitOTLP
import SpanKitReports

/// Reads the model call of a span as reports do (`ModelCallFacts`), so that both count the same tokens.
enum ModelCallScan {
    /// The names of attributes of model calls begin so, in the conventions that reports know.
    private static let prefixes = ["gen_ai.", "llm.", "embedding.", "langsmith."].map { Array($0.utf8) }

    /// - Parameter message: A `Span` message.
    static func call(_ message: ArraySlice<UInt8>) -> ModelCallFacts? {
        guard mentionsModels(message) else { return nil }
        var scope: [UInt8] = []
        OTLPAssembly.append(2, Array(message), to: &scope)
        var resource: [UInt8] = []
        OTLPAssembly.append(2, scope, to: &resource)
        var data: [UInt8] = []
        OTLPAssembly.append(1, resource, to: &data)
        var call: ModelCallFacts?
        var decoder = TraceDecoder()
        decoder.decode(data) { call = ModelCallFacts($0.span) }
        decoder.finish { call = ModelCallFacts($0.span) }
        return call
    }

    /// Whether the span has an attribute of a model call. Most spans have none, and decoding takes longer.
    private static func mentionsModels(_ message: ArraySlice<UInt8>) -> Bool {
        for field in ProtobufFields(message) where field.number == 9 && field.wire == 2 {
            for part in ProtobufFields(field.content) where part.number == 1 && part.wire == 2 {
                if prefixes.contains(where: { part.content.starts(with: $0) }) { return true }
            }
        }
        return false
    }
}
