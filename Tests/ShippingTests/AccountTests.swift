import Foundation
import SpanKitOTLP
import SpanKitPercentiles
import SpanKitPlatform
import SpanKitRecording
import SpanKitTestSupport
import Testing

@testable import SpanKitShipping

/// A random program: how it exports, and what it and its receiver do.
private struct Schedule {
    enum Step {
        case record(threads: Int, spans: Int)
        case flush(Duration)
        case pause(milliseconds: UInt32)
        /// From now on the receiver answers in this manner.
        case mood(Int)
    }

    var random: SplitMix64
    var steps: [Step] = []
    var hasSpool: Bool
    var samplesTail: Bool
    var transport: Transport
    var parallelRequests: Int
    var maximumSpans: Int?
    var logBytes: Int
    var patience: Duration

    init(seed: Int) {
        var random = SplitMix64(seed: UInt64(seed))
        hasSpool = Bool.random(using: &random)
        samplesTail = Int.random(in: 0..<3, using: &random) == 0
        transport = Transport.allCases.randomElement(using: &random) ?? .json
        parallelRequests = Int.random(in: 1...4, using: &random)
        maximumSpans = [nil, nil, 40, 300].randomElement(using: &random) ?? nil
        logBytes = [1 << 18, 1 << 26].randomElement(using: &random) ?? 1 << 26
        patience = [.zero, .milliseconds(60), .seconds(2)].randomElement(using: &random) ?? .zero
        for _ in 0..<Int.random(in: 6...14, using: &random) {
            switch Int.random(in: 0..<6, using: &random) {
            case 0...2:
                let threads = Int.random(in: 1...4, using: &random)
                steps.append(.record(threads: threads, spans: Int.random(in: 1...900, using: &random)))
            case 3: steps.append(.flush(.milliseconds(Int.random(in: 0...150, using: &random))))
            case 4: steps.append(.pause(milliseconds: UInt32.random(in: 0...30, using: &random)))
            default: steps.append(.mood(Int.random(in: 0..<5, using: &random)))
            }
        }
        self.random = random
    }
}

/// What a receiver that stores everything knows.
private struct Ledger {
    var random: SplitMix64
    var mood = 0
    /// Spans of requests that were answered with success, as often as that happened.
    var acknowledged: [Int] = []
    var rejectedCount = 0
    /// Spans of requests that were read and got no answer.
    var unanswered: Set<Int> = []
    var refused: Set<Int> = []

    mutating func answer(to numbers: [Int]) -> Answer {
        let draw = mood == 0 ? 0 : Int.random(in: 0..<(mood == 1 ? 4 : 10), using: &random)
        switch draw {
        case 0, 1:
            acknowledged += numbers
            return .ok
        case 2: return .unavailable()
        case 3: return .unavailable(.seconds(0), status: 429)
        case 4:
            refused.formUnion(numbers)
            return .status(400)
        case 5:
            guard numbers.count > 1 else { fallthrough }
            return .status(413)
        case 6:
            let rejected = min(3, numbers.count)
            acknowledged += numbers
            rejectedCount += rejected
            return .partialSuccess(rejected: Int64(rejected), message: "")
        case 7:
            unanswered.formUnion(numbers)
            return .storeThenClose
        case 8: return .text(200, "<html>", type: "text/html")
        default:
            acknowledged += numbers
            return .delay(.milliseconds(5), then: .ok)
        }
    }
}

@Suite("The account matches the receiver", .serialized, .generousTimeLimit)
struct AccountTests {
    private let folder = TemporaryFolder()

    private static let seeds = 0..<(FuzzRounds.isUsual ? 40 : FuzzRounds.count / 1_000)

    /// Spans are their own traces; with tail sampling one in three is kept.
    private static func isKept(_ number: Int) -> Bool { number % 3 == 0 }

    private func perform(_ step: Schedule.Step, _ run: ShippingRun, _ ledger: Locked<Ledger>, _ next: inout Int) {
        switch step {
        case .record(let threads, let spans):
            let first = next
            let place = Locked(0)
            OperatingSystemThread.run(threads) {
                let own = place.withLock { place in
                    defer { place += 1 }
                    return place
                }
                for number in (first + own * spans)..<(first + (own + 1) * spans) {
                    let span = run.recorder.begin("work")
                    span.set("number", number)
                    span.set("kept", Self.isKept(number) ? 1 : 0)
                    span.end()
                }
            }
            next += threads * spans
        case .flush(let duration): _ = run.flush(duration)
        case .pause(let milliseconds): usleep(milliseconds * 1_000)
        case .mood(let mood): ledger.withLock { $0.mood = mood }
        }
    }

    private func run(_ schedule: Schedule, to server: FaultServer, spool: SpoolConfiguration?) throws -> ShippingRun {
        var batch = BatchSettings.quick
        batch.scheduleDelay = .milliseconds(10)
        batch.maximumSpans = schedule.maximumSpans
        return try ShippingRun(
            to: server,
            batch: batch,
            tailSampling: schedule.samplesTail
                ? TailSampling(keeping: [.attribute("kept", atLeast: 1)], otherwise: 0) : nil,
            spool: spool,
            logBytes: schedule.logBytes
        ) { exporter in
            exporter.parallelRequests = schedule.parallelRequests
            exporter.timeout = .seconds(3_600)
        }
    }

