import SpanKitPlatform
import SpanKitRecording

/// Encodes log records as the body of an OTLP request (`ExportLogsServiceRequest`), directly from the log.
///
/// The records are grouped by scope, in the order in which the scopes first occur. Records without a scope get the
/// scope of the program. Only one thread at a time may use it.
package final class LogEncoder: LogRecordEncoder {
    /// The records of one scope in the body.
    private final class Part {
        var scope: ScopeFrame
        @exclusivity(unchecked) var output = Output(capacity: 4_096)
        @exclusivity(unchecked) var hints: RepeatHints
        var count = 0
        /// The bytes of ``output`` before the last record.
        var lastRecord = 0

        init(_ scope: ScopeFrame, givesHints: Bool) {
            self.scope = scope
            hints = RepeatHints(areWanted: givesHints, capacity: 64)
        }

        func removeAll() {
            output.truncate(to: 0)
            hints.removeAll()
            count = 0
        }
    }

    private let encoding: Encoding
    private let givesHints: Bool
    private let programScope: InstrumentationScope
    private var frame: BodyFrame
    // Exclusivity checks would take as long as a short record, and only one thread uses an encoder.
    @exclusivity(unchecked) private var output = Output()
    @exclusivity(unchecked) private var allHints: RepeatHints
    @exclusivity(unchecked) private var json: JSONLogWriter
    @exclusivity(unchecked) private var protobuf = ProtobufLogWriter()
    private var source: (any LogRecordSource)?
    /// The parts of the body in its order.
    private var parts: [Part] = []
    /// All parts, also of earlier bodies from the same source: by the number of their scope in its string table, or by name.
    private var partsByNumber: [UInt32: Part] = [:]
    private var partsByName: [ByteText: Part] = [:]
    /// The part of the last record, whose hints the writer has.
    private var last: Part?
    @exclusivity(unchecked) package private(set) var spanCount = 0
    @exclusivity(unchecked) package private(set) var byteCount = 0

    /// The maximum number of parts that are kept for later bodies. Without it, loggers whose names contain ids would
    /// use up the memory.
    private static let keptParts = 256

    /// - Parameters:
    ///   - scope: The scope of the program, for records without a scope of their own.
    ///   - givesHints: Whether to collect ``hints`` for a compressor.
    package init(_ encoding: Encoding, resource: Resource, scope: InstrumentationScope, givesHints: Bool = true) {
        self.encoding = encoding
        self.givesHints = givesHints && encoding == .json
        programScope = scope
        frame = BodyFrame(encoding, .logRecords, resource: resource)
        json = JSONLogWriter(givesHints: self.givesHints)
        allHints = RepeatHints(areWanted: self.givesHints)
    }

    /// The body; complete after ``finish()``.
    package var bytes: UnsafeRawBufferPointer { output.bytes }
    package var hints: UnsafeBufferPointer<RepeatHint> { allHints.all }

    package func begin(_ source: any LogRecordSource) {
        if self.source !== source || partsByNumber.count + partsByName.count > Self.keptParts {
            self.source = source
            json.forgetTexts()
            protobuf.forgetTexts()
            partsByNumber = [:]
            partsByName = [:]
        }
        // All parts are emptied, because a part with records counts as a part of the current body.
        for part in parts { part.removeAll() }
        parts = []
        last = nil
        spanCount = 0
        byteCount = 0
        output.truncate(to: 0)
        allHints.removeAll()
    }

    package func append(_ record: LogRecordView) {
        guard let source else { return }
        let part = part(of: record, source)
        if part !== last { select(part) }
        part.lastRecord = part.output.count
        switch encoding {
        case .json:
            if part.count > 0 { part.output.write(",") }
            json.write(record, from: source, to: &part.output)
        case .protobuf: protobuf.write(record, tag: 0x12, from: source, to: &part.output)
        }
        part.count += 1
        spanCount += 1
        byteCount += part.output.count - part.lastRecord
    }

    package func removeLast() {
        guard let part = last else { return }
        byteCount -= part.output.count - part.lastRecord
        part.output.truncate(to: part.lastRecord)
        json.truncateHints(to: part.lastRecord)
        part.count -= 1
        spanCount -= 1
    }

    package func finish() {
        select(nil)
        frame.begin(&output)
        var isFirst = true
        for part in parts where part.count > 0 {
            if encoding == .json, !isFirst { output.write(",") }
            isFirst = false
            part.scope.begin(&output)
            allHints.add(part.hints, offset: output.count)
            output.append(part.output.bytes)
            part.scope.finish(&output)
        }
        frame.finish(&output)
        byteCount = output.count
    }

    package func shrink() {
        begin(NoLogRecords.shared)
        output.shrink(to: 256 * 1_024)
        allHints.shrink(to: 16 * 1_024)
    }

    // MARK: Parts

    private func part(of record: LogRecordView, _ source: any LogRecordSource) -> Part {
        let number = record.header[.scope]
        // Usually the record comes from the same logger as the one before.
        if let part = partsByNumber[number], number != 0 { return part.count == 0 ? used(part) : part }
        let name = String(decoding: record.text(.scope, texts: source.text), as: UTF8.self)
        if number == 0, let part = partsByName[ByteText(name)] { return part.count == 0 ? used(part) : part }
        let scope = name.isEmpty ? programScope : InstrumentationScope(name: name)
        let part = Part(ScopeFrame(encoding, .logRecords, scope), givesHints: givesHints)
        if number != 0 { partsByNumber[number] = part } else { partsByName[ByteText(name)] = part }
        return used(part)
    }

    /// Adds a part to the body, unless it was emptied by ``removeLast()``.
    private func used(_ part: Part) -> Part {
        if !parts.contains(where: { $0 === part }) {
            part.removeAll()
            parts.append(part)
        }
        return part
    }

    /// Gives the writer the hints of another part, whose record is written next.
    private func select(_ part: Part?) {
        if let last { json.swapHints(&last.hints) }
        if let part { json.swapHints(&part.hints) }
        json.begin()
        last = part
    }
}

/// A source without records.
private final class NoLogRecords: LogRecordSource {
    static let shared = NoLogRecords()

    func read(_ body: (LogRecordView) -> Bool) -> [LogStretch] { [] }
    func consume(_ stretches: [LogStretch]) {}
    func text(of number: UInt32) -> UnsafeRawBufferPointer { .empty }
}
