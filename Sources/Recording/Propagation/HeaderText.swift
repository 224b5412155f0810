/// The bytes of a header that is a list: members between commas, optional spaces and tabs around them (RFC 9110 §5.6.1).
struct HeaderText {
    typealias Bytes = ArraySlice<UInt8>

    private let bytes: [UInt8]

    /// Several headers of one name are one list, in the order in which they came (RFC 9110 §5.3).
    init(_ values: [String]) {
        var bytes: [UInt8] = []
        for value in values {
            if !bytes.isEmpty { bytes.append(UInt8(ascii: ",")) }
            bytes.append(contentsOf: value.utf8)
        }
        self.bytes = bytes
    }

    /// The members that are not empty.
    var members: some Sequence<Bytes> {
        bytes.split(separator: UInt8(ascii: ",")).lazy.map(\.trimmingOptionalWhitespace).filter { !$0.isEmpty }
    }
}

extension ArraySlice<UInt8> {
    /// Without spaces and tabs at both ends.
    var trimmingOptionalWhitespace: ArraySlice<UInt8> {
        guard let first = firstIndex(where: { !$0.isOptionalWhitespace }),
            let last = lastIndex(where: { !$0.isOptionalWhitespace })
        else { return [] }
        return self[first...last]
    }

    /// What stands before the first `separator`, and what stands behind it; nil behind it where there is none.
    func split(atFirst separator: UInt8) -> (before: ArraySlice<UInt8>, behind: ArraySlice<UInt8>?) {
        guard let place = firstIndex(of: separator) else { return (self, nil) }
        return (self[..<place], self[(place + 1)...])
    }
}

extension UInt8 {
    var isOptionalWhitespace: Bool { self == 0x20 || self == 0x09 }
}
