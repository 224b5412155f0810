import SpanKitInputs
import SpanKitOTLP
import SpanKitPercentiles
import SpanKitRecording
import SpanKitSummaries
import SpanKitTestSupport
import Testing

@testable import SpanKitReports

@Suite("Model calls in traces")
struct ModelCallTests {
    /// A call of one trace each.
    private static func call(
        _ number: UInt64,
        model: String = "claude",
        conversation: String? = "c-1",
        milliseconds: Int64 = 1_000,
        input: Int64? = 1_000,
        output: Int64? = 100,
        cached: Int64? = 600,
        firstToken: Double? = 0.3,
        isError: Bool = false,
        _ more: [Attribute] = []
    ) -> DecodedSpan {
        var attributes = [
            Attribute("gen_ai.operation.name", "chat"), Attribute("gen_ai.request.model", .string(model)),
        ]
        if let conversation { attributes.append(Attribute("gen_ai.conversation.id", .string(conversation))) }
        if let input { attributes.append(Attribute("gen_ai.usage.input_tokens", .int(input))) }
        if let output { attributes.append(Attribute("gen_ai.usage.output_tokens", .int(output))) }
        if let cached { attributes.append(Attribute("gen_ai.usage.cache_read.input_tokens", .int(cached))) }
        if let firstToken { attributes.append(Attribute("gen_ai.response.time_to_first_chunk", .double(firstToken))) }
        return SampleTraces.span(
            1,
            "chat \(model)",
            0,
            milliseconds * 1_000,
            isError: isError,
            attributes: attributes + more,
            trace: number
        )
    }

    private static func totals(_ spans: [DecodedSpan], prices: ModelPrices? = nil) -> ModelCallTotals {
        var totals = ModelCallTotals(prices: prices)
        for trace in SampleTraces.assemble(spans).0 { totals.add(trace) }
        return totals
    }

    /// Three conversations with two models, one call far off.
    private static let sample: [DecodedSpan] = {
        var spans = (1...20).map { (number: UInt64) -> DecodedSpan in
            let isOther = number % 5 == 0
            return call(
                number,
                model: isOther ? "gpt\u{1B}[2J" : "claude-sonnet-4-5",
                conversation: number == 7 ? nil : "session-\(number % 3)",
                milliseconds: 900 + Int64(number) * 10,
                input: number == 8 ? 9_000 : 1_000,
                cached: isOther ? nil : 600,
                firstToken: number == 3 ? 4.2 : 0.3 + Double(number) / 100,
                isError: number == 9
            )
        }
        spans.append(
            call(21, model: "claude-sonnet-4-5", input: nil, output: nil, cached: nil, firstToken: nil)
        )
        return spans
    }()

    private static let prices = ModelPrices(currency: "USD", version: "2026-11-01") { call in
        guard let input = call.inputTokens, let output = call.outputTokens, call.model.hasPrefix("claude") else {
            return nil
        }
        return (Double(input) * 3 + Double(output) * 15) / 1_000_000
    }

    @Test("Tables by model and by conversation, with outliers", arguments: TraceReportTests.styles)
    func tables(name: String, style: TerminalStyle) throws {
        let totals = Self.totals(Self.sample, prices: Self.prices)
        let text =
            ModelCallReport(totals, by: .model).text(style: style) + "\n"
            + ModelCallReport(totals, by: .conversation).text(style: style)
        try Golden.expect(text, "models-\(name).txt")
        for line in text.split(separator: "\n") {
            let plain = line.replacing(#/\u{1B}\[[0-9]*m/#, with: "")
            #expect(displayWidth(plain) <= style.width, "\(plain)")
            #expect(!plain.unicodeScalars.contains { $0.value < 0x20 })
        }
    }

    @Test("JSON contains all counts, the currency and the version of the prices")
    func forPrograms() throws {
        let listing = ModelCallReport(Self.totals(Self.sample, prices: Self.prices), by: .model).listing
        let lines = listing.csv.split(separator: "\n")
        #expect(
            lines[0]
                == "name,call_count,error_count,input_tokens,cache_read_fraction,cache_read_tokens,cache_write_tokens,output_tokens,reasoning_tokens,first_token_p50_ns,first_token_p95_ns,first_token_max_ns,duration_p50_ns,duration_p95_ns,unknown_token_call_count,cache_on_top_call_count,cache_assumed_on_top_call_count,cost,currency,costs"
        )
        #expect(lines[1].hasPrefix("claude-sonnet-4-5,17,1,24000,0.4,9600,,1600,,"), "\(lines[1])")
        let fields = lines[1].split(separator: ",", omittingEmptySubsequences: false)
        #expect(abs((Double(fields[17]) ?? 0) - 0.096) < 1e-9)
        #expect(fields[14..<17] == ["1", "0", "0"] && fields[18] == "USD")
        #expect(lines[1].hasSuffix(#""currency"":""USD"",""price_table_version"":""2026-11-01""}]""#), "\(lines[1])")
        #expect(lines[2].hasSuffix(",0,0,0,,,[]"), "what has no price costs nothing known: \(lines[2])")
        #expect(!listing.markdown.contains("2026-11-01"))
    }

