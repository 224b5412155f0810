/// A JSON list that is written element by element, for lists of many numbers.
struct JSONColumn: Sendable {
    private var bytes = Array("[".utf8)

    private mutating func separate() {
        if bytes.count > 1 { bytes.append(UInt8(ascii: ",")) }
    }

    mutating func append(_ number: some BinaryInteger) {
        separate()
        bytes += String(number).utf8
    }

    mutating func appendNull() {
        separate()
        bytes += "null".utf8
    }

    /// Appends a text. It is safe inside an HTML script element.
    mutating func append(_ text: String) {
        separate()
        bytes += JSONText.string(text).compact.utf8
    }

    mutating func append(_ list: JSONColumn) {
        separate()
        bytes += list.bytes
        bytes.append(UInt8(ascii: "]"))
    }

    /// The whole list.
    var json: String { String(decoding: bytes, as: UTF8.self) + "]" }
}
