import OKRCoach
import SpanKitOTLP
import SpanKitPercentiles
import SpanKitRecording
import SpanKitShipping

/// Encoding and compressing bodies as the shipper does, compared with zlib at level 1, and the sizes compared with level 6.
enum CompressionBenchmarks {
    private static let spanCount = 512
    /// How many batches follow each other before the other side is timed: a shipper under load never runs zlib in between, which
    /// leaves the branch predictor with nothing that fits.
    private static let batches = 4

    static func rows() async throws -> [BenchmarkRow] {
        let profiler = PerformanceProfiler(.on, log: .silent)
        while profiler.recordedSpans().count < spanCount { try await converse(profiler) }
        guard let mixed = Recorder.make(RecordingConfiguration()) else { return [] }
        recordMix(mixed)
        return rows("spans of the profiling run", profiler.recorder, timeBar: 0.2, sizeBar: 1.05)
            + rows("a mix of 20 kinds of spans", mixed, timeBar: 0.25, sizeBar: 1.1)
    }

    private static func rows(_ name: String, _ recorder: Recorder?, timeBar: Double, sizeBar: Double) -> [BenchmarkRow]
    {
        guard let recorder else { return [] }
        let encoder = TraceEncoder(.json, resource: Resource(), scope: InstrumentationScope(name: "benchmarks"))
        func encode() { _ = encoder.encode(recorder, spanLimit: spanCount, byteLimit: .max) }
        encode()
        let (template, fast, small) = (GzipCompressor(level: 1), Deflater(level: 1), Deflater(level: 6))
        let sizes = (
            template.compress(encoder.bytes, hints: encoder.hints)?.count ?? .max, small.compress(encoder.bytes)
        )
        return [
            BenchmarkRow.compare(
                "encode json and compress (template) / (zlib 1), \(name)",
                bar: timeBar,
                units: batches * spanCount,
                repetitions: 101,
                reason: slower,
                measured: {
                    for _ in 0..<batches {
                        encode()
                        _ = template.compress(encoder.bytes, hints: encoder.hints)
                    }
                },
                reference: {
                    for _ in 0..<batches {
                        encode()
                        _ = fast.compress(encoder.bytes)
                    }
                }
            ),
            BenchmarkRow(
                "bytes per span (template) / (zlib 6), \(name)",
                measured: Double(sizes.0) / Double(spanCount),
                reference: Double(sizes.1) / Double(spanCount),
                unit: .bytes,
                bar: sizeBar
            ),
        ]
    }

    private static let slower = """
        a third is encoding; of the rest, a third compares bytes and a third writes bits. Comparing 32 bytes at once took 6 % off. \
        AVX-512 took 3 %, separate tables of codes and lengths nothing, and writing literals without branches added 3 %
        """

    /// All scenarios, with a model that answers immediately.
    private static func converse(_ profiler: PerformanceProfiler) async throws {
        let database = try CoachDatabase.inMemory()
        let store = SQLiteSessionStore(database)
        let manager = ConversationManager(
            store: store,
            knowledge: SQLiteKnowledgeBase(database),
            model: try OfflineModel(latencyScale: 0),
            profiler: profiler
        )
        for (number, scenario) in Scenario.all.enumerated() {
            try await store.create(scenario.session(id: "s\(number)", atUnixNanoseconds: 1))
            for message in scenario.messages {
                _ = try await manager.processMessage(sessionId: "s\(number)", userMessage: message)
            }
        }
        try database.close()
    }

    /// Nested spans of 20 operations with up to five attributes, whose values and ids differ.
    private static func recordMix(_ recorder: Recorder) {
        var random = SeededGenerator(seed: 1)
        var open: [SpanHandle] = []
        for _ in 0..<spanCount {
            while open.count > Int.random(in: 0...5, using: &random) { open.removeLast().end() }
            let shape = Int.random(in: 0..<20, using: &random)
            let parent: SpanParent = open.last.map { .context($0.context) } ?? .none
            let span = recorder.begin(named: "operation \(shape)", kind: .internal, parent: parent)
            for key in 0..<shape % 6 {
                let name = "attribute.\(shape).\(key)"
                switch key {
                case 0: span.set(name, Int.random(in: 0...5_000, using: &random))
                case 1: span.set(name, ["discovery", "checkout-service", "eu-central-1"][shape % 3])
                case 2: span.set(name, Double.random(in: 0...1, using: &random))
                default: span.set(name, "session-\(Int.random(in: 0...40, using: &random))-\(shape)")
                }
            }
            open.append(span)
        }
        for span in open.reversed() { span.end() }
    }
}
