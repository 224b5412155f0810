import Foundation
import SpanKitRecording
import SpanKitTestSupport
import Testing

@testable import SpanKitShipping

@Suite("Records that are taken out of order are taken once, even after a crash")
struct RecordMarkTests {
    /// Moments of ``Spool/store(_:stretches:source:journal:in:synchronously:)`` after which the process is gone.
    enum Moment: CaseIterable {
        case nothing
        case marked
        case begun
        case consumed
        case ended
    }

    @Test("a batch takes its spans from the moment its journal entry starts", arguments: Moment.allCases)
    func crash(moment: Moment) throws {
        let folder = TemporaryFolder()
        defer { folder.remove() }
        let path = folder.path("region")
        var configuration = RecordingConfiguration()
        configuration.logBytes = 1 << 20
        configuration.whenLogIsFull = .dropNewest
        let recorder = try #require(Recorder.make(configuration, file: open(path, O_RDWR | O_CREAT, 0o600)))
        defer { recorder.close() }
        let sampler = TailSampler(TailSampling(keeping: [.errors], otherwise: 0), recorder)
        // Traces that are kept and traces that are not, in turn, and one that is not decided.
        var kept: [UInt64] = []
        for number in 0..<1_000 {
            let span = recorder.begin(named: "work", parent: .none)
            if number % 2 == 0 { span.setStatus(.error("broken")) }
            span.end()
            if number % 2 == 0 { kept.append(span.context.spanID.rawValue) }
        }
        let open = recorder.begin(named: "root", parent: .none)
        let waiting = recorder.begin(named: "waiting", parent: .context(open.context))
        waiting.end()
        sampler.decide(.now, decidesAll: false)

        var taken = 0
        let stretches = sampler.read { _ in
            taken += 1
            return taken <= 300
        }
        let journal = recorder.journal
        let batch = journal.nextBatch
        if moment != .nothing { sampler.mark(stretches, batch: batch) }
        if [.begun, .consumed, .ended].contains(moment) { journal.begin(batch: batch, stretches) }
        if [.consumed, .ended].contains(moment) { sampler.consume(stretches) }
        if moment == .ended { journal.end() }

        let region = try RegionReader(path: path)
        #expect((region.journal.unfinishedBatch == nil) == [.nothing, .marked, .ended].contains(moment))
        region.rollForward()
        let isTaken = [.begun, .consumed, .ended].contains(moment)
        let expected = (isTaken ? Array(kept.dropFirst(300)) : kept) + [waiting.context.spanID.rawValue]
        // The next process takes them in two batches, of which the first has the number that was given up.
        #expect(region.journal.nextBatch == (isTaken ? batch + 1 : batch))
        var found: [UInt64] = []
        for limit in [100, Int.max] {
            let stretches = region.read { record in
                guard found.count < limit else { return false }
                found.append(record.header.spanID)
                return true
            }
            region.journal.begin(batch: region.journal.nextBatch, stretches)
            region.consume(stretches)
            region.journal.end()
        }
        #expect(found == expected)
        #expect(region.read { _ in true }.isEmpty)
        open.end()
    }

    @Test("a chunk is reused once all its records are taken, in any order")
    func recycling() throws {
        var configuration = RecordingConfiguration()
        configuration.logBytes = 1 << 20
        configuration.whenLogIsFull = .dropNewest
        let recorder = try #require(Recorder.make(configuration))
        defer { recorder.close() }
        var random = SplitMix64(seed: 11)
        var places = LogPlaces()
        var waiting: [RecordPlace] = []
        var seen = 0
        for _ in 0..<200 {
            for _ in 0..<500 { recorder.begin("work").end() }
            recorder.readNew(&places) { _, place, _ in
                waiting.append(place)
                seen += 1
            }
            waiting.shuffle(using: &random)
            let taken = waiting.suffix(max(0, waiting.count - 20))
            recorder.take(taken)
            waiting.removeLast(taken.count)
            // What has waited long enough goes, too.
            if Int.random(in: 0..<4, using: &random) == 0 {
                recorder.take(waiting)
                waiting = []
            }
        }
        #expect(recorder.account().droppedLogFull == 0)
        #expect(seen == 100_000)
        recorder.take(waiting)
        #expect(recorder.waitingBytes == 0)
    }
}
