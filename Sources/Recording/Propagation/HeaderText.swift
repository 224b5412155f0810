/// A header that is a list of members separated by commas, with optional spaces and tabs around them (RFC 9110 §5.6.1).
struct HeaderText {
    typealias Bytes = ArraySlice<UInt8>

    private let bytes: [UInt8]

    /// Creates the list from all headers with one name, in order (RFC 9110 §5.3).
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

extension BidirectionalCollection<UInt8> {
    /// The bytes without spaces and tabs at both ends.
    var trimmingOptionalWhitespace: SubSequence {
        func isText(_ byte: UInt8) -> Bool { byte != 0x20 && byte != 0x09 }
        guard let first = firstIndex(where: isText), let last = lastIndex(where: isText) else {
            return self[..<startIndex]
        }
        return self[first...last]
    }
}

extension ArraySlice<UInt8> {
    /// The bytes before and after the first `separator`. Without a separator, all bytes and nil.
    func split(atFirst separator: UInt8) -> (before: ArraySlice<UInt8>, behind: ArraySlice<UInt8>?) {
        guard let place = firstIndex(of: separator) else { return (self, nil) }
        return (self[..<place], self[(place + 1)...])
    }
}
