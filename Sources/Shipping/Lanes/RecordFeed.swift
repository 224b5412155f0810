import SpanKitOTLP
import SpanKitRecording

/// The records of one signal that are not in a body yet, and the encoders that put them into one. ``Lane`` uses it on the shipper's
/// thread; other threads may only call ``census(_:)``.
protocol RecordFeed: AnyObject, Sendable {
    /// Where the records are read and consumed.
    var source: any RecordSource { get }
    /// The approximate number of records to read.
    var waitingCount: Int { get }
    /// The number of records to read. It takes longer than ``waitingCount``.
    var exactCount: Int { get }
    /// Whether the log is empty.
    var isEmpty: Bool { get }
    /// One encoder for each format, in the order of the formats.
    var encoders: [any RecordEncoder] { get }
    /// The state of tail sampling; nil without it.
    var report: TailSampler.Report? { get }
    /// Decides which records are read, if tail sampling does.
    /// - Parameter decidesAll: whether to decide on traces with an open local root as well.
    func decide(decidesAll: Bool)
    /// Encodes the next records in every format.
    /// - Returns: what was read from the source.
    func encode(recordLimit: Int, byteLimit: Int) -> [LogStretch]
    /// Sets a function that is called whenever a thread opens a chunk of the log, on that thread.
    func onChunkOpened(_ body: @escaping @Sendable () -> Void)
    /// The numbers of records by what happened to them before they came into a body.
    func census(_ report: TailSampler.Report?) -> FeedCensus
}

/// What happened to the records of a signal before they came into a body.
struct FeedCensus {
    /// Records that were made, without recovered ones.
    var created: UInt64 = 0
    /// Records that wait in the log.
    var log: UInt64 = 0
    /// Records that wait for the decision on their trace.
    var tailSampling: UInt64 = 0
    var dropped: [DropReason: UInt64] = [:]

    mutating func drop(_ reason: DropReason, _ count: UInt64) {
        if count > 0 { dropped[reason] = count }
    }
}

extension RecordFeed {
    var report: TailSampler.Report? { nil }

    func decide(decidesAll: Bool) {}

    /// Adds a record to the bodies of all formats, if it is within the limits.
    /// - Returns: whether it was added.
    func add(recordLimit: Int, byteLimit: Int, _ append: () -> Void) -> Bool {
        let count = encoders[0].spanCount
        guard count < recordLimit else { return false }
        append()
        guard count > 0, encoders.contains(where: { $0.byteCount > byteLimit }) else { return true }
        for encoder in encoders { encoder.removeLast() }
        return false
    }
}

/// The ended spans of a recorder, after tail sampling if there is any.
final class SpanFeed: RecordFeed, @unchecked Sendable {
    private let recorder: Recorder
    private let tail: TailSampler?
    private let spanEncoders: [any SpanEncoder]
    let encoders: [any RecordEncoder]

    init(_ recorder: Recorder, _ tailSampling: TailSampling?, _ encoders: [any SpanEncoder]) {
        self.recorder = recorder
        tail = tailSampling.map { TailSampler($0, recorder) }
        spanEncoders = encoders
        self.encoders = encoders
    }

    private var spans: any SpanSource { tail ?? recorder }

    var source: any RecordSource { spans }
    /// A span with a few attributes takes 160 bytes of the log.
    var waitingCount: Int { tail?.readyCount ?? (recorder.waitingBytes + 159) / 160 }
    var exactCount: Int { tail?.readyCount ?? Int(clamping: recorder.account().waiting) }
    /// Undecided spans are in the log as well.
    var isEmpty: Bool { recorder.waitingBytes == 0 }
    var report: TailSampler.Report? { tail?.report }

    func decide(decidesAll: Bool) {
        tail?.decide(.now, decidesAll: decidesAll)
    }

    func encode(recordLimit: Int, byteLimit: Int) -> [LogStretch] {
        let spans = spans
        if spanEncoders.count == 1 {
            return spanEncoders[0].encode(spans, spanLimit: recordLimit, byteLimit: byteLimit)
        }
        for encoder in spanEncoders { encoder.begin(spans) }
        let stretches = spans.read { record in
            add(recordLimit: recordLimit, byteLimit: byteLimit) {
                for encoder in spanEncoders { encoder.append(record) }
            }
        }
        for encoder in spanEncoders { encoder.finish() }
        return stretches
    }

    func onChunkOpened(_ body: @escaping @Sendable () -> Void) { recorder.onChunkOpened(body) }

    func census(_ report: TailSampler.Report?) -> FeedCensus {
        let recorded = recorder.account()
        var census = FeedCensus()
        census.created = recorded.written + recorded.droppedLogFull + recorded.droppedTooManyLive
        census.log = report.map { recorder.unseenRecords(after: $0.places) + $0.ready } ?? recorded.waiting
        census.tailSampling = report?.account.waiting ?? 0
        census.drop(.queueFull, recorded.droppedLogFull)
        census.drop(.tooManyLive, recorded.droppedTooManyLive)
        census.drop(.tailSampled, report?.account.dropped ?? 0)
        return census
    }
}

/// The log records of a recorder.
final class LogRecordFeed: RecordFeed, @unchecked Sendable {
    private let recorder: Recorder
    private let records: RecordedLogRecords
    private let logEncoders: [any LogRecordEncoder]
    let encoders: [any RecordEncoder]

    init(_ recorder: Recorder, _ encoders: [any LogRecordEncoder]) {
        self.recorder = recorder
        records = RecordedLogRecords(recorder)
        logEncoders = encoders
        self.encoders = encoders
    }

    var source: any RecordSource { records }
    /// A log record with a message and a few attributes takes 240 bytes of the log.
    var waitingCount: Int { (records.waitingBytes + 239) / 240 }
    var exactCount: Int { Int(clamping: recorder.logRecordAccount().waiting) }
    var isEmpty: Bool { records.waitingBytes == 0 }

    func encode(recordLimit: Int, byteLimit: Int) -> [LogStretch] {
        if logEncoders.count == 1 {
            return logEncoders[0].encode(records, recordLimit: recordLimit, byteLimit: byteLimit)
        }
        for encoder in logEncoders { encoder.begin(records) }
        let stretches = records.read { record in
            add(recordLimit: recordLimit, byteLimit: byteLimit) {
                for encoder in logEncoders { encoder.append(record) }
            }
        }
        for encoder in logEncoders { encoder.finish() }
        return stretches
    }

    func onChunkOpened(_ body: @escaping @Sendable () -> Void) { records.onChunkOpened(body) }

    func census(_ report: TailSampler.Report?) -> FeedCensus {
        let recorded = recorder.logRecordAccount()
        var census = FeedCensus()
        census.created = recorded.written + recorded.droppedLogFull
        census.log = recorded.waiting
        census.drop(.queueFull, recorded.droppedLogFull)
        return census
    }
}
