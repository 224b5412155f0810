import SpanKitPercentiles
import SpanKitReports
import Testing

@testable import SpanKitCoachProfiling

@Suite("The analysis of a run")
struct AnalysisTests {
    /// Conversations in which all runs of a step take the same time. The total has an own time of 1 ms.
    private func aggregate(
        messages count: Int,
        modelMilliseconds: UInt64,
        unscaled: UInt64? = nil,
        others: [String: UInt64] = [:],
        runsPerMessage: Int = 1,
        memory: Int64? = nil,
        errors: UInt64 = 0
    ) throws -> ProfilingResults.Aggregate {
        var steps = others
        steps["step_7_claude_api_call"] = modelMilliseconds
        let duration =
            steps.values.reduce(1) { $0 + $1 * UInt64(runsPerMessage) } - modelMilliseconds * UInt64(runsPerMessage - 1)
        func snapshot(_ name: String, _ milliseconds: UInt64, runs: Int) -> ProfilingResults.Operation {
            var histogram = ExponentialHistogram()
            for _ in 0..<runs { histogram.record(nanoseconds: milliseconds * 1_000_000, memoryDelta: memory) }
            let isOther = others[name] != nil
            return .init(OperationSnapshot(name: name, histogram: histogram, errorCount: isOther ? errors : 0))
        }
        var operations = [snapshot("conversation_processing_total", duration, runs: count)]
        for (name, milliseconds) in steps {
            operations.append(snapshot(name, milliseconds, runs: others[name] == nil ? count : count * runsPerMessage))
        }
        let records = (0..<count).map { index in
            ProfilingResults.Message(
                index: index + 1,
                durationNanoseconds: duration * 1_000_000,
                modelLatencyNanoseconds: modelMilliseconds * 1_000_000,
                unscaledModelLatencyNanoseconds: unscaled.map { $0 * 1_000_000 }
            )
        }
        return try ProfilingResults.Aggregate(scenarios: [
            .init(
                number: 1,
                name: "s",
                title: "S",
                outcome: .completed,
                plannedMessageCount: count,
                messages: records,
                operations: operations
            )
        ])
    }

    @Test("A share in the expected range confirms a hypothesis, and another refutes it")
    func hypotheses() throws {
        let others: [String: UInt64] = [
            "step_7_5_knowledge_suggestions": 12, "step_1_load_session": 2, "step_2_load_messages": 3,
            "step_11_state_persistence": 3, "step_4_quality_assessment": 5, "step_3_anti_pattern_detection": 29,
        ]
        let confirmed = try aggregate(messages: 20, modelMilliseconds: 45, others: others)
        #expect(confirmed.hypotheses.map(\.verdict) == Array(repeating: .confirmed, count: 5))
        #expect(confirmed.hypotheses.compactMap(\.measuredShare) == [0.45, 0.12, 0.08, 0.05, 0.30])
        let tooFew = try aggregate(messages: 19, modelMilliseconds: 45, others: others)
        #expect(tooFew.hypotheses.map(\.verdict) == Array(repeating: .tooLittleData, count: 5))
        let refuted = try aggregate(messages: 20, modelMilliseconds: 4_500, others: others)
        #expect(refuted.hypotheses.map(\.verdict) == Array(repeating: .refuted, count: 5))
    }

    @Test("With a scaled latency, the projected time is compared with the target")
    func projection() throws {
        let aggregate = try aggregate(
            messages: 20,
            modelMilliseconds: 50,
            unscaled: 2_500,
            others: ["step_1_load_session": 49]
        )
        let assessment = try #require(aggregate.assessment)
        #expect(assessment.measured.averageNanoseconds == 100_000_000)
        #expect(assessment.measured.messagesWithinTarget == 20)
        #expect(assessment.projected.averageNanoseconds == 2_550_000_000)
        #expect(assessment.projected.messagesWithinTarget == 0)
        #expect(!assessment.projected.meetsTarget)
        let model = try #require(aggregate.bottlenecks.first)
        #expect(model.operation == "step_7_claude_api_call")
        #expect(model.share == 0.5)
        #expect(model.projectedSelfNanoseconds == 20 * 2_500_000_000)
        #expect(abs(model.projectedShare - 2_500.0 / 2_550) < 1e-12)
    }

