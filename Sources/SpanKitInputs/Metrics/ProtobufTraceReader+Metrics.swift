import SpanKitOTLP
import SpanKitPlatform
import SpanKitRecording

// Metrics in binary OTLP (`opentelemetry/proto/metrics/v1/metrics.proto`). They become the same as those of JSON.

extension MetricParts {
    /// The kind of the data in a field of a metric; `nil` for other fields.
    static func kind(ofField number: Int) -> Metric.Kind? {
        switch number {
        case 5: .gauge
        case 7: .sum(isMonotonic: false)
        case 9: .histogram
        case 10: .exponentialHistogram
        case 11: .summary
        default: nil
        }
    }
}

extension ProtobufTraceReader {
    mutating func readMetric(_ message: ArraySlice<UInt8>, _ resource: Resource, _ scope: InstrumentationScope) {
        var parts = MetricParts(place: message.startIndex)
        var reader = ProtobufFieldReader(message)
        while let field = reader.next() {
            switch (field.number, field.wire) {
            case (1, 2): parts.name = text(field)
            case (2, 2): parts.description = text(field)
            case (3, 2): parts.unit = text(field)
            case (let number, 2) where MetricParts.kind(ofField: number) != nil:
                parts.kind = MetricParts.kind(ofField: number)
                readData(field.content, &parts)
            // Metadata, as in JSON.
            case (12, 2): break
            default: unknownFieldCount += 1
            }
        }
        guard isWhole(reader, "the metric \(parts.name.quoted)", "it is left out") else { return }
        if let metric = parts.decoded(resource, scope, note: { note($0, at: $1) }) { metrics.append(metric) }
    }

    private mutating func readData(_ message: ArraySlice<UInt8>, _ parts: inout MetricParts) {
        var reader = ProtobufFieldReader(message)
        while let field = reader.next() {
            switch (field.number, field.wire) {
            case (1, 2): if let point = readPoint(field.content, parts.kind) { parts.points.append(point) }
            case (2, 0): parts.temporality = field.integer
            case (3, 0): parts.isMonotonic = field.integer != 0
            default: unknownFieldCount += 1
            }
        }
        _ = isWhole(reader, "the data of a metric", "what was read before that is kept")
    }

    private mutating func readPoint(_ message: ArraySlice<UInt8>, _ kind: Metric.Kind?) -> PointParts? {
        var point = PointParts(place: message.startIndex)
        var attributes = UniqueAttributes()
        var reader = ProtobufFieldReader(message)
        // The number of the attributes and of other fields depends on the kind.
        let attributeField =
            switch kind {
            case .histogram: 9
            case .exponentialHistogram: 1
            default: 7
            }
        while let field = reader.next() {
            switch (field.number, field.wire) {
            case (attributeField, 2):
                if let attribute = attribute(field.content, depth: 1) { attributes.set(attribute) }
            case (2, 1): point.start = time(field)
            case (3, 1): point.time = time(field)
            default: read(field, kind, &point)
            }
        }
        point.attributes = attributes.list
        return isWhole(reader, "a point", "it is left out") ? point : nil
    }

    /// Reads a field of a point other than its times and its attributes.
    private mutating func read(_ field: ProtobufField, _ kind: Metric.Kind?, _ point: inout PointParts) {
        let double = Double(bitPattern: field.integer)
        switch (kind, field.number, field.wire) {
        // The fields of a gauge and of a sum. Exemplars are skipped, as in JSON.
        case (.gauge, 4, 1), (.sum, 4, 1): point.number = .double(double)
        case (.gauge, 6, 1), (.sum, 6, 1): point.number = .int(Int64(bitPattern: field.integer))
        case (.gauge, 5, 2), (.sum, 5, 2): break
        case (.gauge, 8, 0), (.sum, 8, 0): point.flags = field.integer
        case (.histogram, 4, 1), (.exponentialHistogram, 4, 1), (.summary, 4, 1): point.count = field.integer
        case (.histogram, 5, 1), (.exponentialHistogram, 5, 1), (.summary, 5, 1): point.sum = double
        case (.histogram, 6, 2), (.histogram, 6, 1): point.bucketCounts += fixedNumbers(field)
        case (.histogram, 7, 2), (.histogram, 7, 1): point.bounds += fixedNumbers(field).map { Double(bitPattern: $0) }
        case (.histogram, 8, 2), (.exponentialHistogram, 11, 2): break
        case (.histogram, 10, 0), (.exponentialHistogram, 10, 0), (.summary, 8, 0): point.flags = field.integer
        case (.histogram, 11, 1), (.exponentialHistogram, 12, 1): point.minimum = double
        case (.histogram, 12, 1), (.exponentialHistogram, 13, 1): point.maximum = double
        case (.exponentialHistogram, 6, 0): point.scale = Self.signed(field.integer)
        case (.exponentialHistogram, 7, 1): point.zeroCount = field.integer
        case (.exponentialHistogram, 8, 2): point.positive = readBuckets(field.content)
        case (.exponentialHistogram, 9, 2): point.negative = readBuckets(field.content)
        case (.exponentialHistogram, 14, 1): point.zeroThreshold = double
        case (.summary, 6, 2): point.quantiles.append(readQuantile(field.content))
        default: unknownFieldCount += 1
        }
    }

    private mutating func readBuckets(_ message: ArraySlice<UInt8>) -> ExponentialDistribution.Buckets {
        var buckets = ExponentialDistribution.Buckets()
        var reader = ProtobufFieldReader(message)
        while let field = reader.next() {
            switch (field.number, field.wire) {
            case (1, 0): buckets.offset = Self.signed(field.integer)
            case (2, 0): buckets.counts.append(field.integer)
            case (2, 2):
                var place = field.content.startIndex
                while place < field.content.endIndex, let count = try? Varint.read(field.content, at: &place) {
                    buckets.counts.append(count)
                }
            default: unknownFieldCount += 1
            }
        }
        // If counts are missing, they do not add up to the count of the point, which is noted there.
        _ = isWhole(reader, "the buckets of a histogram", "what was read before that is kept")
        return buckets
    }

    private mutating func readQuantile(_ message: ArraySlice<UInt8>) -> QuantileSummary.Quantile {
        var quantile = QuantileSummary.Quantile(0, 0)
        var reader = ProtobufFieldReader(message)
        while let field = reader.next() {
            switch (field.number, field.wire) {
            case (1, 1): quantile.quantile = Double(bitPattern: field.integer)
            case (2, 1): quantile.value = Double(bitPattern: field.integer)
            default: unknownFieldCount += 1
            }
        }
        _ = isWhole(reader, "a quantile", "what was read before that is kept")
        return quantile
    }

    /// The elements of a repeated field of eight bytes each, which is packed or not.
    private func fixedNumbers(_ field: ProtobufField) -> [UInt64] {
        guard field.wire == 2 else { return [field.integer] }
        return stride(from: field.content.startIndex, to: field.content.endIndex - 7, by: 8).map { start in
            field.content[start..<start + 8].reversed().reduce(0) { $0 << 8 | UInt64($1) }
        }
    }

    /// A `sint32` (zigzag) number.
    private static func signed(_ number: UInt64) -> Int {
        let number = UInt32(truncatingIfNeeded: number)
        return Int(Int32(bitPattern: number >> 1) ^ -Int32(bitPattern: number & 1))
    }
}
