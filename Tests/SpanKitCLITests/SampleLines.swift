import Foundation

/// OTLP JSON lines as other exporters write them.
enum SampleLines {
    /// A line with spans of one service.
    static func line(service: String, _ spans: [[String: Any]]) throws -> String {
        let resource = ["attributes": [attribute("service.name", service)]]
        let body = ["resourceSpans": [["resource": resource, "scopeSpans": [["scope": [:], "spans": spans]]]]]
        let data = try JSONSerialization.data(withJSONObject: body, options: [.sortedKeys, .withoutEscapingSlashes])
        return String(decoding: data, as: UTF8.self) + "\n"
    }

    /// A span that starts at a fixed time.
    static func span(
        _ name: String,
        number: Int,
        nanoseconds: UInt64 = 1_000_000,
        attributes: KeyValuePairs<String, Any> = [:],
        isError: Bool = false
    ) -> [String: Any] {
        let start: UInt64 = 1_790_000_000_000_000_000
        return [
            "traceId": String(format: "%032x", number + 1), "spanId": String(format: "%016x", number + 1),
            "name": name, "kind": 1, "startTimeUnixNano": "\(start)", "endTimeUnixNano": "\(start + nanoseconds)",
            "attributes": attributes.map { attribute($0.key, $0.value) }, "status": isError ? ["code": 2] : [:],
        ]
    }

    /// A call of a language model.
    static func call(
        _ model: String,
        _ operation: String = "chat",
        number: Int,
        seconds: Double,
        input: Int,
        output: Int,
        isError: Bool = false
    ) -> [String: Any] {
        span(
            "\(operation) \(model)",
            number: number,
            nanoseconds: UInt64(seconds * 1e9),
            attributes: [
                "gen_ai.operation.name": operation, "gen_ai.provider.name": "anthropic", "gen_ai.request.model": model,
                "gen_ai.usage.input_tokens": input, "gen_ai.usage.output_tokens": output,
                "gen_ai.conversation.id": "c-\(number)", "gen_ai.input.messages": "a secret \(number)",
            ],
            isError: isError
        )
    }

    private static func attribute(_ key: String, _ value: Any) -> [String: Any] {
        ["key": key, "value": value is Int ? ["intValue": "\(value)"] : ["stringValue": "\(value)"]]
    }
}
