import SpanKitPercentiles
import SpanKitReports
import SpanKitTestSupport

@testable import SpanKitCoachProfiling

/// Results with all fields and deterministic, realistic durations.
enum SampleResults {
    static let steps: [(name: String, nanoseconds: UInt64)] = [
        ("step_1_load_session", 212_000), ("step_2_load_messages", 164_000), ("step_3_anti_pattern_detection", 488_000),
        ("step_4_quality_assessment", 371_000), ("step_5_altitude_drift", 96_000),
        ("step_6_checkpoint_detection", 61_000),
        ("step_7_prompt_engineering", 44_000), ("step_7_claude_api_call", 49_800_000),
        ("step_7_5_knowledge_suggestions", 802_000), ("step_8_okr_extraction", 143_000),
        ("step_9_response_building", 18_000), ("step_10_phase_evaluation", 9_000),
        ("step_11_state_persistence", 655_000),
    ]

    static func results(
        scenarios: Int = 2,
        messagesPerScenario: Int = 12,
        scale: UInt64? = 50,
        seed: UInt64 = 1
    ) throws -> ProfilingResults {
        var generator = SplitMix64(seed: seed)
        return try ProfilingResults(
            spankitVersion: "0.1.0",
            createdAt: "2026-11-23T17:40:26Z",
            environment: .init(
                operatingSystem: "Debian GNU/Linux 13 (trixie)",
                architecture: "x86_64",
                processorCount: 2,
                swiftVersion: "6.3",
                buildConfiguration: "release"
            ),
            options: .init(
                scenarios: ["discovery-simple", "quality-poor"],
                model: scale == nil ? "claude-sonnet-4-5" : "offline",
                latencyScale: scale == nil ? nil : 0.02,
                seed: scale == nil ? nil : seed,
                profiling: true,
                memoryTracking: true,
                database: "temporary"
            ),
            outcome: .failed,
            failure: "the sample fails to include this field",
            scenarios: (1...scenarios).map { number in
                scenario(number, messages: messagesPerScenario, scale: scale, generator: &generator)
            }
        )
    }

    private static func scenario(
        _ number: Int,
        messages: Int,
        scale: UInt64?,
        generator: inout SplitMix64
    ) -> ProfilingResults.Scenario {
        var histograms = Dictionary(uniqueKeysWithValues: steps.map { ($0.name, ExponentialHistogram()) })
        var total = ExponentialHistogram()
        var records: [ProfilingResults.Message] = []
        for index in 1...messages {
            var sum: UInt64 = 35_000
            var modelLatency: UInt64 = 0
            for (name, usual) in steps {
                // One run in sixteen takes eight times as long, which makes a heavy tail.
                let tail: UInt64 = generator.next() % 16 == 0 && name != "step_7_claude_api_call" ? 8 : 1
                let duration = (usual * 3 / 4 + generator.next() % (usual / 2)) * tail
                histograms[name]?.record(nanoseconds: duration, memoryDelta: Int64(duration % 4_096))
                if name == "step_7_claude_api_call" { modelLatency = duration - 2_000 }
                sum += duration
            }
            total.record(nanoseconds: sum, memoryDelta: 18_000)
            var record = ProfilingResults.Message(
                index: index,
                durationNanoseconds: sum + 1_500,
                modelLatencyNanoseconds: modelLatency,
                unscaledModelLatencyNanoseconds: scale.map { modelLatency * $0 },
                phaseBefore: "discovery",
                phaseAfter: index == messages ? "refinement" : "discovery",
                findings: index % 3 == 0 ? ["noNumber", "vagueWords"] : []
            )
            record.inputTokens = 410
            record.outputTokens = number == 1 && index == 5 ? 1_900 : 120
            record.cacheReadTokens = 300
            record.cacheWriteTokens = 40
            record.reasoningTokens = 24
            record.timeToFirstTokenNanoseconds = modelLatency / 3
            record.model = scale == nil ? "claude-sonnet-4-5-20250929" : "offline"
            record.cost = .init(amount: 0.003, currency: "USD", priceTableVersion: "2026-11-01")
            record.exchange = exchange(index, findings: record.findings)
            records.append(record)
        }
        var operations = [OperationSnapshot(name: "conversation_processing_total", histogram: total, errorCount: 1)]
        operations += steps.compactMap { step in
            histograms[step.name].map { OperationSnapshot(name: step.name, histogram: $0) }
        }
        return .init(
            number: number,
            name: number == 1 ? "discovery-simple" : "quality-poor",
            title: number == 1 ? "Discovery – simple" : "Quality – poor OKR",
            outcome: number == 1 ? .completed : .failed,
            failure: number == 1 ? nil : "message 13: the model answered HTTP 529 (overloaded); try again later",
            plannedMessageCount: number == 1 ? messages : messages + 1,
            messages: records,
            operations: operations.map { .init($0) },
            memory: .init(
                heapBeforeBytes: 4_000_000,
                heapAfterBytes: 4_180_224 + UInt64(number) * 1_000,
                counter: "mallinfo2"
            ),
            findingCounts: ProfilingResults.Scenario.counts(of: records)
        )
    }

    private static func exchange(_ index: Int, findings: [String]) -> ProfilingResults.Exchange {
        .init(
            userMessage: "Message \(index): we want to be <better>\nby the end of the quarter.",
            answer: "What would your customers notice if you were?",
            phaseReason: "No objective yet.",
            findings: findings.map { kind in
                .init(
                    kind: kind,
                    source: .userMessage,
                    severity: kind == "noNumber" ? .high : .medium,
                    excerpt: "be <better>",
                    explanation: "Without a number, you cannot tell how far you have come."
                )
            }
        )
    }
}
