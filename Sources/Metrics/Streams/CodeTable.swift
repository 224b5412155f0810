import SpanKitPlatform
import SpanKitRecording

/// Values by a 64-bit code that is already well mixed, so that no other hash is needed. Several values may have one code.
///
/// Open addressing with linear probing, at most half full. Looking up takes constant time on average. Codes and values are in two arrays, so
/// that a search copies no value before its code matches: a copy retains each object in the value.
@usableFromInline
package struct CodeTable<Value> {
    /// 0 in a free slot.
    @usableFromInline var codes: [UInt64] = Array(repeating: 0, count: 8)
    /// nil in a free slot.
    @usableFromInline var values: [Value?] = Array(repeating: nil, count: 8)
    package private(set) var count = 0

    package init() {}

    @inlinable var mask: Int { codes.count - 1 }

    /// The code in its slot, which is not 0.
    @inlinable
    static func key(_ code: UInt64) -> UInt64 { code == 0 ? 1 : code }

    @inlinable func home(of key: UInt64) -> Int { Int(truncatingIfNeeded: key) & mask }

    /// The slot of the first value with the code that `matches` accepts.
    @inlinable @inline(__always)
    func find(_ code: UInt64, where matches: (Value) -> Bool) -> Int? {
        let key = Self.key(code)
        var place = home(of: key)
        while codes[place] != 0 {
            if codes[place] == key, let value = values[place], matches(value) { return place }
            place = (place + 1) & mask
        }
        return nil
    }

    /// The first value with the code that `matches` accepts. Inlined for look-ups by swift-metrics (`Benchmarks/SwiftMetricsBenchmarks`).
    @inlinable @inline(__always)
    package func first(_ code: UInt64, where matches: (Value) -> Bool) -> Value? {
        find(code, where: matches).flatMap { values[$0] }
    }

    package mutating func insert(_ code: UInt64, _ value: Value) {
        if (count + 1) * 2 > codes.count { rebuild(slots: codes.count * 2) { _ in true } }
        place(Self.key(code), value)
    }

    private mutating func place(_ key: UInt64, _ value: Value?) {
        var place = home(of: key)
        while codes[place] != 0 { place = (place + 1) & mask }
        (codes[place], values[place]) = (key, value)
        count += 1
    }

    private mutating func rebuild(slots: Int, keeping isKept: (Value) -> Bool) {
        let (oldCodes, oldValues) = (codes, values)
        codes = Array(repeating: 0, count: slots)
        values = Array(repeating: nil, count: slots)
        count = 0
        for (key, value) in zip(oldCodes, oldValues) {
            if let value, isKept(value) { place(key, value) }
        }
    }

    private mutating func clear(_ place: Int) {
        (codes[place], values[place]) = (0, nil)
        count -= 1
    }

    /// Removes all values that `matches` accepts.
    mutating func removeAll(where matches: (Value) -> Bool) {
        rebuild(slots: codes.count) { !matches($0) }
    }

    /// Removes the first value with the code that `matches` accepts.
    package mutating func remove(_ code: UInt64, where matches: (Value) -> Bool) {
        guard let found = find(code, where: matches) else { return }
        clear(found)
        // Moves the following values up, so that no search ends at the gap.
        var next = (found + 1) & mask
        while codes[next] != 0 {
            let (key, value) = (codes[next], values[next])
            clear(next)
            place(key, value)
            next = (next + 1) & mask
        }
    }
}

/// A fast hash for lookups in this process.
package enum Code {
    private static let seed = UInt64.random(in: .min ... .max)

    @inline(__always)
    package static func mix(_ left: UInt64, _ right: UInt64) -> UInt64 {
        let product = (left ^ 0xA076_1D64_78BD_642F).multipliedFullWidth(by: right ^ 0xE703_7ED1_A0B4_28DB)
        return product.high ^ product.low
    }

    /// The code of a text's bytes.
    package static func of(_ text: String) -> UInt64 {
        var text = text
        return text.withUTF8 { utf8 in
            let bytes = UnsafeRawBufferPointer(utf8)
            var code = seed ^ UInt64(bytes.count)
            var place = 0
            while place + 8 <= bytes.count {
                code = mix(code, bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self))
                place += 8
            }
            var rest: UInt64 = 0
            while place < bytes.count {
                rest = rest << 8 | UInt64(bytes[place])
                place += 1
            }
            return mix(code, rest)
        }
    }

    static func of(_ attribute: Attribute) -> UInt64 {
        let key = of(attribute.key)
        return switch attribute.value {
        case .string(let text): mix(key, of(text))
        case .int(let value): mix(~key, UInt64(bitPattern: value))
        case .bool(let value): mix(key, value ? 1 : 2)
        case .double(let value): mix(key, value.bitPattern ^ 3 << 62)
        case .bytes(let bytes): mix(key, UInt64(truncatingIfNeeded: bytes.hashValue))
        // Nested numbers can be NaN, which has no equal hash.
        case .array(let elements): mix(key, UInt64(elements.count))
        case .map(let members): mix(key, UInt64(members.count))
        case .null: mix(key, 3)
        }
    }

    /// The code of attributes regardless of their order.
    static func of(_ attributes: [Attribute]) -> UInt64 {
        attributes.reduce(seed) { $0 &+ of($1) }
    }
}

extension AttributeValue {
    /// Whether two values are the same. Numbers are compared by their bits, so that NaN is the same as NaN.
    func isSame(as other: AttributeValue) -> Bool {
        switch (self, other) {
        case (.double(let left), .double(let right)): left.bitPattern == right.bitPattern
        case (.array(let left), .array(let right)):
            left.count == right.count && zip(left, right).allSatisfy { $0.isSame(as: $1) }
        case (.map(let left), .map(let right)):
            left.count == right.count
                && zip(left, right).allSatisfy { $0.key.hasSameBytes(as: $1.key) && $0.value.isSame(as: $1.value) }
        default: self == other
        }
    }
}
