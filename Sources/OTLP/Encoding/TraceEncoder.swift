import SpanKitRecording

/// Encodes ended spans as the body of an OTLP request (`ExportTraceServiceRequest`), directly from the log.
///
/// For each record, it copies the fixed pieces and formats the values into the body, without objects in between. A body has the
/// spans of one resource. Spans of the program's scope are written into the body directly; those of libraries are collected by scope
/// (``LibrarySpans``) and follow them.
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
    /// The number of the last span's scope.
    @exclusivity(unchecked) private var lastScope: UInt32 = 0
    private var scopeStart = 0
    private let libraries: LibrarySpans

    /// - Parameter givesHints: whether to collect ``hints`` for a compressor.
    package init(_ encoding: Encoding, resource: Resource, scope: InstrumentationScope, givesHints: Bool = true) {
        self.encoding = encoding
        json = JSONSpanWriter(givesHints: givesHints)
        frame = BodyFrame(encoding, .spans, resource: resource)
        self.scope = ScopeFrame(encoding, .spans, scope)
        libraries = LibrarySpans(encoding, program: scope, givesHints: givesHints)
    }

    /// The bytes of the spans in the body so far.
    package var byteCount: Int { output.count + libraries.byteCount }
    package var bytes: UnsafeRawBufferPointer { output.bytes }
    package var hints: UnsafeBufferPointer<RepeatHint> { json.hints }

    package func begin(_ source: any SpanSource) {
        if self.source !== source {
            self.source = source
            json.forgetTexts()
            protobuf.forgetTexts()
            libraries.forgetScopes()
        }
        spanCount = 0
        output.truncate(to: 0)
        json.begin()
        libraries.removeAll()
        frame.begin(&output)
        scopeStart = output.count
        scope.begin(&output)
    }

    package func append(_ record: SpanRecord) {
        if let source { append(record, source) }
    }

    @inline(__always)
    private func append(_ record: SpanRecord, _ source: any SpanSource) {
        lastScope = record.header.scope
        guard lastScope == 0 else {
            libraries.append(record, source)
            spanCount += 1
            return
        }
        lastSpan = output.count
        switch encoding {
        case .json:
            if spanCount > libraries.spanCount {
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
            guard byteCount > byteLimit, spanCount > 1 else { return true }
            removeLast()
            return false
        }
        finish()
        return stretches
    }

    package func removeLast() {
        spanCount -= 1
        guard lastScope == 0 else { return libraries.removeLast() }
        output.truncate(to: lastSpan)
        json.truncateHints(to: lastSpan)
    }

    package func finish() {
        let libraryCount = libraries.spanCount
        if libraryCount > 0, libraryCount == spanCount {
            output.truncate(to: scopeStart)
            scope.cancel()
        } else {
            scope.finish(&output)
        }
        if libraryCount > 0 {
            libraries.write(to: &output, hints: &json, isFirst: libraryCount == spanCount)
            libraries.removeAll()
        }
        frame.finish(&output)
    }

    package func shrink() {
        output.truncate(to: 0)
        output.shrink(to: 256 * 1_024)
        json.shrink()
        libraries.forgetScopes()
    }
}
