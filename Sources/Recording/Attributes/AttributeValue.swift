/// The value of an attribute (OpenTelemetry `AnyValue`).
///
/// Zero, the empty string and the empty array are values and are kept.
public enum AttributeValue: Hashable, Sendable {
    /// A boolean.
    case bool(Bool)
    /// A signed 64-bit integer.
    case int(Int64)
    /// An IEEE 754 double; NaN and the infinities are kept.
    case double(Double)
    /// Text.
    case string(String)
    /// Bytes as they are.
    case bytes([UInt8])
    /// Values in order; they may be of different types.
    case array([AttributeValue])
    /// Named values in order; a later one of the same name wins where it is read.
    case map([Attribute])
    /// A value that is not there: what remains of one nested too deep.
    case null
}

extension AttributeValue: ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
    ExpressibleByStringLiteral, ExpressibleByStringInterpolation, ExpressibleByArrayLiteral
{
    /// A boolean.
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    /// An integer.
    public init(integerLiteral value: Int64) { self = .int(value) }
    /// A double.
    public init(floatLiteral value: Double) { self = .double(value) }
    /// A string.
    public init(stringLiteral value: String) { self = .string(value) }
    /// An array.
    public init(arrayLiteral elements: AttributeValue...) { self = .array(elements) }
}

/// A named value.
public struct Attribute: Hashable, Sendable {
    /// Never empty in a span: a value without a key is dropped and counted.
    public var key: String
    /// The value.
    public var value: AttributeValue

    /// Creates an attribute.
    public init(_ key: String, _ value: AttributeValue) {
        self.key = key
        self.value = value
    }
}

/// Named values in the order they were given; written as a dictionary literal.
public struct Attributes: Sendable, ExpressibleByDictionaryLiteral {
    /// In the order they were given. Where a key stands twice, the later value wins when it is recorded.
    public var elements: [Attribute]

    /// Creates attributes from a list.
    public init(_ elements: [Attribute] = []) {
        self.elements = elements
    }

    /// Creates attributes as in `["http.request.method": "GET", "url.path": "/"]`.
    public init(dictionaryLiteral elements: (String, AttributeValue)...) {
        self.elements = elements.map { Attribute($0.0, $0.1) }
    }
}
