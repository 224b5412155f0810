import CSpanKit
import Foundation
import SpanKitTestSupport
import Testing

@testable import SpanKitRecording

@Suite(
    "What happens around fork: no handler waits for a lock that a thread of the parent holds",
    .generousTimeLimit
)
struct ForkHandlerTests {
    /// The number of forks; `SPANKIT_FORKS` sets another.
    private static let forks = ProcessInfo.processInfo.environment["SPANKIT_FORKS"].flatMap { Int($0) } ?? 300

    @Test(
        "children end while threads of the parent use types for the first time, and the parent continues",
        arguments: [false, true]
    )
    func typeForks(hasSpool: Bool) throws {
        let folder = TemporaryFolder()
        defer { folder.remove() }
        let status = try run(
            ["type-forks", "\(Self.forks)"],
            hasSpool ? ["SPANKIT_SPOOL_DIR": folder.path("spool")] : [:]
        )
        #expect(status == 0)
    }

    @Test("a child and its child start with an empty account and all slots free; the parent's account does not change")
    func accounts() throws {
        #expect(try run(["forked-accounts"]) == 0)
    }

    @Test("the C handlers use the layout of the region")
    func layout() throws {
        let region = try #require(Region(bytes: 1 << 20, clock: .shared))
        let chunk = try #require(region.openChunk(.slots))
        let start = UnsafeRawPointer(region.base)
        #expect(start.load(fromByteOffset: RegionHeader.chunkCountOffset, as: UInt32.self) == 2)
        #expect(UnsafeRawPointer(chunk).load(as: UInt32.self) == ChunkType.slots.rawValue)
        #expect(UnsafeRawPointer(chunk) - start == Region.chunkBytes)
        let slot = LiveSlot(UnsafeMutableRawPointer(chunk) + LiveSlot.bytes)
        #expect(UnsafeRawPointer(slot.state) == UnsafeRawPointer(chunk) + LiveSlot.bytes)
        #expect(LiveState.free == 0, "what the handler stores in the low byte")
    }

    /// Runs the program that forks, with a receiver that refuses every connection.
    private func run(_ arguments: [String], _ environment: [String: String] = [:]) throws -> Int32 {
        let port = try RefusedPort()
        let process = Process()
        process.executableURL = BuiltProducts.url("span-producer")
        process.arguments = arguments
        // Recorders are never freed, and children may start threads, which sanitizers would report.
        process.environment = [
            "OTEL_EXPORTER_OTLP_ENDPOINT": port.url, "ASAN_OPTIONS": "detect_leaks=0",
            "TSAN_OPTIONS": "die_after_fork=0",
        ].merging(environment) { $1 }
        try process.run()
        process.waitUntilExit()
        return process.terminationStatus
    }
}
