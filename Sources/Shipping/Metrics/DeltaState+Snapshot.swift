import SpanKitOTLP
import SpanKitPlatform
import SpanKitRecording

// The state of a reader's deltas, stored in a file of the spool. A process that recovers the counts of a killed process
// computes the last deltas from it.
extension DeltaState {
    /// The state as attributes.
    var attributes: [Attribute] {
        [
            Attribute("time", .int(lastTime)), Attribute("forgotten", .int(forgottenUntil)),
            Attribute("series", .array(seen.map { .map(Self.attributes(of: $0.key, $0.value)) })),
        ]
    }

    private static func attributes(of series: Series, _ seen: Seen) -> [Attribute] {
        var facts: [Attribute] = [
            Attribute("name", .string(series.name)), Attribute("unit", .string(series.unit)),
            Attribute("kind", .int(series.kind.number)), Attribute("attributes", .map(series.attributes)),
            Attribute("occurrence", .int(Int64(series.occurrence))), Attribute("start", .int(seen.start)),
            Attribute("last", seen.last.stored),
        ]
        if let received = seen.received { facts.append(Attribute("received", .double(received))) }
        return facts
    }

    /// Reads ``attributes``; nil if something is missing.
    init?(_ preference: TemporalityPreference, _ attributes: [Attribute]) {
        guard case .int(let time)? = attributes.value("time"),
            case .int(let forgotten)? = attributes.value("forgotten"),
            case .array(let all)? = attributes.value("series")
        else { return nil }
        self.init(preference, start: time)
        forgottenUntil = forgotten
        for case .map(let facts) in all {
            guard case .string(let name)? = facts.value("name"), case .string(let unit)? = facts.value("unit"),
                case .int(let number)? = facts.value("kind"), let kind = Metric.Kind(number: number),
                case .map(let attributes)? = facts.value("attributes"),
                case .int(let occurrence)? = facts.value("occurrence"), case .int(let start)? = facts.value("start"),
                let last = facts.value("last").flatMap({ Metric.Value(stored: $0) })
            else { return nil }
            var received: Double?
            if case .double(let sum)? = facts.value("received") { received = sum }
            let series = Series(
                name: name,
                unit: unit,
                kind: kind,
                attributes: attributes,
                occurrence: Int(clamping: occurrence)
            )
            seen[series] = Seen(start: start, last: last, received: received, collection: 0)
        }
    }
}

extension [Attribute] {
    /// The first value of a key.
    func value(_ key: String) -> AttributeValue? { first { $0.key == key }?.value }
}

extension Metric.Kind {
    fileprivate var number: Int64 {
        switch self {
        case .gauge: 0
        case .sum(isMonotonic: false): 1
        case .sum(isMonotonic: true): 2
        case .histogram: 3
        case .exponentialHistogram: 4
        case .summary: 5
        case .unknown: 6
        }
    }

    fileprivate init?(number: Int64) {
        let kinds: [Metric.Kind] = [
            .gauge, .sum(isMonotonic: false), .sum(isMonotonic: true), .histogram, .exponentialHistogram, .summary,
            .unknown,
        ]
        guard kinds.indices.contains(Int(clamping: number)) else { return nil }
        self = kinds[Int(number)]
    }
}

extension Metric.Value {
    /// The value as an attribute value.
    fileprivate var stored: AttributeValue {
        func word(_ count: UInt64) -> AttributeValue { .int(Int64(bitPattern: count)) }
        func optional(_ value: Double?) -> AttributeValue { value.map { .double($0) } ?? .null }
        switch self {
        case .int(let value): return .int(value)
        case .double(let value): return .double(value)
        case .histogram(let histogram):
            return .array([
                .bytes(histogram.bounds.map(\.bitPattern).littleEndianBytes),
                .bytes(histogram.cumulativeCounts.littleEndianBytes), word(histogram.count), optional(histogram.sum),
            ])
        case .distribution(let one):
            return .array([
                .int(Int64(one.scale)), word(one.zeroCount), .double(one.zeroThreshold),
                .int(Int64(one.positive.offset)), .bytes(one.positive.counts.littleEndianBytes),
                .int(Int64(one.negative.offset)), .bytes(one.negative.counts.littleEndianBytes), word(one.count),
                optional(one.sum),
            ])
        case .summary, .missing: return .null
        }
    }

    fileprivate init?(stored: AttributeValue) {
        func optional(_ value: AttributeValue) -> Double? {
            if case .double(let number) = value { number } else { nil }
        }
        switch stored {
        case .int(let value): self = .int(value)
        case .double(let value): self = .double(value)
        case .null: self = .missing
        case .array(let parts):
            if parts.count == 4, case .bytes(let edges) = parts[0], case .bytes(let counts) = parts[1],
                case .int(let count) = parts[2]
            {
                self = .histogram(
                    ExplicitHistogram(
                        bounds: edges.littleEndianWords.map { Double(bitPattern: $0) },
                        cumulativeCounts: counts.littleEndianWords,
                        count: UInt64(bitPattern: count),
                        sum: optional(parts[3])
                    )
                )
            } else if parts.count == 9, case .int(let scale) = parts[0], case .int(let zeros) = parts[1],
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
                        sum: optional(parts[8])
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
