import Foundation
import SpanKit
import Testing

@testable import SpanKitGenAI

@Suite("Content of messages")
struct ContentTests {
    private func models(bytes: Int? = nil, _ conventions: Conventions = .v1_41_1) -> ModelTelemetry {
        var configuration = ModelTelemetry.Configuration()
        configuration.conventions = conventions
        configuration.content = ContentCapture()
        if let bytes { configuration.content?.maximumBytes = bytes }
        return ModelTelemetry(PerformanceProfiler(.on, log: .silent), configuration: configuration)
    }

    private func record(_ models: ModelTelemetry, _ input: [ModelMessage], output: [ModelMessage] = []) throws
        -> RecordedSpan
    {
        let call = models.start(.chat("m", from: .anthropic))
        call.setInput(system: [.text("Be kind")], messages: input)
        call.setOutput(output)
        call.end()
        return try #require(models.profiler.recordedSpans().last)
    }

    private func json(_ span: RecordedSpan, _ key: String) throws -> [[String: Any]] {
        guard case .string(let text) = span.value(key) else { return [] }
        return try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [[String: Any]])
    }

    @Test("content is off by default, and its arguments are not evaluated")
    func off() throws {
        let models = ModelTelemetry.forTests()
        let call = models.start(.chat("m", from: .anthropic))
        var isBuilt = false
        func message() -> [ModelMessage] {
            isBuilt = true
            return [ModelMessage(.user, "secret")]
        }
        call.setInput(messages: message())
        call.setOutput(message())
        call.end()
        #expect(!isBuilt)
        #expect(!"\(models.profiler.recordedSpans())".contains("secret"))
        #expect(ModelTelemetry.Configuration.environment([:]).content == nil)
        let variable = "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT"
        #expect(ModelTelemetry.Configuration.environment([variable: "true"]).content != nil)
        #expect(ModelTelemetry.Configuration.environment([variable: "yes"]).content == nil)
    }

    @Test("messages have the structure of the conventions")
    func shape() throws {
        let span = try record(
            models(),
            [
                ModelMessage(.user, "Weather in \"Köln\"?\n"),
                ModelMessage(
                    .assistant,
                    [.reasoning("hm"), .toolCall(id: "c1", name: "weather", arguments: #"{"city":"Köln"}"#)]
                ),
                ModelMessage(.tool, [.toolResponse(id: "c1", response: "rainy")]),
                ModelMessage(
                    .user,
                    [.uri(modality: "image", uri: "https://x/y.png"), .file(modality: "audio", id: "f1")]
                ),
            ],
            output: [ModelMessage(.assistant, "Rain.", finishReason: "end_turn")]
        )
        #expect(span.value("gen_ai.system_instructions") == #"[{"type":"text","content":"Be kind"}]"#)
        #expect(
            span.value("gen_ai.input.messages")
                == .string(
                    #"[{"role":"user","parts":[{"type":"text","content":"Weather in \"Köln\"?\n"}]},"#
                        + #"{"role":"assistant","parts":[{"type":"reasoning","content":"hm"},"#
                        + #"{"type":"tool_call","id":"c1","name":"weather","arguments":{"city":"Köln"}}]},"#
                        + #"{"role":"tool","parts":[{"type":"tool_call_response","id":"c1","response":"rainy"}]},"#
                        + #"{"role":"user","parts":[{"type":"uri","modality":"image","uri":"https://x/y.png"},"#
                        + #"{"type":"file","modality":"audio","file_id":"f1"}]}]"#
                )
        )
        #expect(
            span.value("gen_ai.output.messages")
                == #"[{"role":"assistant","parts":[{"type":"text","content":"Rain."}],"finish_reason":"end_turn"}]"#
        )
        let new = try record(
            models(.v0_1_0),
            [],
            output: [ModelMessage(.assistant, "x", finishReason: "end_turn")]
        )
        #expect(
            new.value("gen_ai.output.messages") == #"[{"role":"assistant","parts":[{"type":"text","content":"x"}]}]"#
        )
    }

    @Test("the largest values are cut first and end with length and hash; small ones stay unchanged")
    func largestFirst() throws {
        let prompt = String(repeating: "prompt ", count: 500_000)
        let span = try record(
            models(),
            [ModelMessage(.user, prompt), ModelMessage(.user, "And the question?")],
            output: [ModelMessage(.assistant, "The answer.")]
        )
        let input = try json(span, "gen_ai.input.messages")
        let texts = input.compactMap { ($0["parts"] as? [[String: Any]])?.first?["content"] as? String }
        #expect(texts[0].hasPrefix("prompt prompt "))
        #expect(texts[0].hasSuffix("… (trimmed: 3500000 bytes, sha256 \(hash(prompt)))"))
        #expect(texts[1] == "And the question?")
        #expect(try json(span, "gen_ai.output.messages").count == 1)
        #expect(span.value("spankit.gen_ai.content.trimmed") == 1)
        let bytes = span.attributes.reduce(0) {
            if case .string(let text) = $1.value { $0 + text.utf8.count } else { $0 }
        }
        #expect(bytes < 33 * 1_024 && bytes > 30 * 1_024, "as much as allowed, not more: \(bytes)")
        #expect(span.value("spankit.truncated") == nil, "the recorder had nothing to cut")
    }

    private func hash(_ text: String) -> String {
        var text = text
        return text.withUTF8 { SHA256.digest(UnsafeRawBufferPointer($0)) }.prefix(8)
            .map { String(format: "%02x", $0) }.joined()
    }

    @Test("with any limit, the JSON is valid and no character is cut in two", arguments: [0, 1, 2, 3, 5, 7, 11, 13])
    func cuts(seed: Int) throws {
        let text = String(repeating: "e\u{301}👩‍👩‍👧‍👦🇩🇪\"\\\n\u{1}ab", count: 20 + seed)
        let characters = Set(text)
        for bytes in stride(from: seed, to: 1_200, by: 17) {
            let span = try record(
                models(bytes: bytes),
                [
                    ModelMessage(.user, text),
                    ModelMessage(.tool, [.toolResponse(id: nil, response: "[\"\(text.prefix(0))x\"]")]),
                ]
            )
            let input = try json(span, "gen_ai.input.messages")
            #expect(input.count == 2)
            let content = (input[0]["parts"] as? [[String: Any]])?.first?["content"] as? String ?? ""
            let kept = content.components(separatedBy: "… (trimmed").first ?? ""
            #expect(text.hasPrefix(kept) && kept.allSatisfy(characters.contains), "at \(bytes)")
        }
    }

    @Test("arguments that are not JSON or were cut are strings")
    func arguments() throws {
        let long = "{\"a\":\"\(String(repeating: "x", count: 5_000))\"}"
        let span = try record(
            models(bytes: 1_000),
            [
                ModelMessage(
                    .assistant,
                    [
                        .toolCall(id: nil, name: "t", arguments: "{broken"),
                        .toolCall(id: nil, name: "t", arguments: long),
                    ]
                )
            ]
        )
        let parts = try #require(try json(span, "gen_ai.input.messages").first?["parts"] as? [[String: Any]])
        #expect(parts[0]["arguments"] as? String == "{broken")
        #expect((parts[1]["arguments"] as? String)?.contains("trimmed: 5008 bytes") == true)
    }
}
