import SpanKitPercentiles
import SpanKitRecording

/// Encodes the body of an OTLP metrics request (`ExportMetricsServiceRequest`). All points are cumulative since the same start.
package enum MetricsEncoder {
    /// The body with these metrics.
    /// - Parameters:
    ///   - startUnixNanoseconds: the time since which sums and distributions count.
    ///   - unixNanoseconds: the time of all points.
    package static func encode(
        _ metrics: [Metric],
        _ encoding: Encoding,
        resource: Resource,
        scope: InstrumentationScope,
        startUnixNanoseconds: Int64,
        unixNanoseconds: Int64
    ) -> [UInt8] {
        var output = Output()
        var frame = BodyFrame(encoding, .metrics, resource: resource, scope: scope)
        let times = Times(start: UInt64(max(0, startUnixNanoseconds)), now: UInt64(max(0, unixNanoseconds)))
        frame.begin(&output)
        switch encoding {
        case .json: output.list(metrics) { $0.json($1, times) }
        case .protobuf: for metric in metrics { output.protobuf(metric, times) }
        }
        frame.finish(&output)
        return Array(output.bytes)
    }
}

private struct Times {
    var start: UInt64
    var now: UInt64
}

extension Metric.Kind {
    /// The field of a metric that holds its points: the name in JSON, the tag in protobuf, and whether it has a temporality.
    fileprivate var field: (name: StaticString, tag: UInt8, hasTemporality: Bool) {
        switch self {
        case .gauge, .unknown: ("gauge", 0x2A, false)
        case .sum: ("sum", 0x3A, true)
        case .histogram: ("histogram", 0x4A, true)
        case .exponentialHistogram: ("exponentialHistogram", 0x52, true)
        case .summary: ("summary", 0x5A, false)
        }
    }
}

extension ExponentialHistogram {
    /// Converts the histogram's numbers to the unit of its boundaries.
    private var divisor: Double { unit == .seconds ? 1e9 : 1 }
    fileprivate var sumInUnit: Double { Double(sumNanoseconds) / divisor }
    fileprivate var minimumInUnit: Double { Double(minimumNanoseconds) / divisor }
    fileprivate var maximumInUnit: Double { Double(maximumNanoseconds) / divisor }
}

// MARK: JSON

extension Output {
    fileprivate mutating func json(_ metric: Metric, _ times: Times) {
        let field = metric.kind.field
        write("{\"name\":")
        json(metric.name)
        write(",\"description\":")
        json(metric.description)
        write(",\"unit\":")
        json(metric.unit)
        write(",\"")
        write(field.name)
        write("\":{\"dataPoints\":[")
        list(metric.points) { $0.json($1, times) }
        write(field.hasTemporality ? "],\"aggregationTemporality\":2" : "]")
        if case .sum(let isMonotonic) = metric.kind {
            write(isMonotonic ? ",\"isMonotonic\":true" : ",\"isMonotonic\":false")
        }
        write("}}")
    }

    private mutating func json(_ point: Metric.Point, _ times: Times) {
        write("{\"startTimeUnixNano\":\"")
        write(times.start)
        write("\",\"timeUnixNano\":\"")
        write(times.now)
        write("\",")
        jsonAttributes(point.attributes)
        switch point.value {
        case .int(let value):
            write(",\"asInt\":\"")
            write(value)
            write("\"")
        case .double(let value):
            write(",\"asDouble\":")
            write(value)
        case .histogram(let histogram):
            json(count: histogram.count, sum: histogram.sum)
            json(bucketCounts: histogram.bucketCounts)
            write(",\"explicitBounds\":[")
            list(histogram.edges) { $0.write($1) }
            write("]")
        case .exponentialHistogram(let histogram): json(histogram)
        case .summary(let summary):
            json(count: summary.count, sum: summary.sum)
            write(",\"quantileValues\":[")
            list(summary.quantiles) { output, quantile in
                output.write("{\"quantile\":")
                output.write(quantile.share)
                output.write(",\"value\":")
                output.write(quantile.value)
                output.write("}")
            }
            write("]")
        }
        write("}")
    }

    private mutating func json(_ histogram: ExponentialHistogram) {
        json(count: histogram.count, sum: histogram.sumInUnit)
        write(",\"scale\":")
        write(Int64(histogram.scale))
        write(",\"zeroCount\":\"")
        write(histogram.zeroCount)
        write("\",\"positive\":{\"offset\":")
        write(Int64(histogram.firstBucketIndex))
        json(bucketCounts: histogram.bucketCounts)
        write("}")
        guard !histogram.isEmpty else { return }
        write(",\"min\":")
        write(histogram.minimumInUnit)
        write(",\"max\":")
        write(histogram.maximumInUnit)
    }

