import Recording

/// Turns ended spans into the body of an OTLP request (`ExportTraceServiceRequest`), straight from the log.
///
/// The way of a span: the log hands out its record → its fixed pieces are copied, its values formatted into the body. Nothing
/// is built in between. A body holds the spans of one resource and one scope.
///
/// Belongs to one thread at a time.
package struct TraceEncoder: ~Copyable {
    package let encoding: Encoding

    private var output = Output()
    private var json = JSONSpanWriter()
    private var protobuf = ProtobufSpanWriter()
    private var source: ObjectIdentifier?
    /// What stands before the first span and behind the last one.
    private let frame: TraceFrame
    private var openMessages: [(content: Int, lengthBytes: Int)] = []

    package init(_ encoding: Encoding, resource: Resource, scope: InstrumentationScope) {
        self.encoding = encoding
        frame = TraceFrame(encoding, resource: resource, scope: scope)
    }

    /// Encodes spans of a source until it has no more or a limit is reached.
    /// - Parameters:
    ///   - spanLimit: spans in the body at most.
    ///   - byteLimit: bytes of the body at most, but for a single span that is larger on its own.
    /// - Returns: the number of spans, and what was read, to be consumed once the body is safe; 0 spans: nothing to send.
    package mutating func encode(
        _ source: any SpanSource,
        spanLimit: Int,
        byteLimit: Int
    ) -> (spanCount: Int, stretches: [LogStretch]) {
        begin(source)
        var spanCount = 0
        let stretches = source.read { record in
            guard spanCount < spanLimit, append(record, source, isFirst: spanCount == 0, byteLimit) else {
                return false
            }
            spanCount += 1
            return true
        }
        finish()
        return (spanCount, stretches)
    }

    /// Encodes one body of records that lie elsewhere than in a log.
    /// - Returns: how many of them fitted.
    package mutating func encode(_ records: some Sequence<SpanRecord>, texts: any SpanSource, byteLimit: Int) -> Int {
        begin(texts)
        var spanCount = 0
        for record in records {
            guard append(record, texts, isFirst: spanCount == 0, byteLimit) else { break }
            spanCount += 1
        }
        finish()
        return spanCount
    }

    /// The body that was encoded last; good until the next one.
    package var bytes: UnsafeRawBufferPointer { output.bytes }

    /// Gives back what an unusually large body needed.
    package mutating func shrink() {
        output.truncate(to: 0)
        output.shrink(to: 256 * 1_024)
    }

    private mutating func begin(_ source: any SpanSource) {
        if self.source != ObjectIdentifier(source) {
            self.source = ObjectIdentifier(source)
            json.forgetTexts()
            protobuf.forgetTexts()
        }
        output.truncate(to: 0)
        frame.begin(&output, &openMessages)
    }

    private mutating func finish() {
        frame.finish(&output, &openMessages)
    }

    @inline(__always)
    private mutating func append(_ record: SpanRecord, _ source: any SpanSource, isFirst: Bool, _ byteLimit: Int)
        -> Bool
    {
        let before = output.count
        switch encoding {
        case .json:
            if !isFirst {
                output.reserve(8)
                output.byte(0x2C)
            }
            json.write(record, from: source, to: &output)
        case .protobuf:
            protobuf.write(record, tag: 0x12, from: source, to: &output)
        }
        if output.count > byteLimit, !isFirst {
            output.truncate(to: before)
            return false
        }
        return true
    }
}
