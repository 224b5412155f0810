import SpanKitOTLP
import SpanKitPlatform
import SpanKitRecording

/// Reads spans from OTLP JSON and protobuf, Jaeger JSON and Zipkin JSON. It detects the format from the content.
///
/// ```swift
/// var decoder = TraceDecoder()
/// while let bytes = try input.next() { decoder.decode(bytes) { print($0.span.name) } }
/// decoder.finish { print($0.span.name) }
/// ```
///
/// The input can be passed in pieces of any size. The decoder needs memory for the largest object, not for the whole
/// input. It skips or corrects invalid parts, lists them in ``problems``, and reads everything else. It accepts
/// truncated lines, a byte order mark, `\r\n`, blank lines, invalid UTF-8, numbers as strings, enums as names, keys in
/// snake_case and ids in base64. A missing start or end time is 0.
///
/// If a closure throws, reading stops, the error is rethrown, and the decoder must not be used again.
public struct TraceDecoder {
    /// The first 100 problems.
    public internal(set) var problems: [DecodingProblem] = []
    /// The total number of problems.
    public internal(set) var problemCount = 0
    /// The number of spans that were passed to the closures.
    public internal(set) var spanCount = 0
    /// The number of objects with metrics or logs, which are not read.
    public internal(set) var otherSignalCount = 0
    /// The number of unknown protobuf fields, such as those of a newer version of OTLP. They are skipped.
    public internal(set) var unknownFieldCount = 0
    /// Whether the input contains an object of a format that the decoder reads, even one without spans.
    package var hasFoundTraces: Bool { hasFoundObject || spanCount > 0 || binary != nil }
    /// The number of JSON objects that were read, of any kind.
    package private(set) var objectCount = 0
    /// The current line, counted from 1.
    public var line: Int { splitter.line }

    static let problemLimit = 100
    private(set) var memory: ReadingMemory
    private var splitter: ObjectSplitter
    private var hasFoundObject = false
    let maximumObjectBytes: Int
    let forwards: Bool
    /// The signals other than spans that are read. Objects with others are counted in ``otherSignalCount``.
    let reads: OtherSignals
    /// The metrics that were read and not taken yet.
    private var metrics: [DecodedMetric] = []
    /// The log records that were read and not taken yet.
    private var logs: [DecodedLog] = []
    var isText = false
    /// The first bytes of the input, until there are enough to detect its format.
    var beginning: [UInt8] = []
    var binary: ProtobufStream?

    /// Creates a decoder.
    /// - Parameter maximumObjectBytes: The size in bytes above which an object is skipped; 64 MiB by default, the usual limit of
    ///   receivers.
    public init(maximumObjectBytes: Int = 64 * 1_024 * 1_024) {
        self.init(forwards: false, maximumObjectBytes: maximumObjectBytes)
    }

    /// Creates a decoder that can keep all fields of OTLP spans for forwarding, without interpreting them.
    /// - Parameter forwards: Whether to set the property `wire` of OTLP spans instead of their other properties.
    package init(forwards: Bool, maximumObjectBytes: Int = 64 * 1_024 * 1_024) {
        self.init(
            forwards: forwards,
            reads: [],
            maximumObjectBytes: maximumObjectBytes,
            isText: false,
            memory: nil
        )
    }

    /// Creates a decoder that also reads other signals. They have to be taken (``takeMetrics()``, ``takeLogs()``).
    package init(reads: OtherSignals, maximumObjectBytes: Int = 64 * 1_024 * 1_024) {
        self.init(
            forwards: false,
            reads: reads,
            maximumObjectBytes: maximumObjectBytes,
            isText: false,
            memory: nil
        )
    }

    /// - Parameters:
    ///   - reads: The signals other than spans that are read.
    ///   - isText: Whether the bytes are known to be text.
    ///   - memory: The memory of a decoder that has ended; `nil` for a new one.
    init(
        forwards: Bool,
        reads: OtherSignals,
        maximumObjectBytes: Int = 64 * 1_024 * 1_024,
        isText: Bool,
        memory: ReadingMemory?
    ) {
        self.forwards = forwards
        self.reads = reads
        self.maximumObjectBytes = maximumObjectBytes
        self.isText = isText
        self.memory = memory ?? ReadingMemory()
        splitter = ObjectSplitter(maximumObjectBytes: maximumObjectBytes)
    }

