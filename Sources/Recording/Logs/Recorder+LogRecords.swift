import CSpanKit
import SpanKitPlatform

/// A text of a log record.
package enum LogText: Sendable {
    case none
    /// A text known at compile time, which is found by its address.
    case fixed(StaticString)
    /// Any other text, which is found by its bytes.
    case text(String)

    var text: String {
        switch self {
        case .none: ""
        case .fixed(let text): text.description
        case .text(let text): text
        }
    }
}

/// The parts of a log record besides its body and its attributes.
package struct LogRecordDetails: Sendable {
    package var scope: LogScope
    package var severity: LogSeverity
    /// The severity as the source spells it.
    package var severityText = LogText.none
    package var eventName = LogText.none
    package var file = LogText.none
    package var function = LogText.none
    /// 0 for an unknown line.
    package var line: UInt32 = 0
    /// The time of the event, in nanoseconds since 1970-01-01 UTC; nil for now.
    package var unixNanoseconds: Int64?
    /// The span that the record belongs to; nil for the current span of the task, if any.
    package var context: SpanContext?

    package init(_ scope: LogScope, _ severity: LogSeverity) {
        self.scope = scope
        self.severity = severity
    }
}

extension Recorder {
    /// The scope with a logger's name. Look it up once for each logger.
    package func logScope(_ name: String) -> LogScope {
        let rules = configuration.logRecords
        let own = rules.loggers.first { WildcardPattern($0.pattern).matches(name) }?.rule
        return LogScope(name, number: strings.number(of: name), own ?? rules.standard)
    }

    /// Writes a log record to the log, if the rule of its scope admits it. Use it from any thread.
    ///
    /// Cost: no lock and no allocation in the steady state (`Benchmarks`: "log record").
    /// - Parameters:
    ///   - body: Evaluated only if the record is written.
    ///   - attributes: Sets the attributes. It may log as well: such a record is written after this one.
    package func emit(
        _ details: LogRecordDetails,
        body: @autoclosure () -> AttributeValue?,
        _ attributes: (inout LogRecordWriter) -> Void = { _ in }
    ) {
        guard details.scope.records(details.severity), self !== Self.dormant, spankit_log_records_are_muted() == 0,
            var header = header(of: details)
        else { return }
        let thread = thread()
        thread.pointee.counters.add(.logRecordsEmitted)
        header.observed = clock.now()
        header.scope = details.scope.number
        header.severityText = number(of: details.severityText)
        header.eventName = number(of: details.eventName)
        header.file = number(of: details.file)
        header.function = number(of: details.function)
        var writer = LogRecordWriter(header, self, thread)
        if let body = body() { writer.write(body: body) }
        writeTexts(of: details, header, to: &writer)
        attributes(&writer)
        writer.finish()
    }

    /// The header with time, severity and ids; nil if the rule of the scope leaves the record out.
    @inline(__always)
    private func header(of details: LogRecordDetails) -> LogRecordHeader? {
        var header = LogRecordHeader()
        if let context = details.context {
            header.traceIDHigh = context.traceID.high
            header.traceIDLow = context.traceID.low
            header.spanID = context.spanID.rawValue
            header.traceFlags = context.traceFlags.rawValue & Self.exportedFlags
        } else {
            let (traceID, spanID, flags) = SpanHandle.innermostIdentity(self)
            header.traceIDHigh = traceID.high
            header.traceIDLow = traceID.low
            header.spanID = spanID.rawValue
            header.traceFlags = flags.rawValue & Self.exportedFlags
        }
        let isSampled = header.traceFlags & TraceFlags.sampled.rawValue != 0
        if details.scope.isTraceBased, header.spanID != 0, !isSampled { return nil }
        if let time = details.unixNanoseconds {
            header.time = UInt64(bitPattern: time)
            header.bits = .hasTime
        }
        header.severity = details.severity.rawValue
        header.line = details.line
        return header
    }

    private static let exportedFlags = TraceFlags.sampled.rawValue | TraceFlags.random.rawValue

    @inline(__always)
    private func number(of text: LogText) -> UInt32 {
        switch text {
        case .none: 0
        case .fixed(let text): strings.number(of: text)
        case .text(let text): strings.number(of: text)
        }
    }

