import ArgumentParser
import SpanKitGenAI
import SpanKitReports

/// The prices of model calls.
struct PriceOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A JSON file with prices per million tokens, to show costs (see docs/results-file.md).",
            valueName: "path"
        )
    )
    var prices: String?

    /// Reads the price table; `nil` without the option.
    /// - Throws: ``CommandFailure`` with status 65 if the table cannot be used.
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
