import SpanKitRecording

extension Output {
    mutating func protobuf(_ metric: Metric, _ times: MetricTimes) {
        let message = beginMessage(0x12, lengthBytes: 2)
        field(0x0A, unlessEmpty: metric.name)
        field(0x12, unlessEmpty: metric.description)
        field(0x1A, unlessEmpty: metric.unit)
        let field = metric.kind.field
        let data = beginMessage(field.tag, lengthBytes: 2)
        for point in metric.points { protobuf(point, metric.kind, times.times(of: point, metric.kind)) }
        reserve(16)
        if field.hasTemporality { small(tag: 0x10, metric.temporality.number) }
        if case .sum(isMonotonic: true) = metric.kind { small(tag: 0x18, 1) }
        endMessage(data)
        endMessage(message)
    }

    private mutating func protobuf(_ point: Metric.Point, _ kind: Metric.Kind, _ times: (start: UInt64, now: UInt64)) {
        let message = beginMessage(0x0A)
        let tags = kind.pointTags
        protobufAttributes(point.attributes, tag: tags.attributes)
        reserve(64)
        if times.start != 0 { fixed64(tag: 0x11, times.start) }
        fixed64(tag: 0x19, times.now)
        switch point.value {
        case .int(let value): fixed64(tag: 0x31, UInt64(bitPattern: value))
        case .double(let value): fixed64(tag: 0x21, value)
        case .histogram(let histogram):
            fixed64(tag: 0x21, histogram.count)
            fixed64(tag: 0x29, ifPresent: histogram.sum)
            protobuf(histogram.bucketCounts, tag: 0x32)
            protobuf(histogram.bounds.map(\.bitPattern), tag: 0x3A)
            reserve(32)
            fixed64(tag: 0x59, ifPresent: histogram.minimum)
            fixed64(tag: 0x61, ifPresent: histogram.maximum)
        case .distribution(let distribution): protobuf(distribution)
        case .summary(let summary):
            fixed64(tag: 0x21, summary.count)
            fixed64(tag: 0x29, summary.sum)
            for quantile in summary.quantiles {
                let message = beginMessage(0x32)
                reserve(32)
                fixed64(tag: 0x09, quantile.quantile)
                fixed64(tag: 0x11, quantile.value)
                endMessage(message)
            }
        case .missing: small(tag: tags.flags, noRecordedValue)
        }
        if let tag = tags.exemplars {
            for exemplar in point.exemplars { protobuf(exemplar, tag: tag) }
        }
        endMessage(message)
    }

    private mutating func protobuf(_ exemplar: Exemplar, tag: UInt8) {
        let message = beginMessage(tag)
        reserve(64)
        fixed64(tag: 0x11, UInt64(max(0, exemplar.time)))
        switch exemplar.value {
        case .int(let value): fixed64(tag: 0x31, UInt64(bitPattern: value))
        case .double(let value): fixed64(tag: 0x19, value)
        }
        if exemplar.traceID.isValid, exemplar.spanID.isValid {
            byte(0x22)
            byte(8)
            store(exemplar.spanID.rawValue.bigEndian)
            byte(0x2A)
            byte(16)
            store(exemplar.traceID.high.bigEndian)
            store(exemplar.traceID.low.bigEndian)
        }
        protobufAttributes(exemplar.filteredAttributes, tag: 0x3A)
        endMessage(message)
    }

    private mutating func protobuf(_ distribution: ExponentialDistribution) {
        reserve(128)
        fixed64(tag: 0x21, distribution.count)
        fixed64(tag: 0x29, ifPresent: distribution.sum)
        byte(0x30)
        zigzag(Int32(clamping: distribution.scale))
        fixed64(tag: 0x39, distribution.zeroCount)
        protobuf(distribution.positive, tag: 0x42)
        protobuf(distribution.negative, tag: 0x4A)
        reserve(64)
        fixed64(tag: 0x61, ifPresent: distribution.minimum)
        fixed64(tag: 0x69, ifPresent: distribution.maximum)
        if distribution.zeroThreshold != 0 { fixed64(tag: 0x71, distribution.zeroThreshold) }
    }

    private mutating func protobuf(_ buckets: ExponentialDistribution.Buckets, tag: UInt8) {
        guard !buckets.counts.isEmpty else { return }
        let message = beginMessage(tag, lengthBytes: 2)
        reserve(16)
        byte(0x08)
        zigzag(Int32(clamping: buckets.offset))
        let counts = beginMessage(0x12, lengthBytes: 2)
        reserve(buckets.counts.count * 10)
        for count in buckets.counts { varint(count) }
        endMessage(counts)
        endMessage(message)
    }

    private mutating func protobuf(_ numbers: [UInt64], tag: UInt8) {
        guard !numbers.isEmpty else { return }
        let message = beginMessage(tag, lengthBytes: 2)
        reserve(numbers.count * 8)
        for number in numbers { fixed64(number) }
        endMessage(message)
    }

    private mutating func fixed64(tag: UInt8, _ value: UInt64) {
        byte(tag)
        fixed64(value)
    }

    private mutating func fixed64(tag: UInt8, _ value: Double) { fixed64(tag: tag, value.bitPattern) }

    private mutating func fixed64(tag: UInt8, ifPresent value: Double?) {
        if let value { fixed64(tag: tag, value.bitPattern) }
    }

    /// A field with a number below 128.
    private mutating func small(tag: UInt8, _ number: UInt8) {
        byte(tag)
        byte(number)
    }
}

extension Metric.Kind {
    /// The tags of the fields whose number depends on the type of the point.
    fileprivate var pointTags: (attributes: UInt8, exemplars: UInt8?, flags: UInt8) {
        switch self {
        case .gauge, .sum, .unknown: (0x3A, 0x2A, 0x40)
        case .histogram: (0x4A, 0x42, 0x50)
        case .exponentialHistogram: (0x0A, 0x5A, 0x50)
        case .summary: (0x3A, nil, 0x40)
        }
    }
}
