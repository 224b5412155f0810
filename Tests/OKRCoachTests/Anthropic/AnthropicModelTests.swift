import Foundation
import SpanKitTestSupport
import Synchronization
import Testing

@testable import OKRCoach

@Suite("The Anthropic client against a server that fails on purpose", .generousTimeLimit)
struct AnthropicModelTests {
    private static let key = "sk-test-0123456789-never-to-be-seen"
    private static let success = """
        {"id":"msg_1","type":"message","role":"assistant","model":"claude-test","stop_reason":"end_turn",
         "content":[{"type":"text","text":"Hello "},{"type":"thinking"},{"type":"text","text":"there"}],
         "usage":{"input_tokens":10,"cache_creation_input_tokens":200,"cache_read_input_tokens":3000,"output_tokens":7}}
        """
    private let prompt = Prompt(
        system: "Be kind",
        messages: [.init(role: .user, text: "Hi \"there\" 🎯\n")],
        phase: .discovery
    )

    private static func failure(_ type: String, _ message: String = "because") -> String {
        #"{"type":"error","error":{"type":"\#(type)","message":"\#(message)"}}"#
    }

    /// Makes one call and collects the waits between attempts instead of waiting.
    private func call(
        _ answers: [Answer],
        timeout: Duration = .generous
    ) async throws -> (result: Result<ModelReply, any Error>, requests: [ReceivedRequest], waits: [Duration]) {
        let server = try FaultServer(answers: answers)
        defer { server.stop() }
        var configuration = AnthropicModel.Configuration()
        configuration.baseURL = server.url + "/"
        configuration.timeout = timeout
        let waits = Waits()
        let model = try AnthropicModel(key: Self.key, configuration: configuration) { pause in
            waits.all.withLock { $0.append(pause) }
        }
        let result: Result<ModelReply, any Error>
        do {
            result = .success(try await model.complete(prompt))
        } catch {
            result = .failure(error)
        }
        return (result, server.requests, waits.all.withLock { $0 })
    }

    private final class Waits: Sendable {
        let all = Mutex<[Duration]>([])
    }

    @Test("A request follows the Messages API, and the text blocks of the answer are joined")
    func roundTrip() async throws {
        let (result, requests, _) = try await call([.text(200, Self.success)])
        let reply = try result.get()
        #expect(reply.text == "Hello there")
        #expect(reply.model == "claude-test")
        #expect(reply.stopReason == "end_turn")
        #expect(reply.usage.input == 3_210, "cached tokens were read too")
        #expect(reply.usage.output == 7)
        let request = try #require(requests.first)
        #expect(request.method == "POST")
        #expect(request.path == "/v1/messages")
        #expect(request["x-api-key"] == Self.key)
        #expect(request["anthropic-version"] == "2023-06-01")
        #expect(request["content-type"] == "application/json")
        #expect(request["expect"] == nil)
        let body = try #require(try JSONSerialization.jsonObject(with: Data(request.body)) as? [String: Any])
        #expect(body["model"] as? String == AnthropicModel.defaultModel)
        #expect(body["system"] as? String == "Be kind")
        #expect(body["max_tokens"] as? Int == 1_024)
        let messages = try #require(body["messages"] as? [[String: String]])
        #expect(messages == [["role": "user", "content": "Hi \"there\" 🎯\n"]])
    }