    @Test("Self times add up to the total, with the time between steps as a row")
    func selfTime() throws {
        let aggregate = try aggregate(messages: 10, modelMilliseconds: 7, others: ["step_4_quality_assessment": 2])
        #expect(
            aggregate.bottlenecks.map(\.operation) == [
                "step_7_claude_api_call", "step_4_quality_assessment", "conversation_processing_total",
            ]
        )
        #expect(aggregate.bottlenecks.map(\.share) == [0.7, 0.2, 0.1])
    }

    @Test("An unknown operation has statistics but no share")
    func unknownOperation() throws {
        let aggregate = try aggregate(messages: 10, modelMilliseconds: 7, others: ["sql_query": 2])
        #expect(aggregate.operations.contains { $0.snapshot.name == "sql_query" })
        #expect(!aggregate.bottlenecks.contains { $0.operation == "sql_query" })
    }

    private func rules(_ aggregate: ProfilingResults.Aggregate) -> Set<String> {
        Set(aggregate.recommendations.map(\.rule))
    }

    @Test("The generic rules use the known kinds of the steps")
    func rules() throws {
        #expect(rules(try aggregate(messages: 20, modelMilliseconds: 2_500)) == ["modelCall"])
        let others: [String: UInt64] = ["step_11_state_persistence": 3_000]
        #expect(
            rules(try aggregate(messages: 20, modelMilliseconds: 500, others: others)) == ["database", "modelCall"]
        )
        #expect(
            rules(try aggregate(messages: 20, modelMilliseconds: 500, others: others, runsPerMessage: 3))
                == ["repeatedCalls"]
        )
        #expect(
            rules(try aggregate(messages: 20, modelMilliseconds: 500, others: others, memory: 1 << 20))
                == ["database", "modelCall", "memoryGrowth"]
        )
        #expect(
            rules(try aggregate(messages: 20, modelMilliseconds: 500, others: others, errors: 1))
                == ["database", "modelCall", "failures"]
        )
        let outside = try aggregate(messages: 20, modelMilliseconds: 5).recommendations.first {
            $0.rule == "computation"
        }
        #expect(outside?.operation == "conversation_processing_total", "the time between the steps")
        let knowledge = try aggregate(
            messages: 20,
            modelMilliseconds: 5,
            others: ["step_7_5_knowledge_suggestions": 50]
        )
        #expect(
            knowledge.recommendations.first?.advice.hasPrefix("run it at the same time as the model's call") == true
        )
    }

    @Test("An interruption is not a failure of the step")
    func interrupted() throws {
        var scenario = ProfilingResults.Scenario(
            number: 1,
            name: "s",
            title: "S",
            outcome: .interrupted,
            plannedMessageCount: 3,
            messages: (1...2).map {
                .init(index: $0, durationNanoseconds: 1_000, modelLatencyNanoseconds: 900)
            },
            operations: [("conversation_processing_total", UInt64(1_000)), ("step_7_claude_api_call", 900)].map {
                name,
                duration in
                var histogram = ExponentialHistogram()
                for _ in 0..<3 { histogram.record(nanoseconds: duration) }
                return .init(OperationSnapshot(name: name, histogram: histogram, errorCount: 1))
            }
        )
        #expect(!rules(try .init(scenarios: [scenario])).contains("failures"))
        scenario.outcome = .failed
        #expect(rules(try .init(scenarios: [scenario])).contains("failures"))
    }

    @Test("A note names too few messages, and one sentence compares with target and baseline")
    func background() throws {
        let few = try aggregate(messages: 3, modelMilliseconds: 2_500).analysis.background
        #expect(few.notes == ["Only 3 messages were measured; measure at least 20 before relying on p95 and p99."])
        #expect(
            few.verdict
                == "A message takes 2.50 s on average: 2.4 × faster than the original system (5.90 s); the target of 2.00 s is missed."
        )
        let met = try aggregate(messages: 20, modelMilliseconds: 900).analysis.background
        #expect(met.notes.isEmpty && met.verdict?.hasSuffix("is met.") == true)
    }

    @Test("A heavy tail is reported only with enough runs")
    func variability() throws {
        func rules(slowRuns: Int, runs: Int) throws -> Set<String> {
            var step = ExponentialHistogram()
            var total = ExponentialHistogram()
            for run in 0..<runs {
                let duration: UInt64 = run < slowRuns ? 600_000_000 : 100_000_000
                step.record(nanoseconds: duration)
                total.record(nanoseconds: duration + 3_000_000_000)
            }
            let breakdown = try ProfilingResults.Aggregate(scenarios: [
                .init(
                    number: 1,
                    name: "s",
                    title: "S",
                    outcome: .completed,
                    plannedMessageCount: runs,
                    messages: (0..<runs).map {
                        .init(index: $0 + 1, durationNanoseconds: 3_100_000_000, modelLatencyNanoseconds: 0)
                    },
                    operations: [
                        .init(OperationSnapshot(name: "conversation_processing_total", histogram: total)),
                        .init(OperationSnapshot(name: "step_2_load_messages", histogram: step)),
                    ]
                )
            ])
            return Set(breakdown.recommendations.map(\.rule))
        }
        #expect(try rules(slowRuns: 1, runs: 20).contains("heavyTail"))
        #expect(try !rules(slowRuns: 0, runs: 20).contains("heavyTail"))
        #expect(try !rules(slowRuns: 1, runs: 19).contains("heavyTail"))
    }

    @Test("Percentiles of messages are exact (nearest rank)")
    func assessment() {
        let messages = (1...40).reversed().map { milliseconds in
            ProfilingResults.Message(
                index: 1,
                durationNanoseconds: UInt64(milliseconds) * 100_000_000,
                modelLatencyNanoseconds: 0
            )
        }
        let figures = Assessment(messages: messages)?.measured
        #expect(figures?.p50Nanoseconds == 2_000_000_000)
        #expect(figures?.p95Nanoseconds == 3_800_000_000)
        #expect(figures?.maximumNanoseconds == 4_000_000_000)
        #expect(figures?.averageNanoseconds == 2_050_000_000)
        #expect(figures?.messagesWithinTarget == 19)
        #expect(Assessment(messages: []) == nil)
    }

    @Test("Extreme numbers from a file do not overflow")
    func absurd() {
        let message = ProfilingResults.Message(
            index: 1,
            durationNanoseconds: .max,
            modelLatencyNanoseconds: .max,
            unscaledModelLatencyNanoseconds: .max
        )
        let figures = Assessment(messages: [message, message])?.projected
        #expect(figures?.averageNanoseconds == .max)
        #expect(projected(5, by: .min) == 0)
        #expect(projected(.max, by: .max) == .max)
    }
}
