import OTLP
import Percentiles
import Recording
import TestSupport
import Testing

@testable import Shipping

/// Keeps what it is given, and looks at the account of all at the moment at which it is given something.
private final class Onlooker: Destination {
    private struct State {
        weak var shipper: Shipper?
        var seen: [ShippingAccount] = []
        var account = DestinationAccount()
    }

    private let state = Locked(State())

    var name: String { "onlooker" }
    let format = BodyFormat(.otlp(.json))
    var componentType: String { "test" }
    var hasRoom: Bool { true }
    var isFailing: Bool { false }
    var hasEnded: Bool { true }

    func watch(_ shipper: Shipper) { state.withLock { $0.shipper = shipper } }

    /// What it saw, one account for each body.
    var seen: [ShippingAccount] { state.withLock { $0.seen } }

    var account: DestinationAccount { state.withLock { $0.account } }

    func offer(_ delivery: Delivery, isReplay: Bool) {
        let account = state.withLock { $0.shipper }?.account()
        state.withLock { state in
            if let account { state.seen.append(account) }
            state.account.census.memory += UInt64(delivery.spanCount)
        }
    }

    func drop(_ reason: DropReason, spans: Int) { state.withLock { $0.account.delivery.drop(reason, spans) } }
    func settle(until deadline: ContinuousClock.Instant) {}
    func close(until deadline: ContinuousClock.Instant) {}
}

@Suite("A batch on its way from the log to a destination", .generousTimeLimit)
struct ShipperTests {
    @Test("while it changes hands its spans are in the batch, and nowhere else", arguments: [false, true])
    func changingHands(samplesTail: Bool) throws {
        var configuration = RecordingConfiguration()
        configuration.whenLogIsFull = .dropNewest
        let recorder = try #require(Recorder.make(configuration))
        defer { recorder.close() }
        let onlooker = Onlooker()
        var batch = BatchSettings.onDemand
        batch.maximumSpans = 100
        let shipper = Shipper(
            recorder: recorder,
            resource: Resource(),
            scope: InstrumentationScope(name: "tests"),
            batch: batch,
            bodyBytes: 1 << 20,
            tailSampling: samplesTail ? TailSampling(keeping: [], otherwise: 1) : nil,
            spool: nil,
            log: .silent
        ) { _ in [onlooker] }
        onlooker.watch(shipper)
        for _ in 0..<1_000 { recorder.begin("work").end() }
        #expect(shipper.start())
        let after = shipper.flush(until: .now.advanced(by: .generous))
        #expect(onlooker.seen.count == 10)
        for (position, account) in onlooker.seen.enumerated() {
            let waiting = account.destinations[0].waiting
            #expect(waiting.encoding == 100)
            #expect(waiting.log == UInt64(1_000 - 100 * (position + 1)))
            #expect(waiting.memory == UInt64(100 * position))
            #expect(account.created == 1_000 && account.isBalanced)
        }
        #expect(after.destinations[0].waiting.memory == 1_000)
        #expect(after.isBalanced)
        _ = shipper.shutdown(until: .now.advanced(by: .generous))
    }
}
