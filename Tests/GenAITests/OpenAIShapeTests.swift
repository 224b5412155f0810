import Foundation
import SpanKit
import SpanKitGenAI
import SpanKitReports
import Testing

/// Every shape in which OpenAI and those who copy it report usage; the bodies are of our own making. Anthropic's are tried from end
/// to end (`UsageShapeTests`).
@Suite("Responses of OpenAI-compatible APIs give the same counts in spans, metrics and reports")
struct OpenAIShapeTests {
    struct Shape: Sendable, CustomTestStringConvertible {
        let testDescription: String
        /// The `usage` of the answer, or of each chunk of its stream.
        let usages: [String]
        let finishReason: String?
        let expected: TokenUsage
        var errorType: String?
    }

    static let shapes = [
        Shape(
            testDescription: "plain",
            usages: [#"{"prompt_tokens":19,"completion_tokens":10,"total_tokens":29}"#],
            finishReason: "stop",
            expected: TokenUsage(input: 19, output: 10)
        ),
        Shape(
            testDescription: "cached, with reasoning",
            usages: [
                #"{"prompt_tokens":2006,"completion_tokens":300,"total_tokens":2306,"#
                    + #""prompt_tokens_details":{"cached_tokens":1920},"completion_tokens_details":{"reasoning_tokens":256}}"#
            ],
            finishReason: "length",
            expected: TokenUsage(input: 2_006, output: 300, cacheRead: 1_920, reasoning: 256)
        ),
        Shape(
            testDescription: "streamed: null until the last chunk",
            usages: ["null", "null", #"{"prompt_tokens":19,"completion_tokens":10,"total_tokens":29}"#],
            finishReason: "stop",
            expected: TokenUsage(input: 19, output: 10)
        ),
        Shape(
            testDescription: "streamed: growing",
            usages: [
                #"{"prompt_tokens":19,"completion_tokens":1}"#, #"{"prompt_tokens":19,"completion_tokens":6}"#,
                #"{"prompt_tokens":19,"completion_tokens":10}"#,
            ],
            finishReason: "stop",
            expected: TokenUsage(input: 19, output: 10)
        ),
        Shape(
            testDescription: "tool calls, in the shape of Responses",
            usages: [
                #"{"input_tokens":82,"output_tokens":17,"total_tokens":99,"input_tokens_details":{"cached_tokens":0}}"#
            ],
            finishReason: "tool_calls",
            expected: TokenUsage(input: 82, output: 17, cacheRead: 0)
        ),
        Shape(
            testDescription: "refusal",
            usages: [#"{"prompt_tokens":81,"completion_tokens":11,"total_tokens":92}"#],
            finishReason: "content_filter",
            expected: TokenUsage(input: 81, output: 11)
        ),
        Shape(
            testDescription: "error after 200: nothing was counted, so nothing is known",
            usages: ["null"],
            finishReason: nil,
            expected: TokenUsage(),
            errorType: "server_error"
        ),
    ]

    @Test("plain, cached, streamed, tool call, refusal, error after status 200", arguments: shapes)
    func numbers(shape: Shape) throws {
        struct Chunk: Decodable { var usage: OpenAIUsage? }
        let models = ModelTelemetry.forTests()
        let call = models.start(.chat("gpt-5", from: .openAI))
        var usage = OpenAIUsage()
        for json in shape.usages {
            let chunk = try JSONDecoder().decode(Chunk.self, from: Data("{\"usage\":\(json)}".utf8))
            if let later = chunk.usage { usage.update(with: later) }
            call.update { $0.usage = usage.total }
        }
        if let reason = shape.finishReason { call.update { $0.finishReasons = [reason] } }
        if let type = shape.errorType { call.fail(errorType: type) } else { call.end() }

        let expected = shape.expected
        let span = try #require(models.profiler.recordedSpans().first)
        func count(_ key: String) -> Int? {
            if case .int(let count) = span.value("gen_ai.usage.\(key)_tokens") { Int(count) } else { nil }
        }
        #expect(count("input") == expected.input && count("output") == expected.output)
        #expect(count("cache_read.input") == expected.cacheRead)
        #expect(count("reasoning.output") == expected.reasoning)
        #expect(span.value("gen_ai.response.finish_reasons") == shape.finishReason.map { .array([.string($0)]) })
        #expect(span.value("error.type") == shape.errorType.map { .string($0) })

        let metrics = try #require(models.metrics).points("token.usage")
        for (type, tokens) in [("input", expected.input), ("output", expected.output)] {
            let distribution = metrics.first { $0.attributes.contains(Attribute("gen_ai.token.type", .string(type))) }
            #expect(distribution?.histogram?.sum == tokens.map { Double($0) }, "\(type)")
        }

        let use = try #require(ModelCallFacts(span))
        #expect(use.inputTokens == expected.input && use.outputTokens == expected.output)
        #expect(use.cacheReadTokens == expected.cacheRead && use.reasoningTokens == expected.reasoning)
    }
}
