import SpanKitOTLP
import SpanKitRecording
import SpanKitReports

/// The fields of a `Span` message that have columns.
struct SpanFields {
    var trace: ArraySlice<UInt8> = []
    var span: Int64 = 0
    var parent: Int64 = 0
    var name: ArraySlice<UInt8> = []
    var kind: Int64 = 0
    var start: Int64 = 0
    var end: Int64 = 0
    /// OTLP's number; 2 also for an exception without a status, as in all reports.
    var status: Int64 = 0

    init(_ message: ArraySlice<UInt8>) {
        var events: [ArraySlice<UInt8>] = []
        for field in ProtobufFields(message) {
            switch (field.number, field.wire) {
            case (1, 2): trace = field.content
            case (2, 2): span = field.content.spanNumber
            case (4, 2): parent = field.content.spanNumber
            case (5, 2): name = field.content
            case (6, 0): kind = Int64(Int32(truncatingIfNeeded: field.integer))
            case (7, 1): start = Int64(clamping: field.integer)
            case (8, 1): end = Int64(clamping: field.integer)
            case (11, 2): events.append(field.content)
            case (15, 2):
                for field in ProtobufFields(field.content) where field.number == 3 && field.wire == 0 {
                    self.status = Int64(Int32(truncatingIfNeeded: field.integer))
                }
            default: break
            }
        }
        if status == 0, events.contains(where: Self.isException) { status = 2 }
    }

    private static func isException(_ event: ArraySlice<UInt8>) -> Bool {
        for field in ProtobufFields(event) where field.number == 2 && field.wire == 2 {
            return RecordedSpan.Event.isException(named: String(decoding: field.content, as: UTF8.self))
        }
        return false
    }

    /// OTLP: ids of other lengths, and of zeros only, are invalid.
    var hasIDs: Bool { trace.count == 16 && span != 0 && trace.contains { $0 != 0 } }

    /// 0 if the sender did not set both times, or if the end is before the start.
    var duration: Int64 { start > 0 && end > start ? end - start : 0 }
}

/// The fields of a `LogRecord` message that have columns.
struct RecordFields {
    var trace: ArraySlice<UInt8>?
    var span: Int64 = 0
    var time: Int64 = 0
    var severity: Int64 = 0

    init(_ message: ArraySlice<UInt8>) {
        var observed: Int64 = 0
        for field in ProtobufFields(message) {
            switch (field.number, field.wire) {
            case (1, 1): time = Int64(clamping: field.integer)
            case (2, 0): severity = Int64(Int32(truncatingIfNeeded: field.integer))
            case (9, 2) where field.content.count == 16 && field.content.contains { $0 != 0 }: trace = field.content
            case (10, 2): span = field.content.spanNumber
            case (11, 1): observed = Int64(clamping: field.integer)
            default: break
            }
        }
        if time == 0 { time = observed }
    }
}

/// The fields of a `Metric` message.
struct MetricFields {
    /// The fields beside the data.
    var head: [UInt8] = []
    var name: ArraySlice<UInt8> = []
    var description: ArraySlice<UInt8> = []
    var unit: ArraySlice<UInt8> = []
    /// The gauge, sum, histogram, exponential histogram or summary.
    var data: ProtobufField?

    init(_ message: ArraySlice<UInt8>) {
        for field in ProtobufFields(message) {
            if [5, 7, 9, 10, 11].contains(field.number), field.wire == 2 {
                // Of a oneof, the last field counts.
                data = field
                continue
            }
            head += field.whole
            switch (field.number, field.wire) {
            case (1, 2): name = field.content
            case (2, 2): description = field.content
            case (3, 2): unit = field.content
            default: break
            }
        }
    }

    /// The number of the field with the attributes of a point.
    static func attributeField(ofKind kind: Int) -> Int {
        switch kind {
        case 9: 9
        case 10: 1
        default: 7
        }
    }
}

extension ArraySlice<UInt8> {
    /// A span id as a number; 0 if it does not have 8 bytes.
    var spanNumber: Int64 {
        guard count == 8 else { return 0 }
        return Int64(bitPattern: reduce(0) { $0 << 8 | UInt64($1) })
    }
}

/// The fields of a message up to its end or its first damage.
struct ProtobufFields: Sequence, IteratorProtocol {
    private var reader: ProtobufFieldReader

    init(_ message: ArraySlice<UInt8>) { reader = ProtobufFieldReader(message) }

    mutating func next() -> ProtobufField? { reader.next() }
}
