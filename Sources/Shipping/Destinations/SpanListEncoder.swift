import SpanKitOTLP
import SpanKitRecording

/// Collects copies of spans, for exporters that take spans.
final class SpanListEncoder: SpanEncoder {
    private var source: (any SpanSource)?
    private var list = DecodedSpans()
    private var bytesOfLast = 0

    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: nil, count: 0) }
    var decoded: DecodedSpans? { list }
    var spanCount: Int { list.spans.count }

    func begin(_ source: any SpanSource) {
        self.source = source
        list = DecodedSpans()
    }

    func append(_ record: SpanRecord) {
        guard let source else { return }
        // The copy takes several times the memory of the record.
        bytesOfLast = 512 + 4 * record.payload.count
        list.spans.append(record.recordedSpan(texts: source.text(of:), scopes: source.scope(of:)))
        list.memoryBytes += bytesOfLast
    }

    func removeLast() {
        list.spans.removeLast()
        list.memoryBytes -= bytesOfLast
    }

    func encode(_ source: any SpanSource, spanLimit: Int, byteLimit: Int) -> [LogStretch] {
        begin(source)
        return source.read { record in
            guard spanCount < spanLimit else { return false }
            append(record)
            guard list.memoryBytes > byteLimit, spanCount > 1 else { return true }
            removeLast()
            return false
        }
    }

    func finish() {}

    func shrink() {
        list = DecodedSpans()
    }
}
