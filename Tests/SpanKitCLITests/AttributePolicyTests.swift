import Testing

@testable import SpanKitCLI

@Suite("The attributes that may become labels")
struct AttributePolicyTests {
    @Test("Ids and content never become labels")
    func refusedAttributes() {
        let asked = [
            "trace_id", "span.id", "gen_ai.conversation.id", "user.id", "UserID", "enduser.id", "gen_ai.input.messages",
            "gen_ai.response.id", "db.query.text", "url.full", "exception.message", "request-uuid", "",
            "http.request.header.x",
            "gen_ai.request.model", "http.route", "gen_ai.token.type",
        ]
        let policy = AttributePolicy(allowing: asked + ["userid"])
        #expect(policy.allowed == ["gen_ai.request.model", "http.route", "gen_ai.token.type"])
        #expect(policy.refused.count == asked.count - 2)
    }

    @Test(
        "Names of both versions of the GenAI conventions",
        arguments: [
            ("gen_ai.operation.name", false), ("gen_ai.agent.name", false), ("gen_ai.workflow.name", false),
            ("gen_ai.tool.name", false), ("gen_ai.skill.name", false), ("gen_ai.prompt.name", false),
            ("gen_ai.prompt.version", false), ("gen_ai.token.modality", false), ("mcp.method.name", false),
            ("gen_ai.prompt", true), ("gen_ai.prompt.0.content", true), ("gen_ai.prompt.variable.city", true),
            ("gen_ai.memory.records", true), ("gen_ai.memory.query.text", true), ("gen_ai.memory.store.id", true),
            ("gen_ai.retrieval.documents", true), ("gen_ai.tool.call.arguments", true),
            ("gen_ai.tool.call.result", true), ("gen_ai.agent.id", true), ("gen_ai.request.previous_response.id", true),
            ("mcp.session.id", true), ("jsonrpc.request.id", true),
        ]
    )
    func genAI(key: String, isRefused: Bool) {
        #expect(AttributePolicy.isRefused(key) == isRefused)
    }
}
