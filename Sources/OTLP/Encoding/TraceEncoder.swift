import SpanKitRecording

/// Encodes ended spans as the body of an OTLP request (`ExportTraceServiceRequest`), directly from the log.
///
/// For each record, it copies the fixed pieces and formats the values into the body, without objects in between. A body has the
/// spans of one resource and one scope.
///
/// Only one thread at a time may use it.
package final class TraceEncoder: SpanEncoder {
    package let encoding: Encoding
    @exclusivity(unchecked) package private(set) var spanCount = 0

    // Exclusivity checks would take as long as a short span, and only one thread uses an encoder.
    @exclusivity(unchecked) private var output = Output()
    @exclusivity(unchecked) private var json: JSONSpanWriter
    @exclusivity(unchecked) private var protobuf = ProtobufSpanWriter()
    private var source: (any SpanSource)?
    private var frame: BodyFrame
    private var scope: ScopeFrame
    @exclusivity(unchecked) private var lastSpan = 0

    /// - Parameter givesHints: whether to collect ``hints`` for a compressor.
    package init(_ encoding: Encoding, resource: Resource, scope: InstrumentationScope, givesHints: Bool = true) {
        self.encoding = encoding
        json = JSONSpanWriter(givesHints: givesHints)
        frame = BodyFrame(encoding, .spans, resource: resource)
        self.scope = ScopeFrame(encoding, .spans, scope)
    }

    package var bytes: UnsafeRawBufferPointer { output.bytes }
    package var hints: UnsafeBufferPointer<RepeatHint> { json.hints }

    package func begin(_ source: any SpanSource) {
        if self.source !== source {
            self.source = source
            json.forgetTexts()
            protobuf.forgetTexts()
        }
        spanCount = 0
        output.truncate(to: 0)
        json.begin()
        frame.begin(&output)
        scope.begin(&output)
    }

    package func append(_ record: SpanRecord) {
        if let source { append(record, source) }
    }

    @inline(__always)
    private func append(_ record: SpanRecord, _ source: any SpanSource) {
        lastSpan = output.count
        switch encoding {
        case .json:
            if spanCount > 0 {
                output.reserve(8)
                output.byte(0x2C)
            }
            json.write(record, from: source, to: &output)
        case .protobuf:
            protobuf.write(record, tag: 0x12, from: source, to: &output)
        }
        spanCount += 1
    }

    /// The same as the protocol's default, without a dynamic call for each span.
    package func encode(_ source: any SpanSource, spanLimit: Int, byteLimit: Int) -> [LogStretch] {
        begin(source)
        let stretches = source.read { record in
            guard spanCount < spanLimit else { return false }
            append(record, source)
            guard output.count > byteLimit, spanCount > 1 else { return true }
            removeLast()
            return false
        }
        finish()
        return stretches
    }

    package func removeLast() {
        output.truncate(to: lastSpan)
        json.truncateHints(to: lastSpan)
        spanCount -= 1
    }

    package func finish() {
        scope.finish(&output)
        frame.finish(&output)
    }

    package func shrink() {
        output.truncate(to: 0)
        output.shrink(to: 256 * 1_024)
        json.shrink()
    }
}
