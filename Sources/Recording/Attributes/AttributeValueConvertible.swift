/// A type whose values can be set as attributes.
///
/// All integers and floating-point numbers of the standard library are, and `Bool`, `String`, `Substring`, `Character`,
/// `StaticString`, and arrays of all these. Types of your own become so with one line of code:
///
/// ```swift
/// extension UserID: AttributeValueConvertible {
///     var attributeValue: AttributeValue { .string(description) }
/// }
/// ```
public protocol AttributeValueConvertible {
    /// The value that is recorded.
    var attributeValue: AttributeValue { get }
}

extension AttributeValue: AttributeValueConvertible {
    /// The value itself.
    public var attributeValue: AttributeValue { self }
}

extension AttributeValueConvertible where Self: FixedWidthInteger {
    /// The integer. One beyond 64 signed bits becomes its decimal digits as text, because OpenTelemetry has no attributes that hold
    /// it: a `UInt64` above `Int64.max` is exact, but compares as text.
    @inlinable
    public var attributeValue: AttributeValue {
        // A constant for each type.
        let alwaysFits = Self.isSigned ? Self.bitWidth <= 64 : Self.bitWidth < 64
        guard alwaysFits || Int64(exactly: self) != nil else { return .string(String(self)) }
        return .int(Int64(truncatingIfNeeded: self))
    }
}

extension Int: AttributeValueConvertible {}
extension Int8: AttributeValueConvertible {}
extension Int16: AttributeValueConvertible {}
extension Int32: AttributeValueConvertible {}
extension Int64: AttributeValueConvertible {}
extension UInt: AttributeValueConvertible {}
extension UInt8: AttributeValueConvertible {}
extension UInt16: AttributeValueConvertible {}
extension UInt32: AttributeValueConvertible {}
extension UInt64: AttributeValueConvertible {}

extension AttributeValueConvertible where Self: BinaryFloatingPoint {
    /// The number as a double, which holds every value of a `Float`.
    @inlinable
    public var attributeValue: AttributeValue { .double(Double(self)) }
}

extension Float: AttributeValueConvertible {}
extension Double: AttributeValueConvertible {}

extension Bool: AttributeValueConvertible {
    /// The boolean.
    @inlinable
    public var attributeValue: AttributeValue { .bool(self) }
}

extension String: AttributeValueConvertible {
    /// The text.
    @inlinable
    public var attributeValue: AttributeValue { .string(self) }
}

extension Substring: AttributeValueConvertible {
    /// The text.
    public var attributeValue: AttributeValue { .string(String(self)) }
}

extension Character: AttributeValueConvertible {
    /// The character as text.
    public var attributeValue: AttributeValue { .string(String(self)) }
}

extension StaticString: AttributeValueConvertible {
    /// The text.
    public var attributeValue: AttributeValue { .string(description) }
}

extension Array: AttributeValueConvertible where Element: AttributeValueConvertible {
    /// The elements in order; an array of `UInt8` is ``AttributeValue/bytes(_:)``.
    @inlinable
    public var attributeValue: AttributeValue {
        // Not the conversion alone: it succeeds for an empty array of any type.
        if Element.self == UInt8.self, let bytes = self as? [UInt8] { return .bytes(bytes) }
        return .array(map(\.attributeValue))
    }
}
