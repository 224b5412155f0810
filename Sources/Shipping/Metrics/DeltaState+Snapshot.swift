import SpanKitMetrics
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
