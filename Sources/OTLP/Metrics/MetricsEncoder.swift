import SpanKitPercentiles
import SpanKitRecording

/// Makes the body of an OTLP metrics request (`ExportMetricsServiceRequest`); all points are cumulative since the same start.
package enum MetricsEncoder {
    /// - Parameters:
    ///   - startUnixNanoseconds: since when sums and distributions count.
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
        let times = Times(start: UInt64(max(0, startUnixNanoseconds)), now: UInt64(max(0, unixNanoseconds)))
        switch encoding {
        case .json: json(metrics, resource, scope, times, &output)
        case .protobuf: protobuf(metrics, resource, scope, times, &output)
        }
        return Array(output.bytes)
    }

    private struct Times {
        var start: UInt64
        var now: UInt64
    }

    // MARK: JSON

    private static func json(
        _ metrics: [Metric],
        _ resource: Resource,
        _ scope: InstrumentationScope,
        _ times: Times,
        _ output: inout Output
    ) {
        output.write("{\"resourceMetrics\":[{\"resource\":{")
        output.jsonAttributes(resource.attributes)
        output.write("},\"scopeMetrics\":[{\"scope\":{")
        output.jsonScope(scope)
        output.write("},\"metrics\":[")
        for (position, metric) in metrics.enumerated() {
            output.write(position > 0 ? ",{\"name\":" : "{\"name\":")
            output.json(metric.name)
            output.write(",\"description\":")
            output.json(metric.description)
            output.write(",\"unit\":")
            output.json(metric.unit)
            switch metric.kind {
            case .gauge, .unknown: output.write(",\"gauge\":{\"dataPoints\":[")
            case .sum: output.write(",\"sum\":{\"dataPoints\":[")
            case .histogram: output.write(",\"histogram\":{\"dataPoints\":[")
            case .exponentialHistogram: output.write(",\"exponentialHistogram\":{\"dataPoints\":[")
            case .summary: output.write(",\"summary\":{\"dataPoints\":[")
            }
            for (position, point) in metric.points.enumerated() {
                if position > 0 { output.write(",") }
                json(point, times, &output)
            }
            switch metric.kind {
            case .gauge, .unknown, .summary: output.write("]}}")
            case .sum(let isMonotonic):
                output.write("],\"aggregationTemporality\":2,\"isMonotonic\":")
                output.write(isMonotonic ? "true}}" : "false}}")
            case .histogram, .exponentialHistogram: output.write("],\"aggregationTemporality\":2}}")
            }
        }
        output.write("]")
        output.jsonSchemaURL(scope.schemaURL)
        output.write("}]")
        output.jsonSchemaURL(resource.schemaURL)
        output.write("}]}")
    }

    private static func json(_ point: Metric.Point, _ times: Times, _ output: inout Output) {
        output.write("{\"startTimeUnixNano\":\"")
        output.write(times.start)
        output.write("\",\"timeUnixNano\":\"")
        output.write(times.now)
        output.write("\",")
        output.jsonAttributes(point.attributes)
        switch point.value {
        case .int(let value):
            output.write(",\"asInt\":\"")
            output.reserve(32)
            output.decimal(value)
            output.write("\"}")
        case .double(let value):
            output.write(",\"asDouble\":")
            output.reserve(64)
            output.json(value)
            output.write("}")
        case .histogram(let histogram):
            json(count: histogram.count, sum: histogram.sum, &output)
            output.write(",\"bucketCounts\":[")
            for (position, count) in histogram.bucketCounts.enumerated() {
                output.write(position > 0 ? ",\"" : "\"")
                output.write(count)
                output.write("\"")
            }
            output.write("],\"explicitBounds\":[")
            for (position, edge) in histogram.edges.enumerated() {
                if position > 0 { output.write(",") }
                output.reserve(64)
                output.json(edge)
            }
            output.write("]}")
        case .exponentialHistogram(let histogram): json(histogram, &output)
        case .summary(let summary):
            json(count: summary.count, sum: summary.sum, &output)
            output.write(",\"quantileValues\":[")
            for (position, quantile) in summary.quantiles.enumerated() {
                output.write(position > 0 ? ",{\"quantile\":" : "{\"quantile\":")
                output.reserve(128)
                output.json(quantile.share)
                output.write(",\"value\":")
                output.reserve(64)
                output.json(quantile.value)
                output.write("}")
            }
            output.write("]}")
        }
    }

    private static func json(count: UInt64, sum: Double, _ output: inout Output) {
        output.write(",\"count\":\"")
        output.write(count)
        output.write("\",\"sum\":")
        output.reserve(64)
        output.json(sum)
    }

    private static func json(_ histogram: ExponentialHistogram, _ output: inout Output) {
        json(count: histogram.count, sum: histogram.sumInUnit, &output)
        output.write(",\"scale\":")
        output.reserve(32)
        output.decimal(Int64(histogram.scale))
        output.write(",\"zeroCount\":\"")
        output.write(histogram.zeroCount)
        output.write("\",\"positive\":{\"offset\":")
        output.reserve(32)
        output.decimal(Int64(histogram.firstBucketIndex))
        output.write(",\"bucketCounts\":[")
        for (position, count) in histogram.bucketCounts.enumerated() {
            output.write(position > 0 ? ",\"" : "\"")
            output.write(count)
            output.write("\"")
        }
        output.write("]}")
        if !histogram.isEmpty {
            output.write(",\"min\":")
            output.reserve(64)
            output.json(histogram.minimumInUnit)
            output.write(",\"max\":")
            output.reserve(64)
            output.json(histogram.maximumInUnit)
        }
        output.write("}")
    }

    // MARK: Protobuf

    private static func protobuf(
        _ metrics: [Metric],
        _ resource: Resource,
        _ scope: InstrumentationScope,
        _ times: Times,
        _ output: inout Output
    ) {
        let resourceMetrics = output.beginMessage(0x0A, lengthBytes: 3)
        let resourceMessage = output.beginMessage(0x0A)
        output.protobufAttributes(resource.attributes, tag: 0x0A)
        output.endMessage(resourceMessage)
        let scopeMetrics = output.beginMessage(0x12, lengthBytes: 3)
        let scopeMessage = output.beginMessage(0x0A)
        if !scope.name.isEmpty { output.field(0x0A, text: scope.name) }
        if !scope.version.isEmpty { output.field(0x12, text: scope.version) }
        output.protobufAttributes(scope.attributes, tag: 0x1A)
        output.endMessage(scopeMessage)
        for metric in metrics { protobuf(metric, times, &output) }
        if !scope.schemaURL.isEmpty { output.field(0x1A, text: scope.schemaURL) }
        output.endMessage(scopeMetrics)
        if !resource.schemaURL.isEmpty { output.field(0x1A, text: resource.schemaURL) }
        output.endMessage(resourceMetrics)
    }

    private static func protobuf(_ metric: Metric, _ times: Times, _ output: inout Output) {
        let message = output.beginMessage(0x12, lengthBytes: 2)
        if !metric.name.isEmpty { output.field(0x0A, text: metric.name) }
        if !metric.description.isEmpty { output.field(0x12, text: metric.description) }
        if !metric.unit.isEmpty { output.field(0x1A, text: metric.unit) }
        let tag: UInt8 =
            switch metric.kind {
            case .gauge, .unknown: 0x2A
            case .sum: 0x3A
            case .histogram: 0x4A
            case .exponentialHistogram: 0x52
            case .summary: 0x5A
            }
        let data = output.beginMessage(tag, lengthBytes: 2)
        for point in metric.points { protobuf(point, times, &output) }
        output.reserve(16)
        switch metric.kind {
        case .gauge, .unknown, .summary: break
        case .sum(let isMonotonic):
            output.byte(0x10)
            output.byte(2)
            if isMonotonic {
                output.byte(0x18)
                output.byte(1)
            }
        case .histogram, .exponentialHistogram:
            output.byte(0x10)
            output.byte(2)
        }
        output.endMessage(data)
        output.endMessage(message)
    }

    private static func protobuf(_ point: Metric.Point, _ times: Times, _ output: inout Output) {
        let message = output.beginMessage(0x0A)
        // The attributes of an exponential histogram come first, those of the others last, each under a number of its own.
        if case .exponentialHistogram = point.value { output.protobufAttributes(point.attributes, tag: 0x0A) }
        output.reserve(64)
        output.fixed64(tag: 0x11, times.start)
        output.fixed64(tag: 0x19, times.now)
        switch point.value {
        case .int(let value):
            output.fixed64(tag: 0x31, UInt64(bitPattern: value))
            output.protobufAttributes(point.attributes, tag: 0x3A)
        case .double(let value):
            output.fixed64(tag: 0x21, value.bitPattern)
            output.protobufAttributes(point.attributes, tag: 0x3A)
        case .histogram(let histogram):
            output.fixed64(tag: 0x21, histogram.count)
            output.fixed64(tag: 0x29, histogram.sum.bitPattern)
            protobuf(histogram.bucketCounts, tag: 0x32, &output)
            protobuf(histogram.edges.map(\.bitPattern), tag: 0x3A, &output)
            output.protobufAttributes(point.attributes, tag: 0x4A)
        case .exponentialHistogram(let histogram): protobuf(histogram, &output)
        case .summary(let summary):
            output.fixed64(tag: 0x21, summary.count)
            output.fixed64(tag: 0x29, summary.sum.bitPattern)
            for quantile in summary.quantiles {
                let message = output.beginMessage(0x32)
                output.reserve(32)
                output.fixed64(tag: 0x09, quantile.share.bitPattern)
                output.fixed64(tag: 0x11, quantile.value.bitPattern)
                output.endMessage(message)
            }
            output.protobufAttributes(point.attributes, tag: 0x3A)
        }
        output.endMessage(message)
    }

    private static func protobuf(_ numbers: [UInt64], tag: UInt8, _ output: inout Output) {
        let message = output.beginMessage(tag, lengthBytes: 2)
        output.reserve(numbers.count * 8)
        for number in numbers { output.fixed64(number) }
        output.endMessage(message)
    }

    private static func protobuf(_ histogram: ExponentialHistogram, _ output: inout Output) {
        output.reserve(128)
        output.fixed64(tag: 0x21, histogram.count)
        output.fixed64(tag: 0x29, histogram.sumInUnit.bitPattern)
        output.byte(0x30)
        output.zigzag(Int32(histogram.scale))
        output.fixed64(tag: 0x39, histogram.zeroCount)
        let positive = output.beginMessage(0x42, lengthBytes: 2)
        output.reserve(16)
        output.byte(0x08)
        output.zigzag(Int32(clamping: histogram.firstBucketIndex))
        let counts = output.beginMessage(0x12, lengthBytes: 2)
        output.reserve(histogram.bucketCounts.count * 10)
        for count in histogram.bucketCounts { output.varint(count) }
        output.endMessage(counts)
        output.endMessage(positive)
        guard !histogram.isEmpty else { return }
        output.reserve(32)
        output.fixed64(tag: 0x61, histogram.minimumInUnit.bitPattern)
        output.fixed64(tag: 0x69, histogram.maximumInUnit.bitPattern)
    }
}

extension Output {
    /// A fragment with room made for it.
    fileprivate mutating func write(_ text: StaticString) {
        reserve(text.utf8CodeUnitCount)
        fragment(text)
    }

    fileprivate mutating func write(_ number: UInt64) {
        reserve(20)
        decimal(number)
    }

    fileprivate mutating func fixed64(tag: UInt8, _ value: UInt64) {
        byte(tag)
        fixed64(value)
    }
}

extension ExponentialHistogram {
    /// What the numbers of the histogram are divided by to be in the unit of its boundaries.
    private var divisor: Double { unit == .seconds ? 1e9 : 1 }
    fileprivate var sumInUnit: Double { Double(sumNanoseconds) / divisor }
    fileprivate var minimumInUnit: Double { Double(minimumNanoseconds) / divisor }
    fileprivate var maximumInUnit: Double { Double(maximumNanoseconds) / divisor }
}
