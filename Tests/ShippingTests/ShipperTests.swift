import Dispatch
import SpanKitOTLP
import SpanKitPlatform
import SpanKitRecording
import SpanKitTestSupport
import Testing

@testable import SpanKitShipping

/// Keeps what it is given. While it is given something, another thread looks at the account of all.
private final class Onlooker: Destination {
    private struct State {
        weak var shipper: Shipper?
        var seen: [ShippingAccount] = []
        var bodies: [Body] = []
        var account = ShippingAccount.Destination(name: "onlooker")
    }

    private let state = Locked(State())

    var name: String { "onlooker" }
    let format: BodyFormat
    let hasRoom: Bool
    var componentType: String { "test" }
    var isFailing: Bool { false }
    var hasEnded: Bool { true }

    init(_ encoding: Encoding = .json, hasRoom: Bool = true) {
        format = BodyFormat(.otlp(encoding))
        self.hasRoom = hasRoom
    }

    func watch(_ shipper: Shipper) { state.withLock { $0.shipper = shipper } }

    /// What was seen, one account for each body.
    var seen: [ShippingAccount] { state.withLock { $0.seen } }

    /// The numbers of the spans that it was given.
    var numbers: [Int] {
        state.withLock { $0.bodies }.flatMap {
            SpanNumbers.read($0.plainBytes() ?? [], isProtobuf: $0.encoding == .protobuf)
        }
    }

    var account: ShippingAccount.Destination { state.withLock { $0.account } }

    func offer(_ delivery: Delivery, isReplay: Bool) {
        if let shipper = state.withLock({ $0.shipper }) { look(at: shipper) }
        state.withLock { state in
            if case .body(let body) = delivery.load() { state.bodies.append(body) }
            state.account.waiting.memory += UInt64(delivery.spanCount)
        }
    }

    /// Starts a look at the account, and gives it time to be wrong.
    private func look(at shipper: Shipper) {
        let begins = DispatchSemaphore(value: 0)
        OperatingSystemThread.start { [self] in
            begins.signal()
            let account = shipper.account()
            state.withLock { $0.seen.append(account) }
        }
        begins.wait()
        usleep(5_000)
    }

    func drop(_ reason: DropReason, spans: Int) {
        state.withLock { $0.account.dropped[reason, default: 0] += UInt64(spans) }
    }
    func settle(until deadline: ContinuousClock.Instant) {}
    func close(until deadline: ContinuousClock.Instant) {}
}

@Suite("Handing batches over", .generousTimeLimit)
struct ShipperTests {
    private func recorder(live: Int = 65_536, logBytes: Int = 1 << 24) throws -> Recorder {
        var configuration = RecordingConfiguration()
        configuration.whenLogIsFull = .dropNewest
        configuration.liveSpanCapacity = live
        configuration.logBytes = logBytes
        return try #require(Recorder.make(configuration))
    }

    /// Sends what is in the log, once it is asked to.
    private func shipper(
        _ recorder: Recorder,
        to onlookers: [Onlooker],
        spans: Int? = nil,
        bodyBytes: Int = 1 << 20,
        tailSampling: TailSampling? = nil
    ) -> Shipper {
        var batch = BatchSettings.onDemand
        batch.maximumSpans = spans
        return Shipper(
            recorder: recorder,
            resource: Resource(),
            scope: InstrumentationScope(name: "tests"),
            tailSampling: tailSampling,
            spool: nil,
            log: .silent
        ) { _ in [LaneSettings(signal: .traces, batch: batch, bodyBytes: bodyBytes, destinations: onlookers)] }
    }

    private func record(_ count: Int, _ recorder: Recorder) {
        for number in 0..<count {
            let span = recorder.begin("work")
            span.set("number", number)
            span.end()
        }
    }

    @Test("an account that is asked for during a handover has each span in one place", arguments: [false, true])
    func changingHands(samplesTail: Bool) throws {
        let recorder = try recorder()
        defer { recorder.close() }
        let onlooker = Onlooker()
        let shipper = shipper(
            recorder,
            to: [onlooker],
            spans: 100,
            tailSampling: samplesTail ? TailSampling(keeping: [], otherwise: 1) : nil
        )
        onlooker.watch(shipper)
        record(1_000, recorder)
        #expect(shipper.start())
        let after = shipper.flush(until: .now.advanced(by: .generous))
        try eventually("all looks have ended", onlooker.seen.count) { $0 == 10 }
        for account in onlooker.seen {
            let waiting = account.destinations[0].waiting
            #expect(waiting.encoding == 0 && waiting.log + waiting.memory == 1_000, "\(waiting)")
            #expect(waiting.memory > 0 && waiting.memory % 100 == 0, "\(waiting)")
            #expect(account.created == 1_000 && account.isBalanced)
        }
        #expect(after.destinations[0].waiting.memory == 1_000)
        #expect(after.isBalanced)
        _ = shipper.shutdown(until: .now.advanced(by: .generous))
    }

    @Test("every destination gets each span once in its format, for any size of bodies")
    func severalFormats() throws {
        let recorder = try recorder()
        defer { recorder.close() }
        let onlookers = [Onlooker(.json), Onlooker(.protobuf), Onlooker(.json)]
        let shipper = shipper(recorder, to: onlookers, bodyBytes: 10_000)
        record(1_000, recorder)
        #expect(shipper.start())
        let account = shipper.shutdown(until: .now.advanced(by: .generous))
        for (onlooker, destination) in zip(onlookers, account.destinations) {
            #expect(onlooker.numbers == Array(0..<1_000))
            #expect(destination.waiting.memory == 1_000)
        }
        #expect(account.isBalanced)
    }

    @Test("a destination without room counts the batch as dropped")
    func withoutRoom() throws {
        let recorder = try recorder()
        defer { recorder.close() }
        let (taking, full) = (Onlooker(), Onlooker(hasRoom: false))
        let shipper = shipper(recorder, to: [taking, full])
        record(1_000, recorder)
        #expect(shipper.start())
        let account = shipper.flush(until: .now.advanced(by: .generous))
        #expect(taking.numbers == Array(0..<1_000) && full.numbers.isEmpty)
        #expect(account.destinations.map(\.dropped) == [[:], [.queueFull: 1_000]])
        #expect(account.isBalanced)
        _ = shipper.shutdown(until: .now.advanced(by: .generous))
    }

    @Test("spans without a slot or without room in the log are dropped for every destination")
    func lostBefore() throws {
        let recorder = try recorder(live: 127, logBytes: 1 << 17)
        defer { recorder.close() }
        let onlookers = [Onlooker(), Onlooker()]
        let shipper = shipper(recorder, to: onlookers)
        let open = (0..<200).map { _ in recorder.begin("open") }
        for span in open { span.end() }
        record(3_000, recorder)
        #expect(shipper.start())
        let account = shipper.flush(until: .now.advanced(by: .generous))
        #expect(account.created == 3_200)
        for destination in account.destinations {
            #expect(destination.dropped[.tooManyLive] == 73)
            #expect(destination.dropped[.queueFull] ?? 0 > 0)
            #expect(destination.waiting.memory == 3_127 - (destination.dropped[.queueFull] ?? 0))
        }
        #expect(account.isBalanced)
        _ = shipper.shutdown(until: .now.advanced(by: .generous))
    }
}
