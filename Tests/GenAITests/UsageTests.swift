import Foundation
import SpanKitGenAI
import Testing

@Suite("Token counts, whatever a provider's way of counting is")
struct UsageTests {
    private func anthropic(_ json: String) throws -> TokenUsage {
        try JSONDecoder().decode(AnthropicUsage.self, from: Data(json.utf8)).total
    }

    private func openAI(_ json: String) throws -> TokenUsage {
        try JSONDecoder().decode(OpenAIUsage.self, from: Data(json.utf8)).total
    }

    @Test("Anthropic: what came out of the cache and what went into it were read, too")
    func anthropicSums() throws {
        let usage = try anthropic(
            #"{"input_tokens":10,"cache_creation_input_tokens":200,"cache_read_input_tokens":3000,"output_tokens":7}"#
        )
        #expect(usage == TokenUsage(input: 3_210, output: 7, cacheRead: 3_000, cacheWrite: 200))
        #expect(usage.cacheShare == 3_000.0 / 3_210)
    }

    @Test("Anthropic: the counts of a stream are cumulative, the last one of each holds")
    func anthropicStream() throws {
        var usage = AnthropicUsage()
        for event in [
            #"{"input_tokens":25,"cache_read_input_tokens":100,"output_tokens":1}"#, #"{"output_tokens":15}"#,
            #"{"output_tokens":42}"#,
        ] {
            usage.update(with: try JSONDecoder().decode(AnthropicUsage.self, from: Data(event.utf8)))
        }
        #expect(usage.total == TokenUsage(input: 125, output: 42, cacheRead: 100))
    }

    @Test("OpenAI: cached tokens and reasoning are parts, in both shapes of the object")
    func openAIShapes() throws {
        let expected = TokenUsage(input: 2_006, output: 300, cacheRead: 1_920, reasoning: 256)
        let chat = """
            {"prompt_tokens":2006,"completion_tokens":300,"total_tokens":2306,
             "prompt_tokens_details":{"cached_tokens":1920},"completion_tokens_details":{"reasoning_tokens":256}}
            """
        let responses = """
            {"input_tokens":2006,"output_tokens":300,"total_tokens":2306,
             "input_tokens_details":{"cached_tokens":1920},"output_tokens_details":{"reasoning_tokens":256}}
            """
        #expect(try openAI(chat) == expected)
        #expect(try openAI(responses) == expected)
    }

    @Test("OpenAI's likes: reasoning counted beside the output is put into it")
    func reasoningApart() throws {
        let byTotal = """
            {"prompt_tokens":100,"completion_tokens":50,"total_tokens":180,
             "completion_tokens_details":{"reasoning_tokens":30}}
            """
        #expect(try openAI(byTotal) == TokenUsage(input: 100, output: 80, reasoning: 30))
        let bySize =
            #"{"prompt_tokens":100,"completion_tokens":50,"completion_tokens_details":{"reasoning_tokens":90}}"#
        #expect(try openAI(bySize) == TokenUsage(input: 100, output: 140, reasoning: 90))
    }

    @Test(
        "what is no count is not known, and not 0",
        arguments: [
            "null", "-1", "1.5", "1e300", "9223372036854775808", "true", "\"many\"", "\"-1\"", "[]", "{}", "\"\"",
        ]
    )
    func unreadable(count: String) throws {
        #expect(try anthropic(#"{"input_tokens":\#(count),"output_tokens":5}"#) == TokenUsage(output: 5))
        #expect(try openAI(#"{"prompt_tokens":\#(count),"completion_tokens":5}"#) == TokenUsage(output: 5))
    }

    @Test("numbers written as texts and as 12.0 count; 0 is known")
    func lenient() throws {
        #expect(try anthropic(#"{"input_tokens":"12","output_tokens":12.0}"#) == TokenUsage(input: 12, output: 12))
        #expect(try openAI(#"{"prompt_tokens":0,"completion_tokens":0}"#) == TokenUsage(input: 0, output: 0))
        #expect(TokenUsage(input: 0).cacheShare == nil)
    }

    @Test(
        "a usage that is no object, and one without counts, leave everything unknown",
        arguments: ["\"none\"", "[1]", "{}"]
    )
    func noObject(json: String) throws {
        struct Response: Decodable { var usage: AnthropicUsage }
        let response = try JSONDecoder().decode(Response.self, from: Data("{\"usage\":\(json)}".utf8))
        #expect(response.usage.total.isUnknown)
        #expect(try openAI(json.hasPrefix("{") ? json : "[\(json)]").isUnknown)
    }

    @Test("a provider that contradicts itself gets its parts cut, never the totals")
    func contradictions() throws {
        let usage = try openAI(
            #"{"prompt_tokens":100,"completion_tokens":5,"prompt_tokens_details":{"cached_tokens":500}}"#
        )
        #expect(usage == TokenUsage(input: 100, output: 5, cacheRead: 100))
        let both = TokenUsage(input: 100, cacheRead: 70, cacheWrite: 70)
        #expect(both.cacheRead == 70 && both.cacheWrite == 30)
        #expect(TokenUsage(output: 3, reasoning: 9).reasoning == 3)
        #expect(TokenUsage(input: -1, output: -1, cacheRead: -1) == TokenUsage())
        let huge = "\(Int.max)"
        #expect(try anthropic(#"{"input_tokens":\#(huge),"cache_read_input_tokens":\#(huge)}"#).input == nil, "no trap")
    }

    @Test("cost comes from the user's table, with its version, or not at all")
    func cost() throws {
        let json = """
            {"version":"2026-11-01","currency":"USD","models":{
              "claude-sonnet-4-5":{"input":3,"output":15,"cache_read":0.3,"cache_write":3.75},"plain":{"input":1,"output":2}}}
            """
        let table = try PriceTable(json: Array(json.utf8), file: "prices.json")
        let usage = TokenUsage(input: 3_210, output: 7, cacheRead: 3_000, cacheWrite: 200)
        let cost = try #require(table.cost(of: usage, model: "claude-sonnet-4-5-20250929"))
        #expect(abs(cost.amount - (10 * 3 + 3_000 * 0.3 + 200 * 3.75 + 7 * 15) / 1e6) < 1e-12)
        #expect(cost.currency == "USD" && cost.tableVersion == "2026-11-01")
        #expect(table.cost(of: usage, model: "claude-opus-4") == nil, "no price is guessed")
        #expect(table.cost(of: usage, model: "plain") == nil, "the cache has no price there")
        #expect(table.cost(of: TokenUsage(input: 5), model: "plain") == nil, "the output is not known")
    }

    @Test("a table that cannot be used is named, with what to write")
    func badTable() {
        let short = #expect(throws: PriceTable.Problem.self) { try PriceTable(json: Array("{".utf8), file: "p.json") }
        #expect(short?.description.hasPrefix("p.json: is no table of prices; write {\"version\"") == true)
        let negative = #"{"version":"1","currency":"USD","models":{"m":{"input":-3,"output":1}}}"#
        let problem = #expect(throws: PriceTable.Problem.self) {
            try PriceTable(json: Array(negative.utf8), file: "p.json")
        }
        #expect(problem?.description == "p.json: models.m has a price below 0; correct it")
        #expect(throws: PriceTable.Problem.self) { try PriceTable(contentsOf: "/nonexistent/prices.json") }
    }
}
