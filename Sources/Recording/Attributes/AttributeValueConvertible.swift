/// A type whose values can be set as attributes.
///
/// The integers and floating-point numbers of the standard library conform, and so do `Bool`, `String`, `Substring`,
/// `Character`, `StaticString` and arrays of these types. To make your own type conform, implement one property:
///
/// ```swift
/// struct UserID: AttributeValueConvertible {
///     let number: Int
///     var attributeValue: AttributeValue { .string("user-\(number)") }
/// }
/// ```
public protocol AttributeValueConvertible {
    /// The value that is recorded.
    var attributeValue: AttributeValue { get }
}

extension AttributeValue: AttributeValueConvertible {
    /// This value, unchanged.
    public var attributeValue: AttributeValue { self }
}

extension AttributeValueConvertible where Self: FixedWidthInteger {
    /// The integer; if it does not fit into `Int64`, a string of its decimal digits, because OpenTelemetry has no
    /// larger integers.
    @inlinable
    public var attributeValue: AttributeValue {
        // Constant for each type.
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
    /// The number as a `Double`.
    @inlinable
    public var attributeValue: AttributeValue { .double(Double(self)) }
}

extension Float: AttributeValueConvertible {}
extension Double: AttributeValueConvertible {}

extension Bool: AttributeValueConvertible {
    /// The boolean as an attribute value.
    @inlinable
    public var attributeValue: AttributeValue { .bool(self) }
}

extension String: AttributeValueConvertible {
    /// The text as a string value.
    @inlinable
    public var attributeValue: AttributeValue { .string(self) }
}

extension Substring: AttributeValueConvertible {
    /// The text as a string value.
    public var attributeValue: AttributeValue { .string(String(self)) }
}

extension Character: AttributeValueConvertible {
    /// The character as a string value.
    public var attributeValue: AttributeValue { .string(String(self)) }
}

extension StaticString: AttributeValueConvertible {
    /// The text as a string value.
    public var attributeValue: AttributeValue { .string(description) }
}

extension Array: AttributeValueConvertible where Element: AttributeValueConvertible {
    /// The elements in order. An array of `UInt8` becomes ``AttributeValue/bytes(_:)``.
    @inlinable
    public var attributeValue: AttributeValue {
        // The type is checked first, because the conversion succeeds for empty arrays of any type.
        if Element.self == UInt8.self, let bytes = self as? [UInt8] { return .bytes(bytes) }
        return .array(map(\.attributeValue))
    }
}
