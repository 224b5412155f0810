import SpanKitInputs
import SpanKitOTLP
import SpanKitPlatform
import SpanKitRecording
import SpanKitReports
import Testing

@Suite("Reports for spankit serve")
struct ServedReportTests {
    /// A span of `web` with a call of `shop`, and that of `bank` below.
    private static func trace(_ number: UInt64, slow: Bool = false) -> [DecodedSpan] {
        let start = Int64(number) * 1_000_000_000
        func span(_ id: UInt64, _ parent: UInt64?, _ service: String, _ name: String, _ length: Int64) -> DecodedSpan {
            var span = RecordedSpan(
                name: name,
                context: SpanContext(
                    traceID: TraceID(high: 0, low: number),
                    spanID: SpanID(rawValue: number * 10 + id)
                ),
                startUnixNanoseconds: start + Int64(id),
                endUnixNanoseconds: start + Int64(id) + length
            )
            span.parentSpanID = parent.map { SpanID(rawValue: number * 10 + $0) }
            span.attributes = [Attribute("version", .string(slow ? "2" : "1")), Attribute("id", .int(Int64(number)))]
            if slow, id == 3 { span.status = .error("declined") }
            return DecodedSpan(
                resource: Resource(attributes: [Attribute("service.name", .string(service))]),
                scope: InstrumentationScope(),
                span: span
            )
        }
        let length: Int64 = slow ? 9_000_000 : 1_000_000
        return [
            span(1, nil, "web", "GET /", length), span(2, 1, "shop", "order", length - 10),
            span(3, 2, "bank", "pay", length - 20),
            span(4, 2, "shop", "save", 5),
        ]
    }

    private static func assembled(_ spans: [[DecodedSpan]]) -> (traces: [Trace], names: NameTable) {
        var assembler = TraceAssembler()
        var traces: [Trace] = []
        for span in spans.joined() { assembler.add(span) { trace, _ in traces.append(trace) } }
        assembler.finish { trace, _ in traces.append(trace) }
        return (traces, assembler.names)
    }

    @Test("A call goes from the service of the parent to that of the span")
    func calls() {
        let (traces, names) = Self.assembled([Self.trace(1), Self.trace(2, slow: true)])
        var calls = ServiceCalls()
        for trace in traces { calls.add(trace) }
        let json = calls.json(names: names).compact
        #expect(
            json.hasPrefix(
                #"{"services":[{"name":"shop","spans":4,"errors":0},{"name":"bank","spans":2,"errors":1},{"name":"web","spans":2,"errors":0}]"#
            ),
            "\(json)"
        )
        #expect(
            json.contains(#"{"from":"shop","to":"bank","count":2,"errors":1,"#)
                && json.contains(#"{"from":"web","to":"shop","#)
        )
        #expect(json.split(separator: "\"from\"").count == 3)
    }

    @Test("The value that only the selected traces have is the largest difference")
    func differences() {
        var differences = AttributeDifferences()
        for number in 1...60 {
            differences.add(Self.trace(UInt64(number), slow: number > 30), isInside: number > 30)
        }
        let json = differences.json(limit: 3).compact
        #expect(json.hasPrefix(#"{"inside":30,"outside":30,"#))
        for value in [
            #"{"key":"version","value":"2","insideCount":30,"outsideCount":0,"#, #"{"key":"status","value":"error","#,
        ] {
            #expect(json.contains(value), "\(json)")
        }
        var few = AttributeDifferences()
        few.add(Self.trace(1), isInside: true)
        #expect(few.json(limit: 3).compact.contains(#""total":0,"rows":[]"#))
    }

    @Test("Two traces are compared by path")
    func comparison() {
        let first = Self.trace(1)
        let (traces, names) = Self.assembled([first, Array(Self.trace(2).dropLast())])
        let json = TraceComparison(traces[0], traces[1], names: names).rows.compact
        #expect(json.contains(#"{"path":["GET /","order","pay"],"a":{"count":1,"duration":999980,"#), "\(json)")
        #expect(
            json.contains(
                #"{"path":["GET /","order","save"],"a":{"count":1,"duration":5,"self":5,"errors":0},"b":{"count":0,"#
            )
        )
    }

    @Test("Each trace is in one cell of the map, within the bounds of its row and column")
    func map() throws {
        let durations: [UInt64] = [0, 1, 999, 1_000, 1_000_000, 123_456_789, 60_000_000_000, .max / 4]
        let entries = durations.enumerated().map { place, duration in
            DurationMap.Entry(
                trace: TraceID(high: 0, low: UInt64(place + 1)),
                start: 1_000 + Int64(place) * 10,
                duration: duration,
                isError: place == 2
            )
        }
        let json = DurationMap(entries, period: (nil, nil), columns: 4).json
        guard case .object(let members) = json else { return }
        func list(_ name: String) -> [JSONText] {
            if case .list(let values)? = members.first(where: { $0.0 == name })?.1 { values } else { [] }
        }
        let counts = list("counts").map(\.compact)
        #expect(list("rows").count <= 48 && list("points").count == 8, "\(counts)")
        let sum = counts.reduce(0) { $0 + (Int($1.dropLast().split(separator: ",").last ?? "") ?? 0) }
        #expect(sum == 8 && list("errors").count == 1)
        #expect(DurationMap([], period: (nil, nil), columns: 4).json.compact.contains(#""rows":[],"counts":[]"#))
        // Long periods do not overflow.
        #expect(!DurationMap(entries, period: (0, .max), columns: 1_000).json.compact.isEmpty)
    }

    @Test("Keys are completed with their most frequent values")
    func keys() {
        var keys = AttributeKeys()
        for number in 1...5 { keys.add(Self.trace(UInt64(number), slow: number == 1)) }
        let json = keys.json.compact
        #expect(json.contains(#"{"key":"version","count":20,"values":["1","2"]}"#), "\(json)")
        #expect(json.contains(#"{"key":"service.name","count":20,"values":["shop","bank","web"]}"#))
    }
}
