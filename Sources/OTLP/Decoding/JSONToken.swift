/// A scalar of JSON text as it stands there: the inside of a text, a number, a word.
///
/// Points into the text unless escapes had to be undone; the text must outlive it.
package struct JSONToken {
    private let bytes: UnsafeBufferPointer<UInt8>
    private let unescaped: [UInt8]?
    /// Whether it stood in quotation marks.
    package let isText: Bool

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

    /// Undoes nothing but the quotation marks; what is not UTF-8 becomes U+FFFD.
    package var string: String {
        if let unescaped { return String(decoding: unescaped, as: UTF8.self) }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// `null`, or nothing at all between the quotation marks.
    package var isEmpty: Bool { withBytes { $0.isEmpty } || isNull }

    package var isNull: Bool { !isText && "null" ~= self }

    package func withBytes<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        if let unescaped { return unescaped.withUnsafeBufferPointer(body) }
        return body(bytes)
    }

    /// Nil for anything but decimal digits that fit.
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

    /// So that a `switch` over keys makes no strings.
    package static func ~= (pattern: StaticString, token: JSONToken) -> Bool {
        token.withBytes { bytes in
            guard bytes.count == pattern.utf8CodeUnitCount else { return false }
            for index in 0..<bytes.count where bytes[index] != pattern.utf8Start[index] { return false }
            return true
        }
    }
}
