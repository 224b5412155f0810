/// The value of an attribute, as the official definitions read it.
public enum JudgedValue: Sendable, Hashable, Decodable {
    /// A text.
    case string(String)
    /// A boolean.
    case bool(Bool)
    /// A 64-bit integer.
    case int(Int64)
    /// A double, by its bits: 0 and -0 differ, and every NaN is the same.
    case double(bits: UInt64)
    /// Bytes, in hex.
    case bytes(String)
    /// A list.
    case array([JudgedValue])
    /// Keys with values, in their order.
    case map([JudgedAttribute])
    /// A value without content.
    case empty

    /// A double.
    public static func double(_ number: Double) -> JudgedValue {
        .double(bits: number.isNaN ? Double.nan.bitPattern : number.bitPattern)
    }

    private enum Key: String, CodingKey { case string, bool, int, double, bytes, array, map }

    /// Reads the output of `otlp.py`.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        guard let key = container.allKeys.first else {
            self = .empty
            return
        }
        func number<Number: FixedWidthInteger>(_: Number.Type) throws -> Number {
            guard let number = Number(try container.decode(String.self, forKey: key)) else {
                throw DecodingError.dataCorruptedError(forKey: key, in: container, debugDescription: "no number")
            }
            return number
        }
        self =
            switch key {
            case .string: .string(try container.decode(String.self, forKey: key))
            case .bool: .bool(try container.decode(Bool.self, forKey: key))
            case .int: .int(try number(Int64.self))
            case .double: .double(bits: try number(UInt64.self))
            case .bytes: .bytes(try container.decode(String.self, forKey: key))
            case .array: .array(try container.decode([JudgedValue].self, forKey: key))
            case .map: .map(try container.decode([JudgedAttribute].self, forKey: key))
            }
    }
}
