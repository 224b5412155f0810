import Foundation
import SpanKitInputs
import SpanKitOTLP
import SpanKitPlatform
import SpanKitRecording
import SpanKitShipping
import SpanKitTestSupport
import Testing

@Suite("A damaged region file")
struct RegionFuzzTests {
    private let folder = TemporaryFolder()

    @Test("may lose spans, scopes and log records, but does not crash the reader")
    func fuzz() throws {
        // Each round maps and reads two megabytes: a tenth of the usual rounds, but all of those asked for.
        let rounds = FuzzRounds.isUsual ? FuzzRounds.count / 10 : FuzzRounds.count
        defer { folder.remove() }
        let path = folder.path("region")
        var random = SplitMix64(seed: 3)
        // A profiler that is released closes its region.
        let profilers = try Self.makeRegion(path)
        defer { withExtendedLifetime(profilers) {} }
        let original = try FileSystem.read(path).get()
        // Most of a region is empty: damage goes where something is.
        let interesting = original.indices.filter { original[$0] != 0 }
        let descriptor = open(path, O_RDWR)
        defer { close(descriptor) }
        for _ in 0..<rounds {
            var damaged: [Int] = []
            for _ in 0..<Int.random(in: 1...8, using: &random) {
                let place = min(
                    original.count - 1,
                    (interesting.randomElement(using: &random) ?? 0) + .random(in: 0..<16, using: &random)
                )
                var byte = UInt8.random(in: 0...255, using: &random)
                pwrite(descriptor, &byte, 1, off_t(place))
                damaged.append(place)
            }
            if let region = try? RegionReader(path: path) {
                region.rollForward()
                let encoder = TraceEncoder(.json, resource: Resource(attributes: region.resource), scope: .init())
                _ = encoder.encode(region, spanLimit: 1_000, byteLimit: 1 << 20)
                #expect(encoder.spanCount <= 105)
                region.consume(encoder.encode(region.openSpans, spanLimit: 1_000, byteLimit: 1 << 20))
                let logEncoder = LogEncoder(.protobuf, resource: Resource(attributes: region.resource), scope: .init())
                region.consume(logEncoder.encode(region.logRecords, recordLimit: 1_000, byteLimit: 1 << 20))
                #expect(logEncoder.spanCount <= 50)
            }
            if let region = try? RegionReader(path: path, isReadOnly: true) {
                var places = LogPlaces()
                region.readEnded(since: &places) { _ = $0.recordedSpan(texts: region.text, scopes: region.scope) }
                region.readOpenNow { _ = $0.recordedSpan(texts: region.text, scopes: region.scope) }
                let note = region.note.flatMap { AccountNote($0) }
                #expect(note == nil || note?.created == 7, "a damaged note is nil")
            }
            for place in damaged + Array(0..<32) + Array(4_096..<4_160) {
                var byte = original[place]
                pwrite(descriptor, &byte, 1, off_t(place))
            }
        }
        // What was read as damaged has been taken out of the log in places of its own.
        _ = original.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, 0) }
        let region = try RegionReader(path: path)
        let encoder = TraceEncoder(.json, resource: Resource(), scope: .init())
        _ = encoder.encode(region, spanLimit: 1_000, byteLimit: 1 << 20)
        #expect(encoder.spanCount == 100)
        var scopes: [InstrumentationScope?: Int] = [:]
        _ = region.read { record in
            scopes[record.recordedSpan(texts: region.text, scopes: region.scope).scope, default: 0] += 1
            return true
        }
        #expect(scopes == [nil: 34, Self.libraries[0]: 33, Self.libraries[1]: 33])
        let logEncoder = LogEncoder(.json, resource: Resource(), scope: .init())
        _ = logEncoder.encode(region.logRecords, recordLimit: 1_000, byteLimit: 1 << 20)
        #expect(logEncoder.spanCount == 50)
    }

    private static let libraries = [
        InstrumentationScope(
            name: "lib",
            version: "1.2",
            attributes: [Attribute("channel", "beta"), Attribute("parts", ["a", 2, .map([Attribute("k", "v")])])],
            schemaURL: "https://example.com/schema"
        ),
        InstrumentationScope(
            name: "other",
            attributes: [Attribute("text", .string(String(repeating: "é", count: 900)))]
        ),
    ]

    /// - Returns: What records into the region.
    private static func makeRegion(_ path: String) throws -> [PerformanceProfiler] {
        var configuration = RecordingConfiguration()
        configuration.logBytes = 1 << 17
        configuration.logRecords.bytes = 1 << 17
        configuration.liveSpanCapacity = 127
        let descriptor = open(path, O_RDWR | O_CREAT, 0o600)
        let recorder = try #require(Recorder.make(configuration, file: descriptor))
        recorder.describe(resource: [Attribute("service.name", "fuzz")])
        let program = PerformanceProfiler(recorder: recorder, log: .silent)
        let profilers = [program] + libraries.map { program.scoped(to: $0) }
        for number in 0..<100 {
            let span = profilers[number % 3].startSpan("span")
            span.set("number", number)
            span.set("text" as String, .array(["a", 1, .map([Attribute("k", "v")])]))
            span.addEvent("event", attributes: ["why": "because"])
            span.addLink(
                to: SpanContext(traceID: TraceID(high: 1, low: 2), spanID: SpanID(rawValue: 3), traceState: "a=b")
            )
            span.end()
        }
        for number in 0..<5 {
            let open = profilers[number % 3].startSpan("open")
            open.set("long", String(repeating: "x", count: 3_000))
        }
        for number in 0..<50 {
            let parts: Attributes = ["number": .int(Int64(number)), "map": .map([Attribute("list", ["a", 1])])]
            profilers[number % 3].logs.emit(.info, "message", parts, eventName: number % 7 == 0 ? "event" : nil)
        }
        var note = AccountNote()
        note.created = 7
        recorder.leaveNote(note.bytes)
        return profilers
    }
}
