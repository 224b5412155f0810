import Foundation
import SpanKitReports
import Testing

@testable import SpanKitCoachProfiling

/// Every shape in which the Messages API reports usage, as its documentation shows them; the bodies are of our own making.
@Suite("Spans, metrics and reports contain the same numbers for every kind of answer")
struct UsageShapeTests {
    struct Shape: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let answer: MessagesServer.Answer
        /// The usage attributes of the span, without `gen_ai.usage.` and `.input_tokens`.
        let input: Int
        let output: Int
        var cacheRead: Int?
        var cacheCreation: Int?
        var finishReason: String?
        /// Nil where the call has an answer.
        var errorType: String?
    }

    private static func whole(_ content: String, _ reason: String, _ usage: String) -> MessagesServer.Answer {
        .status(
            200,
            #"{"id":"m","type":"message","role":"assistant","model":"claude-test","stop_reason":"\#(reason)","#
                + #""content":[\#(content)],"usage":{\#(usage)}}"#
        )
    }

    private static func events(_ events: String...) -> MessagesServer.Answer {
        .status(200, events.map { "data: \($0)\n\n" }.joined(), type: "text/event-stream")
    }

    private static let text = #"{"type":"text","text":"What would change?"}"#
    private static let tool = #"{"type":"tool_use","id":"toolu_1","name":"search","input":{"q":"x"}}"#
    private static let start =
        #"{"type":"message_start","message":{"id":"m","model":"claude-test","usage":{"input_tokens":25,"#
        + #""cache_creation_input_tokens":200,"cache_read_input_tokens":3000,"output_tokens":1}}}"#
    private static let piece = #"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"What?"}}"#

    private static func delta(_ reason: String, _ tokens: Int) -> String {
        #"{"type":"message_delta","delta":{"stop_reason":"\#(reason)"},"usage":{"output_tokens":\#(tokens)}}"#
    }
    private static let stop = #"{"type":"message_stop"}"#

    static let shapes: [Shape] = [
        Shape(
            testDescription: "plain",
            answer: whole(text, "end_turn", #""input_tokens":12,"output_tokens":7"#),
            input: 12,
            output: 7,
            finishReason: "end_turn"
        ),
        Shape(
            testDescription: "cached",
            answer: whole(
                text,
                "max_tokens",
                #""input_tokens":10,"cache_creation_input_tokens":200,"cache_read_input_tokens":3000,"output_tokens":7"#
            ),
            input: 3_210,
            output: 7,
            cacheRead: 3_000,
            cacheCreation: 200,
            finishReason: "max_tokens"
        ),
        Shape(
            testDescription: "streamed, counts growing",
            answer: events(start, piece, delta("", 15), delta("end_turn", 42), stop),
            input: 3_225,
            output: 42,
            cacheRead: 3_000,
            cacheCreation: 200,
            finishReason: "end_turn"
        ),
        Shape(
            testDescription: "refusal",
            answer: events(start, piece, delta("refusal", 3), stop),
            input: 3_225,
            output: 3,
            cacheRead: 3_000,
            cacheCreation: 200,
            finishReason: "refusal"
        ),
        Shape(
            testDescription: "text and tool use",
            answer: whole(text + "," + tool, "tool_use", #""input_tokens":12,"output_tokens":70"#),
            input: 12,
            output: 70,
            finishReason: "tool_use"
        ),
        Shape(
            testDescription: "tool use alone",
            answer: events(
                start,
                #"{"type":"content_block_start","index":0,"content_block":\#(tool)}"#,
                #"{"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"{"}}"#,
                delta("tool_use", 9),
                stop
            ),
            input: 3_225,
            output: 9,
            cacheRead: 3_000,
            cacheCreation: 200,
            finishReason: "tool_use",
            errorType: "invalid_response"
        ),
        Shape(
            testDescription: "error after 200",
            answer: events(
                start,
                piece,
                #"{"type":"error","error":{"type":"overloaded_error","message":"because"}}"#
            ),
            input: 3_225,
            output: 1,
            cacheRead: 3_000,
            cacheCreation: 200,
            errorType: "overloaded_error"
        ),
    ]

    @Test("Plain, cached, streamed, tool use, refusal, error after 200", arguments: shapes)
    func numbers(shape: Shape) async throws {
        try await withTemporaryDirectory { directory in
            let server = try MessagesServer([shape.answer])
            defer { server.stop() }
            let arguments = [
                "profile", "--model", "anthropic", "--scenario", "1", "--prom", "coach.prom", "--otlp-file",
                "spans.jsonl",
            ]
            let environment = [
                "ANTHROPIC_API_KEY": "k", "ANTHROPIC_BASE_URL": server.address, "ANTHROPIC_MODEL": "claude-test",
            ]
            let outcome = try await SpanKitProcess(arguments, in: directory, environment: environment).finish()
            #expect(outcome.status == (shape.errorType == nil ? 0 : 69), "\(outcome.error)")
            let calls = shape.errorType == nil ? 3 : 1

            let spans = try modelSpans(directory.appending(path: "spans.jsonl"))
            #expect(spans.count == calls)
            for span in spans {
                #expect(span["gen_ai.usage.input_tokens"] == "\(shape.input)")
                #expect(span["gen_ai.usage.output_tokens"] == "\(shape.output)")
                #expect(span["gen_ai.usage.cache_read.input_tokens"] == shape.cacheRead.map { "\($0)" })
                #expect(span["gen_ai.usage.cache_creation.input_tokens"] == shape.cacheCreation.map { "\($0)" })
                #expect(span["gen_ai.response.finish_reasons"] == shape.finishReason)
                #expect(span["error.type"] == shape.errorType)
            }

            let metrics = try String(contentsOf: directory.appending(path: "coach.prom"), encoding: .utf8)
            #expect(sum(of: "input", in: metrics) == Double(calls * shape.input))
            #expect(sum(of: "output", in: metrics) == Double(calls * shape.output))

            let file = try #require(try resultsFiles(in: directory).first)
            let use = try ProfilingResults(contentsOf: file.path).aggregate.models?.first
            guard shape.errorType == nil else { return #expect(use == nil, "a message without an answer is in no sum") }
            #expect(use?.callCount == 3 && use?.callsWithUnknownTokens == 0)
            #expect(use?.inputTokens == 3 * shape.input && use?.outputTokens == 3 * shape.output)
            #expect(use?.cacheReadTokens == shape.cacheRead.map { 3 * $0 })
            #expect(use?.cacheWriteTokens == shape.cacheCreation.map { 3 * $0 })
            #expect(outcome.output.contains("Language models"))
        }
    }

    /// The attributes of the spans of model calls, as texts; arrays by their first element.
    private func modelSpans(_ file: URL) throws -> [[String: String]] {
        var found: [[String: String]] = []
        for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") {
            let body = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
            for resource in body?["resourceSpans"] as? [[String: Any]] ?? [] {
                for scope in resource["scopeSpans"] as? [[String: Any]] ?? [] {
                    for span in scope["spans"] as? [[String: Any]] ?? []
                    where span["name"] as? String == "step_7_claude_api_call" {
                        var attributes: [String: String] = [:]
                        for attribute in span["attributes"] as? [[String: Any]] ?? [] {
                            guard let key = attribute["key"] as? String,
                                let value = attribute["value"] as? [String: Any]
                            else { continue }
                            let list = (value["arrayValue"] as? [String: Any])?["values"] as? [[String: Any]]
                            attributes[key] = (list?.first ?? value).values.first.map { "\($0)" }
                        }
                        found.append(attributes)
                    }
                }
            }
        }
        return found
    }

    /// The tokens of one kind, over all series.
    private func sum(of kind: String, in metrics: String) -> Double {
        metrics.split(separator: "\n")
            .filter { $0.hasPrefix("gen_ai_client_token_usage_sum{") && $0.contains("gen_ai_token_type=\"\(kind)\"") }
            .compactMap { $0.split(separator: " ").last.flatMap { Double($0) } }.reduce(0, +)
    }
}
