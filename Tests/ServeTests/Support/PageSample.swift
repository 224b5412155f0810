import Foundation

/// Requests with spans for the tests of the page, as a program would send them.
enum PageSample {
    /// Traces of a shop: `gateway` calls `checkout` and `payments`. Each tenth trace is slow, and only slow ones have `region` "eu" and fail.
    /// - Parameter end: the end of the last trace in nanoseconds since 1970; the others end one second earlier each.
    static func shop(traces: Int, end: Int64) -> String {
        let spans = (0..<traces).map { number -> String in
            let isSlow = number % 10 == 0
            let length: Int64 = isSlow ? 2_000_000_000 : 20_000_000 + Int64(number) * 100_000
            let start = end - length - Int64(traces - 1 - number) * 1_000_000_000
            let trace = hex(number + 1, 32)
            let attributes = [("region", isSlow ? "eu" : "us"), ("http.route", "/orders")]
            let root = span(trace, hex(number * 4 + 1, 16), nil, "POST /orders", start, start + length, attributes)
            let child = span(
                trace,
                hex(number * 4 + 2, 16),
                hex(number * 4 + 1, 16),
                "place order",
                start + 1_000_000,
                start + length - 1_000_000,
                [("cart.id", "c-\(number)")]
            )
            let leaf = span(
                trace,
                hex(number * 4 + 3, 16),
                hex(number * 4 + 2, 16),
                "charge card",
                start + 2_000_000,
                start + length - 2_000_000,
                [],
                error: isSlow ? "card declined" : nil
            )
            return [("gateway", root), ("checkout", child), ("payments", leaf)].map(resource).joined(separator: ",")
        }
        return "{\"resourceSpans\":[\(spans.joined(separator: ","))]}"
    }

    /// A trace of a request whose task ran and waited, with a failed child of the same task and a child that was not measured.
    static func measured(trace: String, end: Int64) -> String {
        let start = end - 100_000_000
        let root = span(
            trace,
            hex(1, 16),
            nil,
            "GET /price",
            start,
            end,
            [("http.route", "/price")],
            numbers: parts(running: 20, queued: 40, forActor: 30, suspended: 40)
        )
        let child = span(
            trace,
            hex(2, 16),
            hex(1, 16),
            "price list",
            start,
            start + 40_000_000,
            [],
            numbers: parts(running: 10, queued: 30, forActor: 30, suspended: 0),
            error: "no price"
        )
        let other = span(trace, hex(3, 16), hex(1, 16), "query", start + 40_000_000, end, [])
        return "{\"resourceSpans\":[\(resource(("shop", [root, child, other].joined(separator: ","))))]}"
    }

    /// The attributes that SpanKitConcurrency adds to a span. Parameters in milliseconds.
    private static func parts(running: Int, queued: Int, forActor: Int, suspended: Int) -> [(String, Int)] {
        [
            ("running_ns", running), ("queued_ns", queued), ("queued_for_actor_ns", forActor),
            ("suspended_ns", suspended),
        ]
        .map { ("spankit.\($0)", $1 * 1_000_000) }
    }

    /// One trace whose texts are `text`, in every field that a page shows.
    static func hostile(_ text: String, trace: String, end: Int64) -> String {
        let attributes = [
            (text, text), ("plain", text), ("gen_ai.operation.name", "chat"), ("gen_ai.request.model", text),
            ("gen_ai.conversation.id", text), ("gen_ai.tool.name", text),
        ]
        let event =
            "{\"timeUnixNano\":\"\(end - 5_000_000)\",\"name\":\(json(text)),\"attributes\":[\(pair((text, text)))]}"
        let link =
            "{\"traceId\":\"\(hex(99, 32))\",\"spanId\":\"\(hex(99, 16))\",\"attributes\":[\(pair((text, text)))]}"
        let root = span(
            trace,
            hex(1, 16),
            nil,
            text,
            end - 20_000_000,
            end,
            attributes,
            error: text,
            more: ",\"events\":[\(event)],\"links\":[\(link)]"
        )
        return "{\"resourceSpans\":[\(resource((text, root)))]}"
    }

