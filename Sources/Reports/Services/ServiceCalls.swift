import SpanKitPercentiles
import SpanKitPlatform
import SpanKitSummaries

/// The services of traces, and the calls between them: a span whose parent is in another service is a call from that one.
///
/// The memory grows with the number of services, not of spans. Only selected spans count.
package struct ServiceCalls: Sendable {
    private struct Pair: Hashable {
        var from: UInt32
        var to: UInt32
    }

    private var services: [UInt32: (spans: Int, errors: Int)] = [:]
    private var calls: [Pair: (durations: ExponentialHistogram, errors: Int)] = [:]

    package init() {}

    package mutating func add(_ trace: Trace) {
        for (place, span) in trace.spans.enumerated() where span.isSelected {
            services[span.service, default: (0, 0)].spans += 1
            if span.isError { services[span.service]?.errors += 1 }
            let parent = trace.parents[place]
            guard parent >= 0, trace.spans[parent].service != span.service else { continue }
            let pair = Pair(from: trace.spans[parent].service, to: span.service)
            calls[pair, default: (ExponentialHistogram(), 0)].durations.record(nanoseconds: span.duration)
            if span.isError { calls[pair]?.errors += 1 }
        }
    }

    /// The services with the most spans first, and the calls with the largest number first.
    package func json(names: NameTable) -> JSONText {
        func name(_ service: UInt32) -> ByteText { ByteText(names[service]) }
        let services = services.sorted { ($1.value.spans, name($0.key)) < ($0.value.spans, name($1.key)) }
        let calls = calls.sorted {
            ($1.value.durations.count, name($0.key.from), name($0.key.to))
                < ($0.value.durations.count, name($1.key.from), name($1.key.to))
        }
        func quantile(_ durations: ExponentialHistogram, _ share: Double) -> JSONText {
            durations.quantile(share).map { .count(wholeNanoseconds($0.estimate)) } ?? .null
        }
        return .object([
            (
                "services",
                .list(
                    services.map { service, counts in
                        .object([
                            ("name", .string(names[service])), ("spans", .count(counts.spans)),
                            ("errors", .count(counts.errors)),
                        ])
                    }
                )
            ),
            (
                "calls",
                .list(
                    calls.map { pair, call in
                        .object([
                            ("from", .string(names[pair.from])), ("to", .string(names[pair.to])),
                            ("count", .count(call.durations.count)), ("errors", .count(call.errors)),
                            ("p50", quantile(call.durations, 0.5)), ("p95", quantile(call.durations, 0.95)),
                        ])
                    }
                )
            ),
        ])
    }
}
