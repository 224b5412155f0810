import SpanKitOTLP
import SpanKitPlatform
import SpanKitRecording

// Metrics in OTLP/JSON, with the same tolerance as for spans.

extension TraceReader {
    /// Reads a `ResourceMetrics` object. What was read before a syntax error is kept.
    mutating func readResourceMetrics() throws(Failure) {
        let first = metrics.count
        let (resource, failure) = readResourceGroup(.resourceMetrics, .scopeMetrics) { (reader) throws(Failure) in
            try reader.readScopeMetrics()
        }
        for index in first..<metrics.count { metrics[index].resource = resource }
        if let failure { throw failure }
    }

    private mutating func readScopeMetrics() throws(Failure) {
        let first = metrics.count
        let (scope, failure) = readScopeGroup(.scopeMetrics, .metrics) { (reader) throws(Failure) in
            try reader.readMetric()
        }
        for index in first..<metrics.count { metrics[index].scope = scope }
        if let failure { throw failure }
    }

    private mutating func readMetric() throws(Failure) {
        var parts = MetricParts(place: fields.cursor.place)
        var failure: Failure?
        do {
            guard try fields.cursor.openObject() else { return }
            var place = MemberMemory.Place.metric
            while let member = try fields.member(&place) {
                switch member {
                case .name: parts.name = try fields.string()
                case .description: parts.description = try fields.string()
                case .unit: parts.unit = try fields.string()
                case .gauge: try readData(.gauge, &parts)
                case .sum: try readData(.sum(isMonotonic: false), &parts)
                case .histogram: try readData(.histogram, &parts)
                case .exponentialHistogram: try readData(.exponentialHistogram, &parts)
                case .summary: try readData(.summary, &parts)
                default: try fields.cursor.skip()
                }
            }
        } catch {
            // Without the rest, the kind and the meaning of its points are not known.
            guard parts.kind != nil, !parts.name.isEmpty, parts.temporality > 0 else { throw error }
            failure = error
        }
        let metric = parts.decoded(Resource(), InstrumentationScope()) { fields.note($0, at: $1) }
        if let metric { metrics.append(metric) }
        if let failure { throw failure }
    }

    /// Reads the object with the points, whose name is the kind of the metric.
    private mutating func readData(_ kind: Metric.Kind, _ parts: inout MetricParts) throws(Failure) {
        guard fields.cursor.peek() == UInt8(ascii: "{") else {
            return try fields.tolerating((), "it is left out") { (fields) throws(Failure) in
                _ = try fields.cursor.openObject()
            }
        }
        parts.kind = kind
        guard try fields.cursor.openObject() else { return }
        var place = MemberMemory.Place.metricData
        while let member = try fields.member(&place) {
            switch member {
            case .dataPoints:
                try eachElement { (reader) throws(Failure) in
                    if let point = try reader.readPoint() { parts.points.append(point) }
                }
            case .aggregationTemporality: parts.temporality = try readTemporality()
            case .isMonotonic:
                let place = fields.cursor.place
                let token = try fields.cursor.scalar()
                parts.isMonotonic = token.isNull ? false : fields.bool(token, at: place)
            default: try fields.cursor.skip()
            }
        }
    }

    private mutating func readTemporality() throws(Failure) -> UInt64 {
        try fields.tolerating(0, "it is left out") { (fields) throws(Failure) in
            switch try fields.cursor.scalar() {
            case "1", "AGGREGATION_TEMPORALITY_DELTA": 1
            case "2", "AGGREGATION_TEMPORALITY_CUMULATIVE": 2
            default: 0
            }
        }
    }

