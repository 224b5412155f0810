import SpanKitHTTP
import SpanKitPlatform

/// `OTEL_EXPORTER_OTLP_HEADERS`: `key1=value1,key2=value2` (OTLP exporter specification, "Specifying headers via
/// environment variables").
package enum HeaderList {
    /// The valid pairs, and one problem for each invalid pair. Problems never contain values.
    package static func parse(_ text: String) -> (headers: [HTTPHeader], problems: [String]) {
        var headers: [HTTPHeader] = []
        var problems: [String] = []
        for (position, pair) in text.split(separator: ",", omittingEmptySubsequences: true).enumerated() {
            guard let equals = pair.firstIndex(of: "=") else {
                problems.append("pair \(position + 1) has no '='")
                continue
            }
            let name = pair[..<equals].trimmingWhitespace()
            guard isName(name) else {
                problems.append("pair \(position + 1) has no valid name before its '='")
                continue
            }
            guard let value = PercentCoding.decode(pair[pair.index(after: equals)...].trimmingWhitespace()) else {
                problems.append("the value of \(name) has a '%' without two hexadecimal digits after it")
                continue
            }
            guard isValue(value) else {
                problems.append("the value of \(name) contains a line break or another control character")
                continue
            }
            headers.removeAll { $0.name.lowercased() == name.lowercased() }
            headers.append(HTTPHeader(name: String(name), value: value))
        }
        return (headers, problems)
    }

    fileprivate static func isName(_ name: some StringProtocol) -> Bool {
        !name.isEmpty && name.utf8.allSatisfy(isTokenByte)
    }

    fileprivate static func isValue(_ value: String) -> Bool {
        value.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }
    }

    /// RFC 9110 §5.6.2, `tchar`.
    private static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }
}

extension HTTPHeader {
    /// Whether name and value are allowed in a request.
    package var isValid: Bool { HeaderList.isName(name) && HeaderList.isValue(value) }

    /// Whether the protocol requires the field, so that no setting can change it.
    var isReserved: Bool {
        [
            "content-type", "content-encoding", "content-length", "host", "transfer-encoding", "expect",
        ].contains(name.lowercased())
    }
}
