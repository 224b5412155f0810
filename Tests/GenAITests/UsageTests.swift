import Foundation
import SpanKitGenAI
import Testing

@Suite("Token counts of different providers")
struct UsageTests {
    private func anthropic(_ json: String) throws -> TokenUsage {
        try JSONDecoder().decode(AnthropicUsage.self, from: Data(json.utf8)).total
    }

    private func openAI(_ json: String) throws -> TokenUsage {
        try JSONDecoder().decode(OpenAIUsage.self, from: Data(json.utf8)).total
    }

    @Test("Anthropic: the input includes cache reads and cache writes")
    func anthropicSums() throws {
        let usage = try anthropic(
            #"{"input_tokens":10,"cache_creation_input_tokens":200,"cache_read_input_tokens":3000,"output_tokens":7}"#
        )
        #expect(usage == TokenUsage(input: 3_210, output: 7, cacheRead: 3_000, cacheWrite: 200))
        #expect(usage.cacheShare == 3_000.0 / 3_210)
    }

    @Test("Anthropic: the last counts of a stream are used, because they are totals")
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

    @Test("OpenAI: cached and reasoning tokens are parts of the totals, in both APIs")
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

    @Test("OpenAI-compatible APIs: reasoning that is not part of the output is added to it")
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
        "an invalid count is unknown, not 0",
        arguments: [
            "null", "-1", "1.5", "1e300", "9223372036854775808", "true", "\"many\"", "\"-1\"", "[]", "{}", "\"\"",
        ]
    )
    func unreadable(count: String) throws {
        #expect(try anthropic(#"{"input_tokens":\#(count),"output_tokens":5}"#) == TokenUsage(output: 5))
        #expect(try openAI(#"{"prompt_tokens":\#(count),"completion_tokens":5}"#) == TokenUsage(output: 5))
    }

    @Test("strings of digits and 12.0 are valid counts, and 0 is a known count")
    func lenient() throws {
        #expect(try anthropic(#"{"input_tokens":"12","output_tokens":12.0}"#) == TokenUsage(input: 12, output: 12))
        #expect(try openAI(#"{"prompt_tokens":0,"completion_tokens":0}"#) == TokenUsage(input: 0, output: 0))
        #expect(TokenUsage(input: 0).cacheShare == nil)
    }

    @Test(
        "a usage that is not an object or has no counts is unknown",
        arguments: ["\"none\"", "[1]", "{}"]
    )
    func noObject(json: String) throws {
        struct Response: Decodable { var usage: AnthropicUsage }
        let response = try JSONDecoder().decode(Response.self, from: Data("{\"usage\":\(json)}".utf8))
        #expect(response.usage.total.isUnknown)
        #expect(try openAI(json.hasPrefix("{") ? json : "[\(json)]").isUnknown)
    }

    @Test("a part that is larger than its total is reduced")
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

    @Test("costs are computed from the user's table, or unknown")
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

    @Test("an invalid price table is an error that says what to write")
    func badTable() {
        let short = #expect(throws: PriceTable.Problem.self) { try PriceTable(json: Array("{".utf8), file: "p.json") }
        #expect(short?.description.hasPrefix("p.json: is not a price table; write {\"version\"") == true)
        let negative = #"{"version":"1","currency":"USD","models":{"m":{"input":-3,"output":1}}}"#
        let problem = #expect(throws: PriceTable.Problem.self) {
            try PriceTable(json: Array(negative.utf8), file: "p.json")
        }
        #expect(
            problem?.description
                == "p.json: models.m has a price that is negative or not finite; write a number of 0 or more"
        )
        #expect(throws: PriceTable.Problem.self) { try PriceTable(contentsOf: "/nonexistent/prices.json") }
    }
}
