import Foundation
import SpanKitPlatform
import Testing

/// The file of test vectors, computed with 600-bit arithmetic apart from this code.
enum Vectors {
    static let root: JSONValue = {
        guard let url = Bundle.module.url(forResource: "percentiles", withExtension: "json", subdirectory: "Vectors"),
            let data = try? Data(contentsOf: url),
            let value = try? JSONDecoder().decode(JSONValue.self, from: data)
        else { fatalError("Tests/PercentilesTests/Vectors/percentiles.json is missing or broken") }
        return value
    }()
}

/// A JSON value as the vectors need it: rows of mixed types, whole numbers beyond 2^53 as strings.
enum JSONValue: Decodable, Sendable {
    case null
    case whole(Int)
    case number(Double)
    case text(String)
    case array([JSONValue])
    case object([String: JSONValue])

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Int.self) {
            self = .whole(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if let value = try? container.decode(String.self) {
            self = .text(value)
        } else if let value = try? container.decode([JSONValue].self) {
            self = .array(value)
        } else {
            self = .object(try container.decode([String: JSONValue].self))
        }
    }

    subscript(key: String) -> JSONValue {
        guard case .object(let members) = self, let value = members[key] else { return .null }
        return value
    }

    subscript(index: Int) -> JSONValue { array[index] }

    var array: [JSONValue] {
        guard case .array(let values) = self else { return [] }
        return values
    }

    var exists: Bool {
        guard case .null = self else { return true }
        return false
    }

    var int: Int? {
        guard case .whole(let value) = self else { return nil }
        return value
    }

    var string: String? {
        guard case .text(let value) = self else { return nil }
        return value
    }

    var double: Double? {
        switch self {
        case .number(let value): value
        case .whole(let value): Double(value)
        case .text(let value): Double(value)
        default: nil
        }
    }

    /// A whole number, written as such or, beyond 2^53, as a string.
    var unsigned: UInt64? {
        switch self {
        case .whole(let value): UInt64(exactly: value)
        case .text(let value): UInt64(value)
        default: nil
        }
    }

    /// Durations, as a list or as a range written `1...99`.
    var durations: [UInt64]? {
        guard let range = string else {
            let values = array.compactMap(\.unsigned)
            return values.count == array.count ? values : nil
        }
        let ends = range.split(separator: ".").compactMap { UInt64($0) }
        return ends.count == 2 && ends[0] <= ends[1] ? Array(ends[0]...ends[1]) : nil
    }

    /// The bits of a number written as `0x…`, or without the prefix.
    var bits: UInt64? {
        guard let text = string else { return nil }
        return UInt64(text.hasPrefix("0x") ? String(text.dropFirst(2)) : text, radix: 16)
    }
}

extension JSONValue: CustomTestStringConvertible {
    var testDescription: String {
        if let name = self["name"].string { return name }
        if let generator = self["generator"].string { return "\(generator) × \(self["n"].int ?? 0)" }
        return "vector"
    }
}