    /// Reads the next bytes and passes the spans of every object that ends in them to a closure.
    public mutating func decode<Stop: Error>(
        _ bytes: [UInt8],
        _ body: (DecodedSpan) throws(Stop) -> Void
    ) throws(Stop) {
        try bytes.withUnsafeBufferPointer { (bytes) throws(Stop) in try decode(bytes, body) }
    }

    /// Reads the next bytes and passes the spans of every object that ends in them to a closure.
    public mutating func decode<Stop: Error>(
        _ bytes: UnsafeBufferPointer<UInt8>,
        _ body: (DecodedSpan) throws(Stop) -> Void
    ) throws(Stop) {
        ownMemory()
        guard isText else { return try decodeUnknown(bytes, isLast: false, body) }
        try withSplitter { (decoder, splitter) throws(Stop) in
            try splitter.split(bytes) { (finding) throws(Stop) in try decoder.read(finding, body) }
        }
    }

    /// Ends the input. If the last object is truncated, the spans in the part that it received are read.
    public mutating func finish<Stop: Error>(_ body: (DecodedSpan) throws(Stop) -> Void) throws(Stop) {
        ownMemory()
        if !isText { try decodeUnknown(UnsafeBufferPointer(start: nil, count: 0), isLast: true, body) }
        guard isText else { return }
        try withSplitter { (decoder, splitter) throws(Stop) in
            try splitter.finish { (finding) throws(Stop) in try decoder.read(finding, body) }
        }
    }

    /// The metrics of the objects that were read since the last call.
    package mutating func takeMetrics() -> [DecodedMetric] {
        defer { metrics = [] }
        return metrics
    }

    /// The log records of the objects that were read since the last call.
    package mutating func takeLogs() -> [DecodedLog] {
        defer { logs = [] }
        return logs
    }

    /// Keeps metrics until they are taken.
    mutating func add(_ read: [DecodedMetric]) { if !read.isEmpty { metrics += read } }

    /// Keeps log records until they are taken.
    mutating func add(_ read: [DecodedLog]) { if !read.isEmpty { logs += read } }

    /// Gives this decoder its own memory if a copy of the decoder uses the same one.
    private mutating func ownMemory() {
        if !isKnownUniquelyReferenced(&memory) { memory = ReadingMemory() }
    }

    /// Takes the splitter out of `self`, so that both can change at the same time without a copy.
    private mutating func withSplitter<Stop: Error>(
        _ body: (inout TraceDecoder, inout ObjectSplitter) throws(Stop) -> Void
    ) throws(Stop) {
        var splitter = ObjectSplitter(maximumObjectBytes: maximumObjectBytes)
        swap(&splitter, &self.splitter)
        defer { swap(&splitter, &self.splitter) }
        try body(&self, &splitter)
    }

    private mutating func read<Stop: Error>(
        _ finding: ObjectSplitter.Finding,
        _ body: (DecodedSpan) throws(Stop) -> Void
    ) throws(Stop) {
        switch finding {
        case .object(let bytes, let start, let isTorn): try read(bytes, from: start, isTorn: isTorn, body)
        case .tooLong(let start):
            objectCount += 1
            report("the object is longer than \(maximumObjectBytes) bytes; it is left out", start)
        case .garbage(let place): report("not an OTLP JSON object", place)
        }
    }

