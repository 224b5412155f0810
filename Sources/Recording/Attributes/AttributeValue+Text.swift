import SpanKitPlatform

extension AttributeValue: CustomStringConvertible {
    /// The value as text, for systems that do not receive OTLP (OpenTelemetry, "AnyValue representation for non-OTLP protocols").
    ///
    /// A string is the text itself. Numbers and booleans are as in JSON, and NaN and the infinities are `NaN`, `Infinity` and `-Infinity`. Bytes
    /// are in base64. Arrays and maps are JSON, in which bytes, NaN and the infinities are strings. An empty value is an empty string.
    public var description: String {
        switch self {
        case .string(let text): text
        case .bytes(let bytes): Base64.encode(bytes)
        case .null: ""
        case .double(let number): Self.text(of: number)
        case .bool, .int, .array, .map: json
        }
    }

    /// The value as JSON.
    private var json: String {
        switch self {
        case .bool(let value): "\(value)"
        case .int(let number): "\(number)"
        case .double(let number) where number.isFinite: Self.text(of: number)
        case .double, .string, .bytes: description.jsonQuoted
        case .array(let values): "[\(values.map(\.json).joined(separator: ","))]"
        case .map(let members):
            "{\(members.map { "\($0.key.jsonQuoted):\($0.value.json)" }.joined(separator: ","))}"
        case .null: "null"
        }
    }

    private static func text(of number: Double) -> String {
        number.isNaN ? "NaN" : number.isInfinite ? (number < 0 ? "-Infinity" : "Infinity") : "\(number)"
    }
}
