import SpanKitInputs
import SpanKitOTLP
import SpanKitRecording
import SpanKitShipping

/// Measures the traffic of spans that were read from files.
struct TrafficCounter {
    /// A trace, as far as tail sampling looks at it.
    private struct Trace {
        var spans = 0
        var matches = false
    }

    /// The maximum number of traces that are looked at. Beyond it, every second one is left out, and so on.
    private static let traceLimit = 500_000
    /// The part of the spans before the first and after the last second that counts, because some clocks are wrong.
    private static let edgeShare = 0.001

    private let rules: TailSampling?
    private var traces: [TraceID: Trace] = [:]
    private var traceMask: UInt64 = 0
    private var seconds: [Int64: Int] = [:]
    private var (first, last) = (Int64.max, Int64.min)
    private var batch: [DecodedSpan] = []
    private var (encodedSpans, plainBytes, sentBytes) = (0, 0, 0)
    /// The exporter's bodies are about as small as those of zlib at this level. Its own compressor needs spans that were recorded here.
    private let compressor = GzipCompressor(level: 6)
    private(set) var spanCount = 0

    /// - Parameter rules: the rules whose effect is measured; nil for none.
    init(_ rules: TailSampling?) {
        self.rules = rules
    }

    mutating func add(_ decoded: DecodedSpan) {
        let span = decoded.span
        spanCount += 1
        if span.startUnixNanoseconds > 0 {
            seconds[span.startUnixNanoseconds / 1_000_000_000, default: 0] += 1
            first = min(first, span.startUnixNanoseconds)
            last = max(last, span.startUnixNanoseconds, span.endUnixNanoseconds)
        }
        count(span)
        batch.append(decoded)
        if batch.count == 512 { encode() }
    }

    // MARK: Traces

    private mutating func count(_ span: RecordedSpan) {
        let id = span.context.traceID
        guard id.low & traceMask == 0 else { return }
        traces[id, default: Trace()].spans += 1
        if let rules, traces[id]?.matches == false, matches(span, rules) { traces[id]?.matches = true }
        guard traces.count > Self.traceLimit else { return }
        traceMask = traceMask << 1 | 1
        let mask = traceMask
        traces = traces.filter { $0.key.low & mask == 0 }
    }

    private func matches(_ span: RecordedSpan, _ rules: TailSampling) -> Bool {
        let isLocalRoot = span.parentSpanID == nil || span.parentIsRemote
        return rules.rules.contains { rule in
            switch rule {
            case .errors:
                if case .error = span.status { true } else { false }
            case .slow(let limit, let spans):
                (isLocalRoot || spans == .any)
                    && span.endUnixNanoseconds &- span.startUnixNanoseconds >= limit.nanoseconds
            case .attribute(let name, let least):
                span.attributes.contains { $0.key == name && ($0.value.number ?? -.infinity) >= least }
            case .slowerThanUsual: false
            }
        }
    }

    /// The part of the spans that the rules keep.
    private func keptShare(_ rules: TailSampling) -> Double {
        var byChance = rules.probability
        for case .slowerThanUsual(let quantile, _) in rules.rules { byChance = 1 - (1 - byChance) * quantile }
        // Whole numbers, so that the sum does not depend on the order of the traces.
        var (all, matching) = (0, 0)
        for trace in traces.values {
            all += trace.spans
            if trace.matches { matching += trace.spans }
        }
        return all > 0 ? (Double(matching) + Double(all - matching) * byChance) / Double(all) : 1
    }

    // MARK: Bytes

    /// Encodes and compresses the spans as the exporter does, in one request.
    private mutating func encode() {
        guard let head = batch.first else { return }
        let records = DetachedRecords()
        for decoded in batch { records.append(decoded.span) }
        let encoder = TraceEncoder(.json, resource: head.resource, scope: head.scope)
        _ = encoder.encode(records, spanLimit: .max, byteLimit: .max)
        encodedSpans += encoder.spanCount
        plainBytes += encoder.bytes.count
        sentBytes +=
            compressor.compress(encoder.bytes, hints: UnsafeBufferPointer(start: nil, count: 0))?.count
            ?? encoder.bytes.count
        batch.removeAll(keepingCapacity: true)
    }

    // MARK: Result

    /// The traffic; nil without spans, or if their times do not tell how long they took.
    /// - Parameter seconds: the time in which the spans were made; nil to take it from their times.
    mutating func traffic(seconds given: Double?) -> SpanTraffic? {
        encode()
        guard spanCount > 0, let duration = given ?? duration, duration > 0 else { return nil }
        var traffic = SpanTraffic(
            measurement: .init(
                spanCount: spanCount,
                seconds: duration,
                source: given == nil ? "from the start times of the spans" : "from --seconds"
            ),
            startedPerSecond: Double(spanCount) / duration
        )
        if given == nil, duration >= 120 {
            // The minutes at the edges are not whole.
            traffic.peakPerSecond = busiestMinute.map { max(traffic.startedPerSecond, Double($0) / 60) }
        }
        if encodedSpans > 0 {
            traffic.plainBytes = Double(plainBytes) / Double(encodedSpans)
            traffic.sentBytes = Double(sentBytes) / Double(encodedSpans)
            traffic.assumptions.append("Requests of 512 spans as OTLP JSON in gzip.")
        }
        if !traces.isEmpty {
            traffic.spansPerTrace = Double(traces.values.reduce(0) { $0 + $1.spans }) / Double(traces.count)
        }
        if let rules {
            traffic.tailShare = keptShare(rules)
            if rules.rules.contains(where: { if case .slowerThanUsual = $0 { true } else { false } }) {
                traffic.assumptions.append(
                    "A percentile rule keeps that part of the traces, independent of the other rules."
                )
            }
        }
        return traffic
    }

    /// The time from the first to the last start, without the few spans at the edges, in seconds.
    private var duration: Double? {
        guard first < last else { return nil }
        let order = seconds.keys.sorted()
        let edge = Int(Double(spanCount) * Self.edgeShare)
        func edgeSecond(_ order: some Sequence<Int64>) -> Int64? {
            var passed = 0
            return order.first { second in
                passed += seconds[second] ?? 0
                return passed > edge
            }
        }
        guard let start = edgeSecond(order), let end = edgeSecond(order.reversed()) else { return nil }
        // Whole seconds are too coarse for a short run.
        return end - start >= 10 ? Double(end - start + 1) : Double(last - first) / 1e9
    }

    private var busiestMinute: Int? {
        var minutes: [Int64: Int] = [:]
        for (second, count) in seconds { minutes[second / 60, default: 0] += count }
        return minutes.values.max()
    }
}

extension AttributeValue {
    fileprivate var number: Double? {
        switch self {
        case .int(let value): Double(value)
        case .double(let value): value
        default: nil
        }
    }
}
