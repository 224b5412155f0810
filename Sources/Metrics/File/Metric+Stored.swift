import SpanKitOTLP
import SpanKitRecording

extension Metric.Value {
    /// The value as an attribute value, for files. Summaries become a missing value.
    package var stored: AttributeValue {
        func word(_ count: UInt64) -> AttributeValue { .int(Int64(bitPattern: count)) }
        func optional(_ value: Double?) -> AttributeValue { value.map { .double($0) } ?? .null }
        switch self {
        case .int(let value): return .int(value)
        case .double(let value): return .double(value)
        case .histogram(let histogram):
            return .array([
                .bytes(histogram.bounds.map(\.bitPattern).littleEndianBytes),
                .bytes(histogram.cumulativeCounts.littleEndianBytes), word(histogram.count), optional(histogram.sum),
                optional(histogram.minimum), optional(histogram.maximum),
            ])
        case .distribution(let one):
            return .array([
                .int(Int64(one.scale)), word(one.zeroCount), .double(one.zeroThreshold),
                .int(Int64(one.positive.offset)), .bytes(one.positive.counts.littleEndianBytes),
                .int(Int64(one.negative.offset)), .bytes(one.negative.counts.littleEndianBytes), word(one.count),
                optional(one.sum), optional(one.minimum), optional(one.maximum),
            ])
        case .summary, .missing: return .null
        }
    }

    /// Reads ``stored``; nil if it is not the form of a value.
    package init?(stored: AttributeValue) {
        func optional(_ value: AttributeValue) -> Double? {
            if case .double(let number) = value { number } else { nil }
        }
        switch stored {
        case .int(let value): self = .int(value)
        case .double(let value): self = .double(value)
        case .null: self = .missing
        case .array(let parts):
            if parts.count == 6, case .bytes(let edges) = parts[0], case .bytes(let counts) = parts[1],
                case .int(let count) = parts[2]
            {
                self = .histogram(
                    ExplicitHistogram(
                        bounds: edges.littleEndianWords.map { Double(bitPattern: $0) },
                        cumulativeCounts: counts.littleEndianWords,
                        count: UInt64(bitPattern: count),
                        sum: optional(parts[3]),
                        minimum: optional(parts[4]),
                        maximum: optional(parts[5])
                    )
                )
            } else if parts.count == 11, case .int(let scale) = parts[0], case .int(let zeros) = parts[1],
                case .double(let threshold) = parts[2], case .int(let positive) = parts[3],
                case .bytes(let positiveCounts) = parts[4], case .int(let negative) = parts[5],
                case .bytes(let negativeCounts) = parts[6], case .int(let count) = parts[7]
            {
                self = .distribution(
                    ExponentialDistribution(
                        scale: Int(clamping: scale),
                        zeroCount: UInt64(bitPattern: zeros),
                        zeroThreshold: threshold,
                        positive: .init(offset: Int(clamping: positive), counts: positiveCounts.littleEndianWords),
                        negative: .init(offset: Int(clamping: negative), counts: negativeCounts.littleEndianWords),
                        count: UInt64(bitPattern: count),
                        sum: optional(parts[8]),
                        minimum: optional(parts[9]),
                        maximum: optional(parts[10])
                    )
                )
            } else {
                return nil
            }
        default: return nil
        }
    }
}

extension [UInt64] {
    fileprivate var littleEndianBytes: [UInt8] {
        flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> UInt64($0 * 8)) } }
    }
}

extension [UInt8] {
    fileprivate var littleEndianWords: [UInt64] {
        stride(from: 0, to: count - 7, by: 8).map { place in
            (0..<8).reduce(UInt64(0)) { $0 | UInt64(self[place + $1]) << UInt64($1 * 8) }
        }
    }
}