    @Test("Without usage in the body, token counts are unknown, not zero")
    func unknownTokens() async throws {
        let (result, _, _) = try await call([.text(200, #"{"content":[{"type":"text","text":"x"}]}"#)])
        #expect(try result.get().usage.input == nil)
    }

    @Test(
        "Permanent errors are not retried",
        arguments: [
            (400, "invalid_request_error", LanguageModelError.rejected(status: 400, message: "because")),
            (401, "authentication_error", .unauthorized(message: "because")),
            (403, "permission_error", .unauthorized(message: "because")),
            (404, "not_found_error", .notFound(message: "because")),
            (413, "request_too_large", .rejected(status: 413, message: "because")),
        ]
    )
    func final(status: Int, type: String, expected: LanguageModelError) async throws {
        let (result, requests, _) = try await call([.text(status, Self.failure(type))])
        #expect(throws: expected) { try result.get() }
        #expect(requests.count == 1)
    }

    @Test("Temporary errors are retried", arguments: [429, 500, 502, 503, 504, 529])
    func retried(status: Int) async throws {
        let (result, requests, waits) = try await call([
            .text(status, Self.failure("overloaded_error")), .text(status, "<html>busy</html>"),
            .text(200, Self.success),
        ])
        #expect(try result.get().text == "Hello there")
        #expect(requests.count == 3)
        #expect(waits.count == 2)
        #expect(waits.allSatisfy { $0 <= .seconds(1) })
    }

    @Test("Retries end with the last error", arguments: [(429, "rate limit"), (529, "overloaded"), (500, "failed")])
    func exhausted(status: Int, words: String) async throws {
        let (result, requests, _) = try await call([.text(status, Self.failure("x"))])
        #expect(requests.count == 5)
        #expect("\(result)".contains(words))
    }

    @Test("The client waits for Retry-After, but not beyond the deadline")
    func retryAfter() async throws {
        let (result, _, waits) = try await call([
            .text(429, Self.failure("rate_limit_error"), headers: [("Retry-After", "3")]), .text(200, Self.success),
        ])
        #expect(throws: Never.self) { try result.get() }
        #expect(waits == [.seconds(3)])
        let (late, requests, _) = try await call([
            .text(429, Self.failure("rate_limit_error"), headers: [("retry-after", "3600")])
        ])
        #expect(throws: LanguageModelError.rateLimited(message: "because")) { try late.get() }
        #expect(requests.count == 1, "an hour is beyond the deadline")
    }

    @Test("A broken connection is retried")
    func brokenConnection() async throws {
        let (result, requests, _) = try await call([
            .storeThenClose, .raw(Array("HTTP/1.1 200 OK\r\ncontent-length: 999\r\n\r\n{".utf8)),
            .text(200, Self.success),
        ])
        #expect(try result.get().text == "Hello there")
        #expect(requests.count == 3)
    }

    @Test("A refused connection gives one line with the address and what to do")
    func refused() async throws {
        let server = try RefusedPort()
        var configuration = AnthropicModel.Configuration()
        configuration.baseURL = server.url
        let model = try AnthropicModel(key: Self.key, configuration: configuration) { _ in }
        let error = await #expect(throws: LanguageModelError.self) { try await model.complete(prompt) }
        #expect(error?.description.contains("\(server.url) cannot be reached") == true)
    }

    @Test("A server that never answers ends the call at the deadline")
    func hanging() async throws {
        let (result, requests, _) = try await call([.neverAnswer], timeout: .milliseconds(300))
        #expect(throws: LanguageModelError.timeout(seconds: 0.3)) { try result.get() }
        // There is no request if the deadline passed before it was sent.
        #expect(requests.count <= 1)
    }

    @Test(
        "An unusable body is described",
        arguments: [
            ("", "an empty body"), ("<html><body>Gateway</body></html>", "'<html>"),
            ("{\"content\":", "a body of 11 bytes"),
            ("{}", "it holds no text"), ("{\"content\":[]}", "it holds no text"), ("[1,2]", "a body of 5 bytes"),
            (#"{"error":{"type":"api_error","message":"oh"}}"#, "an error: oh"),
            ("\u{0}\u{1}\u{2}", "a body of 3 bytes"),
        ]
    )
    func garbage(body: String, words: String) async throws {
        let (result, _, _) = try await call([.text(200, body)])
        let error = #expect(throws: LanguageModelError.self) { try result.get() }
        #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
    }

    @Test("A redirect is not followed, because it would receive the key")
    func redirect() async throws {
        let (result, requests, _) = try await call([.text(302, "", headers: [("Location", "http://127.0.0.1:1/")])])
        #expect("\(result)".contains("redirect"))
        #expect(requests.count == 1)
    }

    @Test("A body that is too long ends the call")
    func hugeBody() async throws {
        let (result, _, _) = try await call([.bigBody(AnthropicModel.longestAnswer + 1)])
        #expect("\(result)".contains("longer than \(AnthropicModel.longestAnswer) bytes"))
    }

    @Test("Cancelling the task ends the call before its deadline")
    func cancellation() async throws {
        let server = try FaultServer(.neverAnswer)
        defer { server.stop() }
        var configuration = AnthropicModel.Configuration()
        configuration.baseURL = server.url
        // Longer than the time limit of the test.
        configuration.timeout = .seconds(3_600)
        let model = try AnthropicModel(key: Self.key, configuration: configuration)
        let task = Task { [prompt] in try await model.complete(prompt) }
        _ = try await server.requests(atLeast: 1)
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
    }

    @Test("Errors, descriptions and dumps do not contain the key")
    func secrecy() async throws {
        let (result, _, _) = try await call([
            .text(400, Self.failure("invalid_request_error", "bad key \(Self.key)!"))
        ])
        #expect(!"\(result)".contains(Self.key))
        let model = try AnthropicModel(key: Self.key)
        var dumped = ""
        dump(model, to: &dumped)
        for text in ["\(model)", String(reflecting: model), dumped] { #expect(!text.contains(Self.key)) }
    }

    @Test("A wrong configuration is rejected with what to do")
    func configuration() {
        #expect(throws: LanguageModelError.missingKey) { try AnthropicModel(environment: [:]) }
        #expect(LanguageModelError.missingKey.description.contains("export it, or use --model offline"))
        for bad in ["api.anthropic.com", "ftp://x", "https://"] {
            #expect(throws: LanguageModelError.self) {
                try AnthropicModel(environment: ["ANTHROPIC_API_KEY": "k", "ANTHROPIC_BASE_URL": bad])
            }
        }
        #expect(throws: LanguageModelError.self) { try AnthropicModel(key: "with space") }
    }
}
