import Testing

@testable import SpanKitGenAI

@Suite("Attribute names are exactly those of the conventions")
struct AttributeNameTests {
    /// Semantic conventions v1.41.1, "Semantic conventions for generative AI client spans", "…agent spans", and the general `error`
    /// and `server`: all that a span of ours may carry.
    private static let published: Set<String> = [
        "gen_ai.operation.name", "gen_ai.provider.name", "gen_ai.request.model", "gen_ai.conversation.id",
        "gen_ai.output.type", "gen_ai.request.choice.count", "gen_ai.request.seed", "gen_ai.request.stream",
        "gen_ai.request.max_tokens", "gen_ai.request.temperature", "gen_ai.request.top_p", "gen_ai.request.top_k",
        "gen_ai.request.frequency_penalty", "gen_ai.request.presence_penalty", "gen_ai.request.stop_sequences",
        "gen_ai.request.encoding_formats", "gen_ai.embeddings.dimension.count", "gen_ai.response.id",
        "gen_ai.response.model", "gen_ai.response.finish_reasons", "gen_ai.response.time_to_first_chunk",
        "gen_ai.usage.input_tokens", "gen_ai.usage.output_tokens", "gen_ai.usage.cache_read.input_tokens",
        "gen_ai.usage.cache_creation.input_tokens", "gen_ai.usage.reasoning.output_tokens",
        "gen_ai.system_instructions", "gen_ai.input.messages", "gen_ai.output.messages", "gen_ai.tool.definitions",
        "gen_ai.tool.name", "gen_ai.tool.call.id", "gen_ai.tool.description", "gen_ai.tool.type", "gen_ai.agent.id",
        "gen_ai.agent.name", "gen_ai.workflow.name", "gen_ai.data_source.id", "error.type", "server.address",
        "server.port",
    ]
    /// Of the text that is being written (semantic-conventions-genai, main).
    private static let renamed = ["gen_ai.usage.cache_creation.input_tokens": "gen_ai.usage.cache_write.input_tokens"]

    private func names(_ conventions: Conventions) -> Set<String> {
        Set(Mirror(reflecting: conventions.names).children.compactMap { ($0.value as? StaticString)?.description })
    }

    @Test("v1.41.1 has all names, and all others start with spankit.")
    func released() {
        let names = names(.v1_41_1)
        #expect(names.filter { !$0.hasPrefix("spankit.") } == Self.published)
        #expect(!names.contains { $0.contains("cost") || $0 == "gen_ai.system" })
    }

    @Test("the development version has the same names except for renamed ones")
    func development() {
        let expected = Set(Self.published.map { Self.renamed[$0] ?? $0 })
        #expect(names(.development).filter { !$0.hasPrefix("spankit.") } == expected)
    }
}
