import Foundation
import SpanKitOTLP
import SpanKitPlatform
import SpanKitRecording
import SpanKitTestSupport
import Testing

@testable import SpanKitShipping

@Suite("Recovery after a crash at every step of storing a batch", .generousTimeLimit)
struct SpoolRecoveryTests {
    /// What was done last.
    enum Moment: CaseIterable {
        case nothing
        /// The body is there under its temporary name.
        case written
        case begun
        /// The body has its name, and the log still holds its spans.
        case published
        case ended
    }

    private let folder = TemporaryFolder()

    private func configuration(_ name: String) -> SpoolConfiguration {
        SpoolConfiguration(directory: folder.path(name))
    }

    @Test(
        "every span arrives once, open ones as unfinished",
        arguments: Moment.allCases,
        [false, true]
    )
    func recovery(moment: Moment, samplesTail: Bool) throws {
        defer { folder.remove() }
        try leave(moment, samplesTail: samplesTail)
        let server = try FaultServer(.ok)
        defer { server.stop() }
        server.pause()
        let run = try ShippingRun(to: server, spool: configuration("left"))
        try eventually("the folder is taken over", run.shipper.hasAdopted) { $0 }
        var account = run.shipper.account()
        #expect(account.recovered == 703)
        #expect(account.destinations[0].undelivered == 703)
        #expect(account.isBalanced)
        #expect(account.spooledBytes == storedBytes)
        #expect(run.log.contains { $0.contains("703 spans of earlier processes (3 unfinished)") })
        try server.resume()
        account = run.shutdown()
        #expect(server.numbers.sorted() == Array(0..<703))
        #expect(account.destinations[0].exported == 703)
        #expect(account.spooledBytes == 0)
        #expect(FileSystem.names(in: folder.path("left")).isEmpty)
    }

    @Test("every log record arrives once", arguments: Moment.allCases)
    func logRecords(moment: Moment) throws {
        defer { folder.remove() }
        let spool = try Spool.make(configuration("own")).get()
        var configuration = RecordingConfiguration()
        configuration.logRecords.whenFull = .dropNewest
        let file = try #require(spool.own.makeRegionFile())
        let recorder = try #require(Recorder.make(configuration, file: file))
        defer { recorder.close() }
        recorder.noteExported(spans: true, logRecords: true)
        let logs = Logs(recorder, "tests")
        for number in 0..<700 { logs.emit(.info, "a message", ["number": .int(Int64(number))]) }
        let source = RecordedLogRecords(recorder)
        let encoder = LogEncoder(.json, resource: Resource(), scope: InstrumentationScope(name: "tests"))
        let stretches = encoder.encode(source, recordLimit: 300, byteLimit: 1 << 20)
        let body = Body(encoder, .json, .logs, compressor: nil)
        #expect(body.spanCount == 300)
        try store(body, stretches, of: source, recorder, spool, moment)
        let server = try FaultServer(.ok)
        defer { server.stop() }
        let run = try ShippingRun(to: server, exportsLogs: true, spool: self.configuration("left"))
        try eventually("the log records are delivered", run.logsAccount) { $0.destinations[0].exported >= 700 }
        run.shutdown()
        #expect(run.logsAccount.recovered == 700 && run.logsAccount.isBalanced)
        #expect(server.logNumbers.sorted() == Array(0..<700))
        #expect(FileSystem.names(in: folder.path("left")).isEmpty)
    }

    /// Bytes of the bodies in the folder.
    private var storedBytes: UInt64 {
        let root = folder.path("left")
        return FileSystem.names(in: root).flatMap { process in
            FileSystem.names(in: "\(root)/\(process)").filter { $0.contains(".json") }.map {
                "\(root)/\(process)/\($0)"
            }
        }.reduce(0) { $0 + UInt64(FileSystem.attributes($1)?.bytes ?? 0) }
    }

    /// Records 700 spans and three that stay open, stores 300 of them up to a moment, and leaves a copy of the folder as it was then.
    private func leave(_ moment: Moment, samplesTail: Bool) throws {
        let spool = try Spool.make(configuration("own")).get()
        var configuration = RecordingConfiguration()
        configuration.logBytes = 1 << 20
        configuration.liveSpanCapacity = 127
        configuration.whenLogIsFull = .dropNewest
        let file = try #require(spool.own.makeRegionFile())
        let recorder = try #require(Recorder.make(configuration, file: file))
        defer { recorder.close() }
        for number in 0..<703 {
            let span = recorder.begin("work")
            span.set("number", number)
            if number < 700 { span.end() }
        }
        var source: any SpanSource = recorder
        if samplesTail {
            let sampler = TailSampler(TailSampling(keeping: [], otherwise: 1), recorder)
            sampler.decide(.now, decidesAll: true)
            source = sampler
        }
        let encoder = TraceEncoder(.json, resource: Resource(), scope: InstrumentationScope(name: "tests"))
        let stretches = encoder.encode(source, spanLimit: 300, byteLimit: 1 << 20)
        let body = Body(encoding: .json, plain: encoder.bytes, spanCount: encoder.spanCount, compressor: nil)
        #expect(body.spanCount == 300)
        try store(body, stretches, of: source, recorder, spool, moment)
    }

    /// Stores a batch up to a moment, and copies the folder as it was then.
    private func store(
        _ body: Body,
        _ stretches: [LogStretch],
        of source: any RecordSource,
        _ recorder: Recorder,
        _ spool: Spool,
        _ moment: Moment
    ) throws {
        switch moment {
        case .nothing: break
        case .written, .begun:
            let batch = recorder.journal.nextBatch
            _ = try spool.own.write(body, batch: batch, synchronously: false).get()
            source.mark(stretches, batch: batch)
            if moment == .begun { recorder.journal.begin(batch: batch, stretches) }
        case .published, .ended:
            _ = try spool.store(
                [body],
                stretches: stretches,
                source: source,
                journal: recorder.journal,
                synchronously: false
            ) {
                if moment == .published { copy() }
                source.consume(stretches)
            }.get()
            #expect(recorder.journal.unfinishedBatch == nil)
        }
        if moment != .published { copy() }
    }

    private func copy() {
        #expect(throws: Never.self) {
            try FileManager.default.copyItem(atPath: folder.path("own"), toPath: folder.path("left"))
        }
    }
}
