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
}
