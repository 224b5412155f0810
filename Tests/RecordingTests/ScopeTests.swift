import Foundation
import SpanKitPlatform
import SpanKitTestSupport
import Testing

@testable import SpanKitRecording

@Suite("Spans have the scope of the library that records them")
struct ScopeTests {
    private static let library = InstrumentationScope(
        name: "lib",
        version: "1.2",
        attributes: [Attribute("channel", "beta"), Attribute("parts", ["a", 2])],
        schemaURL: "https://example.com/schema"
    )

    private let lines = Lines()

    private func profiler(_ configure: (inout RecordingConfiguration) -> Void = { _ in }) -> PerformanceProfiler {
        var configuration = RecordingConfiguration()
        configure(&configuration)
        return PerformanceProfiler(.on, recording: configuration, log: lines.log)
    }

    private func scopes(_ profiler: PerformanceProfiler) -> [String: InstrumentationScope?] {
        Dictionary(profiler.recordedSpans().map { ($0.name, $0.scope) }) { first, _ in first }
    }

    @Test("each way to start a span uses the profiler's scope, and spans of all scopes nest")
    func entryPoints() throws {
        let profiler = profiler()
        let library = profiler.scoped(to: Self.library)
        profiler.profile("program") {
            library.profile("literal") {
                library.profile(String("text")) { profiler.profile("below") {} }
            }
            library.start("by hand").end()
            library.start(String("by hand, text")).end()
            library.startSpan("started", kind: .client, attributes: ["key": 1]).end()
        }
        let expected: [String: InstrumentationScope?] = [
            "program": nil, "below": nil, "literal": Self.library, "text": Self.library, "by hand": Self.library,
            "by hand, text": Self.library, "started": Self.library,
        ]
        // Twice, because the first span of each name takes another path.
        #expect(scopes(profiler) == expected)
        let spans = Dictionary(profiler.recordedSpans().map { ($0.name, $0) }) { first, _ in first }
        #expect(spans["literal"]?.parentSpanID == spans["program"]?.context.spanID)
        #expect(spans["below"]?.parentSpanID == spans["text"]?.context.spanID)
        for _ in 0..<2 {
            profiler.reset()
            library.profile("literal") { profiler.profile("program") {} }
            #expect(scopes(profiler) == ["literal": Self.library, "program": nil])
        }
        #expect(profiler.statistics(for: "literal")?.count == 1, "all scopes share the percentiles")
        #expect(library.account == profiler.account)
    }

    @Test("equal scopes are one, and a difference in any field makes another")
    func identity() throws {
        let profiler = profiler()
        var others = [Self.library, Self.library, Self.library, Self.library]
        others[0].name = "other"
        others[1].version = "1.3"
        others[2].attributes = []
        others[3].schemaURL = ""
        let number = profiler.scoped(to: Self.library).scope
        #expect(number != 0)
        #expect(profiler.scoped(to: Self.library).scope == number)
        #expect(profiler.scoped(to: others[0]).scoped(to: Self.library).scope == number)
        #expect(Set(others.map { profiler.scoped(to: $0).scope } + [number, 0]).count == 6)
    }

    @Test("a library's profiler keeps the program's alive")
    func lifetime() {
        let library = profiler().scoped(to: Self.library)
        library.profile("work") {}
        #expect(library.recordedSpans().map(\.scope) == [Self.library])
    }

    @Test("beyond 1,000 scopes, spans are recorded without one, and a warning says so")
    func limit() {
        let profiler = profiler()
        for number in 0..<ScopeTable.capacity {
            _ = profiler.scoped(to: InstrumentationScope(name: "lib-\(number)"))
        }
        #expect(lines.all.isEmpty)
        profiler.scoped(to: InstrumentationScope(name: "one too many")).profile("work") {}
        profiler.scoped(to: InstrumentationScope(name: "another")).profile("work") {}
        #expect(profiler.recordedSpans().map(\.scope) == [nil, nil])
        #expect(lines.all.count == 1)
        #expect(lines.all.first?.contains("the spans of 'one too many' are recorded without a scope") == true)
        #expect(profiler.scoped(to: InstrumentationScope(name: "lib-999")).scope == 1_000, "known ones remain")
    }

    @Test("processors, logs and a profiler that is off know the scope")
    func others() {
        let seen = Locked<[InstrumentationScope?]>([])
        let profiler = profiler { configuration in
            configuration.spanProcessors = [
                SpanProcessor(
                    "scopes",
                    onStart: { span in seen.withLock { $0.append(span.snapshot()?.scope) } },
                    onEnd: { span in seen.withLock { $0.append(span.scope) } }
                )
            ]
        }
        let library = profiler.scoped(to: Self.library)
        library.profile("work") {}
        profiler.profile("work") {}
        #expect(seen.withLock { $0 } == [Self.library, Self.library, nil, nil])
        library.logs.emit(.info, "a message")
        #expect(profiler.logRecords().map(\.scope) == ["lib"])
        let off = PerformanceProfiler(.off, log: lines.log)
        #expect(off.scoped(to: Self.library) === off)
    }

    @Test("after a crash, ended and open spans have their scope; a damaged one is that of the program")
    func region() throws {
        let folder = TemporaryFolder()
        defer { folder.remove() }
        let file = open(folder.path("region"), O_RDWR | O_CREAT, 0o600)
        let recorder = try #require(Recorder.make(RecordingConfiguration(), file: file))
        let profiler = PerformanceProfiler(recorder: recorder, log: lines.log)
        let large = InstrumentationScope(
            name: "large",
            attributes: [Attribute("text", .string(.init(repeating: "x", count: 70_000)))]
        )
        let number = profiler.scoped(to: Self.library).scope
        // More than one chunk of scopes.
        let many = (0..<20).map { number in
            InstrumentationScope(name: "lib-\(number)", version: String(repeating: "1", count: 10_000))
        }
        for scope in [Self.library, large] + many { profiler.scoped(to: scope).profile("work") {} }
        profiler.profile("work") {}
        profiler.scoped(to: Self.library).start("open").setStatus(.ok)
        let reader = try RegionReader(path: folder.path("region"), isReadOnly: true)
        var found: [InstrumentationScope?] = []
        for source in [reader, reader.openSpans] as [any SpanSource] {
            _ = source.read { record in
                found.append(record.recordedSpan(texts: source.text, scopes: source.scope).scope)
                return true
            }
        }
        #expect(found == [Self.library, nil] + many + [nil, Self.library])
        #expect(reader.scope(of: number) == Self.library && reader.scope(of: 0) == nil && reader.scope(of: 99) == nil)
        #expect(recorder.scope(of: 2) == large, "too large for a chunk, but this process knows it")
        withExtendedLifetime(profiler) {}
    }

    @Test("damaged entries of a scope leave out parts, and never trap")
    func damagedEntries() {
        let entries = Self.library.entries.storage
        var random = SplitMix64(seed: 21)
        for _ in 0..<FuzzRounds.count / 10 {
            var bytes = entries
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = .random(in: 0...255, using: &random)
            }
            bytes.removeLast(Int.random(in: 0...bytes.count, using: &random))
            _ = bytes.withUnsafeBytes { InstrumentationScope(Entries($0)) }
        }
        #expect(entries.withUnsafeBytes { InstrumentationScope(Entries($0)) } == Self.library)
    }
}