    /// Writes the texts that have no number into the record.
    @inline(__always)
    private func writeTexts(
        of details: LogRecordDetails,
        _ header: LogRecordHeader,
        to writer: inout LogRecordWriter
    ) {
        if header.scope == 0 { writer.write(details.scope.name, .scope) }
        if header.eventName == 0 { writer.write(details.eventName.text, .eventName) }
        if header.severityText == 0 { writer.write(details.severityText.text, .severityText) }
        if header.file == 0 { writer.write(details.file.text, .file) }
        if header.function == 0 { writer.write(details.function.text, .function) }
    }

    /// Writes the log records that were made while another was being written.
    @inline(never)
    func writeNestedLogRecords(_ thread: UnsafeMutablePointer<ThreadRecorder>) {
        let nested = thread.pointee.nestedLogRecords
        thread.pointee.nestedLogRecords = []
        nested.withUnsafeBytes { bytes in
            guard let start = bytes.baseAddress else { return }
            var records = RecordWalk(UnsafeMutableRawPointer(mutating: start), to: bytes.count)
            while let record = records.next() {
                if let place = thread.pointee.logRecords.reserve(record.count, in: inheritedLogRecords) {
                    place.copyMemory(from: record.start, byteCount: record.count)
                    thread.pointee.logRecords.commit(record.count)
                    thread.pointee.counters.add(.logRecordsWritten)
                } else {
                    thread.pointee.counters.add(.logRecordsDroppedLogFull)
                }
            }
        }
    }

    /// The account of every log record so far. It is exact while no record is being written or read.
    package func logRecordAccount() -> LogRecordAccount {
        let records = logRecords.chunks.recordCounts
        return threads.withLock { threads in
            LogRecordAccount(
                emitted: threads.total(.logRecordsEmitted),
                written: threads.total(.logRecordsWritten),
                droppedLogFull: threads.total(.logRecordsDroppedLogFull),
                waiting: records.waiting,
                taken: records.taken,
                overwritten: records.overwritten
            )
        }
    }

    /// Copies of the log records in the log, oldest chunk first.
    /// - Parameter consuming: Whether to remove them from the log, which makes room.
    package func copiedLogRecords(consuming: Bool) -> [LogRecord] {
        var copies: [LogRecord] = []
        let stretches = logRecords.read { (record: LogRecordView) in
            copies.append(record.copy(texts: strings.bytes))
            return true
        }
        if consuming { logRecords.consume(stretches) }
        return copies
    }
}

/// The log records of a recorder as a source for encoders.
package final class RecordedLogRecords: LogRecordSource {
    private let recorder: Recorder

    package init(_ recorder: Recorder) {
        self.recorder = recorder
    }

    package func read(_ body: (LogRecordView) -> Bool) -> [LogStretch] { recorder.logRecords.read(body) }
    package func consume(_ stretches: [LogStretch]) { recorder.logRecords.consume(stretches) }
    package func text(of number: UInt32) -> UnsafeRawBufferPointer { recorder.strings.bytes(of: number) }

    /// Bytes of log records in the log.
    package var waitingBytes: Int { recorder.logRecords.chunks.waitingBytes }

    /// Sets a function that is called whenever a thread opens a chunk of the log, on that thread.
    package func onChunkOpened(_ body: (@Sendable () -> Void)?) { recorder.logRecords.chunks.onChunkOpened(body) }
}

/// The numbers of log records of one profiler, by what happened to them. Each number is counted independently, so these equations are
/// a check:
///
/// ```
/// emitted = written + droppedLogFull
/// written = waiting + taken + overwritten
/// ```
public struct LogRecordAccount: Sendable, Equatable {
    /// Records that the rule of their logger admitted.
    public var emitted: UInt64 = 0
    /// Records that were written to the log.
    public var written: UInt64 = 0
    /// Records that were made while the log was full.
    public var droppedLogFull: UInt64 = 0
    /// Written records that are still in the log.
    public var waiting: UInt64 = 0
    /// Written records that were removed from the log, usually because they were exported.
    public var taken: UInt64 = 0
    /// Written records that newer ones have overwritten.
    public var overwritten: UInt64 = 0

    /// Whether both equations hold. They may not hold while other threads log or read.
    public var isBalanced: Bool {
        emitted == written + droppedLogFull && written == waiting + taken + overwritten
    }
}

/// Prevents the calling thread from making log records. The threads that export log records call it. Otherwise, a log
/// line that the export causes would be exported as well, which would cause another one, and so on.
package func muteLogRecordsOfThread() {
    spankit_mute_log_records()
}
