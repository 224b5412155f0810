// What the snippets about language models use without defining it.
import SpanKitGenAI

struct ModelAnswer: Sendable {
    var model = "claude-sonnet-4-5"
    var usage = AnthropicUsage()
}

struct ModelChunk: Sendable {
    var text = ""
    var usage: AnthropicUsage?
    var isLast = false
}

struct ModelClient: Sendable {
    func send(_ prompt: String) async throws -> ModelAnswer { ModelAnswer() }
    func stream(_ prompt: String) -> AsyncThrowingStream<ModelChunk, any Error> { AsyncThrowingStream { $0.finish() } }
}

let client = ModelClient()
let prompt = "What is an objective?"
let sessionID = "session-1"
