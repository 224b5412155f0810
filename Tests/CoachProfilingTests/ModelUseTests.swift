import SpanKitReports
import Testing

@testable import SpanKitCoachProfiling

@Suite("Calls of language models in the results")
struct ModelUseTests {
    private func message(_ index: Int, _ model: String?, _ change: (inout ProfilingResults.Message) -> Void)
        -> ProfilingResults.Message
    {
        var message = ProfilingResults.Message(index: index, durationNanoseconds: 1, modelLatencyNanoseconds: 1)
        message.model = model
        change(&message)
        return message
    }

    private func uses(_ messages: [ProfilingResults.Message]) -> [ModelUse] {
        ModelCallTotals([scenario(messages)]).groups(by: .model).map { ModelUse($0) }
    }

    private func scenario(_ messages: [ProfilingResults.Message]) -> ProfilingResults.Scenario {
        .init(
            number: 1,
            name: "s",
            title: "S",
            outcome: .completed,
            plannedMessageCount: messages.count,
            messages: messages,
            operations: []
        )
    }

    @Test("Unknown counts are in no sum, and shares use only calls with both counts")
    func unknown() throws {
        let uses = uses([
            message(1, "m") {
                $0.inputTokens = 100
                $0.outputTokens = 10
                $0.cacheReadTokens = 50
            },
            message(2, "m") { $0.inputTokens = 900 }, message(3, "m") { _ in }, message(4, nil) { $0.inputTokens = 7 },
            message(5, "rare") { $0.timeToFirstTokenNanoseconds = 5 },
        ])
        #expect(uses.map(\.model) == ["m", "rare"])
        #expect(uses[0].callCount == 3 && uses[0].callsWithUnknownTokens == 2)
        #expect(uses[0].inputTokens == 1_000 && uses[0].outputTokens == 10)
        #expect(uses[0].cacheShare == 0.5, "calls without a cache count do not lower the share")
        #expect(uses[0].firstToken == nil && uses[0].costs == nil)
        #expect(uses[1].outputTokens == nil && uses[1].firstToken?.maximumNanoseconds == 5)
    }

    @Test("Costs of different price tables are not added up")
    func costs() {
        let uses = uses(
            (0..<4).map { index in
                message(index, "m") {
                    $0.cost = .init(amount: 0.5, currency: "USD", priceTableVersion: index < 3 ? "old" : "new")
                }
            }
        )
        #expect(uses[0].costs?.map(\.amount) == [1.5, 0.5])
    }

    @Test(
        "Calls far from the median of their model are listed if there are enough calls"
    )
    func outliers() {
        let usual = (1...10).map { index in
            message(index, "m") {
                $0.outputTokens = index == 4 ? 400 : 100
                $0.timeToFirstTokenNanoseconds = index == 4 ? 9_000 : index == 7 ? 3_100 : 1_000
            }
        }
        let outliers = ModelCallTotals([scenario(usual)]).outliers.compactMap { OutlyingCall($0) }
        #expect(outliers.map(\.message) == [4, 7])
        #expect(outliers.map(\.measure) == [.firstToken, .firstToken])
        #expect(outliers.map(\.value) == [9_000, 3_100] && (997...1_003).contains(outliers[0].median))
        #expect(ModelCallTotals([scenario(Array(usual.prefix(7)))]).outliers.isEmpty)
    }
}