    /// The numbers of all spans in the files of the spool.
    private func numbersInFiles() -> [Int] {
        let root = folder.path("spool")
        return FileSystem.names(in: root).flatMap { process in
            FileSystem.names(in: "\(root)/\(process)").flatMap { name -> [Int] in
                let isGzip = name.hasSuffix(".gz")
                guard name.contains(".json") || name.contains(".pb") else { return [] }
                guard case .success(let bytes) = FileSystem.read("\(root)/\(process)/\(name)") else { return [] }
                let plain = isGzip ? Gzip.decompress(bytes) ?? [] : bytes
                return SpanNumbers.read(plain, isProtobuf: name.contains(".pb"))
            }
        }
    }

    @Test("each term counts the spans at its place", arguments: seeds)
    func randomSchedules(seed: Int) throws {
        defer { folder.remove() }
        let schedule = Schedule(seed: seed)
        let ledger = Locked(Ledger(random: schedule.random))
        let server = try FaultServer(schedule.transport) { request, _ in
            ledger.withLock { $0.answer(to: request.numbers) }
        }
        defer { server.stop() }
        let spool = schedule.hasSpool ? SpoolConfiguration(directory: folder.path("spool")) : nil
        let first = try run(schedule, to: server, spool: spool)
        var count = 0
        for step in schedule.steps {
            perform(step, first, ledger, &count)
            // Under way, spans change hands while they are counted; left alone, the terms add up.
            try eventually("the terms add up", first.shipper.account()) { $0.isBalanced }
        }
        let timedOut = first.shipper.shutdown(until: .now.advanced(by: schedule.patience)).timedOut
        try eventually("the threads have ended", first.shipper.hasEnded) { $0 }
        var account = first.shipper.account()
        account.timedOut = timedOut
        try check(account, of: first, schedule, count, ledger.withLock { $0 })
        first.recorder.close()
        guard let spool else { return }
        try checkNextProcess(after: account, schedule, spool, server, ledger, count)
    }

    private func check(
        _ account: ShippingAccount,
        of run: ShippingRun,
        _ schedule: Schedule,
        _ count: Int,
        _ ledger: Ledger
    ) throws {
        let destination = account.destinations[0]
        #expect(account.isBalanced, "\(account)")
        #expect(account.created == UInt64(count))
        let acknowledged = Set(ledger.acknowledged)
        #expect(acknowledged.count == ledger.acknowledged.count, "accepted once, never sent again")
        let files = numbersInFiles()
        #expect(destination.waiting.files == UInt64(files.count) && Set(files).count == files.count)
        // The shutdown may end while an answer is on its way.
        let unheard = acknowledged.count - Int(destination.exported + (destination.dropped[.rejected] ?? 0))
        if schedule.hasSpool {
            #expect(unheard == acknowledged.intersection(files).count, "kept, to be sent again")
            #expect(destination.unacknowledged == 0)
        } else {
            #expect(unheard >= 0 && unheard <= Int(destination.unacknowledged))
        }
        if !account.timedOut { #expect(unheard == 0 && destination.unacknowledged == 0) }
        #expect((destination.dropped[.status(400)] ?? 0) <= UInt64(ledger.refused.count))
        let inLog = run.recorder.recordedSpans(consuming: false).count
        #expect(destination.waiting.log + destination.waiting.tailSampling <= UInt64(inLog))
        if !schedule.samplesTail { #expect(destination.waiting.log == UInt64(inLog)) }
        #expect(destination.inFlight == 0 && destination.waiting.encoding == 0)
        #expect(run.recorder.account().isBalanced)
        guard schedule.samplesTail, destination.dropped[.queueFull] == nil, destination.waiting.log == 0,
            destination.waiting.tailSampling == 0
        else { return }
        #expect(destination.dropped[.tailSampled] ?? 0 == UInt64((0..<count).count { !Self.isKept($0) }))
    }

    /// The next process sends what is in the spool, and nothing else.
    private func checkNextProcess(
        after account: ShippingAccount,
        _ schedule: Schedule,
        _ spool: SpoolConfiguration,
        _ server: FaultServer,
        _ ledger: Locked<Ledger>,
        _ count: Int
    ) throws {
        let before = ledger.withLock { ledger in
            ledger.mood = 0
            return ledger.acknowledged
        }
        let again = Set(before).intersection(numbersInFiles()).count
        let left = account.destinations[0].waiting.total
        let second = try run(schedule, to: server, spool: spool)
        try eventually("everything is recovered", second.shipper.account()) { account in
            second.shipper.hasAdopted && account.destinations[0].undelivered == 0
        }
        let later = second.shutdown()
        #expect(later.isBalanced)
        #expect(later.recovered == left && later.created == left)
        #expect(later.destinations[0].exported == left)
        let acknowledged = ledger.withLock { $0.acknowledged }
        #expect(acknowledged.count - Set(acknowledged).count == again, "nothing else is accepted twice")
        #expect(acknowledged.count == before.count + Int(left))
        #expect(FileSystem.names(in: folder.path("spool")).isEmpty)
    }
}