    private mutating func json(count: UInt64, sum: Double) {
        write(",\"count\":\"")
        write(count)
        write("\",\"sum\":")
        write(sum)
    }

    private mutating func json(bucketCounts: [UInt64]) {
        write(",\"bucketCounts\":[")
        list(bucketCounts) { output, count in
            output.write("\"")
            output.write(count)
            output.write("\"")
        }
        write("]")
    }

    /// The elements with commas between them.
    fileprivate mutating func list<Element>(_ elements: [Element], _ body: (inout Output, Element) -> Void) {
        for (position, element) in elements.enumerated() {
            if position > 0 { write(",") }
            body(&self, element)
        }
    }
}

// MARK: Protobuf

extension Output {
    fileprivate mutating func protobuf(_ metric: Metric, _ times: Times) {
        let message = beginMessage(0x12, lengthBytes: 2)
        field(0x0A, unlessEmpty: metric.name)
        field(0x12, unlessEmpty: metric.description)
        field(0x1A, unlessEmpty: metric.unit)
        let field = metric.kind.field
        let data = beginMessage(field.tag, lengthBytes: 2)
        for point in metric.points { protobuf(point, times) }
        reserve(16)
        if field.hasTemporality {
            byte(0x10)
            byte(2)
        }
        if case .sum(isMonotonic: true) = metric.kind {
            byte(0x18)
            byte(1)
        }
        endMessage(data)
        endMessage(message)
    }

    private mutating func protobuf(_ point: Metric.Point, _ times: Times) {
        let message = beginMessage(0x0A)
        // Fields are in the order of their numbers, and the number of the attributes depends on the type of the point.
        if case .exponentialHistogram = point.value { protobufAttributes(point.attributes, tag: 0x0A) }
        reserve(64)
        fixed64(tag: 0x11, times.start)
        fixed64(tag: 0x19, times.now)
        switch point.value {
        case .int(let value):
            fixed64(tag: 0x31, UInt64(bitPattern: value))
            protobufAttributes(point.attributes, tag: 0x3A)
        case .double(let value):
            fixed64(tag: 0x21, value.bitPattern)
            protobufAttributes(point.attributes, tag: 0x3A)
        case .histogram(let histogram):
            fixed64(tag: 0x21, histogram.count)
            fixed64(tag: 0x29, histogram.sum.bitPattern)
            protobuf(histogram.bucketCounts, tag: 0x32)
            protobuf(histogram.edges.map(\.bitPattern), tag: 0x3A)
            protobufAttributes(point.attributes, tag: 0x4A)
        case .exponentialHistogram(let histogram): protobuf(histogram)
        case .summary(let summary):
            fixed64(tag: 0x21, summary.count)
            fixed64(tag: 0x29, summary.sum.bitPattern)
            for quantile in summary.quantiles {
                let message = beginMessage(0x32)
                reserve(32)
                fixed64(tag: 0x09, quantile.share.bitPattern)
                fixed64(tag: 0x11, quantile.value.bitPattern)
                endMessage(message)
            }
            protobufAttributes(point.attributes, tag: 0x3A)
        }
        endMessage(message)
    }

    private mutating func protobuf(_ histogram: ExponentialHistogram) {
        reserve(128)
        fixed64(tag: 0x21, histogram.count)
        fixed64(tag: 0x29, histogram.sumInUnit.bitPattern)
        byte(0x30)
        zigzag(Int32(histogram.scale))
        fixed64(tag: 0x39, histogram.zeroCount)
        let positive = beginMessage(0x42, lengthBytes: 2)
        reserve(16)
        byte(0x08)
        zigzag(Int32(clamping: histogram.firstBucketIndex))
        let counts = beginMessage(0x12, lengthBytes: 2)
        reserve(histogram.bucketCounts.count * 10)
        for count in histogram.bucketCounts { varint(count) }
        endMessage(counts)
        endMessage(positive)
        guard !histogram.isEmpty else { return }
        reserve(32)
        fixed64(tag: 0x61, histogram.minimumInUnit.bitPattern)
        fixed64(tag: 0x69, histogram.maximumInUnit.bitPattern)
    }

    private mutating func protobuf(_ numbers: [UInt64], tag: UInt8) {
        let message = beginMessage(tag, lengthBytes: 2)
        reserve(numbers.count * 8)
        for number in numbers { fixed64(number) }
        endMessage(message)
    }

    private mutating func fixed64(tag: UInt8, _ value: UInt64) {
        byte(tag)
        fixed64(value)
    }
}
