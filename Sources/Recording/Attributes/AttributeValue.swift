import SpanKitPlatform

/// The value of an attribute (OpenTelemetry `AnyValue`).
///
/// Zero, empty strings and empty arrays are recorded like other values. Strings are compared by their bytes: "é"
/// differs from "e" followed by a combining accent.
public enum AttributeValue: Hashable, Sendable {
    /// A boolean.
    case bool(Bool)
    /// A signed 64-bit integer.
    case int(Int64)
    /// A floating-point number, including NaN and the infinities.
    case double(Double)
    /// A string.
    case string(String)
    /// An array of bytes.
    case bytes([UInt8])
    /// An array of values, which may have different types.
    case array([AttributeValue])
    /// Named values in order. If a name occurs twice, the last value is used.
    case map([Attribute])
    /// An empty value. It also replaces values that are nested too deeply.
    case null
}

extension AttributeValue {
    /// Compares strings by their bytes.
    public static func == (left: AttributeValue, right: AttributeValue) -> Bool {
        switch (left, right) {
        case (.bool(let left), .bool(let right)): left == right
        case (.int(let left), .int(let right)): left == right
        case (.double(let left), .double(let right)): left == right
        case (.string(let left), .string(let right)): left.hasSameBytes(as: right)
        case (.bytes(let left), .bytes(let right)): left == right
        case (.array(let left), .array(let right)): left == right
        case (.map(let left), .map(let right)): left == right
        case (.null, .null): true
        default: false
        }
    }

    /// Hashes strings by their bytes.
    public func hash(into hasher: inout Hasher) {
        switch self {
        case .bool(let value): hasher.combine(value)
        case .int(let value): hasher.combine(value)
        case .double(let value): hasher.combine(value)
        case .string(let text): hasher.combine(ByteText(text))
        case .bytes(let bytes): hasher.combine(bytes)
        case .array(let values): hasher.combine(values)
        case .map(let members): hasher.combine(members)
        case .null: break
        }
    }
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

/// An attribute: a key and its value. Keys are compared by their bytes.
public struct Attribute: Hashable, Sendable {
    /// The key. An attribute with an empty key is dropped and counted.
    public var key: String
    /// The value.
    public var value: AttributeValue

    /// Creates an attribute.
    public init(_ key: String, _ value: AttributeValue) {
        self.key = key
        self.value = value
    }

    /// Compares keys and strings by their bytes.
    public static func == (left: Attribute, right: Attribute) -> Bool {
        left.key.hasSameBytes(as: right.key) && left.value == right.value
    }

    /// Hashes keys and strings by their bytes.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(ByteText(key))
        hasher.combine(value)
    }
}

/// A list of attributes, which can be written as a dictionary literal.
public struct Attributes: Sendable, ExpressibleByDictionaryLiteral {
    /// The attributes in order. If a key occurs twice, the last value is recorded.
    public var elements: [Attribute]

    /// Creates attributes from a list.
    public init(_ elements: [Attribute] = []) {
        self.elements = elements
    }

    /// Creates attributes from a literal such as `["http.request.method": "GET", "url.path": "/"]`.
    public init(dictionaryLiteral elements: (String, AttributeValue)...) {
        self.elements = elements.map { Attribute($0.0, $0.1) }
    }
}
