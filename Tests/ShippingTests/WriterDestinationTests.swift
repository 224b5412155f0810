import Foundation
import SpanKitOTLP
import SpanKitPlatform
import SpanKitTestSupport
import Testing

@testable import SpanKitShipping

/// A file whose writes a test decides.
private final class TestedFile: LineFile {
    private let body: @Sendable ([UInt8]) -> Int32?

    init(_ body: @escaping @Sendable ([UInt8]) -> Int32?) { self.body = body }

    var deadline: ContinuousClock.Instant? { nil }
    func write(_ line: [UInt8], isCompressed: Bool) -> Int32? { body(line) }
    func completeIfDue(_ now: ContinuousClock.Instant) {}
    func complete() {}
}

@Suite("Delivery to a file", .generousTimeLimit)
struct WriterDestinationTests {
    @Test("each body is in one term at any time, and a written body frees its memory")
    func terms() throws {
        let mayWrite = DispatchSemaphore(value: 0)
        let written = Locked<[UInt8]>([])
        let destination = WriterDestination(
            name: "file",
            format: BodyFormat(.otlp(.json)),
            log: .silent,
            roomChanged: {},
            to: TestedFile { bytes in
                mayWrite.wait()
                written.withLock { $0.append(bytes[0]) }
                return bytes[0] == 2 ? ENOSPC : nil
            }
        )
        #expect(destination.start())
        for spans in [1, 2, 4, 8] {
            #expect(destination.hasRoom == (spans < 8), "three bodies are more than may wait")
            let bytes = [UInt8](repeating: UInt8(spans), count: 6 * 1_024 * 1_024)
            let body = Body(bytes, .json, isCompressed: false, spanCount: spans)
            destination.offer(Delivery(body, queued: .now), isReplay: false)
        }
        destination.drop(.queueFull, spans: 16)
        for (memory, inFlight, exported) in [(14, 1, 0), (12, 2, 1), (8, 4, 1), (0, 8, 5)] as [(UInt64, UInt64, UInt64)]
        {
            try eventually("\(inFlight) spans are being written", destination.account) {
                $0.waiting.total == memory && $0.waiting.memory == memory && $0.inFlight == inFlight
            }
            #expect(destination.account.exported == exported)
            #expect(destination.hasRoom == (memory + inFlight < 14))
            mayWrite.signal()
        }
        destination.settle(until: .now.advanced(by: .generous))
        var account = ShippingAccount.Destination(name: "file")
        account.componentType = "otlp_file_span_exporter"
        account.exported = 13
        account.dropped = [.file: 2, .queueFull: 16]
        account.requests = 4
        #expect(destination.account == account)
        #expect(destination.hasRoom)
        #expect(written.withLock { $0 } == [1, 2, 4, 8])
        destination.close(until: .now.advanced(by: .generous))
        #expect(destination.hasEnded)
    }
}
