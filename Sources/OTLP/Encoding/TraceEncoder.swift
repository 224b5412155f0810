import SpanKitRecording

/// Turns ended spans into the body of an OTLP request (`ExportTraceServiceRequest`), straight from the log.
///
/// The way of a span: the log hands out its record → its fixed pieces are copied, its values formatted into the body. Nothing
/// is built in between. A body holds the spans of one resource and one scope.
///
/// Belongs to one thread at a time.
package final class TraceEncoder: SpanEncoder {
    package let encoding: Encoding
    @exclusivity(unchecked) package private(set) var spanCount = 0

    // The checks would cost as much as a short span, and an encoder belongs to one thread.
    @exclusivity(unchecked) private var output = Output()
    @exclusivity(unchecked) private var json = JSONSpanWriter()
    @exclusivity(unchecked) private var protobuf = ProtobufSpanWriter()
    private var source: (any SpanSource)?
    private let frame: TraceFrame
    private var openMessages: [(content: Int, lengthBytes: Int)] = []
    @exclusivity(unchecked) private var lastSpan = 0

    package init(_ encoding: Encoding, resource: Resource, scope: InstrumentationScope) {
        self.encoding = encoding
        frame = TraceFrame(encoding, resource: resource, scope: scope)
    }

    package var bytes: UnsafeRawBufferPointer { output.bytes }

    package func begin(_ source: any SpanSource) {
        if self.source !== source {
            self.source = source
            json.forgetTexts()
            protobuf.forgetTexts()
        }
        spanCount = 0
        output.truncate(to: 0)
        frame.begin(&output, &openMessages)
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

    /// As the protocol's own, without its indirection for each span.
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
        spanCount -= 1
    }

    package func finish() {
        frame.finish(&output, &openMessages)
    }

    package func shrink() {
        output.truncate(to: 0)
        output.shrink(to: 256 * 1_024)
    }
}
