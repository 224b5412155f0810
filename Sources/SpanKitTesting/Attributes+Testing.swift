import SpanKitRecording

extension [Attribute] {
    /// The value of a key; nil if it was not set.
    public subscript(key: String) -> AttributeValue? { last { $0.key == key }?.value }

    /// The value of a key as a Swift type; nil if the key was not set, or if its value has another type or is out of range.
    ///
    /// Read integers as `Int` or another integer type, and other numbers as `Double` or `Float`. Read arrays of one type as `[Int]`,
    /// `[Double]`, `[Bool]` or `[String]`, and bytes as `[UInt8]`.
    public subscript<Value: AttributeValueConvertible>(key: String, as type: Value.Type) -> Value? {
        self[key]?.converted(to: type)
    }
}

extension AttributeValue {
    func converted<Value>(to type: Value.Type) -> Value? {
        switch self {
        case .bool(let value): value as? Value
        case .int(let value): (type as? any FixedWidthInteger.Type)?.init(exactly: value) as? Value
        case .double(let value): (type as? any BinaryFloatingPoint.Type)?.init(value) as? Value
        case .string(let value): value as? Value
        case .bytes(let value): value as? Value
        case .array(let values):
            values.all(Int.self) as? Value ?? values.all(Double.self) as? Value ?? values.all(Bool.self) as? Value
                ?? values.all(String.self) as? Value
        case .map, .null: nil
        }
    }

    /// The value as an expected tree shows it.
    var text: String {
        switch self {
        case .bool(let value): "\(value)"
        case .int(let value): "\(value)"
        case .double(let value): "\(value)"
        case .string(let value): value.replacing("\n", with: "\\n")
        case .bytes(let value): "\(value)"
        case .array(let values): "[\(values.map(\.text).joined(separator: ", "))]"
        case .map(let members): "[\(members.map { "\($0.key): \($0.value.text)" }.joined(separator: ", "))]"
        case .null: "null"
        }
    }
}

extension [AttributeValue] {
    fileprivate func all<Value>(_ type: Value.Type) -> [Value]? {
        let values = compactMap { $0.converted(to: type) }
        return values.count == count ? values : nil
    }
}