    /// One trace with many spans, a few levels deep, as requests of at most 10,000 spans.
    static func large(spans count: Int, trace: String, end: Int64) -> [String] {
        let length: Int64 = 1_000_000_000
        return stride(from: 0, to: count, by: 10_000).map { first in
            let spans = (first..<min(first + 10_000, count)).map { number in
                let start = end - length + (number == 0 ? 0 : Int64(number) * (length / Int64(count)) * 9 / 10)
                let parent = number == 0 ? nil : hex((number - 1) / 4 + 1, 16)
                let name = "step \(number % 50)"
                let attributes = [("number", "\(number)")]
                return span(
                    trace,
                    hex(number + 1, 16),
                    parent,
                    name,
                    start,
                    number == 0 ? end : start + 1_000_000,
                    attributes
                )
            }
            return "{\"resourceSpans\":[\(resource(("worker", spans.joined(separator: ","))))]}"
        }
    }

    /// A log record in the root of a trace of ``shop(traces:end:)``.
    static func log(_ text: String, in number: Int, at time: Int64) -> String {
        let record =
            "{\"timeUnixNano\":\"\(time)\",\"severityNumber\":17,\"severityText\":\"ERROR\",\"body\":{\"stringValue\":\(json(text))},"
            + "\"traceId\":\"\(hex(number + 1, 32))\",\"spanId\":\"\(hex(number * 4 + 1, 16))\"}"
        let service = "{\"attributes\":[\(pair(("service.name", "gateway")))]}"
        return "{\"resourceLogs\":[{\"resource\":\(service),\"scopeLogs\":[{\"logRecords\":[\(record)]}]}]}"
    }

    /// A gauge with two points.
    static func metric(_ name: String, end: Int64) -> String {
        let points = [(end - 10_000_000_000, 3), (end, 5)].map { "{\"timeUnixNano\":\"\($0.0)\",\"asDouble\":\($0.1)}" }
        let service = "{\"attributes\":[\(pair(("service.name", "gateway")))]}"
        let metric =
            "{\"name\":\(json(name)),\"unit\":\"1\",\"gauge\":{\"dataPoints\":[\(points.joined(separator: ","))]}}"
        return "{\"resourceMetrics\":[{\"resource\":\(service),\"scopeMetrics\":[{\"metrics\":[\(metric)]}]}]}"
    }

    static func hex(_ number: Int, _ digits: Int) -> String {
        let text = String(number, radix: 16)
        return String(repeating: "0", count: digits - text.count) + text
    }

    private static func resource(_ one: (service: String, spans: String)) -> String {
        "{\"resource\":{\"attributes\":[\(pair(("service.name", one.service)))]},\"scopeSpans\":[{\"spans\":[\(one.spans)]}]}"
    }

    private static func span(
        _ trace: String,
        _ id: String,
        _ parent: String?,
        _ name: String,
        _ start: Int64,
        _ end: Int64,
        _ attributes: [(String, String)],
        numbers: [(String, Int)] = [],
        error: String? = nil,
        more: String = ""
    ) -> String {
        "{\"traceId\":\"\(trace)\",\"spanId\":\"\(id)\"" + (parent.map { ",\"parentSpanId\":\"\($0)\"" } ?? "")
            + ",\"name\":\(json(name)),\"kind\":2,\"startTimeUnixNano\":\"\(start)\",\"endTimeUnixNano\":\"\(end)\",\"attributes\":["
            + (attributes.map(pair) + numbers.map(pair)).joined(separator: ",") + "]"
            + (error.map { ",\"status\":{\"code\":2,\"message\":\(json($0))}" } ?? "") + more + "}"
    }

    private static func pair(_ one: (key: String, value: String)) -> String {
        "{\"key\":\(json(one.key)),\"value\":{\"stringValue\":\(json(one.value))}}"
    }

    private static func pair(_ one: (key: String, value: Int)) -> String {
        "{\"key\":\(json(one.key)),\"value\":{\"intValue\":\"\(one.value)\"}}"
    }

    private static func json(_ text: String) -> String {
        let data = (try? JSONSerialization.data(withJSONObject: text, options: .fragmentsAllowed)) ?? Data()
        return String(decoding: data, as: UTF8.self)
    }
}
