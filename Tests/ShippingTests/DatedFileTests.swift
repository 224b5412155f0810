import Foundation
import SpanKitOTLP
import SpanKitPlatform
import SpanKitRecording
import SpanKitTestSupport
import Testing

@testable import SpanKitShipping

@Suite("Files by date", .generousTimeLimit)
struct DatedFileTests {
    private let folder = TemporaryFolder()
    /// 2026-11-29 20:45:12 UTC.
    private static let start: Int64 = 1_795_985_112
    private static let hour = "year=2026/month=11/day=29/hour=20"

    /// Times that a test sets.
    private final class Clock: Sendable {
        private let elapsed = Locked(0)
        private let epoch = ContinuousClock.now

        var now: (instant: ContinuousClock.Instant, unixSeconds: Int64) {
            let seconds = elapsed.withLock { $0 }
            return (epoch.advanced(by: .seconds(seconds)), DatedFileTests.start + Int64(seconds))
        }

        func advance(_ seconds: Int) { elapsed.withLock { $0 += seconds } }
    }

    private func file(_ clock: Clock, bytes: Int = .max, _ notes: Locked<[String]> = Locked([])) -> DatedFile {
        var configuration = LinesFileConfiguration(path: "\(folder.path)/")
        configuration.maximumBytes = bytes
        return DatedFile(configuration, now: { clock.now }, log: { note in notes.withLock { $0.append(note) } })
    }

    /// The complete files of an hour, oldest first.
    private func files(_ hour: String = Self.hour) -> [String] {
        FileSystem.names(in: folder.path(hour)).sorted().map { folder.path("\(hour)/\($0)") }
    }

    private func text(_ path: String) async throws -> String {
        let run = try await Command.run(.shell, ["-c", "gzip -dc < \"$1\"", "sh", path])
        #expect(run.status == 0, "\(run.error)")
        return run.output
    }

    private var open: [String] { FileSystem.names(in: folder.path(".open")) }

    @Test("a file gets its name when it is complete, and every tool can decompress it")
    func complete() async throws {
        defer { folder.remove() }
        let clock = Clock()
        let file = file(clock)
        #expect(file.write(Array("first".utf8), isCompressed: false) == nil)
        let member = try #require(Array("second".utf8).withUnsafeBytes { GzipCompressor(level: 1).compress($0) })
        #expect(file.write(member, isCompressed: true) == nil)
        #expect(files().isEmpty && open.count == 1)
        file.complete()
        let path = try #require(files().first)
        #expect(files().count == 1 && open.isEmpty)
        #expect(path.contains("/20261129T204512Z-") && path.hasSuffix("-000001.jsonl.gz"))
        #expect(try await text(path) == "first\nsecond\n")
    }

    @Test("a file is complete when it is large, old, or of the last hour")
    func limits() async throws {
        defer { folder.remove() }
        let clock = Clock()
        let file = file(clock, bytes: 100)
        let line = Array("line".utf8)
        while files().isEmpty { #expect(file.write(line, isCompressed: false) == nil) }
        #expect(try await text(files()[0]).split(separator: "\n").count == 3)
        #expect(file.write(line, isCompressed: false) == nil)
        file.completeIfDue(clock.now.instant)
        #expect(files().count == 1)
        clock.advance(300)
        file.completeIfDue(clock.now.instant)
        #expect(files().count == 2)
        clock.advance(580)
        #expect(file.write(line, isCompressed: false) == nil)
        clock.advance(20)
        #expect(file.write(line, isCompressed: false) == nil)
        #expect(files().count == 3)
        file.complete()
        #expect(files("year=2026/month=11/day=29/hour=21").count == 1)
    }

    @Test("the next process completes the file of a killed one, without its torn line")
    func killed() async throws {
        defer { folder.remove() }
        let clock = Clock()
        let running = file(clock)
        #expect(running.write(Array("running".utf8), isCompressed: false) == nil)
        // What a process leaves that is killed in the middle of a write.
        let (whole, torn) = (file(clock), Array(repeating: UInt8(0x41), count: 500))
        #expect(whole.write(Array("whole".utf8), isCompressed: false) == nil)
        whole.complete()
        let complete = try #require(files().first)
        let member = try #require(torn.withUnsafeBytes { GzipCompressor(level: 1).compress($0) })
        let bytes = try FileSystem.read(complete).get() + member.dropLast(3)
        let left = "20261129T195959Z-1-abc-000001.jsonl.gz"
        #expect(bytes.withUnsafeBytes { FileSystem.write($0, to: folder.path(".open/\(left)")) } == nil)
        let empty = "20261129T195959Z-1-abc-000002.jsonl.gz"
        #expect([UInt8]().withUnsafeBytes { FileSystem.write($0, to: folder.path(".open/\(empty)")) } == nil)

        let notes = Locked<[String]>([])
        let next = file(clock, notes)
        #expect(next.write(Array("next".utf8), isCompressed: false) == nil)
        let adopted = folder.path("year=2026/month=11/day=29/hour=19/\(left)")
        #expect(try await text(adopted) == "whole\n")
        #expect(open.count == 2, "those of the two writers that are there")
        #expect(!FileSystem.exists(folder.path(".open/\(empty)")))
        #expect(notes.withLock { $0.contains("\(left) of a process that has ended is complete") })
        running.complete()
        next.complete()
        #expect(files().count == 3)
    }

    @Test("a disk without room loses the line and not the file")
    func problems() {
        defer { folder.remove() }
        let path = folder.path("file")
        #expect([UInt8]().withUnsafeBytes { FileSystem.write($0, to: path) } == nil)
        let file = DatedFile(LinesFileConfiguration(path: "\(path)/"), log: { _ in })
        #expect(file.write([0x41], isCompressed: false) == ENOTDIR)
    }

    @Test("the exporter completes a file although no span follows, and accounts for every span")
    func exporting() async throws {
        defer { folder.remove() }
        var configuration = LinesFileConfiguration(path: "\(folder.path)/spans/")
        configuration.maximumAge = .milliseconds(50)
        let recorder = try #require(Recorder.make(RecordingConfiguration()))
        let shipper = try #require(
            Shipper.start(
                recorder: recorder,
                exporters: [.linesFile(configuration)],
                resource: Resource(),
                scope: InstrumentationScope(name: "tests"),
                batch: BatchSettings(),
                log: .silent
            )
        )
        func record(_ count: Int) { for number in 0..<count { recorder.begin(named: "span \(number)").end() } }
        func complete() -> [String] {
            (try? FileManager.default.subpathsOfDirectory(atPath: folder.path))?
                .filter { $0.contains("hour=") && $0.hasSuffix(".jsonl.gz") }.sorted() ?? []
        }
        record(40)
        shipper.flush(until: .now.advanced(by: .generous))
        try await eventually("the first file is complete", complete()) { $0.count == 1 }
        record(2)
        let account = shipper.shutdown(until: .now.advanced(by: .generous))
        #expect(account.created == 42)
        #expect(account.destinations.map(\.exported) == [42])
        try await eventually("the second file is complete", complete()) { $0.count == 2 }
        var spans = 0
        for path in complete() {
            spans += try await text(folder.path(path)).components(separatedBy: #""spanId":"#).count - 1
        }
        #expect(spans == 42)
    }
}
