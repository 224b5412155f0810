import ArgumentParser
import SpanKitGenAI
import SpanKitReports

/// What calls of language models cost.
struct PriceOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A JSON file with prices for one million tokens; adds costs (docs/results-file.md shows one).",
            valueName: "path"
        )
    )
    var prices: String?

    /// The prices of the table that was named; nil without one.
    /// - Throws: ``CommandFailure`` with status 65 for a table that cannot be used.
    func modelPrices() throws(CommandFailure) -> ModelPrices? {
        guard let prices else { return nil }
        let table: PriceTable
        do { table = try PriceTable(contentsOf: prices) } catch { throw CommandFailure(.data, "--prices: \(error)") }
        return ModelPrices(currency: table.currency, version: table.version) { call in
            let usage = TokenUsage(
                input: call.inputTokens,
                output: call.outputTokens,
                cacheRead: call.cacheReadTokens,
                cacheWrite: call.cacheWriteTokens,
                reasoning: call.reasoningTokens
            )
            return table.cost(of: usage, model: call.model)?.amount
        }
    }
}
