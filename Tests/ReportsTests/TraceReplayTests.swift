import SpanKitPercentiles
import SpanKitRecording
import SpanKitTestSupport
import Testing

@testable import SpanKitReports

/// Gains that are inferred from spans, compared with runs of changed programs.
@Suite("Gains that are inferred from spans")
struct TraceReplayTests {
    private static let names: Range<UInt32> = 0..<RandomProgram.nameCount

    private func operation(_ name: UInt32) -> OperationNumbers {
        OperationNumbers(service: NameTable.none, name: name)
    }

    private func program(_ seed: Int, _ shape: RandomProgram.Shape = .init()) -> RandomProgram {
        var random = SplitMix64(seed: UInt64(seed))
        return RandomProgram.make(&random, shape: shape)
    }

    private func patterns(_ traces: Trace...) -> TracePatterns {
        var patterns = TracePatterns(mergesServices: true)
        for trace in traces { patterns.add(trace) }
        return patterns
    }

    /// By how much a change of its own work shortens a program.
    private func truth(_ program: RandomProgram, _ change: RandomProgram.Change) -> Double {
        Double(program.run() - program.run(change: change))
    }

    @Test("No impact exceeds the shortening of a run without the operation's work", arguments: 0..<400)
    func impacts(seed: Int) {
        let program = program(seed)
        let trace = program.trace(id: 1)
        let patterns = patterns(trace)
        #expect(patterns.wholeNanoseconds == UInt128(program.run()))
        var sum: UInt128 = 0
        for name in Self.names {
            guard let impact = patterns.impacts[operation(name)] else { continue }
            let gain = Double(impact.nanoseconds)
            sum += impact.nanoseconds
            #expect(gain <= truth(program) { $0.name == name ? 0 : $1 }, "name \(name)")
            // A part of the work gains at least the same part of the impact.
            for divisor in [2, 3, 10] as [Int64] {
                let part = gain * (1 - 1 / Double(divisor))
                let real = truth(program) { $0.name == name ? $1 / divisor : $1 }
                #expect(part <= real + 1, "name \(name) divided by \(divisor)")
            }
        }
        #expect(sum <= patterns.wholeNanoseconds)
    }

    @Test("Without background work, the impact of all work is the shortening of a run without it", arguments: 0..<100)
    func exact(seed: Int) {
        let program = program(seed, .init(isSequential: true))
        let patterns = patterns(program.trace(id: 1))
        for name in Self.names {
            let whole = truth(program) { $0.name == name ? 0 : $1 }
            let impact = patterns.impacts[operation(name)].map { Double($0.nanoseconds) } ?? 0
            #expect(impact == whole, "name \(name)")
        }
    }

    @Test("No gain of repeated calls exceeds the shortening of a run with shorter calls", arguments: 0..<400)
    func repeatedCalls(seed: Int) {
        let program = program(seed)
        for found in patterns(program.trace(id: 1)).repeatedCalls() {
            // Each parent's calls of this name take as long as one of them does.
            var divisors: [ObjectIdentifier: Int64] = [:]
            for parent in program.all where parent.name == found.parent.name {
                let calls = parent.called.filter { $0.name == found.child.name }
                for call in calls { divisors[ObjectIdentifier(call)] = Int64(calls.count) }
            }
            let gain = truth(program) { $1 / (divisors[ObjectIdentifier($0)] ?? 1) }
            #expect(Double(found.gain) <= gain, "\(found.child.name) below \(found.parent.name)")
        }
    }

    @Test(
        "No gain of calls in sequence exceeds the shortening of a run in which they start together",
        arguments: 0..<400
    )
    func sequentialCalls(seed: Int) {
        let program = program(seed, .init(isSequential: true))
        for (pair, reverseCount) in patterns(program.trace(id: 1)).sequentialCalls() {
            let changed = program.run(together: { first, second in
                (first.name, second.name) == (pair.first.name, pair.second.name)
                    || reverseCount > 0 && (first.name, second.name) == (pair.second.name, pair.first.name)
            })
            #expect(Double(pair.gain) <= Double(program.run() - changed), "\(pair.first.name) and \(pair.second.name)")
            #expect(pair.gain > 0 || pair.count > 0)
        }
    }

    @Test("No gain of shorter slow runs exceeds the shortening of runs with that limit", arguments: 0..<40)
    func limits(seed: Int) {
        let programs = (0..<30).map { program(seed * 1_000 + $0) }
        var patterns = TracePatterns(mergesServices: true)
        for (number, program) in programs.enumerated() { patterns.add(program.trace(id: UInt64(number + 1))) }
        for name in Self.names {
            for limit in [5_000, 50_000, 120_000] as [Int64] {
                let claimed = patterns.impacts[operation(name)]?.gain(limiting: Double(limit), from: Double(limit)) ?? 0
                let gain = programs.reduce(0.0) { sum, program in
                    sum
                        + truth(program) { program, time in
                            let own = program.ownNanoseconds
                            guard program.name == name, own > limit else { return time }
                            return time * limit / own
                        }
                }
                #expect(claimed <= gain + 1, "name \(name) limited to \(limit)")
            }
        }
    }