    private mutating func readPoint() throws(Failure) -> PointParts? {
        var point = PointParts(place: fields.cursor.place)
        guard try fields.cursor.openObject() else { return nil }
        var place = MemberMemory.Place.point
        while let member = try fields.member(&place) {
            switch member {
            case .attributes: point.attributes = try fields.attributes()
            case .start: point.start = try fields.time()
            case .time: point.time = try fields.time()
            case .flags: point.flags = try fields.unsigned(atMost: UInt64(UInt32.max))
            case .asInt: point.number = try fields.integer() ?? point.number
            case .asDouble: point.number = try fields.number().map { .double($0) } ?? point.number
            case .count: point.count = try fields.unsigned()
            case .sum: point.sum = try fields.number()
            case .min: point.minimum = try fields.number()
            case .max: point.maximum = try fields.number()
            case .bucketCounts:
                point.bucketCounts = try fields.list { (fields) throws(Failure) in try fields.unsigned() }
            case .explicitBounds:
                point.bounds = try fields.list { (fields) throws(Failure) in try fields.number() ?? .nan }
            case .scale: point.scale = try fields.whole()
            case .zeroCount: point.zeroCount = try fields.unsigned()
            case .zeroThreshold: point.zeroThreshold = try fields.number() ?? 0
            case .positive: point.positive = try readBuckets()
            case .negative: point.negative = try readBuckets()
            case .quantileValues:
                try eachElement { (reader) throws(Failure) in
                    if let quantile = try reader.readQuantile() { point.quantiles.append(quantile) }
                }
            // Exemplars are skipped.
            default: try fields.cursor.skip()
            }
        }
        return point
    }

    private mutating func readBuckets() throws(Failure) -> ExponentialDistribution.Buckets {
        try fields.tolerating(ExponentialDistribution.Buckets(), "it is left out") { (fields) throws(Failure) in
            var buckets = ExponentialDistribution.Buckets()
            guard try fields.cursor.openObject() else { return buckets }
            var place = MemberMemory.Place.buckets
            while let member = try fields.member(&place) {
                switch member {
                case .offset: buckets.offset = try fields.whole()
                case .bucketCounts:
                    buckets.counts = try fields.list { (fields) throws(Failure) in try fields.unsigned() }
                default: try fields.cursor.skip()
                }
            }
            return buckets
        }
    }

    private mutating func readQuantile() throws(Failure) -> QuantileSummary.Quantile? {
        var quantile = QuantileSummary.Quantile(0, 0)
        guard try fields.cursor.openObject() else { return nil }
        var place = MemberMemory.Place.quantile
        while let member = try fields.member(&place) {
            switch member {
            case .quantile: quantile.quantile = try fields.number() ?? 0
            case .value: quantile.value = try fields.number() ?? 0
            default: try fields.cursor.skip()
            }
        }
        return quantile
    }
}

extension FieldReader {
    /// Reads a number; `nil` for `null`, and, with a note, for any other value that is not a number.
    fileprivate mutating func number() throws(Failure) -> Double? {
        if let value = shortFraction() { return value }
        let place = cursor.place
        guard let token = try token(), !token.isEmpty else { return nil }
        if let number = Self.number(token) { return number }
        note("\(token.string.quoted) is not a number; it is left out", at: place)
        return nil
    }

    /// Reads a 64-bit integer, or a fraction in its place; `nil` for `null`, and, with a note, for any other value that is not a number.
    fileprivate mutating func integer() throws(Failure) -> Metric.Value? {
        if let value = shortNumber() { return .int(Int64(value)) }
        let place = cursor.place
        guard let token = try token(), !token.isEmpty else { return nil }
        let text = token.string
        if let value = Int64(text) { return .int(value) }
        guard let value = Self.number(token) else {
            note("\(text.quoted) is not a number; it is left out", at: place)
            return nil
        }
        if let exact = Int64(exactly: value) { return .int(exact) }
        note("\(text.quoted) is not a 64-bit integer; it is read as a double", at: place)
        return .double(value)
    }

    /// Reads a 32-bit integer; any other value becomes the nearest one.
    fileprivate mutating func whole() throws(Failure) -> Int {
        let place = cursor.place
        if let value = shortNumber() {
            if value <= Int32.max { return Int(value) }
            cursor.move(to: place)
        }
        guard let token = try token(), !token.isEmpty else { return 0 }
        let value = Self.number(token) ?? 0
        let nearest = Int(max(Double(Int32.min), min(value.isNaN ? 0 : value, Double(Int32.max))))
        if Double(nearest) != value {
            note("\(token.string.quoted) is not a 32-bit integer; it is read as \(nearest)", at: place)
        }
        return nearest
    }

    /// Reads a list. An invalid list is left out.
    fileprivate mutating func list<Element>(
        _ element: (inout FieldReader) throws(Failure) -> Element
    ) throws(Failure) -> [Element] {
        try tolerating([], "it is left out") { (fields) throws(Failure) in
            var list: [Element] = []
            guard try fields.cursor.openList() else { return list }
            while try fields.cursor.element() { list.append(try element(&fields)) }
            return list
        }
    }
}
