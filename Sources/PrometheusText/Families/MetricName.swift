/// What may stand as a name in the text format 0.0.4.
///
/// The quoted names of Prometheus 3 are none: the textfile collector loses the whole file over one.
public enum MetricName {
    /// Whether a metric may have this name.
    public static func isValid(_ name: String) -> Bool {
        isName(name.utf8, allowsColon: true)
    }

    /// Whether a label may have this name; `__…` is reserved, and one of those stops node_exporter.
    public static func isValidLabel(_ name: String) -> Bool {
        isName(name.utf8, allowsColon: false) && !name.utf8.starts(with: "__".utf8)
    }

    /// The label name for an attribute key, as OpenTelemetry maps it: what is no letter, digit or `_` becomes `_`, and
    /// runs of `_` become one (OpenTelemetry "Prometheus and OpenMetrics Compatibility", metric attributes).
    public static func label(forAttribute key: String) -> String {
        var name: [UInt8] = []
        for byte in key.utf8 {
            let mapped = isNameByte(byte) ? byte : UInt8(ascii: "_")
            if mapped == UInt8(ascii: "_"), name.last == mapped { continue }
            name.append(mapped)
        }
        if let first = name.first, isDigit(first) { name.insert(UInt8(ascii: "_"), at: 0) }
        return name.isEmpty ? "_" : String(decoding: name, as: UTF8.self)
    }

    static func isNameStart(_ byte: UInt8) -> Bool {
        byte | 0x20 >= UInt8(ascii: "a") && byte | 0x20 <= UInt8(ascii: "z") || byte == UInt8(ascii: "_")
    }

    package static func isDigit(_ byte: UInt8) -> Bool {
        byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
    }

    package static func isNameByte(_ byte: UInt8) -> Bool {
        isNameStart(byte) || isDigit(byte)
    }

    private static func isName(_ bytes: String.UTF8View, allowsColon: Bool) -> Bool {
        func allows(_ byte: UInt8) -> Bool { isNameByte(byte) || allowsColon && byte == UInt8(ascii: ":") }
        guard let first = bytes.first, allows(first), !isDigit(first) else { return false }
        return bytes.allSatisfy(allows)
    }
}
