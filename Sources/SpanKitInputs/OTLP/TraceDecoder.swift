import SpanKitOTLP
import SpanKitPlatform
import SpanKitRecording

/// Reads spans from OTLP JSON and protobuf, Jaeger JSON and Zipkin JSON, from any source. The content tells the format.
///
/// ```swift
/// var decoder = TraceDecoder()
/// while let bytes = try input.next() { decoder.decode(bytes) { print($0.span.name) } }
/// decoder.finish { print($0.span.name) }
/// ```
///
/// Bytes may come in any pieces. Needs memory for the largest object, never for the whole input. What cannot be read is
/// passed over, or read as what comes nearest, and named in ``problems``; everything around it is kept: a torn line, a byte
/// order mark, `\r\n`, blank lines, texts that are not UTF-8, numbers as texts, names of enums, keys in snake_case, ids in
/// base64.
///
/// A closure that throws ends the reading: the error comes out, and the decoder is not to be used again.
public struct TraceDecoder {
    /// What was wrong, the first hundred.
    public internal(set) var problems: [DecodingProblem] = []
    /// All that was wrong.
    public internal(set) var problemCount = 0
    /// Spans that were delivered.
    public internal(set) var spanCount = 0
    /// Objects that carry metrics or logs instead of spans.
    public internal(set) var otherSignalCount = 0
    /// Fields of protobuf messages that are not known: a newer version of OTLP. They are passed over.
    public internal(set) var unknownFieldCount = 0
    /// The line that was begun last, counted from 1.
    public var line: Int { splitter.line }

    static let problemLimit = 100
    private var splitter: ObjectSplitter
    let maximumObjectBytes: Int
    var isText = false
    /// The first bytes, as long as they do not tell what the input is.
    var beginning: [UInt8] = []
    var binary: ProtobufStream?

    /// - Parameter maximumObjectBytes: an object that is longer is passed over; 64 MiB by default, what receivers take.
    public init(maximumObjectBytes: Int = 64 * 1_024 * 1_024) {
        self.maximumObjectBytes = maximumObjectBytes
        splitter = ObjectSplitter(maximumObjectBytes: maximumObjectBytes)
    }

    /// Takes the next bytes; hands out the spans of every object that ends in them.
    public mutating func decode<Stop: Error>(
        _ bytes: [UInt8],
        _ body: (DecodedSpan) throws(Stop) -> Void
    ) throws(Stop) {
        try bytes.withUnsafeBufferPointer { (bytes) throws(Stop) in try decode(bytes, body) }
    }

    /// Takes the next bytes; hands out the spans of every object that ends in them.
    public mutating func decode<Stop: Error>(
        _ bytes: UnsafeBufferPointer<UInt8>,
        _ body: (DecodedSpan) throws(Stop) -> Void
    ) throws(Stop) {
        guard isText else { return try decodeUnknown(bytes, isLast: false, body) }
        // Out of self, so that it can be changed while self is, and not copied.
        var splitter = ObjectSplitter(maximumObjectBytes: maximumObjectBytes)
        swap(&splitter, &self.splitter)
        defer { swap(&splitter, &self.splitter) }
        try splitter.split(bytes) { (finding) throws(Stop) in try read(finding, body) }
    }

    /// Says that there is nothing more: what is left is a torn object.
    public mutating func finish<Stop: Error>(_ body: (DecodedSpan) throws(Stop) -> Void) throws(Stop) {
        if !isText { try decodeUnknown(UnsafeBufferPointer(start: nil, count: 0), isLast: true, body) }
        guard isText else { return }
        // Out of self, so that it can be changed while self is, and not copied.
        var splitter = ObjectSplitter(maximumObjectBytes: maximumObjectBytes)
        swap(&splitter, &self.splitter)
        defer { swap(&splitter, &self.splitter) }
        try splitter.finish { (finding) throws(Stop) in try read(finding, body) }
    }

    private mutating func read<Stop: Error>(
        _ finding: ObjectSplitter.Finding,
        _ body: (DecodedSpan) throws(Stop) -> Void
    ) throws(Stop) {
        switch finding {
        case .object(let bytes, let start, let isTorn): try read(bytes, from: start, isTorn: isTorn, body)
        case .tooLong(let start): report("is longer than \(maximumObjectBytes) bytes; it is passed over", start)
        case .garbage(let place): report("is not an object of OTLP JSON", place)
        }
    }

    mutating func read<Stop: Error>(
        _ bytes: UnsafeBufferPointer<UInt8>,
        from start: ObjectSplitter.Position,
        isTorn: Bool,
        _ body: (DecodedSpan) throws(Stop) -> Void
    ) throws(Stop) {
        var reader = TraceReader(bytes, noteLimit: Self.problemLimit - problems.count)
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
        var notes = reader.fields.notes
        if let ending {
            let kept = delivered == 0 ? "" : "; \(delivered) spans before that are kept"
            notes.append(
                JSONCursor.Failure(reason: (isTorn ? "breaks off" : ending.reason) + kept, place: ending.place)
            )
        }
        report(notes, in: bytes, from: start)
        problemCount += reader.fields.noteCount - reader.fields.notes.count
        switch reader.content {
        case .otherSignal: otherSignalCount += 1
        case .unknown: report("is an object without resourceSpans", start)
        case .nothing, .spans: break
        }
    }

    // MARK: Problems

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

/// A span read from a file, with its service and library.
public struct DecodedSpan: Sendable, Hashable {
    /// The service.
    public var resource: Resource
    /// The library.
    public var scope: InstrumentationScope
    /// The span.
    public var span: RecordedSpan

    /// Creates a span with who made it.
    public init(resource: Resource, scope: InstrumentationScope, span: RecordedSpan) {
        self.resource = resource
        self.scope = scope
        self.span = span
    }
}

/// What is wrong at one place of the input.
public struct DecodingProblem: Error, Sendable, Hashable, CustomStringConvertible {
    /// Counted from 1.
    public var line: Int
    /// Counted from 1, in bytes.
    public var column: Int
    /// Bytes before the place, in binary input; nil in text. There, line and column are 1, or places in the message.
    public var byteOffset: Int?
    /// One sentence; nothing in it that a terminal would obey.
    public var reason: String

    /// `line 3, column 17: …`, or `byte 1234: …` in binary input.
    public var description: String {
        byteOffset.map { "byte \($0): \(reason)" } ?? "line \(line), column \(column): \(reason)"
    }
}
