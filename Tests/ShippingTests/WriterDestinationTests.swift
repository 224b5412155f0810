import Foundation
import SpanKitOTLP
import SpanKitPlatform
import SpanKitTestSupport
import Testing

@testable import SpanKitShipping

@Suite("What a file is given waits, is being written, is written or is lost", .generousTimeLimit)
struct WriterDestinationTests {
    private func census(memory: UInt64, inFlight: UInt64) -> DeliveryCensus {
        DeliveryCensus(memory: memory, files: 0, inFlight: inFlight, unacknowledged: 0)
    }

    @Test("each body is in one term at any time, and its bytes make room again when it is gone")
    func terms() throws {
        let mayWrite = DispatchSemaphore(value: 0)
        let written = Locked<[UInt8]>([])
        let destination = WriterDestination(
            name: "file",
            format: BodyFormat(.otlp(.json)),
            log: .silent,
            roomChanged: {}
        ) { bytes in
            mayWrite.wait()
            written.withLock { $0.append(bytes[0]) }
            return bytes[0] == 2 ? ENOSPC : nil
        }
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
            try eventually("\(inFlight) spans are being written", destination.account.census) {
                $0 == census(memory: memory, inFlight: inFlight)
            }
            #expect(destination.account.delivery.exported == exported)
            #expect(destination.hasRoom == (memory + inFlight < 14))
            mayWrite.signal()
        }
        destination.settle(until: .now.advanced(by: .generous))
        var delivery = DeliveryAccount()
        delivery.exported = 13
        delivery.dropped = [.file: 2, .queueFull: 16]
        delivery.requests = 4
        #expect(destination.account == DestinationAccount(delivery: delivery))
        #expect(destination.hasRoom)
        #expect(written.withLock { $0 } == [1, 2, 4, 8])
        destination.close(until: .now.advanced(by: .generous))
        #expect(destination.hasEnded)
    }
}
