/// A scalar of JSON text as it is written: the inside of a string, a number, or a word such as `true`.
///
/// It points into the JSON text, which must outlive it, unless escapes had to be undone.
@usableFromInline
package struct JSONToken {
    @usableFromInline let bytes: UnsafeBufferPointer<UInt8>
    @usableFromInline let unescaped: [UInt8]?
    /// Whether the scalar was in quotation marks.
    @usableFromInline package let isText: Bool

    @inlinable
    init(_ bytes: UnsafeBufferPointer<UInt8>, isText: Bool) {
        self.bytes = bytes
        self.unescaped = nil
        self.isText = isText
    }

    init(unescaped: [UInt8]) {
        self.bytes = UnsafeBufferPointer(start: nil, count: 0)
        self.unescaped = unescaped
        self.isText = true
    }

    /// The scalar without quotation marks; bytes that are not UTF-8 become U+FFFD.
    @inlinable
    package var string: String {
        if let unescaped { return String(decoding: unescaped, as: UTF8.self) }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Whether the scalar is `null` or the empty string.
    @inlinable
    package var isEmpty: Bool { withBytes { $0.isEmpty } || isNull }

    @inlinable
    package var isNull: Bool { !isText && "null" ~= self }

    @inlinable
    package func withBytes<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        if let unescaped { return unescaped.withUnsafeBufferPointer(body) }
        return body(bytes)
    }

    /// The scalar as a decimal number; nil if it is not one, or does not fit in 64 bits.
    package var unsigned: UInt64? {
        withBytes { bytes in
            guard 1...20 ~= bytes.count else { return nil }
            var value: UInt64 = 0
            for byte in bytes {
                let digit = byte &- UInt8(ascii: "0")
                guard digit < 10 else { return nil }
                let (product, isTooLarge) = value.multipliedReportingOverflow(by: 10)
                let (sum, isTooLargeNow) = product.addingReportingOverflow(UInt64(digit))
                if isTooLarge || isTooLargeNow { return nil }
                value = sum
            }
            return value
        }
    }

    /// Compares without making a `String`, for a `switch` over keys.
    @inlinable
    package static func ~= (pattern: StaticString, token: JSONToken) -> Bool {
        token.withBytes { bytes in
            guard bytes.count == pattern.utf8CodeUnitCount else { return false }
            for index in 0..<bytes.count where bytes[index] != pattern.utf8Start[index] { return false }
            return true
        }
    }
}
