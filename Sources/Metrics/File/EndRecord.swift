import SpanKitOTLP
import SpanKitRecording

/// The last values of a series that has ended or was reset, in a ``MetricFile``, for one reader. Owns its block.
///
/// If another series with the same attributes ends before the reader has collected these values, both are added up in a new block. The new
/// block has the same number and a higher version, so that of two blocks with one number only the newer one counts.
final class EndRecord: @unchecked Sendable {
    /// What is in the block.
    struct Content {
        var number: UInt64
        var version: Int64
        /// The attributes, the value, the start of the first series and the time of the last end.
        var point: Metric.Point
        /// The start of the series that ended last. Its values are part of the point, also if it is still in the file.
        var lastStart: Int64
    }

    private let stream: StreamRecord
    private let reader: Int
    private var version: Int64 = 0
    private let number: UInt64
    private var block: FileBlock?

    /// - Parameter point: a point with a start and a time.
    init(_ stream: StreamRecord, reader: Int, _ point: Metric.Point, lastStart: Int64) {
        self.stream = stream
        self.reader = reader
        number = stream.file.nextEnd()
        replace(point, lastStart: lastStart)
    }

    deinit {
        if let block { stream.file.give(block) }
    }

    /// Stores a point that contains the earlier one.
    func replace(_ point: Metric.Point, lastStart: Int64) {
        version += 1
        let content = Content(number: number, version: version, point: point, lastStart: lastStart)
        let file = stream.file
        guard let made = file.take(content.attributes, owner: file.place(of: stream.block), detail: UInt64(reader))
        else { return file.countOutside() }
        made.commit(.end)
        if let block { file.give(block) }
        block = made
    }
}

extension EndRecord.Content {
    var attributes: [Attribute] {
        [
            Attribute("number", .int(Int64(bitPattern: number))), Attribute("version", .int(version)),
            Attribute("attributes", .map(point.attributes)), Attribute("value", point.value.stored),
            Attribute("start", .int(point.start ?? lastStart)), Attribute("last", .int(lastStart)),
            Attribute("time", .int(point.time ?? lastStart)),
        ]
    }

    /// Reads ``attributes``; nil if one is missing.
    init?(_ facts: [Attribute]) {
        func value(_ key: String) -> AttributeValue? { facts.first { $0.key == key }?.value }
        guard case .int(let number)? = value("number"), case .int(let version)? = value("version"),
            case .map(let attributes)? = value("attributes"),
            let stored = value("value").flatMap({ Metric.Value(stored: $0) }),
            case .int(let start)? = value("start"), case .int(let last)? = value("last"),
            case .int(let time)? = value("time")
        else { return nil }
        (self.number, self.version, lastStart) = (UInt64(bitPattern: number), version, last)
        point = Metric.Point(stored, attributes: attributes, start: start, time: time)
    }
}