    @Test("Nested and repeated calls count once; an agent's span does not count")
    func countedOnce() {
        let usage = [
            Attribute("gen_ai.usage.input_tokens", 500), Attribute("gen_ai.usage.output_tokens", 50),
            Attribute("gen_ai.request.model", "m"),
        ]
        func span(_ id: UInt64, parent: UInt64, _ operation: String) -> DecodedSpan {
            SampleTraces.span(
                id,
                parent: parent,
                operation,
                Int64(id),
                1_000 - Int64(id),
                attributes: usage + [Attribute("gen_ai.operation.name", .string(operation))]
            )
        }
        let spans = [
            span(1, parent: 0, "invoke_agent"), span(2, parent: 1, "chat"), span(3, parent: 2, "chat"),
            span(4, parent: 3, "chat"), span(5, parent: 1, "execute_tool"), span(6, parent: 5, "embeddings"),
            span(2, parent: 1, "chat"),
        ]
        let groups = Self.totals(spans).groups(by: .model)
        #expect(groups.map(\.callCount) == [2], "the inner chat, and the embeddings")
        #expect(groups.map(\.inputTokens) == [1_000])
        #expect(Self.totals(spans).groups(by: .conversation).map(\.name) == ["(no conversation)"])
    }

    @Test("A part is never larger than its whole, and unknown counts are not 0")
    func contradictions() throws {
        let odd = ModelCallFacts(
            Self.call(
                1,
                input: 100,
                output: 10,
                cached: 250,
                firstToken: -1,
                [
                    Attribute("gen_ai.usage.cache_creation.input_tokens", 50),
                    Attribute("gen_ai.usage.reasoning.output_tokens", 99),
                ]
            ).span
        )
        #expect(
            odd?.inputTokens == 400 && odd?.cacheReadTokens == 250 && odd?.cacheWriteTokens == 50,
            "a part above its whole"
        )
        #expect(odd?.reasoningTokens == 10)
        #expect(odd?.firstTokenNanoseconds == nil)
        let silent = ModelCallFacts(Self.call(1, input: nil, output: -5, cached: nil, firstToken: nil).span)
        #expect(silent?.inputTokens == nil && silent?.outputTokens == nil && silent?.cacheReadTokens == nil)
        var old = RecordedSpan(
            name: "chat",
            context: SpanContext(traceID: TraceID(high: 0, low: 1), spanID: SpanID(rawValue: 1)),
            startUnixNanoseconds: 0,
            endUnixNanoseconds: 1
        )
        old.attributes = [
            Attribute("gen_ai.system", "anthropic"), Attribute("gen_ai.usage.prompt_tokens", .double(12)),
            Attribute("gen_ai.usage.completion_tokens", 3), Attribute("gen_ai.usage.cache_write.input_tokens", 4),
            Attribute("gen_ai.response.model", "claude-3"),
        ]
        let read = try #require(ModelCallFacts(old))
        #expect(
            read.inputTokens == 16 && read.outputTokens == 3 && read.cacheWriteTokens == 4,
            "Anthropic counts apart"
        )
        #expect(read.model == "claude-3")
        old.attributes = [Attribute("gen_ai.conversation.id", "c")]
        #expect(ModelCallFacts(old) == nil)
    }

    @Test("Outliers are listed once, the furthest first; few calls have no outliers")
    func outliers() {
        let outliers = Self.totals(Self.sample).outliers
        #expect(outliers.map(\.measure) == [.firstToken, .inputTokens])
        let traces = outliers.map { outlier -> String in
            if case .span(let trace, _) = outlier.place { "\(trace)" } else { "" }
        }
        #expect(traces.map { $0.suffix(2) } == ["03", "08"])
        #expect(outliers.first.map { abs($0.ratio - 4.2 / 0.41) < 1 } == true)
        #expect(Self.totals(Array(Self.sample.prefix(7))).outliers.isEmpty)
    }

    @Test("Percentiles do not change when the list of durations becomes a histogram")
    func durations() {
        var durations = CallDurations()
        #expect(durations.quantile(0.5) == nil)
        var histogram = ExponentialHistogram()
        for number in 1...100 as ClosedRange<UInt64> {
            durations.record(number * 1_000_000)
            histogram.record(nanoseconds: number * 1_000_000)
            for share in [0, 0.5, 0.95, 1] {
                #expect(durations.quantile(share) == histogram.quantile(share)?.estimate, "\(number) durations")
            }
        }
    }

    @Test("Ten thousand conversations have separate rows; the others share one")
    func bounded() {
        var totals = ModelCallTotals()
        for number in 1...10_050 as ClosedRange<UInt64> {
            for trace in SampleTraces.assemble([Self.call(number, conversation: "c-\(number)")]).0 { totals.add(trace) }
        }
        let groups = totals.groups(by: .conversation)
        #expect(groups.count == 10_001)
        #expect(groups.first?.name == "(other conversations)")
        #expect(totals.mergedConversations.useCount == 50)
        #expect(totals.mergedConversations.textCount == 50)
        #expect(totals.mergedModels.sentence == nil)
        #expect(groups.first?.callCount == 50)
        #expect(groups.reduce(0) { $0 + $1.callCount } == 10_050)
    }
}
