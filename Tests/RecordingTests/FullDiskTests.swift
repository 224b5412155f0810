import Foundation
import SpanKitTestSupport
import Testing

@testable import SpanKitRecording

@Suite("A full disk drops spans only while it is full", .generousTimeLimit)
struct FullDiskTests {
    /// A region's file on a disk that can be full: allocating space fails while the descriptor is read-only.
    private final class Disk {
        let folder = TemporaryFolder()
        let file: Int32
        private let writable: Int32
        private let readable: Int32

        init() {
            file = open(folder.path("region"), O_RDWR | O_CREAT, 0o600)
            writable = dup(file)
            readable = open(folder.path("region"), O_RDONLY)
        }

        deinit {
            close(writable)
            close(readable)
            folder.remove()
        }

        var isFull = false {
            didSet { dup2(isFull ? readable : writable, file) }
        }

        /// Longer than a region waits before it tries again.
        func waitForRetry() { Thread.sleep(forTimeInterval: 1.1) }
    }

    private func profiler(on disk: Disk) throws -> PerformanceProfiler {
        var configuration = RecordingConfiguration()
        configuration.logBytes = 8 * Region.chunkBytes
        configuration.liveSpanCapacity = 254
        configuration.whenLogIsFull = .dropNewest
        let recorder = try #require(Recorder.make(configuration, file: disk.file))
        return PerformanceProfiler(recorder: recorder, warnThreshold: .seconds(60), log: .silent)
    }

    @Test("full at the start: spans are measured and counted as dropped, and are recorded once there is room")
    func fromTheStart() throws {
        let disk = Disk()
        let profiler = try profiler(on: disk)
        disk.isFull = true
        for _ in 0..<5_000 { profiler.profile("span") {} }
        #expect(profiler.account.droppedTooManyLive == 5_000)
        disk.isFull = false
        disk.waitForRetry()
        for _ in 0..<100 { profiler.profile("span") {} }
        #expect(profiler.account.written == 100)
        #expect(profiler.recordedSpans().count == 100)
        #expect(profiler.statistics(for: "span")?.count == 5_100)
    }

    @Test("full while the log grows: the log continues once there is room")
    func later() throws {
        let disk = Disk()
        let profiler = try profiler(on: disk)
        profiler.profile("span") {}
        disk.isFull = true
        for _ in 0..<5_000 { profiler.profile("span") {} }
        let account = profiler.account
        #expect(account.written > 100 && account.droppedLogFull > 0)
        #expect(account.written + account.droppedLogFull == 5_001)
        disk.isFull = false
        disk.waitForRetry()
        for _ in 0..<100 { profiler.profile("span") {} }
        #expect(profiler.account.written == account.written + 100)
    }

    @Test("a chunk that the disk refused is not skipped, and is tried again after a second")
    func askedAgain() throws {
        let disk = Disk()
        let region = try #require(Region(bytes: 4 * Region.chunkBytes, clock: .shared, file: disk.file))
        disk.isFull = true
        for _ in 0..<100 { #expect(region.openChunk(.log) == nil) }
        disk.isFull = false
        #expect(region.openChunk(.log) == nil, "it does not try again within a second")
        disk.waitForRetry()
        #expect(region.openChunk(.log)?.pointee.index == 1)
        #expect(region.openChunk(.slots)?.pointee.index == 2)
    }
}
