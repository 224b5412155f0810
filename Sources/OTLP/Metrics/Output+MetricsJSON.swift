extension Output {
    mutating func json(_ metric: Metric, _ times: MetricTimes) {
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
        list(metric.points) { $0.json($1, times.times(of: $1, metric.kind)) }
        write("]")
        if field.hasTemporality {
            write(",\"aggregationTemporality\":")
            write(UInt64(metric.temporality.number))
        }
        if case .sum(let isMonotonic) = metric.kind {
            write(isMonotonic ? ",\"isMonotonic\":true" : ",\"isMonotonic\":false")
        }
        write("}}")
    }

    private mutating func json(_ point: Metric.Point, _ times: (start: UInt64, now: UInt64)) {
        write("{")
        if times.start != 0 {
            write("\"startTimeUnixNano\":\"")
            write(times.start)
            write("\",")
        }
        write("\"timeUnixNano\":\"")
        write(times.now)
        write("\",")
        jsonAttributes(point.attributes)
        switch point.value {
        case .int(let value): json(.int(value))
        case .double(let value): json(.double(value))
        case .histogram(let histogram):
            json(count: histogram.count, sum: histogram.sum)
            json(bucketCounts: histogram.bucketCounts)
            write(",\"explicitBounds\":[")
            list(histogram.bounds) { $0.write($1) }
            write("]")
            json(minimum: histogram.minimum, maximum: histogram.maximum)
        case .distribution(let distribution): json(distribution)
        case .summary(let summary):
            json(count: summary.count, sum: summary.sum)
            write(",\"quantileValues\":[")
            list(summary.quantiles) { output, quantile in
                output.write("{\"quantile\":")
                output.write(quantile.quantile)
                output.write(",\"value\":")
                output.write(quantile.value)
                output.write("}")
            }
            write("]")
        case .missing:
            write(",\"flags\":")
            write(UInt64(noRecordedValue))
        }
        if !point.exemplars.isEmpty {
            write(",\"exemplars\":[")
            list(point.exemplars) { $0.json($1) }
            write("]")
        }
        write("}")
    }

    private mutating func json(_ value: Exemplar.Value) {
        switch value {
        case .int(let value):
            write(",\"asInt\":\"")
            write(value)
            write("\"")
        case .double(let value):
            write(",\"asDouble\":")
            write(value)
        }
    }

    private mutating func json(_ exemplar: Exemplar) {
        write("{\"timeUnixNano\":\"")
        write(UInt64(max(0, exemplar.time)))
        write("\"")
        json(exemplar.value)
        if exemplar.traceID.isValid, exemplar.spanID.isValid {
            reserve(128)
            fragment(",\"traceId\":\"")
            hexadecimal(exemplar.traceID.high)
            hexadecimal(exemplar.traceID.low)
            fragment("\",\"spanId\":\"")
            hexadecimal(exemplar.spanID.rawValue)
            fragment("\"")
        }
        if !exemplar.filteredAttributes.isEmpty {
            write(",\"filteredAttributes\":[")
            jsonAttributeList(exemplar.filteredAttributes)
            write("]")
        }
        write("}")
    }

    private mutating func json(_ distribution: ExponentialDistribution) {
        json(count: distribution.count, sum: distribution.sum)
        write(",\"scale\":")
        write(Int64(distribution.scale))
        write(",\"zeroCount\":\"")
        write(distribution.zeroCount)
        write("\"")
        if !distribution.positive.counts.isEmpty {
            write(",\"positive\":")
            json(distribution.positive)
        }
        if !distribution.negative.counts.isEmpty {
            write(",\"negative\":")
            json(distribution.negative)
        }
        json(minimum: distribution.minimum, maximum: distribution.maximum)
        if distribution.zeroThreshold != 0 {
            write(",\"zeroThreshold\":")
            write(distribution.zeroThreshold)
        }
    }

    private mutating func json(_ buckets: ExponentialDistribution.Buckets) {
        write("{\"offset\":")
        write(Int64(buckets.offset))
        json(bucketCounts: buckets.counts)
        write("}")
    }

    private mutating func json(count: UInt64, sum: Double?) {
        write(",\"count\":\"")
        write(count)
        write("\"")
        if let sum {
            write(",\"sum\":")
            write(sum)
        }
    }

    private mutating func json(minimum: Double?, maximum: Double?) {
        if let minimum {
            write(",\"min\":")
            write(minimum)
        }
        if let maximum {
            write(",\"max\":")
            write(maximum)
        }
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
    mutating func list<Element>(_ elements: [Element], _ body: (inout Output, Element) -> Void) {
        for (position, element) in elements.enumerated() {
            if position > 0 { write(",") }
            body(&self, element)
        }
    }
}
