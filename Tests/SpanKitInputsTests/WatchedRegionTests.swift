import Foundation
import SpanKitInputs
import SpanKitOTLP
import SpanKitPlatform
import SpanKitRecording
import SpanKitTestSupport
import Testing

@Suite("Reading the region of a running process")
struct WatchedRegionTests {
    private let folder = TemporaryFolder()

    private func recorder(logBytes: Int = 1 << 20) throws -> (Recorder, path: String) {
        let path = folder.path("region")
        var configuration = RecordingConfiguration()
        configuration.logBytes = logBytes
        configuration.liveSpanCapacity = 127
        let descriptor = open(path, O_RDWR | O_CREAT, 0o600)
        return (try #require(Recorder.make(configuration, file: descriptor)), path)
    }

    /// The numbers of the spans that ended since the last look.
    private func look(_ path: String, _ places: inout LogPlaces) throws -> [Int64] {
        let region = try RegionReader(path: path, isReadOnly: true)
        var numbers: [Int64] = []
        region.readEnded(since: &places) { record in
            let span = record.recordedSpan(texts: region.text, scopes: region.scope)
            #expect(span.name == "work")
            if case .int(let number) = span["number"] { numbers.append(number) }
        }
        return numbers
    }

    @Test("each reading returns the spans that ended since the last one, sent or not")
    func sinceTheLastLook() throws {
        defer { folder.remove() }
        let (recorder, path) = try recorder()
        var places = LogPlaces()
        for round in 0..<4 {
            for number in 0..<50 {
                let span = recorder.begin("work")
                span.set("number", round * 50 + number)
                span.end()
            }
            // As the shipper does once a batch is on its way.
            if round % 2 == 1 { recorder.consume(recorder.read { _ in true }) }
            #expect(try look(path, &places) == (0..<50).map { Int64(round * 50 + $0) })
        }
        #expect(try look(path, &places).isEmpty)
    }

    @Test("each reading returns the log records that were made since the last one, sent or not, beside the spans")
    func logRecords() throws {
        defer { folder.remove() }
        let (recorder, path) = try recorder()
        let logs = Logs(recorder, "tests")
        let source = RecordedLogRecords(recorder)
        var places = LogPlaces()
        for round in 0..<4 {
            for number in 0..<50 {
                logs.emit(.warn, .int(Int64(round * 50 + number)))
                recorder.begin("work").end()
            }
            if round % 2 == 1 { source.consume(source.read { _ in true }) }
            #expect(try look(path, &places).isEmpty, "the spans have no numbers")
            let region = try RegionReader(path: path, isReadOnly: true)
            var bodies: [AttributeValue?] = []
            region.readLogRecords(since: &places) { record in
                let log = DecodedLog(resource: Resource(), record.copy { region.text(of: $0) })
                #expect(log.scope.name == "tests" && log.severityNumber == 13)
                #expect(log["code.file.path"] == "SpanKitInputsTests/WatchedRegionTests.swift")
                #expect(log["code.function.name"] == "logRecords")
                bodies.append(log.body)
            }
            #expect(bodies == (0..<50).map { .int(Int64(round * 50 + $0)) })
        }
    }

    @Test("open spans are read with their parent and attributes until they end")
    func whatIsOpen() throws {
        defer { folder.remove() }
        let (recorder, path) = try recorder()
        func names() throws -> [String: RecordedSpan] {
            let region = try RegionReader(path: path, isReadOnly: true)
            var open: [String: RecordedSpan] = [:]
            region.readOpenNow { record in
                let span = record.recordedSpan(texts: region.text, scopes: region.scope)
                open[span.name] = span
            }
            return open
        }
        let outer = recorder.begin("outer")
        outer.set("user", "ada")
        let inner = recorder.begin(named: "inner", parent: .context(outer.context))
        let both = try names()
        #expect(both.keys.sorted() == ["inner", "outer"])
        #expect(both["outer"]?["user"] == "ada")
        #expect(both["inner"]?.parentSpanID == both["outer"]?.context.spanID)
        inner.end()
        #expect(try names().keys.sorted() == ["outer"])
        outer.end()
        #expect(try names().isEmpty)
    }

    @Test("reading does not change the file")
    func readOnly() throws {
        defer { folder.remove() }
        let (recorder, path) = try recorder()
        recorder.begin("work").end()
        let open = recorder.begin("open")
        let before = (try? FileSystem.read(path).get())
        var places = LogPlaces()
        _ = try look(path, &places)
        try RegionReader(path: path, isReadOnly: true).readOpenNow { _ in }
        #expect((try? FileSystem.read(path).get()) == before)
        open.end()
    }

    @Test("while threads record and reuse chunks, no span is read twice or damaged")
    func concurrently() async throws {
        defer { folder.remove() }
        // Two chunks for each thread: they are used again all the time.
        let (recorder, path) = try recorder(logBytes: 1 << 18)
        let count = 40_000
        let threads = 2
        async let recording: Void = withTaskGroup(of: Void.self) { group in
            for thread in 0..<threads {
                group.addTask {
                    for number in 0..<count {
                        let span = recorder.begin("work")
                        span.set("number", number * threads + thread)
                        span.end()
                        if number % 200 == 0 { recorder.consume(recorder.read { _ in true }) }
                    }
                }
            }
        }
        var places = LogPlaces()
        var seen: Set<Int64> = []
        var doubles = 0
        for _ in 0..<400 {
            for number in try look(path, &places) where !seen.insert(number).inserted { doubles += 1 }
            await Task.yield()
        }
        await recording
        for number in try look(path, &places) where !seen.insert(number).inserted { doubles += 1 }
        #expect(doubles == 0)
        #expect(seen.allSatisfy { (0..<Int64(count * threads)).contains($0) })
        #expect(!seen.isEmpty)
    }
}
