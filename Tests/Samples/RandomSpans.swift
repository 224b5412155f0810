import SpanKitRecording
import SpanKitTestSupport

/// Spans with random values of every type, some of them hostile.
package enum RandomSpans {
    /// Records a span with random values in every field.
    package static func record(_ recorder: Recorder, _ random: inout SplitMix64) {
        let kind = RecordedSpan.Kind.allCases.randomElement(using: &random) ?? .internal
        let parents: [SpanParent] = [
            .none,
            .context(
                SpanContext(
                    traceID: TraceID(high: random.next(), low: random.next() | 1),
                    spanID: SpanID(rawValue: random.next() | 1),
                    traceFlags: [.sampled, .random],
                    traceState: Bool.random(using: &random) ? "ot=th:8,vendor=x" : "",
                    isRemote: Bool.random(using: &random)
                )
            ),
        ]
        let span = recorder.begin(
            named: HostileText.make(&random, 1...30),
            kind: kind,
            parent: parents.randomElement(using: &random) ?? .none
        )
        for number in 0..<Int.random(in: 0...24, using: &random) {
            span.set("\(number)" + HostileText.make(&random, 0...10), value(&random, depth: 0))
        }
        for _ in 0..<Int.random(in: 0...3, using: &random) {
            span.addEvent(HostileText.make(&random, 1...10), attributes: attributes(&random))
        }
        for _ in 0..<Int.random(in: 0...2, using: &random) {
            let context = SpanContext(
                traceID: TraceID(high: random.next(), low: random.next() | 1),
                spanID: SpanID(rawValue: random.next() | 1),
                traceFlags: .sampled,
                traceState: Bool.random(using: &random) ? "a=b" : "",
                isRemote: Bool.random(using: &random)
            )
            span.addLink(to: context, attributes: attributes(&random))
        }
        switch Int.random(in: 0..<3, using: &random) {
        case 0: span.setStatus(.ok)
        case 1: span.setStatus(.error(HostileText.make(&random, 0...20)))
        default: break
        }
        span.end()
    }

    private static func attributes(_ random: inout SplitMix64) -> Attributes {
        Attributes((0..<Int.random(in: 0...4, using: &random)).map { Attribute("key \($0)", value(&random, depth: 0)) })
    }

    /// A random value of any type.
    package static func value(_ random: inout SplitMix64, depth: Int) -> AttributeValue {
        switch Int.random(in: 0..<(depth < 3 ? 9 : 6), using: &random) {
        case 0: .bool(Bool.random(using: &random))
        case 1: .int([0, -1, .min, .max, Int64(bitPattern: random.next())].randomElement(using: &random) ?? 0)
        case 2:
            .double(
                [
                    0, -0.0, 0.1, 1e300, .leastNonzeroMagnitude, .infinity, -.infinity, .nan,
                    Double(bitPattern: random.next()),
                ]
                .randomElement(using: &random) ?? 0
            )
        case 3: .string(HostileText.make(&random, 0...40))
        case 4:
            .bytes((0..<Int.random(in: 0...20, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) })
        case 5: .null
        case 6, 7: .array((0..<Int.random(in: 0...3, using: &random)).map { _ in value(&random, depth: depth + 1) })
        default:
            .map(
                (0..<Int.random(in: 0...3, using: &random)).map { number in
                    Attribute("\(number)" + HostileText.make(&random, 0...5), value(&random, depth: depth + 1))
                }
            )
        }
    }

    /// Records the spans of a few services with few names and keys, as a server does. Times, numbers and ids differ.
    /// - Parameter shapes: how many different operations there are.
    package static func recordTypical(_ recorder: Recorder, shapes: Int, spans: Int, _ random: inout SplitMix64) {
        let routes = ["GET /orders", "SELECT orders", "publish order.created", "chat", "validate"]
        var trace = [recorder.begin("root")]
        for _ in 0..<spans {
            if trace.count > Int.random(in: 1...6, using: &random) { trace.removeLast().end() }
            let shape = Int.random(in: 0..<shapes, using: &random)
            let parent: SpanParent = trace.last.map { .context($0.context) } ?? .none
            let span = recorder.begin(
                named: "\(routes[shape % routes.count]) \(shape)",
                kind: RecordedSpan.Kind.allCases[shape % RecordedSpan.Kind.allCases.count],
                parent: parent
            )
            for key in 0..<shape % 6 {
                let name = "attribute.\(shape).\(key)"
                switch key % 4 {
                case 0: span.set(name, Int.random(in: 0...5_000, using: &random))
                case 1:
                    span.set(
                        name,
                        ["discovery", "checkout-service", "eu-central-1"].randomElement(using: &random) ?? ""
                    )
                case 2: span.set(name, Double.random(in: 0...1, using: &random))
                default: span.set(name, "session-\(Int.random(in: 0...40, using: &random))-\(shape)")
                }
            }
            trace.append(span)
        }
        for span in trace.reversed() { span.end() }
    }
}
