import Foundation
import SpanKitTestSupport
import Synchronization
import Testing

@testable import SpanKitRecording

@Suite("Spans in the region of an ended process are taken once, even if the recovering process dies as well")
struct RegionReaderTests {
    /// The last step of a batch before the process died.
    enum Moment: CaseIterable {
        case read
        /// The number of the batch is written to the first of its two places.
        case halfBegun
        case begun
        case consumed
        case ended

        var isTaken: Bool { self != .read }
    }

    private let folder = TemporaryFolder()

    private func recorder() throws -> Recorder {
        var configuration = RecordingConfiguration()
        configuration.logBytes = 1 << 20
        configuration.whenLogIsFull = .dropNewest
        let file = Foundation.open(folder.path("region"), O_RDWR | O_CREAT, 0o600)
        return try #require(Recorder.make(configuration, file: file))
    }

    /// The ids of at most `limit` spans, and the stretches that contain them.
    private func take(_ limit: Int, from source: any SpanSource) -> (ids: [UInt64], stretches: [LogStretch]) {
        var ids: [UInt64] = []
        let stretches = source.read { record in
            guard ids.count < limit else { return false }
            ids.append(record.header.spanID)
            return true
        }
        return (ids, stretches)
    }

    private func go(
        to moment: Moment,
        with stretches: [LogStretch],
        _ journal: ConsumptionJournal,
        _ source: any RecordSource
    ) {
        guard moment.isTaken else { return }
        let batch = journal.nextBatch
        journal.begin(batch: batch, stretches)
        if moment == .halfBegun {
            journal.base.atomicUInt64(at: RegionHeader.journalOffset + 8).pointee.store(batch - 1, ordering: .relaxed)
        }
        if moment == .consumed || moment == .ended { source.consume(stretches) }
        if moment == .ended { journal.end() }
    }

    @Test("log records belong to a batch once it was begun, and to the log before", arguments: Moment.allCases)
    func logRecords(moment: Moment) throws {
        let recorder = try recorder()
        defer { recorder.close() }
        let logs = Logs(recorder, "scope")
        for number in 0..<1_000 {
            logs.emit(.info, .int(Int64(number)), ["text": "some text of a usual length"])
            recorder.begin("work").end()
        }
        func take(_ limit: Int, from source: any LogRecordSource) -> (bodies: [LogRecord], stretches: [LogStretch]) {
            var bodies: [LogRecord] = []
            let stretches = source.read { record in
                guard bodies.count < limit else { return false }
                bodies.append(record.copy(texts: source.text))
                return true
            }
            return (bodies, stretches)
        }
        let source = RecordedLogRecords(recorder)
        let all = take(.max, from: source).bodies
        #expect(all.map(\.body) == (0..<1_000).map { .int($0) })
        // From several chunks of the log.
        let batch = take(600, from: source)
        #expect(batch.bodies == Array(all.prefix(600)) && batch.stretches.count > 1)
        go(to: moment, with: batch.stretches, recorder.journal, source)

        let region = try RegionReader(path: folder.path("region"))
        region.rollForward()
        #expect(region.journal.unfinishedBatch == nil)
        let left = take(.max, from: region.logRecords)
        #expect(left.bodies == (moment.isTaken ? Array(all.dropFirst(600)) : all))
        region.logRecords.consume(left.stretches)
        #expect(take(.max, from: region.logRecords).bodies.isEmpty)
        #expect(self.take(.max, from: region as any SpanSource).ids.count == 1_000, "spans are a log of their own")
    }

    @Test("ended spans belong to a batch once it was begun, and to the log before", arguments: Moment.allCases)
    func endedSpans(moment: Moment) throws {
        let recorder = try recorder()
        defer { recorder.close() }
        var ids: [UInt64] = []
        for _ in 0..<1_000 {
            let span = recorder.begin("work")
            ids.append(span.spanID.rawValue)
            span.end()
        }
        // From several chunks of the log.
        let batch = take(600, from: recorder)
        #expect(batch.ids == Array(ids.prefix(600)) && batch.stretches.count > 1)
        go(to: moment, with: batch.stretches, recorder.journal, recorder)

        let region = try RegionReader(path: folder.path("region"))
        region.rollForward()
        #expect(region.journal.unfinishedBatch == nil)
        #expect(region.journal.nextBatch == (moment.isTaken ? 2 : 1))
        let left = take(.max, from: region)
        #expect(left.ids == (moment.isTaken ? Array(ids.dropFirst(600)) : ids))
        region.consume(left.stretches)
        #expect(take(.max, from: region).ids.isEmpty)
    }

    @Test("open spans: if the recovering process dies, the next one continues", arguments: Moment.allCases)
    func openSpans(moment: Moment) throws {
        let recorder = try recorder()
        defer { recorder.close() }
        let spans = (0..<300).map { _ in recorder.begin("work") }
        let ids = Set(spans.map(\.spanID.rawValue))

        let first = try RegionReader(path: folder.path("region"))
        let batch = take(100, from: first.openSpans)
        #expect(batch.ids.count == 100)
        go(to: moment, with: batch.stretches, first.journal, first.openSpans)

        let second = try RegionReader(path: folder.path("region"))
        second.rollForward()
        #expect(second.journal.unfinishedBatch == nil)
        let left = take(.max, from: second.openSpans)
        #expect(left.ids.count == (moment.isTaken ? 200 : 300))
        #expect(Set(left.ids) == (moment.isTaken ? ids.subtracting(batch.ids) : ids))
        second.openSpans.consume(left.stretches)
        #expect(take(.max, from: second.openSpans).ids.isEmpty)
        for span in spans { span.end() }
    }
}
