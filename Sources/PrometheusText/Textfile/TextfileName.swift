/// Makes file names of what processes call themselves.
enum TextfileName {
    /// `NAME.prom`, with what is neither letter, digit, `.`, `-` nor `_` made `_`; never hidden, never a path.
    static func name(forProcess process: String) -> String {
        var bytes = process.utf8.prefix(100).map { byte -> UInt8 in
            let isKept = MetricName.isNameByte(byte) || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "-")
            return isKept ? byte : UInt8(ascii: "_")
        }
        while let first = bytes.first, first == UInt8(ascii: ".") || first == UInt8(ascii: "-") { bytes.removeFirst() }
        let name = String(decoding: bytes, as: UTF8.self)
        let stem = name.hasSuffix(".prom") ? String(name.dropLast(5)) : name
        return "\(stem.isEmpty ? "spankit" : stem).prom"
    }

    /// The name for the second, third… process of one name.
    static func name(_ name: String, slot: Int) -> String {
        slot == 1 ? name : "\(name.dropLast(5))-\(slot).prom"
    }
}