    mutating func read<Stop: Error>(
        _ bytes: UnsafeBufferPointer<UInt8>,
        from start: ObjectSplitter.Position,
        isTorn: Bool,
        _ body: (DecodedSpan) throws(Stop) -> Void
    ) throws(Stop) {
        objectCount += 1
        var reader = TraceReader(
            bytes,
            noteLimit: Self.problemLimit,
            forwards: forwards,
            reads: reads,
            memory: memory
        )
        var delivered = 0
        var stop: Stop?
        var ending: JSONCursor.Failure?
        do throws(JSONCursor.Failure) {
            try reader.read { (span) throws(JSONCursor.Failure) in
                do throws(Stop) {
                    try body(span)
                    delivered += 1
                } catch {
                    stop = error
                    throw JSONCursor.Failure(reason: "", place: 0, isFinal: true)
                }
            }
        } catch {
            ending = error
        }
        spanCount += delivered
        if let stop { throw stop }
        let kept = Self.kept(delivered, reader)
        add(reader.metrics)
        add(reader.logs)
        var notes = reader.fields.notes
        if let ending {
            let reason = (isTorn ? "the object is cut off" : ending.reason) + kept
            notes.append(JSONCursor.Failure(reason: reason, place: ending.place))
        }
        report(notes, in: bytes, from: start)
        problemCount += reader.fields.noteCount - reader.fields.notes.count
        switch reader.content {
        case .otherSignal:
            otherSignalCount += 1
            hasFoundObject = true
        case .unknown: report("the object has no resourceSpans", start)
        case .spans, .metrics, .logs: hasFoundObject = true
        case .nothing: break
        }
    }

    // MARK: Problems

    /// A clause about what was read of an object before an error; empty if nothing was.
    private static func kept(_ spanCount: Int, _ reader: TraceReader) -> String {
        let pointCount = reader.metrics.reduce(0) { $0 + $1.metric.points.count }
        let counts = [(spanCount, "span"), (pointCount, "data point"), (reader.logs.count, "log record")]
        guard let (count, noun) = counts.first(where: { $0.0 > 0 }) else { return "" }
        return count == 1 ? "; 1 \(noun) before that is kept" : "; \(count) \(noun)s before that are kept"
    }

    private mutating func report(_ reason: String, _ place: ObjectSplitter.Position) {
        problemCount += 1
        guard problems.count < Self.problemLimit else { return }
        problems.append(DecodingProblem(line: place.line, column: place.column, reason: reason))
    }

    private mutating func report(
        _ notes: [JSONCursor.Failure],
        in bytes: UnsafeBufferPointer<UInt8>,
        from start: ObjectSplitter.Position
    ) {
        var place = start
        var passed = 0
        for note in notes.sorted(by: { $0.place < $1.place }) {
            for byte in bytes[passed..<max(passed, min(note.place, bytes.count))] {
                place.column += 1
                if byte == 0x0A { place = ObjectSplitter.Position(line: place.line + 1) }
            }
            passed = max(passed, min(note.place, bytes.count))
            report(note.reason, place)
        }
    }
}

/// The signals other than spans that a decoder can read.
package struct OtherSignals: OptionSet, Sendable {
    package let rawValue: UInt8

    package init(rawValue: UInt8) { self.rawValue = rawValue }

    package static let metrics = OtherSignals(rawValue: 1)
    package static let logs = OtherSignals(rawValue: 2)
}

/// A span read from a file, with its resource and scope.
public struct DecodedSpan: Sendable, Hashable {
    /// The resource: the service that recorded the span.
    public var resource: Resource
    /// The instrumentation scope: the library that recorded the span.
    public var scope: InstrumentationScope
    /// The span.
    public var span: RecordedSpan
    /// The span as it was written, if the decoder reads it for forwarding. The other properties are then empty.
    package var wire: WireSpan?

    /// Creates a span with its resource and scope.
    public init(resource: Resource, scope: InstrumentationScope, span: RecordedSpan) {
        self.resource = resource
        self.scope = scope
        self.span = span
    }
}

/// A problem at a position in the input.
public struct DecodingProblem: Error, Sendable, Hashable, CustomStringConvertible {
    /// The line, counted from 1.
    public var line: Int
    /// The column, counted from 1 in bytes.
    public var column: Int
    /// The number of bytes before the problem in binary input; `nil` in text. In binary input, line and column are 1,
    /// or count from the start of a JSON message.
    public var byteOffset: Int?
    /// What is wrong with the input, in one sentence without control characters.
    public var reason: String

    /// The position and the reason: `line 3, column 17: …`, or `byte 1234: …` in binary input.
    public var description: String {
        byteOffset.map { "byte \($0): \(reason)" } ?? "line \(line), column \(column): \(reason)"
    }
}