    @Test("The analysis and the critical path agree, whatever the spans are", arguments: 0..<300)
    func agreement(seed: Int) {
        let trace =
            seed % 2 == 0
            ? Trace(
                id: TraceID(high: 0, low: 1),
                spans: SampleTraces.wild(seed: UInt64(seed), count: 30).map { span in
                    var span = span
                    span.start += 1
                    span.end += 1
                    return span
                }
            ) : program(seed).trace(id: 1)
        var report = CriticalReport()
        report.add(trace)
        var names = NameTable()
        for name in 0..<10 { _ = names.number(of: "operation \(name)") }
        let patterns = patterns(trace)
        guard let root = trace.mainRoot else { return }
        #expect(patterns.wholeNanoseconds == UInt128(trace.spans[root].duration))
        let listing = report.listing(names: names)
        let column = listing.columns.firstIndex { $0.key == "critical_ns_per_trace" } ?? 0
        var paths: [String: Double] = [:]
        for row in listing.rows {
            guard case .text(let name, _) = row[0], case .number(let time, _) = row[column] else { continue }
            paths[name] = time
        }
        for (operation, impact) in patterns.impacts where impact.criticalNanoseconds > 0 {
            #expect(Double(impact.criticalNanoseconds) == paths[names[operation.name]], "name \(operation.name)")
            #expect(impact.nanoseconds <= impact.criticalNanoseconds)
        }
        #expect(patterns.impacts.values.reduce(UInt128(0)) { $0 + $1.criticalNanoseconds } == patterns.wholeNanoseconds)
        var replay = TraceReplay(of: trace, root: root)
        #expect(replay.shortening([]) == 0)
        #expect(replay.shortening(replay.places.map { .init(place: $0, divisor: 1) }) == 0, "nothing changes")
    }

    private func span(
        _ id: UInt64,
        parent: UInt64 = 1,
        _ start: Int64,
        _ end: Int64,
        kind: RecordedSpan.Kind = .internal,
        name: UInt32
    ) -> TraceSpan {
        TraceSpan(spanID: id, parentSpanID: parent, start: 1_000 + start, end: 1_000 + end, kind: kind, name: name)
    }

    private func impact(_ spans: [TraceSpan], of name: UInt32) -> UInt128 {
        patterns(Trace(id: TraceID(high: 0, low: 1), spans: spans)).impacts[operation(name)]?.nanoseconds ?? 0
    }

    @Test(
        "Of different parallel calls, the longest has the impact by which it exceeds the others; equal calls count together"
    )
    func parallel() {
        let root = span(1, parent: 0, 0, 100, name: 0)
        let different = [root] + (2...5).map { span($0, 5, 90 - Int64($0), name: UInt32($0)) }
        #expect(impact(different, of: 2) == 1)
        #expect(impact(different, of: 3) == 0)
        #expect(impact(different, of: 0) == 17)
        let equal = [root] + (2...5).map { span($0, 5, 90, name: 7) }
        #expect(impact(equal, of: 7) == 85)
    }

    @Test("Of a trace with too many names, the operations with the longest time are examined; the others are counted")
    func tooManyNames() {
        let calls = (0..<1_200).map { (number: Int) -> TraceSpan in
            let start = Int64(number * 10)
            let length: Int64 = number == 700 ? 9 : 5
            return span(UInt64(number + 2), start, start + length, name: UInt32(number + 1))
        }
        let patterns = patterns(
            Trace(id: TraceID(high: 0, low: 1), spans: [span(1, parent: 0, 0, 12_000, name: 0)] + calls)
        )
        #expect(patterns.impacts[operation(701)]?.nanoseconds == 9)
        #expect(patterns.impacts.values.count { $0.nanoseconds > 0 } == 1_000)
        #expect(patterns.unexaminedCount == 201 + 199, "of 1,201 operations and of 1,199 pairs")
    }

    @Test("A call that outlasts its caller gains nothing, and neither does the time in which it runs")
    func background() {
        let spans = [span(1, parent: 0, 0, 100, name: 0), span(2, 20, 150, name: 1)]
        #expect(impact(spans, of: 1) == 0)
        #expect(impact(spans, of: 0) == 20)
        #expect(patterns(Trace(id: TraceID(high: 0, low: 1), spans: spans)).unawaitedCount == 1)
    }

    @Test("A server that ends after its client was waited for, unless it takes longer than the client")
    func skew() {
        let client = span(1, parent: 0, 0, 100, kind: .client, name: 0)
        #expect(impact([client, span(2, 1, 101, kind: .server, name: 1)], of: 1) == 99)
        #expect(impact([client, span(2, 1, 150, kind: .server, name: 1)], of: 1) == 0)
    }
}
